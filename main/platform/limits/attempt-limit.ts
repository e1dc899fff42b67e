/**
 * Counts failures by key in a sliding window, in memory: a flood from one address is slowed without a write to
 * disk for each try. At most `capacity` keys, the oldest forgotten first.
 */
export class AttemptLimit {
  readonly #limit: number
  readonly #window: number
  readonly #capacity: number
  readonly #failures = new Map<string, number[]>()

  constructor(limit: number, window: number, capacity = 10_000) {
    this.#limit = limit
    this.#window = window
    this.#capacity = capacity
  }

  /** ms until another try is allowed; 0 when it is now. */
  wait(key: string, now: number): number {
    const recent = this.#recent(key, now)
    const oldest = recent[recent.length - this.#limit]
    return oldest === undefined ? 0 : oldest + this.#window - now
  }

  fail(key: string, now: number): void {
    const recent = this.#recent(key, now)
    recent.push(now)
    this.#failures.delete(key)
    this.#failures.set(key, recent.slice(-this.#limit))
    if (this.#failures.size > this.#capacity) {
      const oldest = this.#failures.keys().next().value
      if (oldest !== undefined) this.#failures.delete(oldest)
    }
  }

  clear(key: string): void {
    this.#failures.delete(key)
  }

  #recent(key: string, now: number): number[] {
    return (this.#failures.get(key) ?? []).filter((at) => at > now - this.#window)
  }
}
