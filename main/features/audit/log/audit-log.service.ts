import type { AuditFilter } from '#contract/api/audit.ts'
import { ExpectedError } from '#contract/errors.ts'
import type { AuditReport } from '#contract/model/audit.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import type { JobRecord } from '#platform/jobs/job-record.ts'
import type { JobRunner } from '#platform/jobs/job-runner.ts'
import type { Log } from '#platform/log/log.ts'
import type { AuditService } from '../audit.service.ts'
import { VERIFIED } from '../audit-actions.ts'
import type { AuditDraft } from '../audit-draft.ts'
import { auditExportJob, type ExportParams } from './audit-export.job.ts'
import type { ExportFormat } from './entry-lines.ts'
import { type EntryPage, listEntries } from './list-entries.ts'
import type { AuditQuery } from './matching-entries.ts'
import { verifyOnThread } from './verify-on-thread.ts'

/** The tenant whose entries somebody sees; all where they see the site. */
export type AuditScope = { all: true } | { all: false; tenantId: string }

export interface AuditLogDependencies {
  db: SiteDb
  clock: Clock
  log: Log
  audit: AuditService
  jobs: JobRunner
  /** The store and the sealed head, for threads that read them by themselves. */
  file: string
  headFile: string
  key: () => Uint8Array
}

/** How many of the newest entries are looked through for what can be chosen. */
const CHOSEN_FROM = 20_000

/** The audit as people read it: searched, proved, exported. */
export class AuditLog {
  readonly #dependencies: AuditLogDependencies
  readonly #stopping = new AbortController()
  #verifying: Promise<AuditReport> | null = null

  constructor(dependencies: AuditLogDependencies) {
    this.#dependencies = dependencies
  }

  /** Before the jobs start. */
  register(): void {
    const { jobs, file } = this.#dependencies
    jobs.register('audit.export', auditExportJob(file))
  }

  stop(): void {
    this.#stopping.abort()
  }

  /** @throws ExpectedError `tenant_unknown` */
  async list(
    scope: AuditScope,
    { cursor, limit, ...filter }: AuditFilter & { cursor?: number | undefined; limit: number },
  ): Promise<EntryPage> {
    const query = await this.#queryOf(scope, filter)
    return listEntries(this.#dependencies.db, query, { cursor, limit })
  }

  /** Which there are in the newest entries, as far as somebody sees them: for choosing, not for proving. */
  async actions(scope: AuditScope): Promise<{ actions: string[]; objectKinds: string[] }> {
    const { db } = this.#dependencies
    const newest = await db
      .selectFrom('auditEntries')
      .select('seq')
      .orderBy('seq', 'desc')
      .limit(1)
      .executeTakeFirst()
    const rows = await db
      .selectFrom('auditEntries')
      .select(['action', 'objectKind'])
      .distinct()
      .$if(!scope.all, (found) => found.where('tenantId', '=', scope.all ? '' : scope.tenantId))
      .where('seq', '>', (newest?.seq ?? 0) - CHOSEN_FROM)
      .execute()
    const kinds = rows.flatMap(({ objectKind }) => (objectKind === null ? [] : [objectKind]))
    return {
      actions: [...new Set(rows.map(({ action }) => action))].toSorted(),
      objectKinds: [...new Set(kinds)].toSorted(),
    }
  }

  /** From where to where the chain goes, and when all of it was proved last. */
  async status() {
    const { db } = this.#dependencies
    const ends = db.selectFrom('auditEntries').select('seq').limit(1)
    const first = await ends.orderBy('seq').executeTakeFirst()
    const last = await ends.orderBy('seq', 'desc').executeTakeFirst()
    const proof = await db
      .selectFrom('auditEntries')
      .select(['at', 'details'])
      .where('action', '=', VERIFIED)
      .where('outcome', '=', 'done')
      .orderBy('seq', 'desc')
      .limit(1)
      .executeTakeFirst()
    const { upTo = 0, found = 0 } = JSON.parse(proof?.details ?? '{}') as { upTo?: number; found?: number }
    return {
      firstSeq: first?.seq ?? 0,
      lastSeq: last?.seq ?? 0,
      verified: proof === undefined ? null : { at: proof.at, upTo, found },
    }
  }

  /** Proves all of it; whoever asks meanwhile waits for the same. */
  async verify(draft: AuditDraft): Promise<AuditReport> {
    const { file, headFile, key, log, audit } = this.#dependencies
    await audit.flush()
    this.#verifying ??= verifyOnThread({ file, headFile, key: key() }, this.#stopping.signal).finally(() => {
      this.#verifying = null
    })
    const report = await this.#verifying
    const { lastSeq, found, findings } = report
    if (found > 0) log.error({ findings }, 'the audit was changed from outside')
    draft.about('site', 'audit', null, {
      upTo: lastSeq,
      entries: report.entries,
      found,
      first: findings[0] ?? null,
    })
    return report
  }

  /** @throws ExpectedError `tenant_unknown`, `too_many_jobs` */
  async startExport(
    scope: AuditScope,
    { format, raw, ...filter }: AuditFilter & { format: ExportFormat; raw: boolean },
    draft: AuditDraft,
  ): Promise<JobRecord> {
    const { jobs, clock, audit } = this.#dependencies
    const query = await this.#queryOf(scope, filter)
    const { actor } = draft.subject
    const params: ExportParams = { query, format, raw, at: clock.now() }
    const { tenantId } = query
    return jobs.add(
      {
        kind: 'audit.export',
        tenantId: scope.all ? null : tenantId,
        createdBy: { id: actor.id, name: actor.name },
        subject: filter.text ?? filter.action ?? filter.actor ?? filter.objectId ?? '*',
        params: { ...params },
      },
      {
        record: (trx, { id }) => audit.recordIn(trx, draft.about('job', id, tenantId, { format, ...filter })),
      },
    )
  }

  async #queryOf(scope: AuditScope, { tenant, ...filter }: AuditFilter): Promise<AuditQuery> {
    if (tenant === undefined) return { ...filter, tenantId: scope.all ? null : scope.tenantId }
    const row = await this.#dependencies.db
      .selectFrom('tenants')
      .select('id')
      .where((eb) => eb.or([eb('id', '=', tenant), eb('slug', '=', tenant)]))
      .executeTakeFirst()
    // A tenant that was deleted has its entries still.
    const id = row?.id ?? tenant
    if (!scope.all && id !== scope.tenantId) throw new ExpectedError('tenant_unknown', { tenant })
    return { ...filter, tenantId: id }
  }
}
