import { setImmediate as nextTurn } from 'node:timers/promises'

const SLICE = 8

/** Lets timers and sockets have their turn: one thread serves everything, and SQLite answers at once. */
export function breathe(): Promise<void> {
  return nextTurn()
}

/** Keeps long work on the main thread in slices of some ms: call `take` often. */
export class Breath {
  #since = performance.now()

  /** Resolves at once, or after everyone else had a turn. */
  async take(): Promise<void> {
    if (performance.now() - this.#since < SLICE) return
    await breathe()
    this.#since = performance.now()
  }
}
