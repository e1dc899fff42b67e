import { ExpectedError } from '#contract/errors.ts'
import { hasEnded } from '#contract/model/job.ts'
import type { TenantScope } from '#features/access/index.ts'
import type { AuditDraft, AuditService } from '#features/audit/index.ts'
import type { TenantsService } from '#features/tenants/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import type { JobRunner } from '#platform/jobs/job-runner.ts'
import { requireConfirmed } from './person-erasure.service.ts'

const HOUR = 60 * 60_000
const DAY = 24 * HOUR
/** ms from the wish to the deed. */
export const DELETION_GRACE = 14 * DAY
/** An export counts for so long, ms. */
const EXPORT_COUNTS = 7 * DAY

type TenantRow = Awaited<ReturnType<TenantsService['resolve']>>

export interface TenantDeletionsDependencies {
  db: SiteDb
  clock: Clock
  audit: AuditService
  tenants: TenantsService
  jobs: JobRunner
  /** ms; `DELETION_GRACE` but in tests and demos. */
  grace: number
  /** As when it is suspended or resumed by hand. */
  effects: { publishTenant(tenant: TenantRow): Promise<void>; closeSockets(tenantId: string): Promise<void> }
}

/** The wish to delete a tenant, and the time in which it can be taken back. */
export class TenantDeletions {
  readonly #dependencies: TenantDeletionsDependencies

  constructor(dependencies: TenantDeletionsDependencies) {
    this.#dependencies = dependencies
  }

  /**
   * Suspends the tenant at once. @throws ExpectedError `tenant_unknown`, `confirmation_wrong`, `last_tenant`,
   *   `tenant_export_missing`, `tenant_deletion_conflict`
   */
  async request(
    scope: TenantScope,
    { tenant, confirm, withoutExport }: { tenant: string; confirm: string; withoutExport: boolean },
    audit: AuditDraft,
  ): Promise<TenantRow> {
    const { db, clock, audit: log, tenants, grace, effects } = this.#dependencies
    const row = await tenants.resolve(scope, tenant)
    audit.about('tenant', row.id, row.id, { slug: row.slug })
    requireConfirmed(confirm, row.slug)
    if (row.deletionAt !== null) throw new ExpectedError('tenant_deletion_conflict', { tenant: row.slug })
    if ((await tenants.list({ all: true })).length === 1) throw new ExpectedError('last_tenant')
    const exportJobId = this.#exportOf(row.id)
    if (exportJobId === null && !withoutExport)
      throw new ExpectedError('tenant_export_missing', { tenant: row.slug })
    const now = clock.now()
    const deletionAt = now + grace
    audit.details = { slug: row.slug, deletionAt, exportJobId, withoutExport }
    const suspended =
      row.state === 'suspended' ? {} : { state: 'suspended' as const, suspendedAt: now, suspendReason: null }
    await db.transaction().execute(async (trx) => {
      await trx
        .updateTable('tenants')
        .set({ deletionRequestedAt: now, deletionAt, exportJobId, ...suspended })
        .where('id', '=', row.id)
        .execute()
      await log.recordIn(trx, audit)
    })
    const after = await tenants.resolve({ all: true }, row.id)
    try {
      await effects.publishTenant(after)
    } finally {
      await effects.closeSockets(row.id)
    }
    await this.startDue()
    return after
  }

  /** @throws ExpectedError `tenant_unknown`, `tenant_deletion_conflict`, also once the erasing has begun */
  async cancel(scope: TenantScope, tenant: string, audit: AuditDraft): Promise<TenantRow> {
    const { db, audit: log, tenants, effects } = this.#dependencies
    const row = await tenants.resolve(scope, tenant)
    audit.about('tenant', row.id, row.id, { slug: row.slug })
    const resumed =
      row.suspendedAt === row.deletionRequestedAt
        ? { state: 'active' as const, suspendedAt: null, suspendReason: null }
        : {}
    await db.transaction().execute(async (trx) => {
      const { numUpdatedRows } = await trx
        .updateTable('tenants')
        .set({ deletionRequestedAt: null, deletionAt: null, exportJobId: null, ...resumed })
        .where('id', '=', row.id)
        .where('deletionRequestedAt', 'is not', null)
        .executeTakeFirstOrThrow()
      if (numUpdatedRows === 0n) throw new ExpectedError('tenant_deletion_conflict', { tenant: row.slug })
      await log.recordIn(trx, audit)
    })
    const after = await tenants.resolve({ all: true }, row.id)
    await effects.publishTenant(after)
    return after
  }

  /** Begins to erase tenants whose time has come; one that failed is tried again an hour later. */
  async startDue(): Promise<void> {
    const { db, clock, jobs } = this.#dependencies
    const now = clock.now()
    const due = await db.selectFrom('tenants').select(['id', 'slug']).where('deletionAt', '<=', now).execute()
    for (const { id, slug } of due) {
      const isTried = jobs
        .all()
        .some(
          (job) =>
            job.kind === 'privacy.tenant_deletion' &&
            job.params.tenantId === id &&
            (!hasEnded(job.state) || (job.endedAt ?? 0) > now - HOUR),
        )
      if (isTried) continue
      await jobs.add({
        kind: 'privacy.tenant_deletion',
        tenantId: null,
        createdBy: { id: null, name: 'site' },
        subject: slug,
        params: { tenantId: id },
      })
    }
  }

  /** The newest export of it that counts. */
  #exportOf(tenantId: string): string | null {
    const { jobs, clock } = this.#dependencies
    const found = jobs
      .all()
      .find(
        (job) =>
          job.kind === 'privacy.tenant_export' &&
          job.params.tenantId === tenantId &&
          job.state === 'done' &&
          job.file !== null &&
          (job.endedAt ?? 0) > clock.now() - EXPORT_COUNTS,
      )
    return found?.id ?? null
  }
}
