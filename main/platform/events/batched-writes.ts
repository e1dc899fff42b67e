/**
 * Gathers small writes and hands them over together, so that a storm of a thousand reconnects costs a few
 * transactions instead of a thousand. One hand-over runs at a time, in order.
 */
export class BatchedWrites<T> {
  readonly #write: (items: T[]) => Promise<void>
  readonly #delay: number
  readonly #onError: (error: unknown) => void
  #items: T[] = []
  #timer: NodeJS.Timeout | null = null
  #running: Promise<void> = Promise.resolve()

  /** `delay` in ms. `onError` hears of a batch that was not written; the ones after it go on. */
  constructor(write: (items: T[]) => Promise<void>, delay: number, onError: (error: unknown) => void) {
    this.#write = write
    this.#delay = delay
    this.#onError = onError
  }

  add(item: T): void {
    this.#items.push(item)
    this.#timer ??= setTimeout(() => void this.flush(), this.#delay)
  }

  /** Resolves when everything added before is written. */
  flush(): Promise<void> {
    if (this.#timer) clearTimeout(this.#timer)
    this.#timer = null
    const items = this.#items
    this.#items = []
    if (items.length > 0) this.#running = this.#running.then(() => this.#write(items)).catch(this.#onError)
    return this.#running
  }
}
