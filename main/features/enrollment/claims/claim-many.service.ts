import { ExpectedError } from '#contract/errors.ts'
import type { JobData } from '#contract/model/job.ts'
import { defaultQuotas } from '#contract/model/quota.ts'
import { type Actor, auditActor, isWhole, scopeOf } from '#features/access/index.ts'
import type { AuditDraft, AuditService } from '#features/audit/index.ts'
import { gatewaysRepository } from '#features/fleet/index.ts'
import { findGroup, type TenantsService } from '#features/tenants/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import type { JobRunner } from '#platform/jobs/job-runner.ts'
import type { KnockBook } from '../knocks/knock-book.ts'
import { profileOf } from '../profile-choice.ts'
import { claimManyJob, type ManyParams } from './claim-many.job.ts'
import type { Becomes } from './claim-order.ts'
import type { ClaimsService } from './claims.service.ts'
import { countWaiting } from './knock-list.ts'

export interface ClaimManyDependencies {
  db: SiteDb
  clock: Clock
  audit: AuditService
  tenants: TenantsService
  book: KnockBook
  claims: ClaimsService
  /** @throws ExpectedError `dialect_unknown` */
  requireDialect(name: string): void
}

export interface ManyClaim extends Becomes {
  knocks?: string[] | undefined
  code: string
  replace: boolean
}

const KIND = 'claims.accept'

/** Claiming a thousand boxes: as a job, which goes on when the person who asked has left. */
export class ClaimManyService {
  readonly #dependencies: ClaimManyDependencies
  #runner: JobRunner | null = null

  constructor(dependencies: ClaimManyDependencies) {
    this.#dependencies = dependencies
  }

  /** Before the jobs start. */
  register(runner: JobRunner): void {
    this.#runner = runner
    const askedBy = (jobId: string) => {
      const job = runner.byId(jobId)
      return { id: job?.createdById ?? null, name: job?.createdByName ?? '' }
    }
    runner.register(KIND, claimManyJob({ ...this.#dependencies, askedBy }))
  }

  /**
   * @throws ExpectedError `claim_window_closed`, `tenant_unknown`, `forbidden_reach`, `not_found`, `dialect_unknown`,
   *   `quota_gateways`, `too_many_jobs`
   */
  async start(actor: Actor, claim: ManyClaim, audit: AuditDraft): Promise<{ jobId: string; boxes: number }> {
    const { clock, book, db, audit: log } = this.#dependencies
    const scope = scopeOf(actor)
    const { id: tenantId, name } = await this.#checked(actor, claim)
    await book.flush()
    const knocks = claim.knocks === undefined ? null : [...new Set(claim.knocks)]
    const boxes = knocks?.length ?? (await countWaiting(db))
    const { group, profile, dialect, credential, code, replace } = claim
    const within = scope.all ? null : scope.within
    const params: ManyParams = {
      tenantId,
      group,
      profile,
      dialect,
      credential,
      code,
      replace,
      knocks,
      until: clock.now(),
      actorKind: audit.subject.actor.kind,
      address: audit.subject.address,
      within: within && { groupIds: [...within.groupIds], ownerUserId: within.ownerUserId },
    }
    const by = auditActor(actor)
    const asked = {
      kind: KIND as typeof KIND,
      tenantId,
      subject: name,
      params: params as unknown as JobData,
      createdBy: { id: by.id, name: by.name },
    }
    const details = { boxes, code, replace, group, profile, dialect, all: knocks === null }
    const job = await this.#jobs().add(asked, {
      record: (trx, { id }) => log.recordIn(trx, audit.about('job', id, tenantId, details)),
    })
    return { jobId: job.id, boxes }
  }

  /** Whether one that was asked for some time ago is the caller's to start now. @throws ExpectedError */
  async requireReach(actor: Actor, params: JobData): Promise<void> {
    const { within, tenantId: tenant, ...claim } = params as unknown as ManyParams
    if (within === null && !isWhole(scopeOf(actor)))
      throw new ExpectedError('forbidden_reach', { reach: 'tenant' })
    await this.#checked(actor, { ...claim, tenant, knocks: undefined })
  }

  /** What would fail for every box fails before the job begins. */
  async #checked(actor: Actor, claim: ManyClaim): Promise<{ id: string; name: string }> {
    const { db, tenants, claims, requireDialect } = this.#dependencies
    const scope = scopeOf(actor)
    const tenant = await tenants.resolve(scope, claim.tenant)
    await claims.requireSight(actor)
    const { group, dialect, profile } = claim
    if (group !== undefined) await findGroup(tenants, scope, { group, tenant: tenant.id })
    else if (!isWhole(scope)) throw new ExpectedError('forbidden_reach', { reach: 'tenant' })
    if (dialect !== undefined) requireDialect(dialect)
    if (profile !== undefined) await profileOf(db, tenant.id, profile)
    const quota = tenant.gatewayQuota ?? defaultQuotas.gateways
    const count = await gatewaysRepository.countOfTenant(db, tenant.id)
    if (count >= quota && !claim.replace)
      throw new ExpectedError('quota_gateways', { tenant: tenant.name, count, quota })
    return tenant
  }

  #jobs(): JobRunner {
    if (this.#runner === null) throw new Error('the jobs are not there yet')
    return this.#runner
  }
}
