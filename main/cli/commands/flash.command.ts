import { type Command, Option } from 'commander'
import type { PlannedGateway } from '#contract/model/flash.ts'
import { labelFormats, labelSizeNames } from '#contract/model/label.ts'
import { given, wholeNumber } from '../arguments.ts'
import { followJob, tellJob } from '../bench/act-on-board.ts'
import { type FlashFlags, flashBoards } from '../bench/flash-boards.ts'
import { jobFacts, jobHeader, jobRow } from '../bench/job-words.ts'
import { PLAN_BYTES, readPlanCsv } from '../bench/plan-csv.ts'
import { CliError } from '../cli-error.ts'
import type { CommandContext, SiteFlags } from '../command-context.ts'
import { readBounded } from '../files/read-bounded.ts'
import { addSiteOptions } from '../site-options.ts'
import { addSpeedOption, addWifiOptions } from './bench-options.ts'

/** `millwright flash`, and its jobs. */
export function addFlashCommands(program: Command, context: CommandContext): void {
  // `millwright flash retry JOB --json`: what stands after the subcommand's name is the subcommand's.
  const flash = addSiteOptions(program.command('flash').enablePositionalOptions())
    .summary('boards at USB ports into gateways: firmware, identity, first reading')
    .description(
      'Flashes the board on --port, or with --all all boards that are plugged in, on the machine that the site runs on. The exit code is 0 where all passed, 1 where one did not. Ctrl-C lets boards on their way finish, a second Ctrl-C cancels them.',
    )
    .option('-p, --port <port>', 'path or name of a port: millwright ports')
    .option('--all', 'all boards that are plugged in')
    .option(
      '--keep-on',
      'with --all: also those that are plugged in later, until Ctrl-C or the end of the plan',
    )
    .option('--csv <file>', 'with --all: which board becomes what, mac,code,name; - for standard input')
    .option('-b, --bundle <bundle>', 'firmware: id, name, or name@version')
    .option('--gateway <code>', 'with --port: what the board becomes; the next number where left out')
    .option('--name <name>', 'what people call it; with --all a pattern such as "Pump {n}"')
    .option('--code-pattern <pattern>', 'codes of new gateways: GW{n:03} where left out')
    .option('--name-pattern <pattern>', 'their names: {label} where left out')
    .option('--tenant <slug>', 'may be left out where there is one tenant')
    .option('--group <group>', 'id, or path: "Plant 1/Line 2"')
    .option('--profile <profile>', 'id or name of a gateway profile')
  addSpeedOption(addWifiOptions(flash))
    .option('--erase', 'the whole flash first')
    .option('--key-on-chip', 'the board makes its own key, where the firmware can')
    .option('--within <seconds>', 'for its first contact; 90 where left out', wholeNumber(10, 900))
    .option('--at-once <boards>', 'as many as there are ports where left out', wholeNumber(1, 64))
    .addOption(new Option('--label <format>', 'labels of those that passed').choices(labelFormats))
    .addOption(new Option('--label-size <size>', 'roll-50x25 where left out').choices(labelSizeNames))
    .option('--label-printer <host:port>', 'a printer that takes ZPL')
    .option('--label-out <file>', 'write labels here; labels-<run> where left out')
    .option('--force', 'replace the file of labels if it is there')
    .option('--dry-run', 'say what would be, without beginning')
    .action((flags: FlashFlags & { csv?: string; bundle?: string }, command: Command) =>
      context.withSite(command, async (site) => {
        const { bundle, csv } = flags
        requireSense(flags)
        if (bundle === undefined) throw new CliError('usage', 'Say which firmware: --bundle NAME')
        const plan: PlannedGateway[] =
          csv === undefined ? [] : readPlanCsv(await readBounded(csv, PLAN_BYTES), csv)
        await flashBoards(context, site, { ...flags, bundle }, plan)
      }),
    )
  addJobCommands(flash, context)
}

/** @throws CliError `usage` */
function requireSense({ port, all, keepOn, csv, gateway }: FlashFlags & { csv?: string }): void {
  if ((port === undefined) === (all !== true)) throw new CliError('usage', 'Give either --port PORT or --all')
  if (all !== true && (keepOn === true || csv !== undefined))
    throw new CliError('usage', '--keep-on and --csv are for --all')
  if (all === true && gateway !== undefined)
    throw new CliError('usage', '--gateway is for one board: name many with --csv or --code-pattern')
}

interface JobFlags extends SiteFlags {
  tenant?: string
  gateway?: string
  limit?: number
}

function addJobCommands(flash: Command, context: CommandContext): void {
  const { output } = context
  addSiteOptions(flash.command('jobs'))
    .summary('flash jobs, newest first')
    .option('--tenant <slug>', 'only of this tenant')
    .option('--gateway <gateway>', 'only of this gateway: code or id')
    .option('--limit <count>', 'so many', wholeNumber(1, 500))
    .action((flags: JobFlags, command: Command) =>
      context.withSite(command, async ({ client }) => {
        const { tenant, gateway, limit } = flags
        const { jobs } = await client.bench.jobs(given({ tenant, gateway, limit }))
        if (flags.json) output.json({ jobs })
        else if (jobs.length === 0) output.note('No flash jobs.')
        else
          output.table(
            ['ID', ...jobHeader],
            jobs.map((job) => [job.id, ...jobRow(job)]),
          )
      }),
    )

  addSiteOptions(flash.command('show').argument('<job>', 'its id'))
    .summary('one flash job and its log')
    .action((jobId: string, flags: JobFlags, command: Command) =>
      context.withSite(command, async ({ client }) => {
        const { job, log } = await client.bench.job({ jobId })
        if (flags.json) return output.json({ job, log })
        output.facts(jobFacts(job))
        for (const { at, from, text } of log) output.line(`${at}  ${from.padEnd(5)}  ${text}`)
      }),
    )

  addSiteOptions(flash.command('retry').argument('<job>', 'its id'))
    .summary('again what failed, was cancelled or interrupted, and wait for it')
    .action((jobId: string, flags: JobFlags, command: Command) =>
      context.withSite(command, async ({ client }) => {
        tellJob(context, await followJob(context, client, () => client.bench.retry({ jobId })), flags)
      }),
    )

  addSiteOptions(flash.command('cancel').argument('<job>', 'its id'))
    .summary('cancel a job: its board can be flashed again')
    .action((jobId: string, flags: JobFlags, command: Command) =>
      context.withSite(command, async ({ client }) => {
        const job = await client.bench.cancel({ jobId })
        if (flags.json) output.json(job)
        else output.line(`Job ${job.id} is ${job.state}`)
      }),
    )
}
