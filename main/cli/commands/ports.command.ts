import type { Command } from 'commander'
import { given } from '../arguments.ts'
import { type ActionFlags, actOnBoard, backUpBoard, tellJob, uploadForBoard } from '../bench/act-on-board.ts'
import { type WifiFlags, wifiOf } from '../bench/choose-setup.ts'
import { portHeader, portRow } from '../bench/port-lines.ts'
import { watchBench } from '../bench/watch-bench.ts'
import { CliError } from '../cli-error.ts'
import type { CommandContext, SiteFlags } from '../command-context.ts'
import { findBundle } from '../firmware/find-bundle.ts'
import type { SiteConnection } from '../site/connect-site.ts'
import { addSiteOptions } from '../site-options.ts'
import { addSpeedOption, addWifiOptions, flashOffset } from './bench-options.ts'

/** `millwright ports`, and what is done with one board. */
export function addPortsCommands(program: Command, context: CommandContext): void {
  const { output } = context
  // `millwright ports identify PORT --json`: what stands after the subcommand's name is the subcommand's.
  const ports = addSiteOptions(program.command('ports').enablePositionalOptions())
    .summary('serial ports of the machine that the site runs on, and single boards')
    .option('--watch', 'go on: a table, or with --json a line, for each change')
    .action((flags: SiteFlags & { watch?: boolean }, command: Command) =>
      context.withSite(command, (site) =>
        flags.watch === true ? watchPorts(context, site, flags) : listPorts(context, site, flags),
      ),
    )

  boardCommand(ports, context, 'identify', 'chip, revision, MAC, flash and security of the board').action(
    act(context, (site, port, flags) => actOnBoard(context, site, port, { kind: 'identify' }, flags)),
  )
  boardCommand(ports, context, 'erase', 'erase its whole flash')
    .option('--yes', 'do not ask')
    .action(
      act(context, (site, port, flags: ActionFlags & { yes?: boolean }) => {
        if (flags.yes !== true)
          throw new CliError('usage', `All that the board on ${port} holds goes: say --yes`)
        return actOnBoard(context, site, port, { kind: 'erase' }, flags)
      }),
    )
  boardCommand(ports, context, 'backup', 'its whole flash into a file')
    .option('-o, --out <file>', 'write here; under its MAC and the day where left out')
    .option('--force', 'replace the file if it is there')
    .action((port: string, flags: ActionFlags & { out?: string; force?: boolean }, command: Command) =>
      context.withSite(command, (site) => backUpBoard(context, site, port, flags)),
    )
  boardCommand(ports, context, 'restore', 'erase its flash and write a backup')
    .argument('<file>', 'of millwright ports backup')
    .action((port: string, file: string, flags: ActionFlags, command: Command) =>
      context.withSite(command, async (site) => {
        const uploadId = await uploadForBoard(site, file)
        tellJob(context, await actOnBoard(context, site, port, { kind: 'restore', uploadId }, flags), flags)
      }),
    )
  boardCommand(ports, context, 'write', 'any file at an offset, for experts')
    .argument('<file>', 'to be written as it is')
    .requiredOption('--offset <offset>', 'a multiple of 4096: 0x10000', flashOffset)
    .action((port: string, file: string, flags: ActionFlags & { offset: number }, command: Command) =>
      context.withSite(command, async (site) => {
        const uploadId = await uploadForBoard(site, file)
        const action = { kind: 'write' as const, uploadId, offset: flags.offset }
        tellJob(context, await actOnBoard(context, site, port, action, flags), flags)
      }),
    )
  addWifiOptions(
    boardCommand(ports, context, 'settings', 'settings and credential of its gateway anew'),
  ).action(
    act(context, async (site, port, flags: ActionFlags & WifiFlags) => {
      const wifiId = await wifiOf(site.client, flags)
      return actOnBoard(context, site, port, { kind: 'settings', wifiId }, flags)
    }),
  )
  boardCommand(ports, context, 'firmware', 'other firmware; its settings stay')
    .requiredOption('-b, --bundle <bundle>', 'id, name, or name@version')
    .action(
      act(context, async (site, port, flags: ActionFlags & { bundle: string }) => {
        const { id: bundleId } = await findBundle(site, flags.bundle, flags.tenant)
        return actOnBoard(context, site, port, { kind: 'firmware', bundleId }, flags)
      }),
    )

  addWifiOptions(
    addSiteOptions(ports.command('setup').argument('<port>', 'path or name')).option(
      '--tenant <slug>',
      'whose Wi-Fi',
    ),
  )
    .summary('Wi-Fi for a board that runs already, over its serial line')
    .action((port: string, flags: SiteFlags & WifiFlags, command: Command) =>
      context.withSite(command, async ({ client }) => {
        const wifiId = await wifiOf(client, flags)
        if (wifiId === null) throw new CliError('usage', 'Say which network: --wifi SSID')
        const done = await client.bench.setUpOverSerial({ port, wifiId, ...given({ tenant: flags.tenant }) })
        if (flags.json) output.json(done)
        else output.facts(Object.entries(done))
      }),
    )
  addSiteOptions(ports.command('udev-rule'))
    .summary('let everyone who sits at the machine of the site open USB serial ports (Linux)')
    .action((flags: SiteFlags, command: Command) =>
      context.withSite(command, async ({ client }) => {
        const done = await client.bench.installUdevRule()
        if (flags.json) output.json(done)
        else if (done.installed) output.line('The rule is installed: plug boards in again')
        else if (done.command === null) output.line('There is nothing to install on this system')
        else
          output.line(`The site may not install it. An administrator of its machine runs:\n${done.command}`)
      }),
    )
}

function boardCommand(ports: Command, _context: CommandContext, name: string, summary: string): Command {
  return addSpeedOption(addSiteOptions(ports.command(name).argument('<port>', 'path or name of a port')))
    .summary(summary)
    .option('--tenant <slug>', 'may be left out where there is one tenant')
}

type Acting<Flags> = (
  site: SiteConnection,
  port: string,
  flags: Flags,
) => Promise<Parameters<typeof tellJob>[1]>

function act<Flags extends ActionFlags>(context: CommandContext, run: Acting<Flags>) {
  return (port: string, flags: Flags, command: Command) =>
    context.withSite(command, async (site) => tellJob(context, await run(site, port, flags), flags))
}

async function listPorts(
  { output }: CommandContext,
  { client }: SiteConnection,
  flags: SiteFlags,
): Promise<void> {
  const { ports, help } = await client.bench.ports()
  if (flags.json) return output.json({ ports, help })
  if (ports.length > 0) output.table(portHeader, ports.map(portRow))
  else output.note('No serial port: plug a board in, with a cable that carries data.')
  if (help === null) return
  const problems = {
    no_udevadm: 'udevadm is missing: ports show little of what is plugged in',
    not_in_group: `The site's user is not in the group ${help.group ?? ''}, which may open ports`,
    no_rule: 'No rule lets the site open USB serial ports',
    no_driver: 'A board is plugged in, but its driver is missing',
  }
  output.note(problems[help.problem])
  if (help.command !== null) output.note(`What helps: ${help.command}`)
}

async function watchPorts(
  { output, interrupt }: CommandContext,
  { client }: SiteConnection,
  flags: SiteFlags,
): Promise<void> {
  let last = ''
  for await (const event of watchBench(client, interrupt)) {
    if (event.event !== 'ports' && event.event !== 'snapshot') continue
    const { ports } = event
    const text = JSON.stringify(ports)
    if (text === last) continue
    last = text
    if (flags.json) output.json({ ports })
    else {
      output.table(portHeader, ports.map(portRow))
      output.line()
    }
  }
}
