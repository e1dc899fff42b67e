import { ExpectedError } from '#contract/errors.ts'
import { normalizeMac } from '#contract/model/ids.ts'
import { isWhole, seesGateway, type TenantScope } from '#features/access/index.ts'
import type { AuditDraft, AuditService } from '#features/audit/index.ts'
import { gatewaysRepository } from '#features/fleet/index.ts'
import { findGroup, type TenantsService } from '#features/tenants/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import { deletePassword, insertPassword, listPasswords, seesPassword } from './est-passwords.repository.ts'
import { hashPassword, newPassword, newUsername } from './one-time-password.ts'

export interface EstPasswordsDependencies {
  db: SiteDb
  clock: Clock
  audit: AuditService
  tenants: TenantsService
}

export interface EstPasswordRequest {
  tenant?: string | undefined
  group?: string | undefined
  profile?: string | undefined
  mac_address?: string | undefined
  code?: string | undefined
  name?: string | undefined
  hours: number
}

/** One-time passwords: made by people, shown once, used by one box. */
export class EstPasswordsService {
  readonly #dependencies: EstPasswordsDependencies

  constructor(dependencies: EstPasswordsDependencies) {
    this.#dependencies = dependencies
  }

  async list(scope: TenantScope, tenant: string | undefined) {
    const { db, clock, tenants } = this.#dependencies
    const named = tenant === undefined ? null : (await tenants.resolve(scope, tenant)).id
    const rows = await listPasswords(db, named ?? (scope.all ? null : scope.tenantId))
    const now = clock.now()
    return rows
      .filter((row) => seesPassword(scope, row))
      .map((row) => ({
        username: row.username,
        mac: row.mac,
        code: row.code,
        name: row.name,
        tenant: { id: row.tenantId, slug: row.tenantSlug, name: row.tenantName },
        createdAt: new Date(row.createdAt),
        createdBy: row.createdByName,
        expiresAt: new Date(row.expiresAt),
        usedAt: row.usedAt === null ? null : new Date(row.usedAt),
        gateway: gatewayFor(scope, row),
        state:
          row.usedAt !== null
            ? ('used' as const)
            : row.expiresAt <= now
              ? ('expired' as const)
              : ('waiting' as const),
      }))
  }

  /** @throws ExpectedError `tenant_unknown`, `not_found`, `forbidden_reach`, `mac_invalid`, `mac_taken` */
  async create(
    scope: TenantScope,
    request: EstPasswordRequest,
    audit: AuditDraft,
  ): Promise<{ username: string; password: string; expiresAt: number }> {
    const { db, clock, tenants, audit: log } = this.#dependencies
    const tenant = await tenants.resolve(scope, request.tenant)
    const groupId = await this.#groupOf(scope, request.group, tenant.id)
    const profileId = await this.#profileOf(request.profile, tenant.id)
    const mac = await this.#macOf(scope, request.mac_address, tenant.id)
    const username = newUsername()
    const password = newPassword()
    const createdAt = clock.now()
    const expiresAt = createdAt + request.hours * 60 * 60_000
    const { code = null, name = null } = request
    await db.transaction().execute(async (trx) => {
      await insertPassword(trx, {
        username,
        ...hashPassword(password),
        tenantId: tenant.id,
        groupId,
        profileId,
        mac,
        code,
        name,
        createdAt,
        createdByName: audit.subject.actor.name,
        expiresAt,
        usedAt: null,
        gatewayId: null,
      })
      const details = { mac, code, group: request.group ?? null, expiresAt: new Date(expiresAt) }
      await log.recordIn(trx, audit.about('est_login', username, tenant.id, details))
    })
    return { username, password, expiresAt }
  }

  /** @throws ExpectedError `not_found` */
  async remove(scope: TenantScope, username: string, audit: AuditDraft): Promise<void> {
    const { db, audit: log } = this.#dependencies
    await db.transaction().execute(async (trx) => {
      const removed = await deletePassword(trx, scope, username)
      if (!removed) throw new ExpectedError('not_found', { what: 'unused one-time password', id: username })
      await log.recordIn(trx, audit.about('est_login', username, removed.tenantId, { code: removed.code }))
    })
  }

  /** Whose rights end at some groups says which of these. */
  async #groupOf(scope: TenantScope, group: string | undefined, tenant: string): Promise<string | null> {
    if (group !== undefined) return (await findGroup(this.#dependencies.tenants, scope, { group, tenant })).id
    if (!isWhole(scope)) throw new ExpectedError('forbidden_reach', { reach: 'tenant' })
    return null
  }

  async #profileOf(profile: string | undefined, tenantId: string): Promise<string | null> {
    if (profile === undefined) return null
    const found = await this.#dependencies.db
      .selectFrom('gatewayProfiles')
      .select('id')
      .where('tenantId', '=', tenantId)
      .where((eb) => eb.or([eb('id', '=', profile), eb('name', '=', profile)]))
      .executeTakeFirst()
    if (!found) throw new ExpectedError('not_found', { what: 'gateway profile', id: profile })
    return found.id
  }

  /** A box with this MAC is enrolled again with the password, so it must be new or one that the caller sees. */
  async #macOf(scope: TenantScope, text: string | undefined, tenantId: string): Promise<string | null> {
    if (text === undefined) return null
    const mac = normalizeMac(text)
    if (mac === null) throw new ExpectedError('mac_invalid', { mac: text })
    const known = await gatewaysRepository.gatewayByMac(this.#dependencies.db, mac)
    const isTheirs =
      !known || known.state === 'unclaimed' || (known.tenantId === tenantId && seesGateway(scope, known))
    if (!isTheirs) throw new ExpectedError('mac_taken', { mac, code: 'that you do not see' })
    return mac
  }
}

/** What a box became with it, for who sees that gateway where it is now. */
function gatewayFor(
  scope: TenantScope,
  row: Awaited<ReturnType<typeof listPasswords>>[number],
): { id: string; code: string } | null {
  const { tenantId, gatewayId, gatewayCode, gatewayGroupId: groupId, gatewayOwnerId: ownerUserId } = row
  if (gatewayId === null || gatewayCode === null) return null
  return seesGateway(scope, { tenantId, groupId, ownerUserId }) ? { id: gatewayId, code: gatewayCode } : null
}
