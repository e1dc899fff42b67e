export interface QuitSequenceOptions {
  /** Stops the engine; resolves when its process is gone. */
  stop(): Promise<unknown>
  /** Asks the application to quit again. */
  quit(): void
}

/** Holds the application's quit until the engine has stopped, however often and from wherever quitting is asked. */
export class QuitSequence {
  readonly #options: QuitSequenceOptions
  #phase: 'running' | 'stopping' | 'done' = 'running'

  constructor(options: QuitSequenceOptions) {
    this.#options = options
  }

  /** True from the moment that quitting was asked: windows then close instead of hiding. */
  get quitting(): boolean {
    return this.#phase !== 'running'
  }

  /** For the application's `before-quit`. */
  beforeQuit(event: { preventDefault(): void }): void {
    if (this.#phase === 'done') return
    event.preventDefault()
    if (this.#phase === 'stopping') return
    this.#phase = 'stopping'
    void this.#stop()
  }

  async #stop(): Promise<void> {
    try {
      await this.#options.stop()
    } catch {
      // Whatever went wrong, a person asked to quit, and the store is sound at every moment.
    }
    this.#phase = 'done'
    this.#options.quit()
  }
}
