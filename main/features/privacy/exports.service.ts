import { type Actor, auditActor, type PersonActor, type TenantScope } from '#features/access/index.ts'
import type { AuditDraft, AuditService } from '#features/audit/index.ts'
import type { TenantsService } from '#features/tenants/index.ts'
import type { JobRecord, NewJob } from '#platform/jobs/job-record.ts'
import type { JobRunner } from '#platform/jobs/job-runner.ts'
import type { PersonErasure } from './person-erasure.service.ts'

export interface PrivacyExportsDependencies {
  jobs: JobRunner
  audit: AuditService
  tenants: TenantsService
  people: Pick<PersonErasure, 'requireAccount'>
}

/** Asking for all data about a person or a tenant. Of people the jobs have the id: what the audit says of jobs has no names. */
export class PrivacyExports {
  readonly #dependencies: PrivacyExportsDependencies

  constructor(dependencies: PrivacyExportsDependencies) {
    this.#dependencies = dependencies
  }

  /** @throws ExpectedError `too_many_jobs` */
  ofSelf(actor: PersonActor, audit: AuditDraft): Promise<JobRecord> {
    const { id, tenantId } = actor
    const asked = { kind: 'privacy.own_export', tenantId, subject: id, params: { userId: id } } as const
    return this.#start(actor, asked, audit, { kind: 'user', id })
  }

  /** @throws ExpectedError `not_found`, `account_beyond`, `too_many_jobs` */
  async ofUser(actor: Actor, userId: string, audit: AuditDraft): Promise<JobRecord> {
    audit.about('user', userId, audit.tenantId)
    await this.#dependencies.people.requireAccount(actor, userId)
    const tenantId = audit.tenantId
    const asked = { kind: 'privacy.user_export', tenantId, subject: userId, params: { userId } } as const
    return this.#start(actor, asked, audit, { kind: 'user', id: userId })
  }

  /** @throws ExpectedError `tenant_unknown`, `too_many_jobs` */
  async ofTenant(
    { actor, scope }: { actor: Actor; scope: TenantScope },
    { tenant, format }: { tenant: string; format: 'csv' | 'parquet' },
    audit: AuditDraft,
  ): Promise<JobRecord> {
    const { id, slug } = await this.#dependencies.tenants.resolve(scope, tenant)
    audit.tenantId = id
    const params = { tenantId: id, format }
    const asked = { kind: 'privacy.tenant_export', tenantId: id, subject: slug, params } as const
    return this.#start(actor, asked, audit, { kind: 'tenant', id })
  }

  #start(
    actor: Actor,
    asked: Omit<NewJob, 'createdBy'>,
    audit: AuditDraft,
    about: { kind: string; id: string },
  ): Promise<JobRecord> {
    const { jobs, audit: log } = this.#dependencies
    const { id, name } = auditActor(actor)
    return jobs.add(
      { ...asked, createdBy: { id, name } },
      {
        record: (trx, job) =>
          log.recordIn(trx, audit.about(about.kind, about.id, audit.tenantId, { jobId: job.id })),
      },
    )
  }
}
