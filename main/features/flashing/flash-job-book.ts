import { ExpectedError } from '#contract/errors.ts'
import type { FlashProgress } from '#contract/model/board.ts'
import type { FlashJob } from '#contract/model/flash.ts'
import type { SerialPort } from '#contract/model/serial-port.ts'
import { type Actor, auditActor, seesTenant, type TenantScope } from '#features/access/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'
import { Topic } from '#platform/events/topic.ts'
import { uuid7 } from '#platform/ids/uuid7.ts'
import { type LiveJob, viewOfJob } from './flash-job-view.ts'
import {
  deleteEndedJobs,
  type FlashJobChanges,
  type FlashJobRow,
  insertJob,
  jobById,
  type NewFlashJob,
  updateJob,
} from './flash-jobs.repository.ts'
import type { JobLogs } from './job-log.ts'

/** ms that jobs and their logs are kept after their end. */
const JOB_LIFE = 365 * 24 * 60 * 60_000
/** Rows that watchers may still be told of. */
const KEPT = 500

export interface FlashJobStart {
  kind: NewFlashJob['kind']
  runId: string | null
  tenantId: string
  port: SerialPort
  actor: Actor
  /** What a job outside a run was asked. */
  action?: unknown
  code?: string | null
  gatewayId?: string | null
}

/**
 * All flash jobs: each change is in the store before it is told to anyone, and before what it announces is done.
 * Progress and the words of boards live in memory alone.
 */
export class FlashJobBook {
  readonly #db: SiteDb
  readonly #clock: Clock
  readonly logs: JobLogs
  readonly #live = new Map<string, LiveJob>()
  readonly #rows = new Map<string, FlashJobRow>()
  /** Something of a job is new, its progress too: take `viewOf` of it when there is time. */
  readonly changed = new Topic<{ jobId: string; runId: string | null; tenantId: string }>()

  constructor({ db, clock, logs }: { db: SiteDb; clock: Clock; logs: JobLogs }) {
    this.#db = db
    this.#clock = clock
    this.logs = logs
  }

  /** A job that begins. */
  async begin({
    kind,
    runId,
    tenantId,
    port,
    actor,
    action,
    code,
    gatewayId,
  }: FlashJobStart): Promise<FlashJobRow> {
    const now = this.#clock.now()
    const id = uuid7(now)
    const { path, name, identity, isSimulated } = port
    const { id: startedById, name: startedByName } = auditActor(actor)
    await insertJob(this.#db, {
      id,
      runId,
      tenantId,
      kind,
      port: JSON.stringify({ path, name, identity, isSimulated } satisfies FlashJob['port']),
      portIdentity: identity,
      state: 'running',
      step: 'connecting',
      action: action === undefined ? null : JSON.stringify(action),
      code: code ?? null,
      gatewayId: gatewayId ?? null,
      startedAt: now,
      startedById,
      startedByName,
    })
    this.#live.set(id, { progress: null, boardSays: null })
    return this.#told(id)
  }

  /** Writes what changed of a job and tells it. */
  async change(id: string, changes: FlashJobChanges): Promise<FlashJobRow> {
    await updateJob(this.#db, id, changes)
    // Of a step that is over, nothing is in progress.
    const live = this.#live.get(id)
    if (live && changes.step !== undefined) live.progress = null
    return this.#told(id)
  }

  /** The same within somebody's transaction; call `refresh` after it. */
  changeIn(trx: SiteTrx, id: string, changes: FlashJobChanges) {
    return updateJob(trx, id, changes)
  }

  /** Tells a job that somebody else changed. */
  refresh(id: string): Promise<FlashJobRow> {
    return this.#told(id)
  }

  /** The next attempt at a job that ended. @throws ExpectedError `flash_job_conflict` for one that did not fail */
  async again(id: string, port: SerialPort | null): Promise<FlashJobRow> {
    const row = await this.require({ all: true }, id)
    if (row.state === 'running' || row.state === 'passed')
      throw new ExpectedError('flash_job_conflict', { state: row.state, action: 'retried' })
    this.#live.set(id, { progress: null, boardSays: null })
    return this.change(id, {
      state: 'running',
      ...(row.committedAt === null && { step: 'connecting' }),
      attempt: row.attempt + 1,
      tries: 0,
      errorCode: null,
      errorData: null,
      endedAt: null,
      ...(port && {
        portIdentity: port.identity,
        port: JSON.stringify({
          path: port.path,
          name: port.name,
          identity: port.identity,
          isSimulated: port.isSimulated,
        } satisfies FlashJob['port']),
      }),
    })
  }

  /** Takes up a job that ran when the site stopped. */
  adopt(row: FlashJobRow): void {
    this.#live.set(row.id, { progress: null, boardSays: null })
    this.#keep(row)
  }

  async end(
    id: string,
    state: Exclude<FlashJob['state'], 'running'>,
    error: ExpectedError | null,
  ): Promise<FlashJobRow> {
    const ended = await this.change(id, {
      state,
      errorCode: error?.code ?? null,
      errorData: error === null ? null : JSON.stringify(error.data),
      endedAt: this.#clock.now(),
    })
    await this.logs.close(id)
    return ended
  }

  progress(id: string, progress: FlashProgress | null): void {
    const live = this.#live.get(id)
    const row = this.#rows.get(id)
    if (!live || !row) return
    live.progress = progress
    this.changed.emit({ jobId: id, runId: row.runId, tenantId: row.tenantId })
  }

  says(id: string, text: string): void {
    const live = this.#live.get(id)
    const row = this.#rows.get(id)
    if (!live || !row) return
    live.boardSays = text.slice(0, 200)
    this.changed.emit({ jobId: id, runId: row.runId, tenantId: row.tenantId })
  }

  /** As it is now, without asking the store; null for one that nobody touched lately. */
  recent(id: string): FlashJob | null {
    const row = this.#rows.get(id)
    return row ? this.viewOf(row) : null
  }

  viewOf(row: FlashJobRow): FlashJob {
    return viewOfJob(row, this.#live.get(row.id))
  }

  /** @throws ExpectedError `not_found`, also out of scope */
  async require(scope: TenantScope, id: string): Promise<FlashJobRow> {
    const row = await jobById(this.#db, scope, id)
    if (!row || !seesTenant(scope, row.tenantId))
      throw new ExpectedError('not_found', { what: 'flash job', id })
    return row
  }

  /** Jobs that ended more than a year ago are deleted, and logs as old. Birth records stay, and the jobs that they are of. */
  async forgetOld(): Promise<void> {
    const before = this.#clock.now() - JOB_LIFE
    await deleteEndedJobs(this.#db, before)
    await this.logs.sweepOlder(before)
  }

  async exists(id: string): Promise<boolean> {
    return (await jobById(this.#db, { all: true }, id)) !== undefined
  }

  async #told(id: string): Promise<FlashJobRow> {
    const row = await this.require({ all: true }, id)
    this.#keep(row)
    this.changed.emit({ jobId: id, runId: row.runId, tenantId: row.tenantId })
    return row
  }

  #keep(row: FlashJobRow): void {
    this.#rows.delete(row.id)
    this.#rows.set(row.id, row)
    if (this.#rows.size <= KEPT) return
    for (const [id, { state }] of this.#rows) {
      if (state === 'running') continue
      this.#rows.delete(id)
      this.#live.delete(id)
      return
    }
  }
}
