import { ExpectedError } from '#contract/errors.ts'

/** Why a job is told to end. */
export type EndReason = 'cancelled' | 'stopping'

interface Running {
  controller: AbortController
  done: Promise<unknown>
}

/** Jobs at work in this process, of runs and by themselves: whoever ends one finds it here. */
export class RunningJobs {
  readonly #running = new Map<string, Running>()
  readonly #reserved = new Map<string, symbol>()
  #isStopping = false

  /** At work, or about to be. */
  has(jobId: string): boolean {
    return this.#running.has(jobId) || this.#reserved.has(jobId)
  }

  /**
   * A job is about to be at work again: nobody else begins with it meanwhile.
   *
   * @returns how to let it be where nothing came of it
   * @throws ExpectedError `flash_job_conflict`
   */
  reserve(jobId: string): () => void {
    if (this.has(jobId)) throw atWork()
    const mine = Symbol(jobId)
    this.#reserved.set(jobId, mine)
    return () => {
      if (this.#reserved.get(jobId) === mine) this.#reserved.delete(jobId)
    }
  }

  /**
   * Keeps a job until it is done. `work` obeys the signal, whose reason is an `EndReason`, and never rejects: what went wrong is
   * in its row.
   *
   * @param told it was told to end before it could begin
   * @throws ExpectedError `flash_job_conflict` for one that is at work
   */
  run(jobId: string, work: (signal: AbortSignal) => Promise<void>, told?: EndReason): Promise<void> {
    if (this.#running.has(jobId)) throw atWork()
    this.#reserved.delete(jobId)
    const controller = new AbortController()
    const reason = this.#isStopping ? 'stopping' : told
    if (reason !== undefined) controller.abort(reason)
    const done = work(controller.signal).finally(() => this.#running.delete(jobId))
    this.#running.set(jobId, { controller, done })
    return done
  }

  /** Ends a job; resolves when it has. @returns false where it was not at work */
  async end(jobId: string, reason: EndReason): Promise<boolean> {
    const running = this.#running.get(jobId)
    if (!running) return false
    running.controller.abort(reason)
    await running.done
    return true
  }

  /** Ends all; resolves when they have. What would begin later ends at once. */
  async stop(): Promise<void> {
    this.#isStopping = true
    await Promise.all([...this.#running.keys()].map((jobId) => this.end(jobId, 'stopping')))
  }
}

function atWork(): ExpectedError {
  return new ExpectedError('flash_job_conflict', { state: 'running', action: 'retried' })
}

/** What a job that was told to end leaves behind as its error. */
export function endedError(reason: unknown, step: string): ExpectedError {
  return reason === 'stopping'
    ? new ExpectedError('flash_interrupted', { step })
    : new ExpectedError('flash_cancelled', { step })
}
