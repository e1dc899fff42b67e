import type { Case } from '#features/doctor/case.ts'

const HOUR = 3_600_000
/** Two boxes that each connect anew at once; one that restarts takes longer. ms */
const FAST = 30_000

/** Sessions of the last hour that another of the same identity took over. */
export function takeovers({ presence, now }: Case): { count: number; addresses: string[]; isFast: boolean } {
  const recent = presence.filter(({ at }) => now - at < HOUR)
  const taken = recent.filter(({ online, reason }) => !online && reason === 'taken_over')
  const addresses = recent.flatMap(({ online, reason }) => (online && reason ? [reason] : []))
  const [first, last] = [taken[0], taken.at(-1)]
  const between = first && last && taken.length > 1 ? (first.at - last.at) / (taken.length - 1) : Infinity
  return { count: taken.length, addresses: [...new Set(addresses)], isFast: between < FAST }
}

/** Sessions of the last hour that broke, and how most of them did. */
export function lostSessions({ presence, now }: Case): { count: number; most: string } {
  const lost = presence.filter(
    ({ at, online, reason }) =>
      !online && now - at < HOUR && (reason === 'connection_lost' || reason === 'keepalive_missed'),
  )
  const silent = lost.filter(({ reason }) => reason === 'keepalive_missed').length
  return { count: lost.length, most: silent * 2 > lost.length ? 'keepalive_missed' : 'connection_lost' }
}
