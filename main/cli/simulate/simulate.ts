import { faultOf } from '#simulator/faults.ts'
import { channelsOf, placeOf } from '#simulator/fleet-plan.ts'
import type { GatewayCredentials } from '#simulator/gateway-credentials.ts'
import { KeptGateways } from '#simulator/kept-gateways.ts'
import { nameUnits } from '#simulator/name-units.ts'
import { SimulatedFleet } from '#simulator/simulated-fleet.ts'
import { SimulatedGateway } from '#simulator/simulated-gateway.ts'
import type { CommandContext } from '../command-context.ts'
import type { SimulateFlags } from '../commands/simulate.command.ts'
import type { Output } from '../output.ts'
import type { SiteConnection } from '../site/connect-site.ts'
import { importFleet } from './import-fleet.ts'
import { knock } from './knock.ts'
import { provisionFleet } from './provision-fleet.ts'

const REPORT_EVERY = 5_000
/** Naming the units of more gateways than this would load the site more than it helps anyone. */
const UNITS_UP_TO = 200

export type SimulateSummary = ReturnType<SimulatedFleet['summary']> & {
  /** s, from the first connection attempt to the goodbye. */
  seconds: number
}

/** Runs the fleet until `--for` is over or Ctrl-C, then disconnects it cleanly and sums up. */
export async function simulate(
  context: CommandContext,
  site: SiteConnection,
  flags: SimulateFlags,
): Promise<SimulateSummary> {
  const { output, interrupt, now } = context
  const gatewayOf = (credentials: GatewayCredentials, index: number): SimulatedGateway => {
    const channels = channelsOf(placeOf(index).meters, credentials.code)
    const fault = faultOf(index, flags.faults)
    return new SimulatedGateway({ credentials, channels, interval: flags.rate, fault, now })
  }
  const isKnocking = flags.enroll === 'bootstrap' || flags.enroll === 'csr'
  const made = isKnocking ? [] : await enroll(context, site, flags)
  const fleet = new SimulatedFleet(made.map(gatewayOf))
  if (!isKnocking)
    output.note(`${made.length} gateways provisioned, ${made[0]?.code} to ${made.at(-1)?.code}; Ctrl-C ends`)
  const startedAt = now()
  const end = new AbortController()
  const report = setInterval(() => sayHowItGoes(output, fleet), REPORT_EVERY)
  const started = fleet.start()
  const nameThoseOf = (credentials: readonly GatewayCredentials[], from = 0): void => {
    if (flags.gateways > UNITS_UP_TO) return
    const units = new Map(
      credentials.map(({ gatewayId, code }, index) => [
        gatewayId,
        channelsOf(placeOf(from + index).meters, code),
      ]),
    )
    nameUnits(site.client, units, interrupt).catch(() => {})
  }
  nameThoseOf(made)
  const wait = (): Promise<void> => waitFor(flags.for, interrupt)
  const knocking = isKnocking
    ? knock(context, site, flags, {
        way: flags.enroll === 'csr' ? 'csr' : 'bootstrap',
        signal: AbortSignal.any([end.signal, interrupt]),
        onEnrolled: (credentials, index) => {
          fleet.add(gatewayOf(credentials, index))
          nameThoseOf([credentials], index)
        },
      })
    : Promise.resolve()
  try {
    // Boxes that are claimed here count their time from then on, as made ones do; others wait for somebody.
    const ended = flags.claim === true ? knocking.then(() => wait()) : wait()
    await Promise.race([ended, knocking.then(() => ended)])
  } catch (error) {
    await fleet.stop()
    if (!interrupt.aborted) throw error
  } finally {
    clearInterval(report)
    end.abort()
  }
  const online = fleet.summary().online
  await fleet.stop()
  await Promise.all([started, knocking.catch(() => {})])
  const summary = { ...fleet.summary(), online, seconds: (now() - startedAt) / 1_000 }
  if (!flags.json) sumUp(output, summary)
  return summary
}

/** Gateways that the command makes itself, by the way it was asked for. */
async function enroll(
  { interrupt }: CommandContext,
  { client }: SiteConnection,
  { gateways: count, prefix, tenant, keep, enroll: way }: SimulateFlags,
): Promise<GatewayCredentials[]> {
  const wish = { count, prefix, tenant, signal: interrupt }
  if (way === 'csv') return (await importFleet(client, wish)).fleet
  return provisionFleet(client, { ...wish, kept: keep === undefined ? null : new KeptGateways(keep) })
}

function waitFor(span: number | undefined, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = span === undefined ? setInterval(() => {}, 60_000) : setTimeout(resolve, span)
    const end = (): void => {
      clearTimeout(timer)
      resolve()
    }
    if (signal.aborted) end()
    else signal.addEventListener('abort', end, { once: true })
  })
}

function sayHowItGoes(output: Output, fleet: SimulatedFleet): void {
  const { online, gateways, sent, acknowledged, p99, lastError } = fleet.summary()
  const trouble = lastError === null ? '' : `; last error: ${lastError}`
  output.note(
    `${online} of ${gateways} online, ${acknowledged} of ${sent} messages acknowledged, p99 ${milliseconds(p99)}${trouble}`,
  )
}

function sumUp(output: Output, summary: SimulateSummary): void {
  output.facts([
    ['gateways', summary.gateways],
    ['online at the end', summary.online],
    ['connections', summary.connects],
    ['messages sent', summary.sent],
    ['acknowledged', summary.acknowledged],
    ['errors', summary.errors],
    ['acknowledged in, median', milliseconds(summary.p50)],
    ['acknowledged in, p99', milliseconds(summary.p99)],
  ])
}

function milliseconds(value: number | null): string {
  return value === null ? '-' : `${value.toFixed(1)} ms`
}
