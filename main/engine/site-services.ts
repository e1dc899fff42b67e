import { join } from 'node:path'
import { createBroker } from '#broker/create-broker.ts'
import type { MqttListeners } from '#contract/api/mqtt-clients.ts'
import { type Procedures, wholeTenant } from '#features/access/index.ts'
import { AnnotationsService, createAnnotationsRouter } from '#features/annotations/index.ts'
import type { ApiKeysService } from '#features/api-keys/index.ts'
import type { AuditService } from '#features/audit/index.ts'
import {
  CalculationEvaluator,
  CalculationsService,
  createCalculationsRouter,
  LiveCalculations,
} from '#features/calculations/index.ts'
import {
  createFleetRouter,
  FleetService,
  FleetState,
  gatewaysRepository,
  PresenceRecorder,
} from '#features/fleet/index.ts'
import type { IdentityService, TokensService } from '#features/identity/index.ts'
import { createLimitsRouter, LimitsService } from '#features/limits/index.ts'
import { createOverviewRouter, OverviewService, SiteVitals } from '#features/overview/index.ts'
import { createCertificatesRouter, type Pki } from '#features/pki/index.ts'
import {
  createRetentionRouter,
  listStorageEvents,
  RetentionService,
  StorageRecorder,
  StorageWatch,
} from '#features/retention/index.ts'
import { createSiteRouters, type SetupService, type SiteService } from '#features/site/index.ts'
import type { LinkTimes } from '#features/sync/index.ts'
import {
  ChannelRegistry,
  checkRange,
  createTelemetryRouter,
  DeviceEventsService,
  KnownDamage,
  TelemetryQueries,
  TelemetryService,
} from '#features/telemetry/index.ts'
import type { TenantsService } from '#features/tenants/index.ts'
import { createViewsRouter, ViewsService } from '#features/views/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import { createHistorian } from '#platform/historian/create-historian.ts'
import type { Log } from '#platform/log/log.ts'
import { workerUrl } from '#platform/threads/worker-url.ts'
import type { AccountServicesDependencies } from './account-services.ts'
import { createAuditServices } from './audit-services.ts'
import { createBatchServices } from './batch-services.ts'
import { brokerHosts } from './broker-hosts.ts'
import { BrokerPolicy } from './broker-link.ts'
import { type CloudServices, createCloudServices } from './cloud-services.ts'
import { credentialRevoker } from './credential-revoker.ts'
import { createDoctorServices } from './doctor-services.ts'
import { createEnrollmentServices } from './enrollment-services.ts'
import { createFirmwareServices } from './firmware-services.ts'
import { createFlashingServices, type FlashingServices } from './flashing-services.ts'
import { createJobServices } from './job-services.ts'
import { createMqttServices, type MqttServices } from './mqtt-services.ts'
import { createPeopleServices } from './people-services.ts'
import { createPrivacyServices } from './privacy-services.ts'
import type { SiteSecrets } from './site-secrets.ts'
import { createTenantServices } from './tenant-services.ts'

export interface SiteServicesDependencies extends Omit<AccountServicesDependencies, 'fleet'> {
  dataDir: string
  db: SiteDb
  clock: Clock
  log: Log
  audit: AuditService
  secrets: SiteSecrets
  identity: IdentityService
  tokens: TokensService
  apiKeys: ApiKeysService
  tenants: TenantsService
  site: SiteService
  setup: SetupService
  pki: Pki
  procedures: Procedures
  version: string
  demo: boolean
  deletionGrace: number | null
  installUdevRule: (() => Promise<{ installed: boolean; command: string | null }>) | null
  mqttListeners: Partial<MqttListeners>
  cloudTimes: Partial<LinkTimes> | null
}

export type SiteServices = ReturnType<typeof createSiteServices>

/** Everything of a site that is set up, bound together; nothing runs yet. */
export function createSiteServices(dependencies: SiteServicesDependencies) {
  const { dataDir, db, clock, log, audit, tenants, site, pki, procedures } = dependencies
  const historian = createHistorian({ dir: join(dataDir, 'telemetry') })
  const broker = createBroker({ workerUrl: workerUrl('../../broker/broker.worker', import.meta.url) })
  const policy = new BrokerPolicy()
  const state = new FleetState()
  const revoker = credentialRevoker(pki, clock)
  const fleet = new FleetService({ db, clock, audit, tenants, state, policy, revoker })
  const enrolling = createEnrollmentServices(
    {
      ...dependencies,
      fleet,
      policy,
      state,
      broker,
      gatewayChanged: (change) => presence.changed.emit(change),
      refused: (refusal) => presence.refused(refusal),
    },
    procedures,
  )
  const { credentials } = enrolling
  const presence: PresenceRecorder = new PresenceRecorder({
    db,
    clock,
    log,
    state,
    fleet,
    onCredentialsProved: async (proved) => {
      try {
        await enrolling.proved(proved)
      } finally {
        // Boards are awaited: that the rest failed is told by whoever asked.
        flashing.proved(proved)
      }
    },
  })
  const registry = new ChannelRegistry({
    db,
    clock,
    owner: (assignmentId) => state.gatewayOfAssignment(assignmentId),
    gateway: (id) => state.row(id),
  })
  const telemetry: TelemetryService = new TelemetryService({
    db,
    clock,
    log,
    audit,
    historian,
    registry,
    fleet,
    state,
    retentionClassMustExist: (id) => retention.mustExist(id),
  })
  const calculations = new CalculationsService({
    db,
    seesChannel: (scope, channelId) => registry.byId(scope, channelId) !== undefined,
    clock,
    log,
    audit,
    tenants,
    channelsOf: (tenantId) =>
      registry.all(wholeTenant(tenantId)).map((channel) => ({
        ...telemetry.view(channel),
        createdAt: channel.row.createdAt,
      })),
  })
  const evaluator = new CalculationEvaluator({
    historian,
    clock,
    seriesOf: (channelId) => registry.byId({ all: true }, channelId)?.row.seriesId,
  })
  const liveCalculations = new LiveCalculations({
    book: calculations.book,
    evaluator,
    registry,
    watchers: telemetry.watchers,
    historian,
  })
  const damage = new KnownDamage()
  historian.onStorageEvent((event) => damage.note(event))
  const queries = new TelemetryQueries({
    service: telemetry,
    historian,
    clock,
    calculations: liveCalculations,
    calendar: () => site.plantCalendar(),
    damage,
  })
  const recorder = new StorageRecorder({ db, clock, log, audit })
  const storage: StorageWatch = new StorageWatch({
    clock,
    log,
    dataDir,
    historian,
    recorder,
    choices: () => retention.choices,
    arrived: () => telemetry.meter({ all: true }).total,
  })
  const limits = new LimitsService({
    db,
    clock,
    log,
    // Whoever follows its refusals follows what was limited.
    changed: (gatewayId) => presence.changed.emit({ gatewayId, what: 'refusals' }),
  })
  const retention = new RetentionService({
    db,
    clock,
    audit,
    historian,
    channels: () => registry.all({ all: true }).map(({ row }) => row),
    files: () => storage.files(),
    measureFiles: () => storage.measureFiles(),
  })
  const vitals: SiteVitals = new SiteVitals({
    clock,
    log,
    dataDir,
    historian,
    telemetry,
    state,
    broker,
    storage,
    cloud: () => cloud.pulse(),
  })
  const views = new ViewsService({ db, clock, audit, tenants })
  const annotations = new AnnotationsService({
    db,
    clock,
    audit,
    tenants,
    tenantOfChannel: (scope, channelId) => telemetry.channel(scope, channelId).row.tenantId,
  })
  const overview = new OverviewService({
    db,
    clock,
    state,
    tenants,
    vitals,
    troubles: () => storage.troubles(),
    cloudTroubles: () => cloud.troubles(),
    storageEvents: (limit) => listStorageEvents(db, limit),
  })

  const transfers = createJobServices(
    { dataDir, db, clock, log, audit, fleet, tenants, registry, telemetry, historian },
    procedures,
  )
  enrolling.knocking.register(transfers.runner, transfers.jobs)
  const auditServices = createAuditServices(
    { dataDir, db, clock, log, audit, key: dependencies.secrets.auditKey, transfers },
    procedures,
  )
  const people = createPeopleServices({ ...dependencies, fleet }, procedures)
  const tenantServices = createTenantServices(
    {
      ...dependencies,
      fleet,
      policy,
      retention,
      reachChanged: () => mqtt.policies.reconcile(),
    },
    procedures,
  )
  const batch = createBatchServices(
    { ...dependencies, fleet, enrolling, transfers, groups: tenantServices.groups },
    procedures,
  )
  const firmware = createFirmwareServices({ ...dependencies, transfers }, procedures)
  const flashing: FlashingServices = createFlashingServices(
    { ...dependencies, fleet, state, historian, registry, enrolling, firmware },
    procedures,
  )
  const mqtt: MqttServices = createMqttServices(
    {
      ...dependencies,
      broker,
      policy,
      state,
      people,
      listenerOverrides: dependencies.mqttListeners,
      hosts: () => brokerHosts(site.network()),
    },
    procedures,
  )
  const parts = {
    historian,
    broker,
    policy,
    state,
    fleet,
    enrolling,
    credentials,
    presence,
    registry,
    telemetry,
    calculations,
    limits,
    retention,
    recorder,
    storage,
    vitals,
    transfers,
    batch,
    firmware,
    flashing,
    people,
    auditServices,
    mqtt,
  }
  const deviceEvents = new DeviceEventsService({
    clock,
    state,
    registry,
    historian,
    assignmentOf: async (id) =>
      (await gatewaysRepository.gatewayById(db, { all: true }, id))?.assignmentId ?? null,
  })
  const privacy = createPrivacyServices({ ...dependencies, ...parts, tenantServices }, procedures)
  const doctor = createDoctorServices({ ...dependencies, ...parts }, procedures)
  const cloud: CloudServices = createCloudServices({ ...dependencies, ...parts, tenantServices }, procedures)
  const router = procedures.router({
    ...createSiteRouters(procedures, { ...dependencies, pulse: (scope) => vitals.pulse(scope) }),
    ...tenantServices.routers,
    gateways: {
      ...createFleetRouter(procedures, {
        db,
        fleet,
        state,
        presence,
        placement: tenantServices.placement,
      }),
      ...enrolling.routers.gateways,
      ...batch.router,
    },
    limits: createLimitsRouter(procedures, { service: limits, fleet, tenants }),
    certificates: {
      ...createCertificatesRouter(procedures, {
        db,
        pki,
        gatewayId: async (scope, reference) => (await fleet.find(scope, reference)).id,
        tenantId: (scope, reference) => fleet.tenantId(scope, reference),
      }),
      ...enrolling.routers.certificates,
    },
    telemetry: createTelemetryRouter(procedures, {
      service: telemetry,
      queries,
      calculations: liveCalculations,
      historian,
    }),
    calculations: createCalculationsRouter(procedures, { service: calculations, evaluator, checkRange }),
    overview: createOverviewRouter(procedures, overview),
    ...transfers.routers,
    ...people.routers,
    retention: createRetentionRouter(procedures, { service: retention, storage }),
    views: createViewsRouter(procedures, views),
    annotations: createAnnotationsRouter(procedures, annotations),
    audit: auditServices.router,
    mqttClients: mqtt.router,
    privacy: privacy.router,
    ...enrolling.groups,
    doctor: doctor.router,
    firmware: firmware.router,
    bench: flashing.router,
    cloud: cloud.router,
  })

  return { ...parts, privacy, deviceEvents, doctor, cloud, router }
}
