import { setImmediate as nextTurn } from 'node:timers/promises'

const SLICE = 8

/** Keeps long work on the main thread in slices of some ms: call `take` often. */
export class Breath {
  #since = performance.now()

  /** Resolves at once, or after everyone else had a turn. */
  async take(): Promise<void> {
    if (performance.now() - this.#since < SLICE) return
    await nextTurn()
    this.#since = performance.now()
  }
}
