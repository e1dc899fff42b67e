import { ExpectedError } from '#contract/errors.ts'
import { defaultQuotas } from '#contract/model/quota.ts'
import type { AuditDraft, AuditService } from '#features/audit/index.ts'
import { requireGroup, type TenantsService } from '#features/tenants/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'
import { uuid7 } from '#platform/ids/uuid7.ts'
import type { FleetService } from './fleet.service.ts'
import * as repository from './gateways.repository.ts'

export interface ReassignmentDependencies {
  db: SiteDb
  clock: Clock
  audit: AuditService
  fleet: FleetService
  tenants: TenantsService
  /** Ends commands that wait for a gateway. */
  cancelCommands(trx: SiteTrx, gatewayId: string): Promise<unknown>
}

export interface NewHome {
  tenantId: string
  groupId: string | null
  ownerUserId: string | null
}

/**
 * A gateway goes over to another tenant as it stands, with the credential that it has: its assignment ends, and one of
 * that tenant begins. What it measured until now stays with whoever had it.
 */
export class ReassignmentService {
  readonly #dependencies: ReassignmentDependencies

  constructor(dependencies: ReassignmentDependencies) {
    this.#dependencies = dependencies
  }

  /** @throws ExpectedError `not_found`, `tenant_unknown`, `quota_gateways`, `code_taken`, `owner_unknown` */
  async reassign(gatewayId: string, home: NewHome, audit: AuditDraft): Promise<void> {
    const { db, clock, fleet, tenants, audit: log, cancelCommands } = this.#dependencies
    const tenant = await tenants.resolve({ all: true }, home.tenantId)
    await db.transaction().execute(async (trx) => {
      const gateway = await repository.gatewayById(trx, { all: true }, gatewayId)
      if (!gateway) throw new ExpectedError('not_found', { what: 'gateway', id: gatewayId })
      const quota = tenant.gatewayQuota ?? defaultQuotas.gateways
      const count = await repository.countOfTenant(trx, tenant.id)
      if (count >= quota) throw new ExpectedError('quota_gateways', { tenant: tenant.name, count, quota })
      await requireGroup(trx, tenant.id, home.groupId)
      if (home.ownerUserId !== null && !(await repository.activeMember(trx, tenant.id, home.ownerUserId)))
        throw new ExpectedError('owner_unknown')
      const code = await freeCode(trx, tenant.id, [gateway.code, gateway.label])
      const now = clock.now()
      await repository.closeAssignment(trx, gatewayId, { toAt: now, code: gateway.code })
      await cancelCommands(trx, gatewayId)
      const assignmentId = uuid7(now)
      const { groupId, ownerUserId } = home
      await repository.openAssignment(trx, {
        id: assignmentId,
        gatewayId,
        tenantId: tenant.id,
        groupId,
        ownerUserId,
        fromAt: now,
      })
      // A profile is of a tenant; what the gateway speaks stays.
      const moved = { tenantId: tenant.id, assignmentId, code, profileId: null, metadata: '{}' }
      await repository.updateGateway(trx, gatewayId, moved)
      await repository.placeGateway(trx, gatewayId, { groupId, ownerUserId })
      audit.about('gateway', gatewayId, tenant.id, {
        before: { tenantId: gateway.tenantId, code: gateway.code },
        after: { tenantId: tenant.id, code },
      })
      await log.recordIn(trx, audit)
    })
    await fleet.refresh(gatewayId)
    await fleet.publishPolicy(gatewayId)
  }
}

/** @throws ExpectedError `code_taken` */
async function freeCode(trx: SiteTrx, tenantId: string, candidates: readonly string[]): Promise<string> {
  for (const code of candidates) if (!(await repository.codeIsTaken(trx, tenantId, code))) return code
  throw new ExpectedError('code_taken', { code: candidates[0] ?? '' })
}
