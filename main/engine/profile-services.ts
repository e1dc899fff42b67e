import type { Procedures } from '#features/access/index.ts'
import type { AuditService } from '#features/audit/index.ts'
import type { BrokerDirectory } from '#features/enrollment/index.ts'
import type { FleetService } from '#features/fleet/index.ts'
import {
  ConfigureService,
  ConnectionGuide,
  createConnectionRouter,
  createProfilesRouter,
  type Naming,
  ProfilesService,
} from '#features/profiles/index.ts'
import type { SiteService } from '#features/site/index.ts'
import type { TenantsService } from '#features/tenants/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb } from '#platform/db/site-db.ts'

export interface ProfileServicesDependencies {
  db: SiteDb
  clock: Clock
  audit: AuditService
  tenants: TenantsService
  site: Pick<SiteService, 'mqttListeners'>
  fleet: FleetService
  directory: BrokerDirectory
  naming: Naming
}

/** Profiles of gateways, and what each of them is told to connect. */
export function createProfileServices(dependencies: ProfileServicesDependencies, procedures: Procedures) {
  const { site } = dependencies
  const profiles = new ProfilesService(dependencies)
  const configuration = new ConfigureService(dependencies)
  const guide = new ConnectionGuide({ ...dependencies, listeners: () => site.mqttListeners() })
  return {
    gateways: createConnectionRouter(procedures, { guide, configuration }),
    profiles: createProfilesRouter(procedures, profiles),
  }
}
