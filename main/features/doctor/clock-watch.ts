/** How often both clocks are compared, ms. */
const EVERY = 5_000
/** A time service slews; a jump is more than this between two looks, ms. */
const JUMP = 2_000
const KEPT = 10

/** Follows the wall clock by the one that never jumps: a certificate's life and a reading's time hang on it. */
export class ClockWatch {
  readonly jumps: { at: number; by: number }[] = []
  readonly #wall: () => number
  readonly #steady: () => number
  #offset = 0
  #timer: NodeJS.Timeout | null = null

  /** @param wall ms since 1970 @param steady ms, of a clock that never jumps */
  constructor(wall: () => number, steady: () => number = () => performance.now()) {
    this.#wall = wall
    this.#steady = steady
  }

  start(): void {
    this.#offset = this.#wall() - this.#steady()
    this.#timer = setInterval(() => this.look(), EVERY).unref()
  }

  stop(): void {
    if (this.#timer) clearInterval(this.#timer)
  }

  look(): void {
    const offset = this.#wall() - this.#steady()
    const by = Math.round(offset - this.#offset)
    this.#offset = offset
    if (Math.abs(by) < JUMP) return
    this.jumps.unshift({ at: this.#wall(), by })
    this.jumps.length = Math.min(this.jumps.length, KEPT)
  }
}
