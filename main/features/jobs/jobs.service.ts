import { open } from 'node:fs/promises'
import { type ErrorData, ExpectedError, errorText, isErrorCode } from '#contract/errors.ts'
import { hasEnded, type Job, type JobData, type JobKindName } from '#contract/model/job.ts'
import {
  type Actor,
  auditActor,
  isWhole,
  permissionsOf,
  requireAccess,
  scopeOf,
} from '#features/access/index.ts'
import type { AuditDraft, AuditService } from '#features/audit/index.ts'
import type { JobRecord } from '#platform/jobs/job-record.ts'
import type { JobRunner } from '#platform/jobs/job-runner.ts'
import { JobWatcher } from './job-watcher.ts'

/** Bytes of one answer of `filePart`. */
const PART = 512 * 1024

/** Whether what a job of some kind does or made is somebody's to have at this moment. @throws ExpectedError */
export type ReachCheck = (actor: Actor, params: JobData) => unknown

/** Jobs as people may see them: their own; who may change gateways, those of the tenant; the site administrator all. */
export class JobsService {
  readonly #runner: JobRunner
  readonly #audit: AuditService
  /** Who fetched files of jobs since the start. */
  readonly #fetchedBy = new WeakMap<JobRecord, Set<string>>()

  readonly #checks = new Map<JobKindName, ReachCheck>()

  constructor(runner: JobRunner, audit: AuditService) {
    this.#runner = runner
    this.#audit = audit
  }

  /** A job outlives the rights that it was asked for with: they are looked at anew, the same as when it was. */
  guard(kind: JobKindName, check: ReachCheck): void {
    this.#checks.set(kind, check)
  }

  /** Newest first. */
  list(actor: Actor, query: { state?: string | undefined; kind?: string | undefined; limit: number }): Job[] {
    return this.#runner
      .all()
      .filter(
        (job) =>
          this.#maySee(actor, job) &&
          (query.state === undefined || job.state === query.state) &&
          (query.kind === undefined || job.kind === query.kind),
      )
      .slice(0, query.limit)
      .map((job) => this.view(job))
  }

  /** @throws ExpectedError `not_found`, also for the jobs of others */
  find(actor: Actor, id: string): JobRecord {
    const job = this.#runner.byId(id)
    if (!job || !this.#maySee(actor, job)) throw new ExpectedError('not_found', { what: 'job', id })
    return job
  }

  /** What a watcher is told is what it may see. */
  watch(actor: Actor): JobWatcher {
    return new JobWatcher(this.#runner, (job) => (this.#maySee(actor, job) ? this.view(job) : null))
  }

  async cancel(actor: Actor, id: string, audit: AuditDraft): Promise<Job> {
    const job = this.find(actor, id)
    audit.about('job', id, job.tenantId, { kind: job.kind, subject: job.subject })
    await this.#runner.cancel(job, (trx) => this.#audit.recordIn(trx, audit))
    return this.view(job)
  }

  async delete(actor: Actor, id: string, audit: AuditDraft): Promise<void> {
    const job = this.find(actor, id)
    audit.about('job', id, job.tenantId, { kind: job.kind, subject: job.subject })
    await this.#runner.delete(job, (trx) => this.#audit.recordIn(trx, audit))
  }

  /**
   * The same once more, as a new job; what the old one was given goes over to it.
   * @throws ExpectedError `not_found`, also where what it is about is out of reach now; `forbidden`, `job_running`
   */
  async retry(actor: Actor, id: string, audit: AuditDraft): Promise<Job> {
    const job = this.find(actor, id)
    audit.about('job', id, job.tenantId, { kind: job.kind, subject: job.subject })
    await this.#requireRights(actor, job)
    if (this.#runner.kind(job.kind)?.isPrivate)
      throw new ExpectedError('not_found', { what: 'job that is started again by itself', id })
    if (!hasEnded(job.state)) throw new ExpectedError('job_running', { id, state: job.state })
    const { kind, tenantId, subject, params } = job
    const by = auditActor(actor)
    const takesInput = this.#runner.kind(kind)?.takesInput ?? false
    const again = await this.#runner.add(
      { kind, tenantId, subject, params, createdBy: { id: by.id, name: by.name } },
      { ...(takesInput && { inputOf: id }), record: (trx) => this.#audit.recordIn(trx, audit) },
    )
    return this.view(again)
  }

  /** Where the file of a job lies. @throws ExpectedError `not_found`, also as `retry`; `forbidden` */
  async file(
    actor: Actor,
    id: string,
  ): Promise<{ path: string; name: string; type: string; bytes: number; job: JobRecord }> {
    const job = this.find(actor, id)
    await this.#requireRights(actor, job)
    if (!job.file) throw new ExpectedError('not_found', { what: 'file', id })
    return { path: this.#runner.files.artefact(id), ...job.file, job }
  }

  /**
   * Whether to record that somebody fetches a file: from its beginning each time, from further on where it is their
   * first part. A download that goes on is no other one.
   */
  isNewDownload(actor: Actor, job: JobRecord, offset: number): boolean {
    const who = auditActor(actor).id ?? actor.kind
    const known = this.#fetchedBy.get(job) ?? new Set()
    this.#fetchedBy.set(job, known)
    const isNew = offset === 0 || !known.has(who)
    known.add(who)
    return isNew
  }

  /** Base64 of some of the file; empty at its end. */
  async filePart(
    actor: Actor,
    id: string,
    offset: number,
    audit: AuditDraft,
  ): Promise<{ data: string; bytes: number }> {
    const { path, bytes, job } = await this.file(actor, id)
    audit.about('job', id, job.tenantId, { kind: job.kind, subject: job.subject })
    if (!this.isNewDownload(actor, job, offset)) audit.nothingChanged()
    const handle = await open(path, 'r')
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(PART), 0, PART, offset)
      return { data: buffer.subarray(0, bytesRead).toString('base64'), bytes }
    } finally {
      await handle.close()
    }
  }

  #maySee(actor: Actor, job: JobRecord): boolean {
    if (!this.#runner.kind(job.kind)?.isPrivate) return mayTheySee(actor, job)
    return actor.kind === 'local' ? job.createdById === null : isTheirs(actor, job)
  }

  async #requireRights(actor: Actor, { kind, params }: JobRecord): Promise<void> {
    requireAccess(this.#runner.kind(kind)?.permission ?? 'nobody', actor, true)
    await this.#checks.get(kind)?.(actor, params)
  }

  view(job: JobRecord): Job {
    const { kind, done, total, error, params } = job
    return {
      id: job.id,
      kind,
      tenantId: job.tenantId,
      createdBy: job.createdByName,
      subject: job.subject,
      state: job.state,
      progress: { done, total },
      params: this.#runner.kind(kind)?.shown(params) ?? {},
      attempts: job.attempts,
      result: job.result,
      error: error && { ...error, message: messageOf(error) },
      createdAt: job.createdAt,
      startedAt: job.startedAt,
      endedAt: job.endedAt,
      expiresAt: job.expiresAt,
      file: job.file,
    }
  }
}

function mayTheySee(actor: Actor, job: JobRecord): boolean {
  const scope = scopeOf(actor)
  if (scope.all) return true
  if (job.tenantId !== scope.tenantId) return false
  return isTheirs(actor, job) || (isWhole(scope) && permissionsOf(actor).includes('gateways:write'))
}

function isTheirs(actor: Actor, job: JobRecord): boolean {
  return (actor.kind === 'user' || actor.kind === 'api_key') && job.createdById === actor.id
}

function messageOf({ code, data }: { code: string; data: Record<string, unknown> }): string {
  if (isErrorCode(code)) return errorText(code, data as ErrorData)
  return `The job failed; the log of the site has the details under ${typeof data.requestId === 'string' ? data.requestId : ''}`
}
