import type { Procedures } from '#features/access/index.ts'
import type { AuditService } from '#features/audit/index.ts'
import {
  BindService,
  type BootstrapService,
  type BrokerDirectory,
  bindAnswer,
  CsrKnocksService,
  createNoticesRouter,
  createOwnKeysRouter,
  type EnrollmentService,
  type KnockBook,
  Notices,
  SignCsrService,
} from '#features/enrollment/index.ts'
import { createEstRouter, EstPasswordsService, EstService, RenewalsService } from '#features/est/index.ts'
import type { FleetService, GatewayChange } from '#features/fleet/index.ts'
import type { Pki } from '#features/pki/index.ts'
import type { SiteService } from '#features/site/index.ts'
import type { TenantsService } from '#features/tenants/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import type { Log } from '#platform/log/log.ts'
import { brokerHosts } from './broker-hosts.ts'
import type { CommandServices } from './command-services.ts'

export interface OwnKeyServicesDependencies {
  db: SiteDb
  clock: Clock
  log: Log
  audit: AuditService
  tenants: TenantsService
  site: SiteService
  fleet: FleetService
  pki: Pki
  enrollment: EnrollmentService
  book: KnockBook
  bootstrap: BootstrapService
  commands: CommandServices
  directory: BrokerDirectory
  /** Whoever follows a gateway is told. */
  gatewayChanged(change: GatewayChange): void
  /** @throws ExpectedError `dialect_unknown` */
  requireDialect(name: string): void
}

/** For boxes that make their own key: certificate requests, binding, EST and renewal. */
export function createOwnKeyServices(dependencies: OwnKeyServicesDependencies, procedures: Procedures) {
  const { site, log, commands } = dependencies
  const renewals = new RenewalsService(dependencies)
  const passwords = new EstPasswordsService(dependencies)
  const csrKnocks = new CsrKnocksService(dependencies)
  const est = new EstService({ ...dependencies, csrKnocks })
  const sign = new SignCsrService(dependencies)
  const notices = new Notices((err) => log.error({ err }, 'a person was not told'))
  const { service, delivery } = commands
  const bind = new BindService({ ...dependencies, commands: service, delivery })
  delivery.follow('bind', bindAnswer({ ...dependencies, notices }))
  return {
    est,
    renewals,
    csrKnocks,
    bind,
    notices,
    gateways: createOwnKeysRouter(procedures, { ...dependencies, bind, sign }),
    groups: {
      est: createEstRouter(procedures, { passwords, url: () => deviceOrigin(site) }),
      notices: createNoticesRouter(procedures, notices),
    },
  }
}

/** Where boxes find the listener for devices. */
function deviceOrigin(site: SiteService): string {
  const network = site.network()
  const [host = 'localhost'] = brokerHosts(network)
  return `https://${host.includes(':') ? `[${host}]` : host}:${network.ports.deviceHttps}`
}
