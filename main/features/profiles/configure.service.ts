import { isDeepStrictEqual } from 'node:util'
import { ExpectedError } from '#contract/errors.ts'
import { type AliasKind, aliasKinds } from '#contract/model/gateway.ts'
import type { TenantScope } from '#features/access/index.ts'
import type { AuditDraft, AuditService } from '#features/audit/index.ts'
import { type FleetService, gatewaysRepository } from '#features/fleet/index.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'
import type { Naming } from './naming.ts'
import { findProfiles } from './profiles.repository.ts'

export interface ConfigureDependencies {
  db: SiteDb
  audit: AuditService
  fleet: FleetService
  naming: Naming
}

export interface GatewayChanges {
  gateway: string
  tenant?: string | undefined
  /** Id or name; null takes it out. */
  profile?: string | null | undefined
  /** Null: as its profile says, else canonical. */
  dialect?: string | null | undefined
  /** Null clears one. */
  aliases?: { [K in AliasKind]?: string | null | undefined } | undefined
}

type GatewayRow = gatewaysRepository.GatewayRow

/** What one gateway speaks, is called and takes from a profile. */
export class ConfigureService {
  readonly #dependencies: ConfigureDependencies

  constructor(dependencies: ConfigureDependencies) {
    this.#dependencies = dependencies
  }

  /**
   * What is left out stays. When it resolves, no session lives with rights that it no longer has.
   * @throws ExpectedError `not_found`, `dialect_unknown`, `alias_taken`, `alias_invalid`
   */
  async configure(scope: TenantScope, changes: GatewayChanges, audit: AuditDraft): Promise<GatewayRow> {
    const { db, audit: log, fleet, naming } = this.#dependencies
    const { id, tenantId, code } = await fleet.find(scope, changes)
    audit.about('gateway', id, tenantId, { code })
    if (typeof changes.dialect === 'string') naming.requireDialect(changes.dialect)
    const isChanged = await db.transaction().execute(async (trx) => {
      const before = await gatewaysRepository.gatewayById(trx, scope, id)
      if (!before) throw new ExpectedError('not_found', { what: 'gateway', id: changes.gateway })
      await gatewaysRepository.updateGateway(trx, id, await chosen(trx, before, changes))
      for (const kind of aliasKinds) await putAlias(trx, id, kind, changes.aliases?.[kind])
      const after = (await gatewaysRepository.gatewayById(trx, { all: true }, id)) ?? before
      await naming.requireNames(trx, [id])
      const [was, is] = [shown(before), shown(after)]
      if (isDeepStrictEqual(was, is)) return false
      await log.recordIn(trx, audit.about('gateway', id, before.tenantId, { code, before: was, after: is }))
      return true
    })
    if (!isChanged) {
      audit.nothingChanged()
      return fleet.find(scope, { gateway: id })
    }
    const changed = await fleet.refresh(id)
    await fleet.publishPolicy(id)
    return changed
  }
}

/** @throws ExpectedError `not_found` for a profile that its tenant does not have */
async function chosen(trx: SiteTrx, gateway: GatewayRow, { profile: asked, dialect }: GatewayChanges) {
  const reference = asked === undefined ? gateway.profileId : asked
  const { tenantId } = gateway
  const [profile = null] =
    reference === null ? [] : await findProfiles(trx, { all: true }, { profile: reference, tenantId })
  if (profile === null && reference !== null)
    throw new ExpectedError('not_found', { what: 'gateway profile', id: reference })
  const spoken = spokenOf(gateway, dialect, profile)
  const isAnother = profile !== null && profile.id !== gateway.profileId
  return { profileId: profile?.id ?? null, ...spoken, ...(isAnother && { maxDevices: profile.maxDevices }) }
}

function spokenOf(
  { dialect, ownDialect }: GatewayRow,
  asked: string | null | undefined,
  profile: { dialect: string } | null,
): { dialect: string; ownDialect: 0 | 1 } {
  if (typeof asked === 'string') return { dialect: asked, ownDialect: 1 }
  const follows = asked === null || ownDialect === 0
  if (follows && profile !== null) return { dialect: profile.dialect, ownDialect: 0 }
  // One whose profile was taken out goes on speaking what it speaks.
  return { dialect: asked === null ? 'canonical' : dialect, ownDialect: 1 }
}

/** @throws ExpectedError `alias_taken` */
async function putAlias(
  trx: SiteTrx,
  gatewayId: string,
  kind: AliasKind,
  value: string | null | undefined,
): Promise<void> {
  if (value === undefined) return
  if (value === null) {
    await gatewaysRepository.clearAlias(trx, gatewayId, kind)
    return
  }
  if (await gatewaysRepository.aliasIsTaken(trx, { gatewayId, kind, value }))
    throw new ExpectedError('alias_taken', { kind, value })
  await gatewaysRepository.putAlias(trx, { gatewayId, kind, value })
}

function shown({ profileName, dialect, ownDialect, aliases }: GatewayRow): Record<string, unknown> {
  const names = JSON.parse(aliases) as Record<string, string>
  return { profile: profileName, dialect, dialectOfProfile: ownDialect === 0, aliases: names }
}
