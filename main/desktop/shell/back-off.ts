/** Delays between restarts of a crashing engine, and when to stop trying. */
export interface BackOffPolicy {
  /** First delay, ms; it doubles with each crash in a row. */
  first: number
  /** Longest delay, ms. */
  longest: number
  /** An engine that ran this long, ms, is sound: a later crash starts the row anew. */
  soundAfter: number
  /** Crashes in a row after which only a person starts it again. */
  giveUpAfter: number
}

export const defaultBackOff: BackOffPolicy = {
  first: 500,
  longest: 30_000,
  soundAfter: 60_000,
  giveUpAfter: 6,
}

/**
 * @param crashesInARow 1 for the first crash
 * @returns ms to wait before the next start, or null to give up
 */
export function restartDelay(crashesInARow: number, policy: BackOffPolicy): number | null {
  if (crashesInARow >= policy.giveUpAfter) return null
  return Math.min(policy.longest, policy.first * 2 ** (crashesInARow - 1))
}
