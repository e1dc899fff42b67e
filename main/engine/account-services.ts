import type { Procedures } from '#features/access/index.ts'
import type { AuditService } from '#features/audit/index.ts'
import { type FleetService, gatewaysRepository } from '#features/fleet/index.ts'
import {
  AccountFactorService,
  AccountService,
  createAccountRouter,
  createSignInRouter,
  type IdentityService,
  type PasswordHashes,
  RegistrationService,
  type SecondFactors,
  type SignInSettingsService,
} from '#features/identity/index.ts'
import type { SiteService } from '#features/site/index.ts'
import type { TenantsService } from '#features/tenants/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb } from '#platform/db/site-db.ts'

export interface AccountServicesDependencies {
  db: SiteDb
  clock: Clock
  audit: AuditService
  identity: IdentityService
  hashes: PasswordHashes
  secondFactors: SecondFactors
  signIn: SignInSettingsService
  tenants: TenantsService
  site: SiteService
  fleet: FleetService
}

/** People's own accounts, and how they come to one. */
export function createAccountServices(dependencies: AccountServicesDependencies, procedures: Procedures) {
  const { signIn: settings, site, fleet } = dependencies
  const shared = { ...dependencies, settings, siteName: () => site.name() ?? '' }
  const account = new AccountService(shared)
  const factor = new AccountFactorService({ ...shared, account })
  const registration = new RegistrationService({ ...shared, gateways: ownerless(fleet) })
  return {
    account: createAccountRouter(procedures, { account, factor }),
    auth: createSignInRouter(procedures, { ...shared, registration }),
  }
}

function ownerless(fleet: FleetService): ConstructorParameters<typeof RegistrationService>[0]['gateways'] {
  return {
    findFree: gatewaysRepository.ownerlessByLabel,
    setOwner: (trx, gatewayId, ownerUserId) =>
      gatewaysRepository.placeGateway(trx, gatewayId, { ownerUserId }),
    ownerChanged: async (gatewayId) => {
      await fleet.refresh(gatewayId)
      await fleet.publishPolicy(gatewayId)
    },
  }
}
