import { isDeepStrictEqual } from 'node:util'
import type { TenantQuotas } from '#contract/api/tenants.ts'
import { ExpectedError } from '#contract/errors.ts'
import { type Actor, isOfSite, type TenantScope } from '#features/access/index.ts'
import type { AuditDraft, AuditService } from '#features/audit/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'
import { freeSlug, isReserved, slugOf } from './slugs.ts'
import { quotasOf } from './tenant-details.ts'
import * as repository from './tenants.repository.ts'
import type { TenantsService } from './tenants.service.ts'

type TenantRow = repository.TenantRow

/** What follows a tenant's change: the engine binds it. */
export interface TenantEffects {
  /** The broker follows: quotas and standing. Resolves when no session of a suspended tenant is left. */
  publishTenant(tenant: TenantRow): Promise<void>
  /** Sockets of its people close; who has another tenant comes back in that one. */
  closeSockets(tenantId: string): Promise<void>
  /** Readings are kept for another time. */
  storageChanged(): Promise<void>
}

export interface TenantChangesDependencies {
  db: SiteDb
  clock: Clock
  audit: AuditService
  tenants: TenantsService
  effects: TenantEffects
}

/** Adding tenants, and changing what they are called, may use and whether they go on. */
export class TenantChanges {
  readonly #dependencies: TenantChangesDependencies

  constructor(dependencies: TenantChangesDependencies) {
    this.#dependencies = dependencies
  }

  /**
   * Without a slug it is made from the name, with a number where that one is taken.
   * @throws ExpectedError `slug_taken`, `slug_reserved`
   */
  create(input: { name: string; slug?: string | undefined }, audit: AuditDraft): Promise<TenantRow> {
    return this.#create({ name: input.name }, audit, async (trx, name) =>
      input.slug === undefined
        ? freeSlug(slugOf(name, 'tenant'), await slugsOf(trx))
        : this.#checkSlug(trx, input.slug, null),
    )
  }

  /** A tenant that is elsewhere too, under the id that it has there; where its slug is taken here, with a number. */
  createKnown(input: { id: string; name: string; slug: string }, audit: AuditDraft): Promise<TenantRow> {
    const { id, name, slug } = input
    return this.#create({ id, name }, audit, async (trx) => freeSlug(slug, await slugsOf(trx)))
  }

  async #create(
    given: { name: string; id?: string },
    audit: AuditDraft,
    chooseSlug: (trx: SiteTrx, name: string) => Promise<string>,
  ): Promise<TenantRow> {
    const { db, tenants, audit: log, effects } = this.#dependencies
    const name = given.name.normalize('NFC')
    const made = await db.transaction().execute(async (trx) => {
      const slug = await chooseSlug(trx, name)
      const tenant = await tenants.create(trx, { ...given, slug, name })
      await log.recordIn(trx, audit.about('tenant', tenant.id, tenant.id, { after: { name, slug } }))
      return tenant
    })
    await effects.publishTenant(made)
    return made
  }

  /**
   * When it resolves, no gateway with a secret is connected where these are not let in any more.
   * @throws ExpectedError `tenant_unknown`, `forbidden_reach`, `slug_taken`, `slug_reserved`
   */
  async update(
    caller: { actor: Actor; scope: TenantScope },
    input: {
      tenant: string
      name?: string | undefined
      slug?: string | undefined
      passwordGateways?: boolean | undefined
    },
    audit: AuditDraft,
  ): Promise<TenantRow> {
    const { db, tenants, audit: log, effects } = this.#dependencies
    const before = await tenants.resolve(caller.scope, input.tenant)
    audit.about('tenant', before.id, before.id)
    const asked = { ...before, ...givenFields(input) }
    // Addresses of the whole site are made of it.
    if (asked.slug !== before.slug && !isOfSite(caller.actor))
      throw new ExpectedError('forbidden_reach', { reach: 'site' })
    const changed = changedFields(before, asked)
    if (changed === null) {
      audit.nothingChanged()
      return before
    }
    const after = await db.transaction().execute(async (trx) => {
      if (asked.slug !== before.slug) await this.#checkSlug(trx, asked.slug, before.id)
      await repository.updateTenant(trx, before.id, givenFields(input))
      audit.details = changed
      await log.recordIn(trx, audit)
      return (await repository.tenantById(trx, before.id)) ?? asked
    })
    if (after.passwordGateways !== before.passwordGateways) await effects.publishTenant(after)
    return after
  }

  async #checkSlug(trx: SiteTrx, slug: string, ownerId: string | null): Promise<string> {
    const slugs = await repository.allSlugs(trx)
    const suggestion = freeSlug(slug, new Set(slugs.keys()))
    if (isReserved(slug)) throw new ExpectedError('slug_reserved', { slug, suggestion })
    const owner = slugs.get(slug)
    if (owner !== undefined && owner !== ownerId) throw new ExpectedError('slug_taken', { slug, suggestion })
    return slug
  }

  /** Sets what it may use; what is left out stays. @throws ExpectedError `tenant_unknown` */
  async limit(
    scope: TenantScope,
    input: { tenant: string; quotas: { [K in keyof TenantQuotas]?: TenantQuotas[K] | undefined } },
    audit: AuditDraft,
  ): Promise<TenantRow> {
    const { tenants, effects } = this.#dependencies
    const { id } = await tenants.resolve(scope, input.tenant)
    const { gateways, ...others } = input.quotas
    const given = { ...(gateways !== undefined && { gatewayQuota: gateways }), ...defined(others) }
    const { before, after } = await this.#change(id, given, audit, (row) => ({ ...quotasOf(row) }))
    await effects.publishTenant(after)
    if (before.storageDays !== after.storageDays) await effects.storageChanged()
    return after
  }

  /**
   * When it resolves, no gateway, MQTT client or person of the tenant is connected any more.
   * @throws ExpectedError `tenant_unknown`, `tenant_state_conflict`
   */
  async suspend(
    scope: TenantScope,
    input: { tenant: string; reason?: string | undefined },
    audit: AuditDraft,
  ): Promise<TenantRow> {
    const { tenants, clock, effects } = this.#dependencies
    const { id } = await tenants.resolve(scope, input.tenant)
    const reason = input.reason || null
    const changes = { state: 'suspended', suspendedAt: clock.now(), suspendReason: reason } as const
    const { after } = await this.#change(id, changes, audit, standing)
    try {
      await effects.publishTenant(after)
    } finally {
      await effects.closeSockets(id)
    }
    return after
  }

  /** @throws ExpectedError `tenant_unknown`, `tenant_state_conflict` */
  async resume(scope: TenantScope, input: { tenant: string }, audit: AuditDraft): Promise<TenantRow> {
    const { tenants, effects } = this.#dependencies
    const { id } = await tenants.resolve(scope, input.tenant)
    const changes = { state: 'active', suspendedAt: null, suspendReason: null } as const
    const { after } = await this.#change(id, changes, audit, standing)
    await effects.publishTenant(after)
    return after
  }

  async #change(
    id: string,
    changes: Parameters<typeof repository.updateTenant>[2],
    audit: AuditDraft,
    shown: (row: TenantRow) => Record<string, unknown>,
  ): Promise<{ before: TenantRow; after: TenantRow }> {
    const { db, audit: log } = this.#dependencies
    audit.about('tenant', id, id)
    return db.transaction().execute(async (trx) => {
      const before = await repository.tenantById(trx, id)
      if (!before) throw new ExpectedError('tenant_unknown', { tenant: id })
      if (changes.state === 'active' && before.deletionAt !== null)
        throw new ExpectedError('tenant_deletion_conflict', { tenant: before.slug })
      if (changes.state === before.state)
        throw new ExpectedError('tenant_state_conflict', { tenant: before.slug, state: before.state })
      if (Object.keys(changes).length > 0) await repository.updateTenant(trx, id, changes)
      const after = (await repository.tenantById(trx, id)) ?? before
      audit.details = { before: shown(before), after: shown(after) }
      await log.recordIn(trx, audit)
      return { before, after }
    })
  }
}

async function slugsOf(trx: SiteTrx): Promise<Set<string>> {
  return new Set((await repository.allSlugs(trx)).keys())
}

function givenFields(input: {
  name?: string | undefined
  slug?: string | undefined
  passwordGateways?: boolean | undefined
}): Partial<Pick<TenantRow, 'name' | 'slug' | 'passwordGateways'>> {
  const { name, slug, passwordGateways } = input
  return {
    ...(name !== undefined && { name: name.normalize('NFC') }),
    ...(slug !== undefined && { slug }),
    ...(passwordGateways !== undefined && { passwordGateways: passwordGateways ? 1 : 0 }),
  }
}

/** For the audit; null where nothing differs. */
function changedFields(before: TenantRow, after: TenantRow) {
  const shown = ({ name, slug, passwordGateways }: TenantRow) => ({
    name,
    slug,
    passwordGateways: passwordGateways === 1,
  })
  const [was, is] = [shown(before), shown(after)]
  return isDeepStrictEqual(was, is) ? null : { before: was, after: is }
}

function standing({ state, suspendReason }: TenantRow): Record<string, unknown> {
  return { state, reason: suspendReason }
}

function defined<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never
}
