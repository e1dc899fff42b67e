/** ms that the tail may be behind before sweeps let it go first. */
const BEHIND = 5_000

/** How far the tail is. */
export class TailState {
  #isRunning = false
  /** When it last had everything, `performance.now()`. */
  #caughtUpAt = 0
  /** When everything was sent the last time, ms; null: not since the site started. */
  completeAt: number | null = null

  began(): void {
    this.#isRunning = true
    this.#caughtUpAt = performance.now()
  }

  ended(): void {
    this.#isRunning = false
  }

  /** `now`: ms since 1970. */
  caughtUp(now: number): void {
    this.#caughtUpAt = performance.now()
    this.completeAt = now
  }

  /** Sweeps wait. */
  get isBehind(): boolean {
    return this.#isRunning && performance.now() - this.#caughtUpAt > BEHIND
  }
}
