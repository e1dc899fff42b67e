import { setImmediate as others } from 'node:timers/promises'

/** ms that are worked before others get their turn. */
const SLICE = 10

/** Lets everything else go on while much is made: to be asked after each piece. */
export class Turns {
  #since = performance.now()

  async give(): Promise<void> {
    if (performance.now() - this.#since < SLICE) return
    await others()
    this.#since = performance.now()
  }
}
