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

  /** Failures within the window, at most as many as are allowed. */
  count(key: string, now: number): number {
    return this.#recent(key, now).length
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

  /** Those that failed lately, or did once. */
  keys(): Iterable<string> {
    return this.#failures.keys()
  }

  clear(key: string): void {
    this.#failures.delete(key)
  }

  #recent(key: string, now: number): number[] {
    return (this.#failures.get(key) ?? []).filter((at) => at > now - this.#window)
  }
}
