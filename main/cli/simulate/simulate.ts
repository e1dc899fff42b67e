import type { RestClient } from '#client/rest-client.ts'
import { faultOf } from '#simulator/faults.ts'
import { channelsOf, placeOf } from '#simulator/fleet-plan.ts'
import { KeptGateways } from '#simulator/kept-gateways.ts'
import { nameUnits } from '#simulator/name-units.ts'
import { SimulatedFleet } from '#simulator/simulated-fleet.ts'
import { SimulatedGateway } from '#simulator/simulated-gateway.ts'
import type { CommandContext } from '../command-context.ts'
import type { SimulateFlags } from '../commands/simulate.command.ts'
import type { Output } from '../output.ts'
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
  { output, interrupt, now }: CommandContext,
  client: RestClient,
  flags: SimulateFlags,
): Promise<SimulateSummary> {
  const credentials = await provisionFleet(client, {
    count: flags.gateways,
    prefix: flags.prefix,
    tenant: flags.tenant,
    kept: flags.keep === undefined ? null : new KeptGateways(flags.keep),
    signal: interrupt,
  })
  const gateways = credentials.map(
    (own, index) =>
      new SimulatedGateway({
        credentials: own,
        channels: channelsOf(placeOf(index).meters, own.code),
        interval: flags.rate,
        fault: faultOf(index, flags.faults),
        now,
      }),
  )
  const fleet = new SimulatedFleet(gateways)
  output.note(
    `${gateways.length} gateways provisioned, ${credentials[0]?.code} to ${credentials.at(-1)?.code}; Ctrl-C ends`,
  )
  const startedAt = now()
  const report = setInterval(() => sayHowItGoes(output, fleet), REPORT_EVERY)
  const ended = waitFor(flags.for, interrupt)
  const started = fleet.start()
  if (gateways.length <= UNITS_UP_TO) {
    const units = new Map(
      credentials.map((own, index) => [own.gatewayId, channelsOf(placeOf(index).meters, own.code)]),
    )
    nameUnits(client, units, interrupt).catch(() => {})
  }
  await ended
  clearInterval(report)
  const online = fleet.summary().online
  await fleet.stop()
  await started
  const summary = { ...fleet.summary(), online, seconds: (now() - startedAt) / 1_000 }
  if (!flags.json) sumUp(output, summary)
  return summary
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
