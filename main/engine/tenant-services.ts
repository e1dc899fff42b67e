import type { Procedures } from '#features/access/index.ts'
import type { AuditService } from '#features/audit/index.ts'
import { type FleetService, PlacementService } from '#features/fleet/index.ts'
import type { IdentityService } from '#features/identity/index.ts'
import { tenantPolicyOf } from '#features/limits/index.ts'
import type { RetentionService } from '#features/retention/index.ts'
import type { SiteService } from '#features/site/index.ts'
import {
  createGroupsRouter,
  createTenantsRouter,
  GroupsService,
  sessionsOfPeople,
  TenantChanges,
  TenantDetailsReader,
  type TenantsService,
} from '#features/tenants/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import type { BrokerPolicy } from './broker-link.ts'

export interface TenantServicesDependencies {
  db: SiteDb
  clock: Clock
  audit: AuditService
  tenants: TenantsService
  identity: IdentityService
  site: Pick<SiteService, 'mqttListeners'>
  fleet: FleetService
  policy: BrokerPolicy
  retention: Pick<RetentionService, 'tenantsChanged'>
  /** Groups moved or went, or a tenant may go on or not: what people reach is another. */
  reachChanged(): Promise<void>
}

/** Tenants and their groups, and what follows when they change: the broker, live sessions, the store. */
export function createTenantServices(dependencies: TenantServicesDependencies, procedures: Procedures) {
  const { db, clock, audit, tenants, site, identity, fleet, policy, retention, reachChanged } = dependencies
  const placement = new PlacementService({ db, audit, fleet, tenants })
  const groups = new GroupsService({
    db,
    clock,
    audit,
    tenants,
    regrouped: async (gatewayIds) => {
      await placement.follow(gatewayIds)
      await reachChanged()
    },
  })
  const effects: ConstructorParameters<typeof TenantChanges>[0]['effects'] = {
    publishTenant: async (tenant) => {
      await policy.applyPolicy([{ op: 'put_tenant', tenant: tenantPolicyOf(tenant) }])
      await reachChanged()
    },
    closeSockets: async (tenantId) => {
      for (const sessionId of await sessionsOfPeople(db, tenantId))
        identity.sessions.ended.emit({ sessionId })
    },
    storageChanged: () => retention.tenantsChanged(),
  }
  const changes = new TenantChanges({ db, clock, audit, tenants, effects })
  const details = new TenantDetailsReader({
    db,
    clock,
    groups: tenants.groups,
    passwordListenerOpen: () => site.mqttListeners().passwordMqtts !== null,
  })
  return {
    placement,
    groups,
    changes,
    details,
    effects,
    routers: {
      tenants: createTenantsRouter(procedures, { service: tenants, changes, details }),
      groups: createGroupsRouter(procedures, groups),
    },
  }
}
