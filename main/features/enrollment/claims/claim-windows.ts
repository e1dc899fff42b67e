import { ExpectedError } from '#contract/errors.ts'
import {
  type Actor,
  auditActor,
  isOfSite,
  isWhole,
  scopeOf,
  seesTenant,
  type TenantScope,
} from '#features/access/index.ts'
import type { AuditDraft, AuditService } from '#features/audit/index.ts'
import type { TenantsService } from '#features/tenants/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'
import { Topic } from '#platform/events/topic.ts'
import { uuid7 } from '#platform/ids/uuid7.ts'
import type { Log } from '#platform/log/log.ts'

export interface ClaimWindowsDependencies {
  db: SiteDb
  clock: Clock
  log: Log
  audit: AuditService
  tenants: TenantsService
}

export interface OpenWindow {
  id: string
  tenantId: string
  tenantName: string
  openedAt: number
  endsAt: number
  openedByName: string
}

const MINUTE = 60_000
/** Ended ones are kept so long, for whoever looks at the store; the audit has them for ever. */
const KEPT = 24 * 60 * MINUTE

/** For how long people of a tenant see boxes that knock and may claim them. One a tenant. */
export class ClaimWindows {
  readonly #dependencies: ClaimWindowsDependencies
  /** One opened, was moved or ended. */
  readonly changed: Topic<'windows'>
  #timer: NodeJS.Timeout | null = null

  constructor(dependencies: ClaimWindowsDependencies) {
    this.#dependencies = dependencies
    const { log } = dependencies
    this.changed = new Topic((err) => log.error({ err }, 'a change of claim windows was not followed'))
  }

  async start(): Promise<void> {
    await this.#awaitEnd()
  }

  stop(): void {
    if (this.#timer) clearTimeout(this.#timer)
    this.#timer = null
  }

  /** Those of tenants that the scope sees. */
  async open(scope: TenantScope): Promise<OpenWindow[]> {
    const { db, clock } = this.#dependencies
    const windows = await openWindows(db, clock.now())
    return windows.filter(({ tenantId }) => seesTenant(scope, tenantId))
  }

  /** Whether any tenant's is open: boxes of reference systems are heard then. */
  async isAnyOpen(): Promise<boolean> {
    return (await this.open({ all: true })).length > 0
  }

  async isOpenFor(tenantId: string, db: SiteDb | SiteTrx = this.#dependencies.db): Promise<boolean> {
    const windows = await openWindows(db, this.#dependencies.clock.now())
    return windows.some((window) => window.tenantId === tenantId)
  }

  /** On a site with several tenants only its own people: who opens one shows all boxes that knock. */
  async mayOpen(actor: Actor): Promise<boolean> {
    if (isOfSite(actor)) return true
    return isWhole(scopeOf(actor)) && (await this.#tenantsOfSite()) === 1
  }

  /** Opens one, or moves the end of the one that is open. @throws ExpectedError `tenant_unknown`, `forbidden_reach` */
  async openFor(
    actor: Actor,
    { tenant: reference, minutes }: { tenant?: string | undefined; minutes: number },
    audit: AuditDraft,
  ): Promise<OpenWindow> {
    const { db, clock, tenants, audit: log } = this.#dependencies
    const tenant = await tenants.resolve(scopeOf(actor), reference)
    audit.about('tenant', tenant.id, tenant.id, { minutes })
    if (!(await this.mayOpen(actor))) throw new ExpectedError('forbidden_reach', { reach: 'site' })
    const now = clock.now()
    const endsAt = now + minutes * MINUTE
    const { id, name } = auditActor(actor)
    const opened = await db.transaction().execute(async (trx) => {
      await trx
        .deleteFrom('claimWindows')
        .where('endsAt', '<=', now - KEPT)
        .execute()
      const before = (await openWindows(trx, now)).find(({ tenantId }) => tenantId === tenant.id)
      if (before) await trx.updateTable('claimWindows').set({ endsAt }).where('id', '=', before.id).execute()
      const made = { id: uuid7(now), tenantId: tenant.id, openedAt: now, openedByName: name }
      if (!before)
        await trx
          .insertInto('claimWindows')
          .values({ ...made, endsAt, openedById: id })
          .execute()
      audit.details = {
        ...audit.details,
        before: before ? new Date(before.endsAt).toISOString() : null,
        after: new Date(endsAt).toISOString(),
      }
      await log.recordIn(trx, audit)
      return { ...(before ?? { ...made, tenantName: tenant.name }), endsAt }
    })
    await this.#moved()
    return opened
  }

  /** @throws ExpectedError `tenant_unknown`, `claim_window_closed` */
  async closeFor(actor: Actor, reference: string | undefined, audit: AuditDraft): Promise<void> {
    const { db, clock, tenants, audit: log } = this.#dependencies
    const tenant = await tenants.resolve(scopeOf(actor), reference)
    audit.about('tenant', tenant.id, tenant.id)
    const now = clock.now()
    await db.transaction().execute(async (trx) => {
      const { numUpdatedRows } = await trx
        .updateTable('claimWindows')
        .set({ endsAt: now })
        .where('tenantId', '=', tenant.id)
        .where('endsAt', '>', now)
        .executeTakeFirstOrThrow()
      if (numUpdatedRows === 0n) throw new ExpectedError('claim_window_closed', { tenant: tenant.name })
      await log.recordIn(trx, audit)
    })
    await this.#moved()
  }

  async #moved(): Promise<void> {
    await this.#awaitEnd()
    this.changed.emit('windows')
  }

  /** Who watches is told when the next one ends. */
  async #awaitEnd(): Promise<void> {
    const { log } = this.#dependencies
    this.stop()
    const [next] = (await this.open({ all: true })).map(({ endsAt }) => endsAt).toSorted((a, b) => a - b)
    if (next === undefined) return
    const wait = Math.max(1, next - this.#dependencies.clock.now() + 1)
    this.#timer = setTimeout(() => {
      void this.#moved().catch((err: unknown) => log.error({ err }, 'the end of a claim window was not told'))
    }, wait)
    this.#timer.unref()
  }

  async #tenantsOfSite(): Promise<number> {
    return (await this.#dependencies.tenants.list({ all: true })).length
  }
}

function openWindows(db: SiteDb | SiteTrx, now: number): Promise<OpenWindow[]> {
  return db
    .selectFrom('claimWindows')
    .innerJoin('tenants', 'tenants.id', 'claimWindows.tenantId')
    .select([
      'claimWindows.id',
      'claimWindows.tenantId',
      'tenants.name as tenantName',
      'openedAt',
      'endsAt',
      'openedByName',
    ])
    .where('endsAt', '>', now)
    .orderBy('openedAt')
    .execute()
}
