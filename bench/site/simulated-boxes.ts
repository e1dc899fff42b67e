import { setTimeout as sleep } from 'node:timers/promises'
import { channelsOf, placeOf } from '#simulator/fleet-plan.ts'
import type { GatewayCredentials } from '#simulator/gateway-credentials.ts'
import { SimulatedGateway } from '#simulator/simulated-gateway.ts'

/** ms between messages: the first comes within this of the start. */
export const SENDS_EVERY = 2_000
const LOOKS_EVERY = 50
const LONGEST = 600_000

/** A box of the simulator as it is, without faults. */
export function simulatedBox(credentials: GatewayCredentials, index: number): SimulatedGateway {
  const channels = channelsOf(placeOf(index).meters, credentials.code)
  return new SimulatedGateway({ credentials, channels, interval: SENDS_EVERY, fault: null, now: Date.now })
}

/** A PUBACK says that the message is on disk: resolves when each of so many has one. */
export async function untilStored(boxes: () => readonly SimulatedGateway[], count: number): Promise<void> {
  const hasSent = ({ totals }: SimulatedGateway): boolean => totals.acknowledged > 0
  await until(`first readings of ${count}`, () => boxes().filter(hasSent).length >= count)
}

/** @throws Error when it takes ten minutes */
export async function until(what: string, isSo: () => boolean): Promise<void> {
  const endsAt = performance.now() + LONGEST
  while (!isSo()) {
    if (performance.now() > endsAt) throw new Error(`waited ten minutes for ${what}`)
    await sleep(LOOKS_EVERY)
  }
}

/** Seconds that some work took. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  await work()
  return (performance.now() - startedAt) / 1_000
}
