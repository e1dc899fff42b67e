/** Wakes one who waits; rung while nobody waits, the next wait ends at once. */
export class Alarm {
  #isRung = false
  #wake: (() => void) | null = null

  ring(): void {
    this.#isRung = true
    this.#wake?.()
  }

  /** Until it is rung, the time is over (ms), or `signal` is aborted. */
  async wait(time: number, signal: AbortSignal): Promise<void> {
    if (!this.#isRung && !signal.aborted)
      await new Promise<void>((resolve) => {
        const done = () => {
          clearTimeout(timer)
          signal.removeEventListener('abort', done)
          this.#wake = null
          resolve()
        }
        const timer = setTimeout(done, time)
        timer.unref()
        signal.addEventListener('abort', done)
        this.#wake = done
      })
    this.#isRung = false
  }
}

/** Until the time is over (ms), or `signal` is aborted. */
export function rest(time: number, signal: AbortSignal): Promise<void> {
  return new Alarm().wait(time, signal)
}
