/** Ctrl-C as often as it comes: the first asks to end, the second to cancel, the third ends the program at once. */
export class Interrupts {
  count = 0
  readonly #act: (count: number) => Promise<void>
  readonly #heard = () => void this.#interrupt()

  constructor(act: (count: number) => Promise<void>) {
    this.#act = act
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, this.#heard)
  }

  stop(): void {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, this.#heard)
  }

  async #interrupt(): Promise<void> {
    this.count += 1
    if (this.count > 2) {
      this.stop()
      process.kill(process.pid, 'SIGTERM')
      return
    }
    // The site may be gone meanwhile: whoever follows it learns that.
    await this.#act(this.count).catch(() => {})
  }
}
