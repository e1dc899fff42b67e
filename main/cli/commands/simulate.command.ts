import { type Command, InvalidArgumentError, Option } from 'commander'
import { type Fault, faults } from '#simulator/faults.ts'
import { parseRate } from '#simulator/rate.ts'
import { wholeNumber } from '../arguments.ts'
import { CliError } from '../cli-error.ts'
import type { CommandContext, SiteFlags } from '../command-context.ts'
import { addSiteOptions } from '../site-options.ts'
import { parseDuration } from '../time-argument.ts'
import { addSimulateBoardsCommand } from './simulate-boards.command.ts'

export interface SimulateFlags extends SiteFlags {
  gateways: number
  /** ms between messages of a gateway. */
  rate: number
  faults: Fault[]
  /** ms. */
  for?: number
  tenant?: string
  prefix: string
  keep?: string
  enroll: (typeof ways)[number]
  claim?: boolean
}

/** How the gateways come to be. */
const ways = ['provision', 'csv', 'bootstrap', 'csr'] as const

/** `millwright simulate`: a fleet of plausible gateways, each with its own certificate. */
export function addSimulateCommand(program: Command, context: CommandContext): void {
  const simulation = program.command('simulate')
  addSimulateBoardsCommand(simulation, context)
  addSiteOptions(simulation)
    .summary('simulated gateways with water, energy and temperature meters')
    .description(
      'Provisions gateways through the API, connects each over mutual TLS with its own key, and sends plausible readings until Ctrl-C, or for a time.',
    )
    .option('--gateways <count>', 'how many', wholeNumber(1, 20_000), 10)
    .option('--rate <rate>', 'messages of each: 1/s, 10/s, 1/5s', rate, 1_000)
    .option('--faults <list>', `of every tenth gateway: ${faults.join(',')}`, faultList, [])
    .option('--for <span>', 'stop after: 60s, 5m, 1h', parseDuration)
    .option('--tenant <slug>', 'whose gateways; may be left out where there is one tenant')
    .option('--prefix <text>', 'of their codes', 'SIM-')
    .option('--keep <dir>', 'keep their keys here, and go on with the same gateways the next time')
    .addOption(
      new Option(
        '--enroll <way>',
        'made by the API, from a CSV, or boxes that knock: without or with own keys',
      )
        .choices(ways)
        .default('provision'),
    )
    .option('--claim', 'boxes that knock: claim them too, in bulk; without it somebody does under Claims')
    .action((flags: SimulateFlags, command: Command) =>
      context.withSite(command, async (site) => {
        const isKnocking = flags.enroll === 'bootstrap' || flags.enroll === 'csr'
        if (flags.keep !== undefined && flags.enroll !== 'provision')
          throw new CliError('usage', '--keep is for gateways that are made by the API')
        if (flags.claim === true && !isKnocking)
          throw new CliError('usage', '--claim is for boxes that knock: --enroll bootstrap or csr')
        // MQTT and TLS are loaded by this command alone: the others start without them.
        const { simulate } = await import('../simulate/simulate.ts')
        const summary = await simulate(context, site, flags)
        if (flags.json) context.output.json(summary)
        // Where nobody claimed them, none could.
        if (summary.connects === 0 && (!isKnocking || flags.claim === true)) {
          throw new CliError(
            'site_failed',
            `No gateway could connect: ${summary.lastError ?? 'no reason known'}`,
          )
        }
      }),
    )
}

function rate(text: string): number {
  const interval = parseRate(text)
  if (interval === null) throw new InvalidArgumentError('write a rate such as 1/s, 10/s or 1/5s.')
  return interval
}

function faultList(text: string): Fault[] {
  return text.split(',').map((name) => {
    const found = faults.find((fault) => fault === name.trim())
    if (found === undefined)
      throw new InvalidArgumentError(`write some of ${faults.join(', ')}, with commas.`)
    return found
  })
}
