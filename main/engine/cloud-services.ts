import type { Procedures } from '#features/access/index.ts'
import type { AuditService } from '#features/audit/index.ts'
import { type FleetService, ReassignmentService } from '#features/fleet/index.ts'
import type { SiteService } from '#features/site/index.ts'
import {
  CloudLink,
  type CloudPulse,
  CloudStatusService,
  cloudMetrics,
  cloudSweeps,
  compareEverything,
  conflictsOf,
  createCloudRouter,
  DeadLettersService,
  defaultLinkTimes,
  FleetSync,
  JoinService,
  LeaveService,
  LinkSettingsService,
  type LinkTimes,
  TelemetrySync,
  TenantChoices,
  Traffic,
} from '#features/sync/index.ts'
import type { TenantsService } from '#features/tenants/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import type { Historian } from '#platform/historian/historian.ts'
import type { Log } from '#platform/log/log.ts'
import { gatewayAccess } from './cloud-gateway-access.ts'
import { cloudTargets } from './cloud-targets.ts'
import type { createEnrollmentServices } from './enrollment-services.ts'
import type { PeopleServices } from './people-services.ts'
import type { SiteSecrets } from './site-secrets.ts'
import type { createTenantServices } from './tenant-services.ts'

export interface CloudServicesDependencies {
  db: SiteDb
  clock: Clock
  log: Log
  audit: AuditService
  version: string
  secrets: Pick<SiteSecrets, 'sealer'>
  site: SiteService
  tenants: TenantsService
  fleet: FleetService
  historian: Historian
  people: Pick<PeopleServices, 'users'>
  tenantServices: ReturnType<typeof createTenantServices>
  enrolling: Pick<ReturnType<typeof createEnrollmentServices>, 'dialects' | 'commands'>
  /** Null: `defaultLinkTimes`. */
  cloudTimes?: Partial<LinkTimes> | null
}

export type CloudServices = ReturnType<typeof createCloudServices>

/** The link to the shared Postgres, where a person has joined one. */
export function createCloudServices(dependencies: CloudServicesDependencies, procedures: Procedures) {
  const { db, clock, audit, log, version, site, historian, people, tenantServices, enrolling } = dependencies
  const sealer = () => dependencies.secrets.sealer()
  const { placement, groups, changes } = tenantServices
  const reassignment = new ReassignmentService({
    ...dependencies,
    cancelCommands: (trx, gatewayId) => enrolling.commands.delivery.cancelIn(trx, gatewayId),
  })
  const targets = cloudTargets({
    ...dependencies,
    placement,
    groups,
    tenants: changes,
    users: people.users,
    reassignment,
  })
  const access = gatewayAccess(enrolling.dialects.book)
  const fleet = new FleetSync({ db, clock, log, targets, access, version })
  const telemetry = new TelemetrySync({ db, clock, log, historian })
  const traffic = new Traffic()
  const times: LinkTimes = { ...defaultLinkTimes, ...dependencies.cloudTimes }
  const link = new CloudLink({
    ...dependencies,
    fleet,
    telemetry,
    traffic,
    times,
    sealer,
    zone: () => site.plantCalendar().timeZone,
    cloudRestored: () => compareEverything({ db, clock, log, telemetry }),
    tenantMadeAnew: (trx, tenant) => choices.sendAnew(trx, tenant),
    takeBack: (...of) => leaving.takeBack(...of),
    joined: (isJoined) => {
      telemetry.joined(isJoined)
      if (isJoined) fleet.start()
      else fleet.stop()
    },
  })
  const sweeps = cloudSweeps({ db, clock, audit, telemetry })
  const choices = new TenantChoices({
    db,
    fleet,
    countReadings: async (tenantId, fromAt) => (await telemetry.estimate(tenantId, fromAt)).readings,
    ...sweeps.ofTenants,
  })
  const deadLetters = new DeadLettersService({ db, clock, audit, historian })
  const status = new CloudStatusService({
    db,
    clock,
    link,
    telemetry,
    traffic,
    left: () => leaving.left,
  })
  const newestReading = async () => (await historian.stats()).lastSeq
  const joining = new JoinService({ ...dependencies, link, telemetry, choices, sealer, newestReading })
  const leaving = new LeaveService({
    ...dependencies,
    choices,
    link,
    sealer,
    forgetAll: (trx) => fleet.forgetAll(trx),
  })
  const settings = new LinkSettingsService({ db, clock, audit, link, fleet, choices, sealer })
  let pulse: CloudPulse | null = null
  const follow = async () => {
    try {
      pulse = await status.pulse()
    } catch {
      // The store is closing.
    }
  }
  link.changed.subscribe(() => void follow())
  return {
    deadLetters,
    /** For the status bar: of a second ago. Null where the site has not joined. */
    pulse: () => pulse,
    troubles: () => status.troubles(),
    metrics: () => cloudMetrics(status, traffic),
    /** Once the store has started, before anything comes. */
    checkStore: () => telemetry.checkStore(),
    /** Last, once everything runs. A site that has not joined connects to nothing. */
    start: async () => {
      await telemetry.start()
      await link.start()
    },
    stop: async () => {
      await link.stop()
      await telemetry.settled()
    },
    router: createCloudRouter(procedures, {
      status,
      link,
      joining,
      leaving,
      settings,
      sweeps,
      conflicts: conflictsOf({ db, audit, fleet, link }),
      deadLetters,
    }),
  }
}
