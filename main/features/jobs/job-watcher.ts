import type { Job } from '#contract/model/job.ts'
import type { JobRecord } from '#platform/jobs/job-record.ts'
import type { JobRunner } from '#platform/jobs/job-runner.ts'

const MOST_SHOWN = 100

export interface JobsMessage {
  whole: boolean
  jobs: Job[]
  removed: string[]
}

/** Gathers changes of jobs for one receiver: the whole first, then each job at most once a message. */
export class JobWatcher {
  readonly #runner: JobRunner
  readonly #view: (job: JobRecord) => Job | null
  readonly #changed = new Map<string, JobRecord>()
  readonly #removed = new Set<string>()
  readonly #stop: () => void
  #isFirst = true

  /** `view`: null for what the receiver may not see. */
  constructor(runner: JobRunner, view: (job: JobRecord) => Job | null) {
    this.#runner = runner
    this.#view = view
    this.#stop = runner.changed.subscribe(({ job, removed }) => {
      if (!removed) this.#changed.set(job.id, job)
      else if (view(job) !== null) {
        this.#changed.delete(job.id)
        this.#removed.add(job.id)
      }
    })
  }

  /** What changed since the last call; null if nothing did. */
  take(): JobsMessage | null {
    const records = this.#isFirst ? this.#runner.all() : [...this.#changed.values()]
    const jobs = records.flatMap((job) => this.#view(job) ?? [])
    const message = {
      whole: this.#isFirst,
      jobs: this.#isFirst ? jobs.slice(0, MOST_SHOWN) : jobs,
      removed: [...this.#removed],
    }
    this.#isFirst = false
    this.#changed.clear()
    this.#removed.clear()
    return message.whole || message.jobs.length > 0 || message.removed.length > 0 ? message : null
  }

  close(): void {
    this.#stop()
  }
}
