import { ExpectedError } from '#contract/errors.ts'
import { hasEnded, type JobKindName } from '#contract/model/job.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'
import { Topic } from '#platform/events/topic.ts'
import { uuid7 } from '#platform/ids/uuid7.ts'
import type { Log } from '#platform/log/log.ts'
import { JobFiles } from './job-files.ts'
import type { JobKind } from './job-kind.ts'
import type { JobRecord, NewJob } from './job-record.ts'
import { allJobs, deleteJob, saveJob } from './jobs.repository.ts'
import { RunningJob } from './running-job.ts'

const DAY = 24 * 60 * 60_000
const HOUR = 60 * 60_000
/** How long a job that ended, and what it made, is kept. */
const KEPT = 7 * DAY
/** At once: they share two cores with the broker. */
const AT_ONCE = 2
const MOST_WAITING = 100
const MOST_WAITING_OF_TENANT = 50
/** A job that was running each time the site ended so often may be the reason. */
const MOST_ATTEMPTS = 3

/** Writes down who asked for a change, in the transaction of the change. */
export type RecordChange = (trx: SiteTrx, job: JobRecord) => Promise<unknown>

export interface JobRunnerDependencies {
  db: SiteDb
  clock: Clock
  log: Log
  /** `<data>/jobs` */
  dir: string
}

/**
 * Everything long is a job: it survives the UI closing, and after a crash it is resumed or says that it was
 * interrupted. What jobs do is not known here: features register kinds before `start`.
 */
export class JobRunner {
  readonly #dependencies: JobRunnerDependencies
  readonly #kinds = new Map<JobKindName, JobKind>()
  readonly #jobs = new Map<string, JobRecord>()
  readonly #running = new Map<string, { running: RunningJob; ended: Promise<void>; record?: RecordChange }>()
  readonly files: JobFiles
  /** A job is new, went on, ended, or is gone. */
  readonly changed: Topic<{ job: JobRecord; removed: boolean }>
  readonly #sweeps: (() => Promise<void>)[] = []
  #sweeper: NodeJS.Timeout | null = null
  #started = false

  constructor(dependencies: JobRunnerDependencies) {
    this.#dependencies = dependencies
    this.files = new JobFiles(dependencies.dir)
    const { log } = dependencies
    this.changed = new Topic((err) => log.error({ err }, 'a change of a job was not followed'))
  }

  register(name: JobKindName, kind: JobKind): void {
    this.#kinds.set(name, kind)
  }

  kind(name: JobKindName): JobKind | undefined {
    return this.#kinds.get(name)
  }

  /** For what features keep in the folder of the jobs: once an hour. */
  alsoSweep(sweep: () => Promise<void>): void {
    this.#sweeps.push(sweep)
  }

  /** Takes up what the last run of the site left. */
  async start(): Promise<void> {
    const { db } = this.#dependencies
    for (const job of await allJobs(db)) this.#jobs.set(job.id, job)
    for (const id of await this.files.list()) if (!this.#jobs.has(id)) await this.files.remove(id)
    for (const job of this.#jobs.values()) if (job.state === 'running') await this.#takeUp(job)
    await this.#sweep()
    this.#sweeper = setInterval(() => void this.#sweep(), HOUR)
    this.#sweeper.unref()
    this.#started = true
    this.#next()
  }

  /** Running jobs end where they are; those that can are taken up by the next start. */
  async stop(): Promise<void> {
    this.#started = false
    if (this.#sweeper) clearInterval(this.#sweeper)
    const all = [...this.#running.values()]
    for (const { running } of all) running.stop('stopping')
    await Promise.all(all.map(({ ended }) => ended))
  }

  /** All, newest first. */
  all(): JobRecord[] {
    return [...this.#jobs.values()].toSorted((a, b) => (a.id < b.id ? 1 : -1))
  }

  byId(id: string): JobRecord | undefined {
    return this.#jobs.get(id)
  }

  /**
   * Queues a job; it is on disk when this resolves.
   * @param inputOf the job or upload whose file it takes over; it keeps it where nothing comes of this
   * @throws ExpectedError `too_many_jobs`, `import_file_gone`
   */
  async add(
    asked: NewJob,
    { inputOf, record }: { inputOf?: string; record?: RecordChange } = {},
  ): Promise<JobRecord> {
    const { db, clock } = this.#dependencies
    this.#refuseTooMany(asked.tenantId)
    const now = clock.now()
    const { createdBy, ...same } = asked
    const job: JobRecord = {
      ...same,
      id: uuid7(now),
      createdById: createdBy.id,
      createdByName: createdBy.name,
      createdAt: now,
      state: 'queued',
      done: 0,
      total: null,
      checkpoint: null,
      result: null,
      error: null,
      log: [],
      attempts: 0,
      file: null,
      startedAt: null,
      endedAt: null,
      expiresAt: null,
    }
    if (inputOf !== undefined) await this.files.moveInput(inputOf, job.id)
    try {
      await db.transaction().execute(async (trx) => {
        await saveJob(trx, job)
        await record?.(trx, job)
      })
    } catch (error) {
      if (inputOf !== undefined) await this.files.moveInput(job.id, inputOf)
      await this.files.remove(job.id)
      throw error
    }
    this.#jobs.set(job.id, job)
    this.#announce(job)
    this.#next()
    return job
  }

  /** @throws ExpectedError `job_ended` */
  async cancel(job: JobRecord, record?: RecordChange): Promise<void> {
    if (hasEnded(job.state)) throw new ExpectedError('job_ended', { id: job.id, state: job.state })
    const one = this.#running.get(job.id)
    if (one === undefined) return this.#end(job, 'cancelled', null, record)
    if (record) one.record = record
    one.running.stop('cancelled')
    await one.ended
  }

  /** With its files. @throws ExpectedError `job_running` */
  async delete(job: JobRecord, record?: RecordChange): Promise<void> {
    if (!hasEnded(job.state)) throw new ExpectedError('job_running', { id: job.id, state: job.state })
    await this.#dependencies.db.transaction().execute(async (trx) => {
      await deleteJob(trx, job.id)
      await record?.(trx, job)
    })
    this.#jobs.delete(job.id)
    await this.files.remove(job.id)
    this.changed.emit({ job, removed: true })
  }

  /** Jobs of somebody whose data is erased stay without a name. */
  async forgetCreator(userId: string, name: string): Promise<void> {
    for (const job of this.#jobs.values()) {
      if (job.createdById !== userId) continue
      job.createdById = null
      job.createdByName = name
      await saveJob(this.#dependencies.db, job)
      this.#announce(job)
    }
  }

  /** Ends and deletes jobs with their files, whatever they are at. */
  async deleteAll(isMeant: (job: JobRecord) => boolean): Promise<void> {
    for (const job of [...this.#jobs.values()].filter(isMeant)) {
      if (!hasEnded(job.state)) await this.cancel(job)
      await this.delete(job)
    }
  }

  #refuseTooMany(tenantId: string | null): void {
    const waiting = [...this.#jobs.values()].filter(({ state }) => !hasEnded(state))
    if (waiting.length >= MOST_WAITING) throw new ExpectedError('too_many_jobs', { limit: MOST_WAITING })
    const ofTenant = waiting.filter((job) => tenantId !== null && job.tenantId === tenantId)
    if (ofTenant.length >= MOST_WAITING_OF_TENANT)
      throw new ExpectedError('too_many_jobs', { limit: MOST_WAITING_OF_TENANT })
  }

  async #takeUp(job: JobRecord): Promise<void> {
    const resumes = this.#kinds.get(job.kind)?.afterCrash === 'resume' && job.attempts < MOST_ATTEMPTS
    if (resumes) {
      job.state = 'queued'
      await saveJob(this.#dependencies.db, job)
    } else {
      await this.#end(job, 'interrupted', { code: 'job_interrupted', data: { attempts: job.attempts } })
    }
  }

  #next(): void {
    if (!this.#started) return
    for (const job of this.#jobs.values()) {
      if (this.#running.size >= AT_ONCE) return
      const kind = this.#kinds.get(job.kind)
      if (job.state !== 'queued' || this.#running.has(job.id) || !kind) continue
      const running = new RunningJob(job, kind, {
        ...this.#dependencies,
        files: this.files,
        changed: () => this.#announce(job),
      })
      this.#running.set(job.id, { running, ended: this.#follow(job, running) })
    }
  }

  async #follow(job: JobRecord, running: RunningJob): Promise<void> {
    const { log } = this.#dependencies
    try {
      const outcome = await running.run()
      if (outcome.state === 'queued') {
        // The site stops: that was no attempt of its own doing.
        job.attempts -= 1
        job.state = 'queued'
        await saveJob(this.#dependencies.db, job)
      } else await this.#end(job, outcome.state, outcome.error, this.#running.get(job.id)?.record)
    } catch (err) {
      log.error(
        { err, job: job.id },
        'the end of a job could not be written down; the next start looks again',
      )
    } finally {
      this.#running.delete(job.id)
      this.#next()
    }
  }

  async #end(
    job: JobRecord,
    state: JobRecord['state'],
    error: JobRecord['error'] = null,
    record?: RecordChange,
  ): Promise<void> {
    const { db, clock } = this.#dependencies
    job.state = state
    job.error = error
    job.endedAt = clock.now()
    job.expiresAt = job.endedAt + KEPT
    try {
      await db.transaction().execute(async (trx) => {
        await saveJob(trx, job)
        await record?.(trx, job)
      })
    } finally {
      this.#announce(job)
    }
  }

  #announce(job: JobRecord): void {
    this.changed.emit({ job, removed: false })
  }

  async #sweep(): Promise<void> {
    const { clock, log } = this.#dependencies
    for (const job of this.#jobs.values()) {
      if (job.expiresAt === null || job.expiresAt > clock.now()) continue
      try {
        await this.delete(job)
      } catch (err) {
        log.error({ err, job: job.id }, 'an old job could not be deleted; it is tried again')
      }
    }
    for (const sweep of this.#sweeps)
      await sweep().catch((err: unknown) =>
        log.error({ err }, 'left files were not deleted; it is tried again'),
      )
  }
}
