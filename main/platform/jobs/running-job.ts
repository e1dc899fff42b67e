import { ExpectedError } from '#contract/errors.ts'
import type { JobData } from '#contract/model/job.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import type { Log } from '#platform/log/log.ts'
import type { JobFiles, PartFile } from './job-files.ts'
import type { JobContext, JobKind } from './job-kind.ts'
import type { JobRecord } from './job-record.ts'
import { saveJob } from './jobs.repository.ts'

/** Progress is announced this often, ms. */
const ANNOUNCED_EVERY = 250
const MOST_LOG_LINES = 200

export interface RunningJobDependencies {
  db: SiteDb
  clock: Clock
  log: Log
  files: JobFiles
  changed(): void
}

/** `queued`: the site stops, and the next start takes it up. */
export type JobOutcome =
  | { state: 'done' | 'cancelled' | 'queued'; error: null }
  | { state: 'failed' | 'interrupted'; error: { code: string; data: JobData } }

/** One run of one job. */
export class RunningJob {
  readonly #job: JobRecord
  readonly #kind: JobKind
  readonly #dependencies: RunningJobDependencies
  readonly #abort = new AbortController()
  #reason: 'cancelled' | 'stopping' | null = null
  #file: { part: PartFile; name: string; type: string } | null = null
  #announcedAt = 0

  constructor(job: JobRecord, kind: JobKind, dependencies: RunningJobDependencies) {
    this.#job = job
    this.#kind = kind
    this.#dependencies = dependencies
  }

  /** Asks it to end. */
  stop(reason: 'cancelled' | 'stopping'): void {
    this.#reason ??= reason
    this.#abort.abort()
  }

  async run(): Promise<JobOutcome> {
    const job = this.#job
    const { db, clock, changed } = this.#dependencies
    try {
      job.state = 'running'
      job.startedAt ??= clock.now()
      job.attempts += 1
      await saveJob(db, job)
      changed()
      this.#abort.signal.throwIfAborted()
      job.result = await this.#kind.run(job.params, this.#context())
      // What was cancelled and yet came to its end is done: the file is there.
      if (this.#file) {
        const { part, name, type } = this.#file
        await part.commit()
        job.file = { name, type, bytes: part.bytes }
      }
      return { state: 'done', error: null }
    } catch (error) {
      await this.#file?.part.discard().catch(() => {})
      return this.#outcomeOf(error)
    }
  }

  #outcomeOf(error: unknown): JobOutcome {
    if (this.#reason === 'cancelled') return { state: 'cancelled', error: null }
    if (this.#reason === 'stopping') {
      if (this.#kind.afterCrash === 'resume') return { state: 'queued', error: null }
      return {
        state: 'interrupted',
        error: { code: 'job_interrupted', data: { attempts: this.#job.attempts } },
      }
    }
    if (error instanceof ExpectedError)
      return { state: 'failed', error: { code: error.code, data: { ...error.data } } }
    // The site's own store has no room either.
    if ((error as { code?: unknown }).code === 'SQLITE_FULL')
      return { state: 'failed', error: { code: 'job_disk_full', data: { bytes: 0 } } }
    this.#dependencies.log.error({ err: error, job: this.#job.id, kind: this.#job.kind }, 'a job failed')
    const cause = error instanceof Error ? error.message : String(error)
    return { state: 'failed', error: { code: 'internal', data: { cause, requestId: this.#job.id } } }
  }

  #context(): JobContext {
    const job = this.#job
    const { db, clock, files, changed } = this.#dependencies
    return {
      id: job.id,
      tenantId: job.tenantId,
      signal: this.#abort.signal,
      progress: (done, total) => {
        job.done = done
        job.total = total
        const now = performance.now()
        if (now - this.#announcedAt < ANNOUNCED_EVERY) return
        this.#announcedAt = now
        changed()
      },
      log: (event, data = {}) => {
        job.log.push({ at: clock.now(), event, data })
        if (job.log.length > MOST_LOG_LINES) job.log.splice(0, job.log.length - MOST_LOG_LINES)
        changed()
      },
      checkpoint: job.checkpoint,
      saveCheckpoint: async (checkpoint) => {
        job.checkpoint = checkpoint
        await saveJob(db, job)
      },
      input: files.input(job.id),
      makeFile: async (name, type) => {
        const part = await files.openPart(job.id, 'file')
        this.#file = { part, name, type }
        return part
      },
    }
  }
}
