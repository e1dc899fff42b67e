/** Work in slices: `next` does one, the last returns the result. */
export interface SlicedJob<Result> {
  id: number
  work: Iterator<void, Result>
  done: (result: Result) => void
  failed: (error: unknown) => void
}

/**
 * Runs jobs in turns, one slice each, and lets the event loop run between slices: a long query delays a short
 * one by a slice, and can be cancelled.
 */
export class SlicedJobs<Result> {
  private jobs: SlicedJob<Result>[] = []
  private scheduled = false

  add(job: SlicedJob<Result>): void {
    this.jobs.push(job)
    this.schedule()
  }

  /** A cancelled job is not heard of again. */
  cancel(id: number): void {
    this.jobs = this.jobs.filter((job) => job.id !== id)
  }

  private schedule(): void {
    if (this.scheduled || this.jobs.length === 0) return
    this.scheduled = true
    setImmediate(() => {
      this.scheduled = false
      this.runSlice()
      this.schedule()
    })
  }

  private runSlice(): void {
    const job = this.jobs.shift()
    if (!job) return
    try {
      const step = job.work.next()
      if (step.done) job.done(step.value)
      else this.jobs.push(job)
    } catch (error) {
      job.failed(error)
    }
  }
}
