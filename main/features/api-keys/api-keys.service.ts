import type { ApiKey, ApiKeyReach } from '#contract/api/api-keys.ts'
import { ExpectedError } from '#contract/errors.ts'
import { type Permission, permissions } from '#contract/model/permission.ts'
import {
  type Actor,
  anonymous,
  isWhole,
  permissionsOf,
  scopeOf,
  type TenantScope,
} from '#features/access/index.ts'
import type { AuditDraft, AuditService } from '#features/audit/index.ts'
import type { ActorLookup } from '#features/identity/index.ts'
import { findGroup, type TenantsService } from '#features/tenants/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import { uuid7 } from '#platform/ids/uuid7.ts'
import type { Log } from '#platform/log/log.ts'
import { isKeyOf, newKey, prefixOf } from './api-key-token.ts'
import * as repository from './api-keys.repository.ts'
import {
  type KeyBelonging,
  permissionsOfKey,
  reachOfKey,
  requireHolds,
  scopeOfKey,
  seesKey,
} from './key-rights.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

export interface ApiKeysDependencies {
  db: SiteDb
  clock: Clock
  log: Log
  audit: AuditService
  tenants: TenantsService
  actors: Pick<ActorLookup, 'person'>
}

/** What a key is worth at this moment. */
interface Standing {
  state: ApiKey['state']
  permissions: readonly Permission[]
}

export interface NewApiKey {
  name: string
  scopes: readonly Permission[]
  reach?: ApiKeyReach | undefined
  tenant?: string | undefined
  group?: string | undefined
  expiresInDays: number | null
}

/** Credentials of services for the HTTP API: their secret is shown once, only its SHA-256 is kept. */
export class ApiKeysService {
  readonly #dependencies: ApiKeysDependencies
  /** When the last use of each was written, ms: many calls at once are one write. */
  readonly #usedAt = new Map<string, number>()

  constructor(dependencies: ApiKeysDependencies) {
    this.#dependencies = dependencies
  }

  /** The keys that reach no further than the caller, the newest first. @throws ExpectedError `tenant_unknown` */
  async list(scope: TenantScope, tenant: string | undefined): Promise<ApiKey[]> {
    const { db, tenants } = this.#dependencies
    const tenantId = tenant === undefined ? null : (await tenants.resolve(scope, tenant)).id
    const rows = await repository.allKeys(db)
    const seen = rows.filter((row) => seesKey(scope, row) && (tenantId === null || row.tenantId === tenantId))
    return Promise.all(seen.map((row) => this.#view(row)))
  }

  /**
   * Makes a key with at most the permissions and the reach of whoever makes it, for at most the life of the key that
   * makes it.
   * @returns the key as it is listed, and its secret
   * @throws ExpectedError `rights_beyond`, `forbidden_reach`, `tenant_unknown`, `not_found`, `input_invalid`
   */
  async create(actor: Actor, asked: NewApiKey, audit: AuditDraft): Promise<{ key: ApiKey; secret: string }> {
    const { db, clock, audit: log } = this.#dependencies
    const belonging = await this.#belongingOf(actor, asked)
    requireHolds(actor, asked.scopes, belonging)
    const now = clock.now()
    const expiresAt = asked.expiresInDays === null ? null : now + asked.expiresInDays * DAY
    await this.#requireLife(actor, expiresAt)
    const { key, prefix, hash } = newKey()
    const id = uuid7(now)
    const scopes = permissions.filter((permission) => asked.scopes.includes(permission))
    const details = { name: asked.name, prefix, scopes, reach: reachOfKey(belonging), expiresAt }
    await db.transaction().execute(async (trx) => {
      await repository.insertKey(trx, {
        id,
        ...belonging,
        createdById: actor.kind === 'user' ? actor.id : null,
        name: asked.name,
        prefix,
        hash,
        scopes: JSON.stringify(scopes),
        createdAt: now,
        expiresAt,
      })
      await log.recordIn(trx, audit.about('api_key', id, belonging.tenantId, details))
    })
    return { key: await this.#read(id), secret: key }
  }

  async #belongingOf(actor: Actor, { reach, tenant, group }: NewApiKey): Promise<KeyBelonging> {
    const { tenants } = this.#dependencies
    const scope = scopeOf(actor)
    switch (reach ?? widestReach(scope, { tenant, group })) {
      case 'site':
        return { tenantId: null, groupId: null, ownerUserId: null }
      case 'tenant':
        return { tenantId: (await tenants.resolve(scope, tenant)).id, groupId: null, ownerUserId: null }
      case 'group': {
        if (group === undefined) throw new ExpectedError('input_invalid', { issues: 'group: say which' })
        const found = await findGroup(tenants, scope, { group, tenant })
        return { tenantId: found.tenantId, groupId: found.id, ownerUserId: null }
      }
      case 'own':
        if (actor.kind !== 'user') throw new ExpectedError('not_a_person')
        return {
          tenantId: (await tenants.resolve(scope, tenant)).id,
          groupId: null,
          ownerUserId: actor.id,
        }
    }
  }

  /** A key that is revoked or expires must not live on in another that it made. */
  async #requireLife(actor: Actor, expiresAt: number | null): Promise<void> {
    if (actor.kind !== 'api_key') return
    const maker = await this.#read(actor.id)
    if (maker.expiresAt !== null && (expiresAt === null || expiresAt > maker.expiresAt.getTime()))
      throw new ExpectedError('rights_beyond', { beyond: 'expiresInDays' })
  }

  /** @throws ExpectedError `not_found` */
  async rename(scope: TenantScope, reference: string, name: string, audit: AuditDraft): Promise<ApiKey> {
    const row = await this.#find(scope, reference)
    audit.about('api_key', row.id, row.tenantId, { prefix: row.prefix, before: row.name, after: name })
    return this.#change(row.id, { name }, audit)
  }

  /** From now on the key opens nothing. @throws ExpectedError `not_found` */
  async revoke(scope: TenantScope, reference: string, audit: AuditDraft): Promise<ApiKey> {
    const row = await this.#find(scope, reference)
    audit.about('api_key', row.id, row.tenantId, { prefix: row.prefix, name: row.name })
    if (row.revokedAt !== null) {
      audit.nothingChanged()
      return this.#view(row)
    }
    return this.#change(row.id, { revokedAt: this.#dependencies.clock.now() }, audit)
  }

  async #change(
    id: string,
    changes: Parameters<typeof repository.updateKey>[2],
    audit: AuditDraft,
  ): Promise<ApiKey> {
    const { db, audit: log } = this.#dependencies
    await db.transaction().execute(async (trx) => {
      await repository.updateKey(trx, id, changes)
      await log.recordIn(trx, audit)
    })
    return this.#read(id)
  }

  /**
   * Who shows this key, with its rights as they are now; anonymous for one that is unknown, revoked, expired, whose tenant
   * is suspended, or whose owner has no rights there any more.
   */
  async resolve(key: string, address: string): Promise<Actor> {
    const { db } = this.#dependencies
    const prefix = prefixOf(key)
    if (prefix === null) return anonymous
    const row = await repository.keyByPrefix(db, prefix)
    if (!isKeyOf(row?.hash, key) || row === undefined) return anonymous
    const actor = await this.#actorOf(row)
    if (actor.kind === 'api_key') await this.#noteUse(row, address)
    return actor
  }

  /** Who a key is that began something that goes on without it: with its rights of now, or anonymous. */
  async actorOf(id: string): Promise<Actor> {
    const row = await repository.keyById(this.#dependencies.db, id)
    return row === undefined ? anonymous : this.#actorOf(row)
  }

  async #actorOf(row: repository.ApiKeyRow): Promise<Actor> {
    const { state, permissions: held } = await this.#standingOf(row)
    if (state !== 'active') return anonymous
    const { id, name } = row
    const scope = scopeOfKey(row, this.#dependencies.tenants.groups)
    return { kind: 'api_key', id, name, permissions: held, scope }
  }

  async #noteUse({ id, lastUsedAt }: repository.ApiKeyRow, address: string): Promise<void> {
    const { db, clock, log } = this.#dependencies
    const now = clock.now()
    const last = this.#usedAt.get(id) ?? lastUsedAt ?? Number.NEGATIVE_INFINITY
    // A clock that was set back must not keep the next use from being written.
    if (Math.abs(now - last) < MINUTE) return
    this.#usedAt.set(id, now)
    try {
      await repository.updateKey(db, id, { lastUsedAt: now, lastUsedAddress: address.slice(0, 64) })
    } catch (err) {
      // A full disk must not keep services from reading.
      log.warn({ err }, "an API key's last use could not be written")
    }
  }

  async #find(scope: TenantScope, reference: string): Promise<repository.ApiKeyRow> {
    const { db } = this.#dependencies
    const row = (await repository.keyById(db, reference)) ?? (await repository.keyByPrefix(db, reference))
    if (row === undefined || !seesKey(scope, row))
      throw new ExpectedError('not_found', { what: 'API key', id: reference })
    return row
  }

  async #read(id: string): Promise<ApiKey> {
    const row = await repository.keyById(this.#dependencies.db, id)
    if (row === undefined) throw new ExpectedError('not_found', { what: 'API key', id })
    return this.#view(row)
  }

  async #standingOf(row: repository.ApiKeyRow): Promise<Standing> {
    const own = permissionsOfKey(row)
    if (row.revokedAt !== null) return { state: 'revoked', permissions: own }
    if (row.expiresAt !== null && row.expiresAt <= this.#dependencies.clock.now())
      return { state: 'expired', permissions: own }
    const owned = await this.#ofOwner(row, own)
    const isTenantCutOff = row.tenantId !== null && row.tenantState !== 'active'
    if (owned === null || isTenantCutOff) return { state: 'cut_off', permissions: own }
    return { state: 'active', permissions: owned }
  }

  /** A person's own key may at most what the person may; null where they may nothing in its tenant any more. */
  async #ofOwner(
    { ownerUserId, tenantId }: repository.ApiKeyRow,
    named: readonly Permission[],
  ): Promise<readonly Permission[] | null> {
    if (ownerUserId === null) return named
    const owner = await this.#dependencies.actors.person({
      sessionId: '',
      userId: ownerUserId,
      tenantId,
      isSignOn: true,
    })
    if (owner.kind !== 'user' || owner.tenantId !== tenantId || owner.pending !== null) return null
    const held = permissionsOf(owner)
    return named.filter((permission) => held.includes(permission))
  }

  async #view(row: repository.ApiKeyRow): Promise<ApiKey> {
    const { state, permissions: held } = await this.#standingOf(row)
    const { id, name, prefix, tenantId, groupId, createdById, createdAt } = row
    const date = (ms: number | null) => (ms === null ? null : new Date(ms))
    return {
      id,
      name,
      prefix,
      scopes: [...held],
      reach: reachOfKey(row),
      tenant:
        tenantId === null ? null : { id: tenantId, slug: row.tenantSlug ?? '', name: row.tenantName ?? '' },
      group: groupId === null ? null : { id: groupId, name: row.groupName ?? '' },
      createdBy: createdById === null ? null : { id: createdById, name: row.createdByName ?? '' },
      createdAt: new Date(createdAt),
      expiresAt: date(row.expiresAt),
      lastUsedAt: date(row.lastUsedAt),
      lastUsedAddress: row.lastUsedAddress,
      revokedAt: date(row.revokedAt),
      state,
    }
  }
}

/** What is meant where no reach is said: all that the caller has, or the tenant or group that is named. */
function widestReach(
  scope: TenantScope,
  { tenant, group }: { tenant?: string | undefined; group?: string | undefined },
): ApiKeyReach {
  if (group !== undefined) return 'group'
  if (scope.all) return tenant === undefined ? 'site' : 'tenant'
  if (isWhole(scope)) return 'tenant'
  return scope.within !== null && scope.within.groupIds.size > 0 ? 'group' : 'own'
}
