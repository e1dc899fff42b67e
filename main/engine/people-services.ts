import type { Procedures } from '#features/access/index.ts'
import { type ApiKeysService, createApiKeysRouter } from '#features/api-keys/index.ts'
import type { AuditService } from '#features/audit/index.ts'
import {
  createIdentityRouter,
  createTokensRouter,
  type IdentityService,
  type TokensService,
} from '#features/identity/index.ts'
import type { Pki } from '#features/pki/index.ts'
import {
  createSignOnRouter,
  OidcClient,
  ProvidersService,
  SignOnAccounts,
  SignOnService,
} from '#features/sign-on/index.ts'
import { reachableAddresses, reachableNames, type SiteService } from '#features/site/index.ts'
import type { TenantsService } from '#features/tenants/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import type { Log } from '#platform/log/log.ts'
import { type AccountServicesDependencies, createAccountServices } from './account-services.ts'
import type { SiteSecrets } from './site-secrets.ts'
import { createUserServices } from './user-services.ts'

export interface PeopleServicesDependencies extends AccountServicesDependencies {
  db: SiteDb
  clock: Clock
  log: Log
  audit: AuditService
  identity: IdentityService
  tokens: TokensService
  apiKeys: ApiKeysService
  tenants: TenantsService
  site: SiteService
  secrets: SiteSecrets
  pki: Pki
}

export type PeopleServices = ReturnType<typeof createPeopleServices>

/** What people of a site that is set up sign in with, and what they are given. */
export function createPeopleServices(dependencies: PeopleServicesDependencies, procedures: Procedures) {
  const { identity, apiKeys, tenants } = dependencies
  const own = createAccountServices(dependencies, procedures)
  const users = createUserServices(dependencies, procedures)
  const signOn = createSignOn(dependencies, (userId) => users.accountChanged.emit({ userId, what: 'rights' }))
  return {
    signOn: signOn.service,
    users: users.service,
    accountChanged: users.accountChanged,
    roleChanged: users.roleChanged,
    routers: {
      auth: {
        ...createIdentityRouter(procedures, identity, tenants),
        ...createTokensRouter(procedures, dependencies),
        ...own.auth,
      },
      account: own.account,
      ...users.routers,
      apiKeys: createApiKeysRouter(procedures, apiKeys),
      signOn: createSignOnRouter(procedures, signOn.providers),
    },
  }
}

function createSignOn(
  { db, clock, log, audit, identity, site, secrets, pki }: PeopleServicesDependencies,
  rightsChanged: (userId: string) => void,
) {
  const { sessions } = identity
  const oidc = new OidcClient(clock)
  const sessionEnded = (sessionId: string) => sessions.ended.emit({ sessionId })
  const accounts = new SignOnAccounts({
    db,
    clock,
    audit,
    rightsChanged,
    sessionEnded,
    revokeClientCertificates: (trx, id) => pki.revokeClientCertificates(trx, id, 'superseded', clock.now()),
    certificatesRevoked: async () => void (await pki.refreshCrlIfDue(clock.now())),
  })
  const providers = new ProvidersService({
    db,
    clock,
    audit,
    oidc,
    accounts,
    sealer: () => secrets.sealer(),
    origins: () => browserOrigins(site),
    sessionEnded,
  })
  const service = new SignOnService({ clock, log, providers, oidc, accounts, sessions })
  return { providers, service }
}

/** Every address that a browser finds this site at, names first. */
function browserOrigins(site: SiteService): string[] {
  const network = site.network()
  const { https, http } = network.ports
  const hosts = [...reachableNames(network), ...reachableAddresses(network)]
  const written = hosts.map((host) => (host.includes(':') ? `[${host}]` : host))
  return [...written.map((host) => `https://${host}:${https}`), `http://localhost:${http}`]
}
