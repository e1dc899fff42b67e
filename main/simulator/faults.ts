import { unitNoise } from './noise.ts'

export const faults = ['offline', 'flapping', 'skew'] as const
/**
 * `offline`: loses power or network for a while and sends what it kept. `flapping`: a loose plug. `skew`: a clock
 * that is wrong, or none.
 */
export type Fault = (typeof faults)[number]

/** Every tenth gateway has one of the faults, in turn; the rest are well. */
export function faultOf(index: number, wanted: readonly Fault[]): Fault | null {
  if (wanted.length === 0 || index % 10 !== 9) return null
  return wanted[Math.floor(index / 10) % wanted.length] ?? null
}

/** How long the gateway is up, then away, in ms; null for one that stays. */
export function outage(
  fault: Fault | null,
  seed: number,
  round: number,
): { up: number; away: number } | null {
  const luck = unitNoise(seed, round)
  if (fault === 'offline') return { up: 30_000 + luck * 60_000, away: 20_000 + (1 - luck) * 60_000 }
  if (fault === 'flapping') return { up: 2_000 + luck * 6_000, away: 500 + (1 - luck) * 2_500 }
  return null
}

/** What a gateway with a wrong clock writes as `ts`, in ms; `undefined` leaves it out. */
export function skewedTime(seed: number, now: number, startedAt: number): number | undefined {
  switch (seed % 4) {
    case 0:
      return now + 25 * 60_000
    case 1:
      return now - 3 * 3_600_000
    case 2:
      // No battery: the clock starts at 1970 with the box.
      return now - startedAt
    default:
      return undefined
  }
}
