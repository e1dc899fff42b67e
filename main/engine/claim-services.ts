import type { Procedures } from '#features/access/index.ts'
import type { AuditService } from '#features/audit/index.ts'
import {
  BootstrapService,
  type BrokerDirectory,
  ClaimManyService,
  ClaimsService,
  ClaimWindows,
  createClaimsRouter,
  createUnclaimRouter,
  type EnrollmentService,
  KnockBook,
  ReferenceBoxes,
  UnclaimService,
} from '#features/enrollment/index.ts'
import type { FleetService } from '#features/fleet/index.ts'
import type { JobsService } from '#features/jobs/index.ts'
import { type Pki, readCsrDer } from '#features/pki/index.ts'
import type { TenantsService } from '#features/tenants/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'
import type { JobRunner } from '#platform/jobs/job-runner.ts'
import type { Log } from '#platform/log/log.ts'
import { credentialRevoker } from './credential-revoker.ts'
import type { SiteSecrets } from './site-secrets.ts'

export interface ClaimServicesDependencies {
  db: SiteDb
  clock: Clock
  log: Log
  audit: AuditService
  tenants: TenantsService
  fleet: FleetService
  pki: Pki
  enrollment: EnrollmentService
  directory: BrokerDirectory
  secrets: Pick<SiteSecrets, 'sealer'>
  /** @throws ExpectedError `dialect_unknown` */
  requireDialect(name: string): void
  /** Ends commands that wait for a gateway. */
  cancelCommands(trx: SiteTrx, gatewayId: string): Promise<void>
}

/** Boxes that knock, and the people who claim them. */
export function createClaimServices(dependencies: ClaimServicesDependencies, procedures: Procedures) {
  const book = new KnockBook({ ...dependencies, sealer: () => dependencies.secrets.sealer() })
  const windows = new ClaimWindows(dependencies)
  const readKey = (csr: Uint8Array) => readCsrDer(csr).publicKey
  const claims = new ClaimsService({ ...dependencies, book, windows, readKey })
  const many = new ClaimManyService({ ...dependencies, book, claims })
  const revoker = credentialRevoker(dependencies.pki, dependencies.clock)
  const unclaiming = new UnclaimService({ ...dependencies, book, revoker })
  const bootstrap = new BootstrapService({ ...dependencies, book })
  return {
    book,
    windows,
    claims,
    bootstrap,
    /** Boxes of reference systems 000 and 001. */
    references: new ReferenceBoxes({ ...dependencies, book, windows, bootstrap }),
    unclaiming,
    gateways: createUnclaimRouter(procedures, { ...dependencies, unclaiming }),
    router: createClaimsRouter(procedures, { ...dependencies, claims, many, windows, book }),
    /** Before the jobs start. */
    register: (runner: JobRunner, jobs: JobsService) => {
      many.register(runner)
      jobs.guard('claims.accept', (actor, params) => many.requireReach(actor, params))
    },
    start: async () => {
      await book.start()
      await windows.start()
    },
    stop: async () => {
      windows.stop()
      await book.stop()
    },
  }
}
