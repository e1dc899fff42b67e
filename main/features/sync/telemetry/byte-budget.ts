import { setTimeout as sleep } from 'node:timers/promises'

/** At most this much is let through at once after a pause, ms of the limit: so that a narrow line stays usable. */
const BURST = 250
const STEP = 1_000

/** A bound on bytes per second: a bucket that fills steadily (a token bucket). */
export class ByteBudget {
  readonly #limit: () => number | null
  readonly #now: () => number
  #available = 0
  #filledAt = 0

  /** `limit`: bytes per second; null: none. Asked each time, so that a change counts at once. */
  constructor(limit: () => number | null, now: () => number = () => performance.now()) {
    this.#limit = limit
    this.#now = now
  }

  /**
   * Resolves when `bytes` may be sent, after `most` ms at the latest: what is missing then stays owed.
   * @returns ms that it waited
   * @throws the signal's reason
   */
  async take(bytes: number, signal: AbortSignal, most = Number.POSITIVE_INFINITY): Promise<number> {
    for (let waited = 0; ; ) {
      const wait = Math.min(this.delay(waited === 0 ? bytes : 0), most - waited)
      if (wait <= 0) return waited
      // In steps, so that a limit that is lifted meanwhile counts.
      const step = Math.min(wait, STEP)
      await sleep(step, undefined, { signal })
      waited += step
    }
  }

  /** Takes them, and says for how many ms they must wait. */
  delay(bytes: number): number {
    const limit = this.#limit()
    if (limit === null) return 0
    const now = this.#now()
    const most = (limit * BURST) / 1_000
    this.#available = Math.min(most, this.#available + ((now - this.#filledAt) * limit) / 1_000)
    this.#filledAt = now
    this.#available -= bytes
    return this.#available >= 0 ? 0 : (-this.#available / limit) * 1_000
  }
}
