import { ExpectedError } from '#contract/errors.ts'
import { isWhole, type TenantScope } from '#features/access/index.ts'
import type { AuditDraft, AuditService } from '#features/audit/index.ts'
import { findGroup, requireGroup, type TenantsService } from '#features/tenants/index.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'
import type { FleetService } from './fleet.service.ts'
import * as repository from './gateways.repository.ts'

export interface PlacementDependencies {
  db: SiteDb
  audit: AuditService
  fleet: FleetService
  tenants: TenantsService
}

/** Where in its tenant a gateway stands: the group it is in, and whose it is. Rights follow from both. */
export class PlacementService {
  readonly #dependencies: PlacementDependencies

  constructor(dependencies: PlacementDependencies) {
    this.#dependencies = dependencies
  }

  /**
   * What is left out stays; null takes it out. Who has rights over a part of the tenant moves gateways between their
   * own groups, and says nothing of owners: that would give rights beyond theirs.
   *
   * @param place `owner`: id or e-mail address of a person of the tenant
   * @throws ExpectedError `not_found`, `forbidden_reach`, `owner_unknown`
   */
  async place(
    scope: TenantScope,
    place: {
      gateway: string
      tenant?: string | undefined
      group?: string | null | undefined
      owner?: string | null | undefined
    },
    audit: AuditDraft,
  ): Promise<repository.GatewayRow> {
    const { db, fleet, audit: log } = this.#dependencies
    const { id, tenantId } = await fleet.find(scope, place)
    audit.about('gateway', id, tenantId)
    const groupId = await this.groupFor(scope, tenantId, place.group)
    if (place.owner !== undefined && !isWhole(scope))
      throw new ExpectedError('forbidden_reach', { reach: 'tenant' })
    const gateway = await db.transaction().execute(async (trx) => {
      // As it stands now: another call may have put it elsewhere meanwhile.
      const found = await repository.gatewayById(trx, scope, id)
      if (!found) throw new ExpectedError('not_found', { what: 'gateway', id: place.gateway })
      await requireGroup(trx, found.tenantId, groupId)
      const owner = await ownerFor(trx, found.tenantId, place.owner)
      const given = {
        ...(groupId !== undefined && { groupId }),
        ...(owner !== undefined && { ownerUserId: owner }),
      }
      const after = { ...found, ...given }
      if (after.groupId === found.groupId && after.ownerUserId === found.ownerUserId) audit.nothingChanged()
      else {
        await repository.placeGateway(trx, id, given)
        const details = { code: found.code, before: this.#shown(found), after: this.#shown(after) }
        await log.recordIn(trx, audit.about('gateway', id, found.tenantId, details))
      }
      return found
    })
    const [placed] = await this.follow([id])
    return placed ?? gateway
  }

  /**
   * The group that is meant; undefined where nothing is said, null for none.
   * @throws ExpectedError `not_found`, `forbidden_reach` where it is none and the rights end at some groups
   */
  async groupFor(
    scope: TenantScope,
    tenantId: string,
    group: string | null | undefined,
  ): Promise<string | null | undefined> {
    if (group === undefined) return undefined
    if (group !== null)
      return (await findGroup(this.#dependencies.tenants, scope, { group, tenant: tenantId })).id
    if (!isWhole(scope)) throw new ExpectedError('forbidden_reach', { reach: 'tenant' })
    return null
  }

  /** The live picture and the broker follow gateways that stand elsewhere now. */
  async follow(gatewayIds: readonly string[]): Promise<repository.GatewayRow[]> {
    const { fleet } = this.#dependencies
    const rows: repository.GatewayRow[] = []
    for (const id of gatewayIds) rows.push(await fleet.refresh(id))
    await Promise.all(gatewayIds.map((id) => fleet.publishPolicy(id)))
    return rows
  }

  #shown({ groupId, ownerUserId }: { groupId: string | null; ownerUserId: string | null }) {
    const { groups } = this.#dependencies.tenants
    return {
      group: groupId === null ? null : groups.namesTo(groupId, { all: true }).join('/'),
      ownerUserId,
    }
  }
}

async function ownerFor(trx: SiteTrx, tenantId: string, owner: string | null | undefined) {
  if (owner === undefined || owner === null) return owner
  const reference = owner.trim().normalize('NFKC').toLowerCase()
  const member = await repository.activeMember(trx, tenantId, reference)
  if (!member) throw new ExpectedError('owner_unknown')
  return member.id
}
