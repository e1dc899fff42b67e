import type { Broker } from '#broker/port.ts'
import type { Procedures } from '#features/access/index.ts'
import type { AuditService } from '#features/audit/index.ts'
import {
  CredentialRenewal,
  CredentialsService,
  createEnrollmentRouter,
  EnrollmentService,
} from '#features/enrollment/index.ts'
import type { FleetService, FleetState, GatewayChange, RefusalFact } from '#features/fleet/index.ts'
import { createLabelsRouter, LabelsService } from '#features/labels/index.ts'
import type { Pki } from '#features/pki/index.ts'
import type { SiteService } from '#features/site/index.ts'
import type { TenantsService } from '#features/tenants/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import type { Log } from '#platform/log/log.ts'
import { brokerDirectory } from './broker-directory.ts'
import type { BrokerPolicy } from './broker-link.ts'
import { createClaimServices } from './claim-services.ts'
import { createCommandServices } from './command-services.ts'
import { createDialectServices } from './dialect-services.ts'
import { createOwnKeyServices } from './own-key-services.ts'
import { createProfileServices } from './profile-services.ts'
import type { SiteSecrets } from './site-secrets.ts'
import { createTopicServices } from './topic-services.ts'
import { browserAddress } from './user-services.ts'

export interface EnrollmentServicesDependencies {
  db: SiteDb
  clock: Clock
  audit: AuditService
  tenants: TenantsService
  site: SiteService
  fleet: FleetService
  policy: BrokerPolicy
  pki: Pki
  secrets: Pick<SiteSecrets, 'sealer'>
  log: Log
  broker: Pick<Broker, 'publish' | 'confirmMessage' | 'tap' | 'refusedMessages' | 'topicUse'>
  state: Pick<FleetState, 'row'>
  /** Whoever follows a gateway is told. */
  gatewayChanged(change: GatewayChange): void
  refused(refusal: RefusalFact): void
}

/** How boxes become gateways: everything between a knock and a credential. */
export function createEnrollmentServices(
  dependencies: EnrollmentServicesDependencies,
  procedures: Procedures,
) {
  const { pki } = dependencies
  const dialects = createDialectServices(dependencies, procedures)
  const directory = brokerDirectory(dependencies.site, dialects.book)
  const credentials = new CredentialsService({ ...dependencies, directory })
  const enrollment = new EnrollmentService({
    ...dependencies,
    credentials,
    directory,
    naming: dialects.naming,
    commandsQueued: (gatewayId) => commands.delivery.queued(gatewayId),
  })
  const knocking = createClaimServices(
    {
      ...dependencies,
      ...dialects.naming,
      enrollment,
      directory,
      cancelCommands: (trx, gatewayId) => commands.delivery.cancelIn(trx, gatewayId),
    },
    procedures,
  )
  const commands = createCommandServices({ ...dependencies, directory }, procedures)
  const ownKeys = createOwnKeyServices(
    { ...dependencies, ...knocking, ...dialects.naming, enrollment, directory, commands },
    procedures,
  )
  const topics = createTopicServices(dependencies, procedures)
  const wiring = createProfileServices({ ...dependencies, directory, naming: dialects.naming }, procedures)
  const renewal = new CredentialRenewal({ ...dependencies, enrollment })
  const { provision, renewCredential, ...handover } = createEnrollmentRouter(procedures, {
    enrollment,
    credentials,
    renewal,
    pki,
  })
  const labels = new LabelsService({
    db: dependencies.db,
    fleet: dependencies.fleet,
    origin: () => browserAddress(dependencies.site),
    siteName: () => dependencies.site.name() ?? '',
  })
  return {
    directory,
    /** `dialects.naming`: which there are, and whether names of gateways collide. */
    dialects,
    credentials,
    enrollment,
    ownKeys,
    /** Boxes that knock: `knocking.book` takes them, `knocking.claims` makes gateways of them. */
    knocking,
    /** Sessions were opened with these: hand-overs end, and renewed certificates take over. */
    proved: async (sessions: Parameters<CredentialsService['proved']>[0]) => {
      await credentials.proved(sessions)
      await ownKeys.renewals.proved(sessions.map(({ fingerprint }) => fingerprint))
    },
    /** Commands to gateways: `commands.service` gives them, `commands.delivery` brings them and hears the answers. */
    commands,
    labels,
    /** What is published: `topics.service.capture` for others who look at messages. */
    topics,
    /** Procedures by the group of the contract that they belong to. */
    routers: {
      gateways: { provision, ...knocking.gateways, ...ownKeys.gateways, renewCredential, ...wiring.gateways },
      certificates: handover,
    },
    /** Groups of the contract that are of this alone. */
    groups: {
      ...ownKeys.groups,
      claims: knocking.router,
      commands: commands.router,
      dialects: dialects.router,
      profiles: wiring.profiles,
      topics: topics.router,
      labels: createLabelsRouter(procedures, labels),
    },
  }
}
