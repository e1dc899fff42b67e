import { setTimeout as sleep } from 'node:timers/promises'

/** Wakes who waits for the next commit; a commit that came before is not missed. */
export class Commits {
  #count = 0
  readonly #waiting = new Set<() => void>()

  get count(): number {
    return this.#count
  }

  noted(): void {
    this.#count += 1
    for (const wake of this.#waiting) wake()
  }

  /** Resolves when there was one since `count`, after `ms` at the latest, or when aborted. */
  async after(count: number, ms: number, signal: AbortSignal): Promise<void> {
    if (this.#count !== count || signal.aborted) return
    await new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer)
        signal.removeEventListener('abort', done)
        this.#waiting.delete(done)
        resolve()
      }
      const timer = setTimeout(done, ms)
      signal.addEventListener('abort', done, { once: true })
      this.#waiting.add(done)
    })
  }

  /** A pause that ends early when aborted. */
  async rest(ms: number, signal: AbortSignal): Promise<void> {
    if (ms > 0) await sleep(ms, undefined, { signal }).catch(() => undefined)
  }
}
