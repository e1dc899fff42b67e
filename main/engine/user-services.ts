import type { Procedures } from '#features/access/index.ts'
import type { AuditService } from '#features/audit/index.ts'
import type { FleetService } from '#features/fleet/index.ts'
import {
  checkPassword,
  type IdentityService,
  type PasswordHashes,
  type SignInSettingsService,
} from '#features/identity/index.ts'
import type { Pki } from '#features/pki/index.ts'
import { reachableAddresses, type SiteService } from '#features/site/index.ts'
import type { TenantsService } from '#features/tenants/index.ts'
import {
  type AccountChange,
  createRolesRouter,
  createUsersRouter,
  type DepartureEffects,
  InvitationsService,
  MembershipsService,
  RolesService,
  UsersService,
} from '#features/users/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import { Topic } from '#platform/events/topic.ts'
import type { Log } from '#platform/log/log.ts'

export interface UserServicesDependencies {
  db: SiteDb
  clock: Clock
  log: Log
  audit: AuditService
  identity: IdentityService
  hashes: PasswordHashes
  signIn: SignInSettingsService
  tenants: TenantsService
  site: SiteService
  fleet: FleetService
  pki: Pki
}

/** People and their rights. `accountChanged` and `roleChanged` tell what ends credentials of theirs, or changes how far these reach. */
export function createUserServices(dependencies: UserServicesDependencies, procedures: Procedures) {
  const { log, identity, signIn, site } = dependencies
  const { credentials, sessions } = identity
  const accountChanged = new Topic<AccountChange>((err) =>
    log.error({ err }, 'a change of an account was not followed'),
  )
  const shared = {
    ...dependencies,
    sessionEnded: (sessionId: string) => sessions.ended.emit({ sessionId }),
    changed: (change: AccountChange) => accountChanged.emit(change),
  }
  const roleChanged = new Topic<{ roleId: string }>((err) =>
    log.error({ err }, 'a change of a role was not followed'),
  )
  const roles = new RolesService({ ...dependencies, roleChanged: (roleId) => roleChanged.emit({ roleId }) })
  const invitations = new InvitationsService({
    ...shared,
    siteName: () => site.name() ?? '',
    address: () => browserAddress(site),
    checkPassword: (password, owner) =>
      checkPassword(password, { ...owner, siteName: site.name() ?? '' }, signIn.current.passwordClasses),
    confirm: (userId, password, from) => credentials.confirm(userId, password, from),
  })
  const departures = departureEffects(dependencies)
  const memberships = new MembershipsService({ ...shared, roles, invitations, departures })
  const service = new UsersService({
    ...shared,
    memberships,
    invitations,
    departures,
    locks: () => credentials.locks(),
    unlock: (userId) => credentials.unlock(userId),
  })
  return {
    service,
    accountChanged,
    roleChanged,
    routers: {
      users: createUsersRouter(procedures, { service, memberships, invitations }),
      roles: createRolesRouter(procedures, roles),
    },
  }
}

function departureEffects({ fleet, pki, clock }: UserServicesDependencies): DepartureEffects {
  return {
    revokeClientCertificates: (trx, id) =>
      pki.revokeClientCertificates(trx, id, 'cessationOfOperation', clock.now()),
    departed: async ({ isGone, gatewayIds }) => {
      for (const id of gatewayIds) {
        await fleet.refresh(id)
        await fleet.publishPolicy(id)
      }
      if (isGone) await pki.refreshCrlIfDue(clock.now())
    },
  }
}

/** Where others find the site: a name that a person chose, before an address. */
export function browserAddress(site: Pick<SiteService, 'network'>): string {
  const network = site.network()
  const [given] = network.names
  const addresses = reachableAddresses(network).filter((address) => !/^(127\.|::1$)/.test(address))
  const host = given ?? addresses[0] ?? 'localhost'
  return `https://${host.includes(':') ? `[${host}]` : host}:${network.ports.https}`
}
