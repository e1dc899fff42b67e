import type { Command } from 'commander'
import { factText } from '#contract/fact-text.ts'
import { given } from '../arguments.ts'
import { CliError } from '../cli-error.ts'
import type { CommandContext, SiteFlags } from '../command-context.ts'
import { ExitCode } from '../exit-code.ts'
import type { Output } from '../output.ts'
import type { SiteConnection } from '../site/connect-site.ts'
import { addSiteOptions, addTenantOption } from '../site-options.ts'

interface DoctorFlags extends SiteFlags {
  tenant?: string
  selfTest?: boolean
  site?: boolean
}

type Client = SiteConnection['client']
type Examination = Awaited<ReturnType<Client['doctor']['examine']>>
type SelfTest = Awaited<ReturnType<Client['doctor']['selfTest']>>
type SiteSide = Awaited<ReturnType<Client['doctor']['site']>>

/** `millwright doctor`: exit 0 when all is well, 1 when something was found. */
export function addDoctorCommand(program: Command, context: CommandContext): void {
  addTenantOption(
    addSiteOptions(
      program.command('doctor').argument('[subject]', 'code, id, MAC or label of a gateway, or an address'),
    ),
  )
    .summary('why a gateway is not connected')
    .description(
      'Tells in words why a gateway is not connected, with the evidence and the fix. Exit code 1: something was found.',
    )
    .option('--self-test', 'the site plays the gateway against its own broker, step by step')
    .option('--site', "the site's own side: addresses, ports, firewall hints, certificate, clock")
    .action((subject: string | undefined, flags: DoctorFlags, command: Command) => {
      if ((flags.site ?? false) === (subject !== undefined))
        throw new CliError('usage', 'Name a gateway or an address, or give --site')
      if (flags.site && flags.selfTest) throw new CliError('usage', '--self-test goes with a gateway')
      return context.withSite(command, ({ client }) =>
        subject === undefined
          ? showSite(context, client, flags)
          : showSubject(context, client, subject, flags),
      )
    })
}

async function showSubject(
  context: CommandContext,
  client: Client,
  subject: string,
  flags: DoctorFlags,
): Promise<void> {
  const { output } = context
  const tenant = given({ tenant: flags.tenant })
  const examination = await client.doctor.examine({ subject, ...tenant })
  const gateway = examination.subject.gateway?.id
  if (flags.selfTest && gateway === undefined)
    throw new CliError('usage', `${subject} is no gateway: there is nothing to play`)
  const selfTest = flags.selfTest && gateway !== undefined ? await client.doctor.selfTest({ gateway }) : null
  if (!examination.healthy || selfTest?.passed === false) context.exitCode = ExitCode.failed
  if (flags.json) {
    output.json(selfTest === null ? examination : { ...examination, selfTest })
    return
  }
  tellExamination(output, examination)
  if (selfTest !== null) tellSelfTest(output, selfTest)
}

function tellExamination(output: Output, { findings, checks }: Examination): void {
  for (const [index, { title, why, fix, confidence, severity, facts }] of findings.entries()) {
    if (index > 0) output.line()
    output.line(`${title} (${severity === 'note' ? severity : `${severity}, ${confidence}`})`)
    output.line(`  Why: ${why}`)
    output.line(`  Fix: ${fix}`)
    output.facts(facts.map((fact) => [`    ${fact.name}`, factText(fact)]))
  }
  if (checks.length === 0) return
  output.line()
  output.table(
    ['CHECK', 'RESULT', 'SEEN'],
    checks.map(({ stage, result, facts }) => [
      stage.replaceAll('_', ' '),
      result.replaceAll('_', ' '),
      facts.map((fact) => factText(fact)).join(', ') || '-',
    ]),
  )
}

function tellSelfTest(output: Output, { limited, routes }: SelfTest): void {
  output.line()
  if (limited === 'secret')
    output.line('Self-test as far as TLS: the site does not know the secret of this gateway.')
  if (limited === 'unclaimed') output.line('Self-test as far as TLS: the gateway belongs to no tenant.')
  output.table(
    ['HOST', 'PORT', 'STEP', 'RESULT', 'MS', 'SEEN'],
    routes.flatMap(({ host, port, steps }) =>
      steps.map(({ step, result, took, detail }) => [host, port, step, result, took, detail ?? '-']),
    ),
  )
}

async function showSite(context: CommandContext, client: Client, flags: DoctorFlags): Promise<void> {
  const { output } = context
  const side = await client.doctor.site()
  if (!side.healthy) context.exitCode = ExitCode.failed
  if (flags.json) output.json(side)
  else tellSite(output, side)
}

function tellSite(
  output: Output,
  { problems, hosts, addresses, ports, certificate, firewalls, clock }: SiteSide,
): void {
  output.facts([
    ['problems', problems.length === 0 ? 'none' : problems.map((one) => one.replaceAll('_', ' ')).join(', ')],
    ['gateways dial', hosts.join(', ')],
    ['certificate names', certificate?.names.join(', ')],
    ['certificate ends', certificate?.notAfter],
    ['site time', clock.now],
    ['time zone', clock.timeZone],
    ['clock jumps', clock.jumps.map(({ at, by }) => `${at} by ${by} ms`).join(', ') || 'none'],
    ['time service', clock.service ?? 'not known'],
    ['synchronized', clock.synchronized === null ? 'not known' : clock.synchronized ? 'yes' : 'no'],
  ])
  output.line()
  output.table(
    ['ADDRESS', 'INTERFACE', 'REACH', 'IN CERTIFICATE'],
    addresses.map((one) => [one.address, one.interface, one.kind, one.named ? 'yes' : 'no']),
  )
  output.line()
  output.table(
    ['LISTENER', 'PORT', 'ANSWERS AT', 'SILENT AT'],
    ports.map(({ listener, port, answers, silent }) => [
      listener,
      port ?? 'off',
      answers.join(' ') || '-',
      silent.join(' ') || '-',
    ]),
  )
  if (firewalls.length === 0) return
  output.line()
  output.table(
    ['FIREWALL', 'ACTIVE', 'OPENS THE PORTS'],
    firewalls.map(({ name, active, command }) => [
      name,
      active === null ? 'not known' : active ? 'yes' : 'no',
      command,
    ]),
  )
}
