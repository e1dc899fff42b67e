import { AttemptLimit } from '#platform/limits/attempt-limit.ts'

const WINDOW = 10 * 60_000
/** Entries of refused and failed calls in ten minutes: of one address without a session, of all such, of one actor. */
const OF_ADDRESS = 30
const READS_OF_ADDRESS = 3
const OF_STRANGERS = 300
const OF_ACTOR = 300

/**
 * What nobody may do, nobody does often: neither strangers nor people with few rights must fill the disk with entries.
 * Beyond the budget failures are only counted.
 */
export class FailureBudget {
  readonly #addresses = new AttemptLimit(OF_ADDRESS, WINDOW)
  readonly #reads = new AttemptLimit(READS_OF_ADDRESS, WINDOW)
  readonly #strangers = new AttemptLimit(OF_STRANGERS, WINDOW)
  readonly #actors = new AttemptLimit(OF_ACTOR, WINDOW)
  #skipped: { count: number; since: number } | null = null

  /**
   * Whether there is room for one more entry; counts it either way. `actor`: null for who is not signed in. `isRead`: they
   * wanted to read, as a page does whose session has ended.
   */
  take(
    { actor, address, isRead }: { actor: string | null; address: string; isRead: boolean },
    now: number,
  ): boolean {
    const limits: [AttemptLimit, string][] =
      actor === null
        ? [
            [isRead ? this.#reads : this.#addresses, address],
            [this.#strangers, ''],
          ]
        : [[this.#actors, actor]]
    if (limits.some(([limit, key]) => limit.wait(key, now) > 0)) {
      this.#skipped = { count: (this.#skipped?.count ?? 0) + 1, since: this.#skipped?.since ?? now }
      return false
    }
    for (const [limit, key] of limits) limit.fail(key, now)
    return true
  }

  /** How many found no room, since when; they are then counted anew. */
  takeSkipped(): { count: number; since: number } | null {
    const skipped = this.#skipped
    this.#skipped = null
    return skipped
  }
}
