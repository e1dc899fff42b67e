import { ExpectedError } from '#contract/errors.ts'
import type { FlashStep } from './flash-step.ts'

/**
 * What ends a job from outside: the person cancels, or the port goes away. Every wait of a session races against
 * it, so that both are seen at once and not after some time-outs.
 */
export class Interruption {
  /** What is being done, for the words of the error. */
  step: FlashStep = 'connecting'
  private error: Error | null = null
  private readonly listeners = new Set<(error: Error) => void>()

  /** @param lost rejects when the line is gone */
  watch(signal: AbortSignal, lost: Promise<never>): void {
    const cancel = (): void => this.interrupt(new ExpectedError('flash_cancelled', { step: this.step }))
    if (signal.aborted) cancel()
    else signal.addEventListener('abort', cancel, { once: true })
    lost.catch((error: unknown) => {
      signal.removeEventListener('abort', cancel)
      this.interrupt(error instanceof Error ? error : new Error(String(error)))
    })
  }

  /** The first cause counts. */
  interrupt(error: Error): void {
    if (this.error !== null) return
    this.error = error
    for (const listener of this.listeners) listener(error)
    this.listeners.clear()
  }

  get cause(): Error | null {
    return this.error
  }

  throwIfInterrupted(): void {
    if (this.error !== null) throw this.error
  }

  /** @returns takes the listener away again */
  onInterrupted(listener: (error: Error) => void): () => void {
    if (this.error === null) this.listeners.add(listener)
    else listener(this.error)
    return () => this.listeners.delete(listener)
  }

  /** The outcome of a promise, or the interruption if that comes first. */
  race<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const done = this.onInterrupted(reject)
      work.then(resolve, reject).finally(done)
    })
  }

  /** Waits ms; the interruption ends the wait. */
  sleep(ms: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        done()
        resolve()
      }, ms)
      const done = this.onInterrupted((error) => {
        clearTimeout(timer)
        reject(error)
      })
    })
  }
}
