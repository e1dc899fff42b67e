/** How an account counts its failures. */
export interface LockRule {
  /** Failures until it is locked. */
  after: number
  /** ms. */
  lasts: number
}

/**
 * Locks names that belong to nobody just as accounts are locked, in memory, so that a lock does not tell whether an
 * account exists. At most `capacity` names, the oldest forgotten first.
 */
export class UnknownAccounts {
  readonly #rule: LockRule
  readonly #capacity: number
  readonly #names = new Map<string, { failures: number; lockedUntil: number }>()

  constructor(rule: LockRule, capacity = 10_000) {
    this.#rule = rule
    this.#capacity = capacity
  }

  /** ms since 1970; 0 where it never was. */
  lockedUntil(name: string): number {
    return this.#names.get(name)?.lockedUntil ?? 0
  }

  fail(name: string, now: number): void {
    const failures = (this.#names.get(name)?.failures ?? 0) + 1
    const isLocked = failures >= this.#rule.after
    this.#names.delete(name)
    this.#names.set(name, {
      failures: isLocked ? 0 : failures,
      lockedUntil: isLocked ? now + this.#rule.lasts : 0,
    })
    const oldest = this.#names.size > this.#capacity ? this.#names.keys().next().value : undefined
    if (oldest !== undefined) this.#names.delete(oldest)
  }
}
