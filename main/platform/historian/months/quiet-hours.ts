import { HOUR } from '../blocks/rollup-columns.ts'

interface Waiting {
  lastTs: number
  /** The site's time when it was seen first. */
  since: number
  round: number
}

/** Hours that may wait; more are folded at once. */
const WAITING_MAX = 100_000
/** ms that an hour waits at the most. */
const WAIT_MAX = HOUR

/**
 * Tells hours that are still being filled from those that are not, by their newest reading in this look and the one before. A
 * gateway whose clock is hours behind would else have the block of its hour written anew with each look.
 */
export class QuietHours {
  private readonly waiting = new Map<string, Waiting>()
  private round = 0

  /** Begins a look; what the one before did not ask for is no more. */
  begin(): void {
    for (const [key, { round }] of this.waiting) if (round < this.round) this.waiting.delete(key)
    this.round += 1
  }

  /** Whether nothing came since the last look, or it has waited long enough. */
  isQuiet(series: number, hour: number, lastTs: number, now: number): boolean {
    const key = `${series}/${hour}`
    const known = this.waiting.get(key)
    const since = known?.since ?? now
    if (known?.lastTs === lastTs || Math.abs(now - since) >= WAIT_MAX || this.waiting.size >= WAITING_MAX) {
      this.waiting.delete(key)
      return true
    }
    this.waiting.set(key, { lastTs, since, round: this.round })
    return false
  }
}
