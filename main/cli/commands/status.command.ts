import type { Command } from 'commander'
import { ExpectedError } from '#contract/errors.ts'
import type { CommandContext, SiteFlags } from '../command-context.ts'
import { ExitCode } from '../exit-code.ts'
import type { Output } from '../output.ts'
import type { SiteConnection } from '../site/connect-site.ts'
import { addSiteOptions } from '../site-options.ts'
import { isoTime } from '../time-argument.ts'

/** `millwright status`: exit 0 when the site runs, 3 when not. */
export function addStatusCommand(program: Command, context: CommandContext): void {
  addSiteOptions(program.command('status'))
    .summary('whether a site runs, and how it is')
    .description('Tells whether a site runs and how it is. Exit code 3: it does not run.')
    .action(async (flags: SiteFlags, command: Command) => {
      try {
        await context.withSite(command, async (site) =>
          showStatus(context, site, await readStatus(site), flags),
        )
      } catch (error) {
        if (!(error instanceof ExpectedError && error.code === 'site_not_running')) throw error
        context.exitCode = ExitCode.notRunning
        if (flags.json) context.output.json({ running: false })
        else context.output.line(error.message)
      }
    })
}

type Status = Awaited<ReturnType<typeof readStatus>>

async function readStatus({ client, run }: SiteConnection) {
  const { done, version, siteName, demo } = await client.setup.status()
  const process = {
    running: true,
    setUp: done,
    site: siteName,
    version,
    demo,
    pid: run?.pid ?? null,
    startedAt: run === null ? null : isoTime(run.startedAt),
    url: run?.url ?? null,
    httpUrl: run?.httpUrl ?? null,
    mqtts: run?.mqtts ?? null,
    deviceHttps: run?.deviceHttps ?? null,
  }
  if (!done) return { ...process, health: null }
  const [info, { now, ...health }] = await Promise.all([client.site.info(), client.site.status()])
  return { ...process, startedAt: info.startedAt, health: { time: isoTime(now), ...health } }
}

function showStatus(
  { output }: CommandContext,
  { run }: SiteConnection,
  { health, ...process }: Status,
  flags: SiteFlags,
): void {
  if (flags.json) {
    output.json({ ...process, ...health })
    return
  }
  output.facts([
    ['site', process.site ?? 'not set up yet'],
    ['version', process.version],
    ['process', process.pid],
    ['started', process.startedAt],
    ['address', process.url],
    ['on this machine', process.httpUrl],
    ['gateways connect to', process.mqtts],
    ...healthFacts(health),
  ])
  if (health === null && run !== null) output.note('Set it up with "millwright setup", or open its address.')
}

function healthFacts(health: Status['health']): Parameters<Output['facts']>[0] {
  if (health === null) return []
  return [
    ['gateways', `${health.online} of ${health.gateways} online`],
    ['readings', `${health.readingsPerSecond.toFixed(1)} per second, ${health.readingsTotal} in all`],
    ['dropped', health.dropped === 0 ? null : `${health.dropped} readings over the limit`],
    [
      'store',
      health.store === 'running' ? `${mebibytes(health.storeBytes)} MiB` : `stalled: ${health.storeCause}`,
    ],
    ['disk free', `${mebibytes(health.diskFreeBytes)} MiB`],
  ]
}

function mebibytes(bytes: number): string {
  return (bytes / 1_048_576).toFixed(1)
}
