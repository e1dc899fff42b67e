/**
 * Lets tasks run one after the other, those of the lowest rank first, and of equal rank in the order of their coming;
 * each that a key has waiting already is a rank more, so that nobody holds up others by coming many times. The queue is bounded in all and per key: beyond that a task is sent away at once, and the one of the highest rank is
 * sent away for one of a lower.
 */
export class FairTurns {
  readonly #most: number
  readonly #mostOfKey: number
  readonly #waiting: Waiting[] = []
  #isBusy = false

  constructor({ most, mostOfKey }: { most: number; mostOfKey: number }) {
    this.#most = most
    this.#mostOfKey = mostOfKey
  }

  /** @returns what the task gives; null where it was sent away without having run */
  async take<T>(
    { key, rank }: { key: string; rank: number },
    task: () => Promise<T>,
  ): Promise<{ value: T } | null> {
    if (this.#isBusy && !(await this.#waitFor(key, rank))) return null
    this.#isBusy = true
    try {
      return { value: await task() }
    } finally {
      const next = this.#waiting.shift()
      // The next one takes over before anybody who comes now could.
      if (next) next.go(true)
      else this.#isBusy = false
    }
  }

  async #waitFor(key: string, rank: number): Promise<boolean> {
    const ofKey = this.#waiting.filter((one) => one.key === key).length
    if (ofKey >= this.#mostOfKey) return false
    return this.#queue(key, rank + ofKey)
  }

  async #queue(key: string, rank: number): Promise<boolean> {
    if (this.#waiting.length >= this.#most) {
      const last = this.#waiting.at(-1)
      if (last === undefined || last.rank <= rank) return false
      this.#waiting.pop()
      last.go(false)
    }
    return new Promise((go) => {
      const at = this.#waiting.findIndex((one) => one.rank > rank)
      this.#waiting.splice(at < 0 ? this.#waiting.length : at, 0, { key, rank, go })
    })
  }
}

interface Waiting {
  key: string
  rank: number
  go(isMyTurn: boolean): void
}
