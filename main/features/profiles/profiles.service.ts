import { isDeepStrictEqual } from 'node:util'
import { type GatewayProfile, PROFILES_PER_TENANT, type ProfileFields } from '#contract/api/profiles.ts'
import { ExpectedError } from '#contract/errors.ts'
import type { TenantScope } from '#features/access/index.ts'
import type { AuditDraft, AuditService } from '#features/audit/index.ts'
import type { FleetService } from '#features/fleet/index.ts'
import type { TenantsService } from '#features/tenants/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'
import { uuid7 } from '#platform/ids/uuid7.ts'
import type { Naming } from './naming.ts'
import * as repository from './profiles.repository.ts'

export interface ProfilesDependencies {
  db: SiteDb
  clock: Clock
  audit: AuditService
  tenants: TenantsService
  fleet: Pick<FleetService, 'refresh' | 'publishPolicies'>
  naming: Naming
}

interface ProfileRef {
  profile: string
  tenant?: string | undefined
}

/** What is given; the others stay. */
type ProfileChanges = { [K in keyof ProfileFields]?: ProfileFields[K] | undefined }

/** Settings for many gateways of a tenant. What follows them is told the broker when a change is on disk. */
export class ProfilesService {
  readonly #dependencies: ProfilesDependencies

  constructor(dependencies: ProfilesDependencies) {
    this.#dependencies = dependencies
  }

  /** @throws ExpectedError `tenant_unknown` */
  async list(scope: TenantScope, tenant: string | undefined): Promise<GatewayProfile[]> {
    const { db } = this.#dependencies
    const tenantId = await this.#tenantId(scope, tenant)
    return (await repository.listProfiles(db, scope, tenantId)).map(viewOf)
  }

  /** @throws ExpectedError `not_found`, also where several tenants have one of this name; `tenant_unknown` */
  async show(scope: TenantScope, reference: ProfileRef): Promise<GatewayProfile> {
    return viewOf(await this.#find(scope, reference))
  }

  /** @throws ExpectedError `tenant_unknown`, `profile_name_taken`, `too_many_profiles`, `dialect_unknown` */
  async create(
    scope: TenantScope,
    { tenant, ...fields }: ProfileFields & { tenant?: string | undefined },
    audit: AuditDraft,
  ): Promise<GatewayProfile> {
    const { db, clock, tenants, naming, audit: log } = this.#dependencies
    const { id: tenantId } = await tenants.resolve(scope, tenant)
    audit.about('profile', 'new', tenantId)
    naming.requireDialect(fields.dialect)
    const now = clock.now()
    const id = uuid7(now)
    const given = normal(fields)
    await db.transaction().execute(async (trx) => {
      if ((await repository.countProfiles(trx, tenantId)) >= PROFILES_PER_TENANT)
        throw new ExpectedError('too_many_profiles', { limit: PROFILES_PER_TENANT })
      await requireName(trx, { tenantId, name: given.name, id: null })
      await repository.insertProfile(trx, {
        ...given,
        id,
        tenantId,
        version: 1,
        createdAt: now,
        updatedAt: now,
      })
      await log.recordIn(trx, audit.about('profile', id, tenantId, { after: given }))
    })
    return this.show(scope, { profile: id })
  }

  /**
   * What is left out stays. When it resolves, the broker has told each gateway that follows the profile.
   * @throws ExpectedError `not_found`, `tenant_unknown`, `profile_changed`, `profile_name_taken`, `dialect_unknown`, `alias_invalid`
   */
  async update(
    scope: TenantScope,
    { profile, tenant, version, ...changes }: ProfileRef & { version: number } & ProfileChanges,
    audit: AuditDraft,
  ): Promise<GatewayProfile> {
    const { db, clock, naming, audit: log } = this.#dependencies
    const found = await this.#find(scope, { profile, tenant })
    const { id, tenantId } = found
    audit.about('profile', id, tenantId)
    if (found.version !== version) throw new ExpectedError('profile_changed', { name: found.name })
    const before = fieldsOf(found)
    const after = normal({ ...before, ...defined(changes) })
    audit.details = { name: found.name, before, after }
    if (isDeepStrictEqual(before, after)) {
      audit.nothingChanged()
      return viewOf(found)
    }
    if (after.dialect !== before.dialect) naming.requireDialect(after.dialect)
    const followers = await db.transaction().execute(async (trx) => {
      await requireName(trx, { tenantId, name: after.name, id })
      const row = { ...after, updatedAt: clock.now() }
      if (!(await repository.updateProfile(trx, { id, version }, row)))
        throw new ExpectedError('profile_changed', { name: found.name })
      const following = await repository.gatewaysOf(trx, id, { follows: true })
      if (after.dialect !== before.dialect) {
        await repository.giveDialect(trx, id, after.dialect)
        await naming.requireNames(trx, following)
      }
      if (after.maxDevices !== before.maxDevices) await repository.giveMaxDevices(trx, id, after.maxDevices)
      await log.recordIn(trx, audit)
      return followersOf(trx, id, before, after)
    })
    await this.#follow(followers)
    return this.show(scope, { profile: id })
  }

  /** @throws ExpectedError `not_found`, `tenant_unknown`, `profile_in_use` */
  async remove(scope: TenantScope, reference: ProfileRef, audit: AuditDraft): Promise<void> {
    const { db, clock, audit: log } = this.#dependencies
    const found = await this.#find(scope, reference)
    audit.about('profile', found.id, found.tenantId, { before: fieldsOf(found) })
    await db.transaction().execute(async (trx) => {
      const gateways = (await repository.gatewaysOf(trx, found.id, { follows: false })).length
      const passwords = await repository.openPasswords(trx, found.id, clock.now())
      if (gateways + passwords > 0)
        throw new ExpectedError('profile_in_use', { name: found.name, gateways, passwords })
      await repository.deleteProfile(trx, found.id)
      await log.recordIn(trx, audit)
    })
  }

  /** The live picture and the broker follow. */
  async #follow(gatewayIds: string[]): Promise<void> {
    const { fleet } = this.#dependencies
    for (const id of gatewayIds) await fleet.refresh(id)
    await fleet.publishPolicies(gatewayIds)
  }

  async #find(scope: TenantScope, { profile, tenant }: ProfileRef): Promise<repository.ProfileRow> {
    const tenantId = await this.#tenantId(scope, tenant)
    const found = await repository.findProfiles(this.#dependencies.db, scope, { profile, tenantId })
    if (found.length > 1)
      throw new ExpectedError('not_found', {
        what: 'single gateway profile',
        id: `${profile}: several tenants use this name, say which tenant`,
      })
    if (!found[0]) throw new ExpectedError('not_found', { what: 'gateway profile', id: profile })
    return found[0]
  }

  async #tenantId(scope: TenantScope, tenant: string | undefined): Promise<string | null> {
    return tenant === undefined ? null : (await this.#dependencies.tenants.resolve(scope, tenant)).id
  }
}

/** Gateways for which something else holds now. */
async function followersOf(
  trx: SiteTrx,
  profileId: string,
  before: ProfileFields,
  after: ProfileFields,
): Promise<string[]> {
  const shared = ({ messagesPerSecond, burst, maxDevices }: ProfileFields) => [
    messagesPerSecond,
    burst,
    maxDevices,
  ]
  // Those with a dialect of their own have these of their profile, too.
  if (!isDeepStrictEqual(shared(before), shared(after)))
    return repository.gatewaysOf(trx, profileId, { follows: false })
  return before.dialect === after.dialect ? [] : repository.gatewaysOf(trx, profileId, { follows: true })
}

async function requireName(trx: SiteTrx, of: Parameters<typeof repository.nameIsTaken>[1]): Promise<void> {
  if (await repository.nameIsTaken(trx, of)) throw new ExpectedError('profile_name_taken', { name: of.name })
}

function normal(fields: ProfileFields): ProfileFields {
  return { ...fields, name: fields.name.normalize('NFC') }
}

function fieldsOf(row: repository.ProfileRow): ProfileFields {
  const { name, dialect, credential, keyAlgorithm, maxDevices, messagesPerSecond, burst } = row
  return { name, dialect, credential, keyAlgorithm, maxDevices, messagesPerSecond, burst }
}

function viewOf(row: repository.ProfileRow): GatewayProfile {
  const { id, tenantId, tenantSlug, tenantName, version, gateways, createdAt, updatedAt } = row
  return {
    ...fieldsOf(row),
    id,
    tenant: { id: tenantId, slug: tenantSlug, name: tenantName },
    version,
    gateways,
    createdAt: new Date(createdAt),
    updatedAt: new Date(updatedAt),
  }
}

function defined<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never
}
