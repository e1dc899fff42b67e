import { join } from 'node:path'
import { createBroker } from '#broker/create-broker.ts'
import { clientIdFor, topicsFor } from '#broker/dialects/dialects.ts'
import { defaultBrokerLimits } from '#broker/port.ts'
import type { MqttListeners } from '#contract/api/mqtt-clients.ts'
import { wireName } from '#contract/model/ids.ts'
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
import { CredentialsService, createEnrollmentRouter, EnrollmentService } from '#features/enrollment/index.ts'
import {
  createFleetRouter,
  FleetService,
  FleetState,
  gatewaysRepository,
  newestRefusals,
  PresenceRecorder,
} from '#features/fleet/index.ts'
import type { IdentityService, TokensService } from '#features/identity/index.ts'
import { allTenantPolicies, createLimitsRouter, LimitsService } from '#features/limits/index.ts'
import { createOverviewRouter, OverviewService, SiteVitals } from '#features/overview/index.ts'
import { createCertificatesRouter, type Pki, parseRevocationReason } from '#features/pki/index.ts'
import {
  createRetentionRouter,
  listStorageEvents,
  RetentionService,
  StorageRecorder,
  StorageWatch,
} from '#features/retention/index.ts'
import { createSiteRouters, type SetupService, type SiteService } from '#features/site/index.ts'
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
import { brokerHosts } from './broker-hosts.ts'
import { BrokerPolicy, identitiesOf, routeBrokerEvents } from './broker-link.ts'
import { createJobServices } from './job-services.ts'
import { createMqttServices, type MqttServices, optionalListeners, portsOf } from './mqtt-services.ts'
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
  mqttListeners: Partial<MqttListeners>
}

type WireGateway = { id: string; mac: string | null; dialect: string }

export type SiteServices = ReturnType<typeof createSiteServices>

/** Everything of a site that is set up, bound together; nothing runs yet. */
export function createSiteServices(dependencies: SiteServicesDependencies) {
  const { dataDir, db, clock, log, audit, tenants, site, pki, procedures } = dependencies
  const historian = createHistorian({ dir: join(dataDir, 'telemetry') })
  const broker = createBroker({ workerUrl: workerUrl('../../broker/broker.worker', import.meta.url) })
  const policy = new BrokerPolicy()
  const state = new FleetState()
  const revoker = {
    revokeIn: async (
      ...[trx, gatewayId, reason, now]: Parameters<
        ConstructorParameters<typeof FleetService>[0]['revoker']['revokeIn']
      >
    ) => {
      await pki.revokeCertificates(trx, gatewayId, parseRevocationReason(reason), now)
    },
    afterRevocation: async () => {
      await pki.refreshCrlIfDue(clock.now())
      await pki.eraseTrail()
    },
  }
  const fleet = new FleetService({ db, clock, audit, tenants, state, policy, revoker })
  const directory = {
    hosts: () => brokerHosts(site.network()),
    port: () => site.network().ports.mqtts,
    siteName: () => site.name() ?? '',
    clientIdOf: (gateway: WireGateway) => clientIdFor(gateway.dialect, wireName(gateway), gateway.mac),
    topicsOf: (gateway: WireGateway) =>
      topicsFor(gateway.dialect, wireName(gateway), gateway.mac) as Record<string, string>,
  }
  const credentials = new CredentialsService({ db, clock, audit, fleet, pki, directory })
  const enrollment = new EnrollmentService({ db, clock, audit, tenants, fleet, pki, credentials, directory })
  const presence = new PresenceRecorder({
    db,
    clock,
    log,
    state,
    fleet,
    onCredentialsProved: (fingerprints) => credentials.proved(fingerprints),
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
  const vitals = new SiteVitals({ clock, log, dataDir, historian, telemetry, state, broker, storage })
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
    storageEvents: (limit) => listStorageEvents(db, limit),
  })

  const enrollmentRouter = createEnrollmentRouter(procedures, { enrollment, credentials, pki })
  const transfers = createJobServices(
    { dataDir, db, clock, log, audit, fleet, tenants, registry, telemetry, historian },
    procedures,
  )
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
      provision: enrollmentRouter.provision,
    },
    limits: createLimitsRouter(procedures, { service: limits, fleet, tenants }),
    certificates: {
      ...createCertificatesRouter(procedures, {
        db,
        pki,
        gatewayId: async (scope, reference) => (await fleet.find(scope, reference)).id,
        tenantId: (scope, reference) => fleet.tenantId(scope, reference),
      }),
      credentials: enrollmentRouter.credentials,
      received: enrollmentRouter.received,
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
  })

  return { ...parts, privacy, deviceEvents, router }
}

/** Store first, so that what it holds is known before anything new arrives. */
export async function startStore(
  services: SiteServices,
  dependencies: SiteServicesDependencies,
): Promise<void> {
  const { historian, state, presence, telemetry, calculations, retention, storage } = services
  const { db, clock, log } = dependencies
  historian.onRestarted((worker, cause) =>
    log.error({ worker, cause }, 'a worker of the store died; another took over'),
  )
  historian.onStorageEvent((event) => storage.happened(event))
  await retention.start()
  await Promise.all([historian.start(), presence.start()])
  const now = clock.now()
  for (const gateway of await gatewaysRepository.allGateways(db))
    state.put(gateway, gateway.lastSeenAt ?? gateway.createdAt ?? now)
  for (const { gatewayId, reason, at, count } of await newestRefusals(db)) {
    if (gatewayId !== null) state.setRefusal(gatewayId, { reason: reason as never, at, count })
  }
  telemetry.channelsChanged.subscribe(({ gatewayId }) =>
    presence.changed.emit({ gatewayId, what: 'channels' }),
  )
  telemetry.channelsChanged.subscribe(() => retention.channelsChanged())
  await Promise.all([telemetry.start(), calculations.start()])
  telemetry.showLatest()
  storage.start()
}

/** Opens the MQTT listeners. Returns the addresses that gateways are told, as URLs. */
export async function startBroker(
  services: SiteServices,
  dependencies: SiteServicesDependencies,
): Promise<string[]> {
  const { db, clock, pki, site, log, dataDir } = dependencies
  const { broker, historian, policy, presence, vitals, limits, mqtt } = services
  routeBrokerEvents(broker, { presence, vitals, limits, mqtt, log })
  await mqtt.listeners.start()
  const clients = await mqtt.policies.all()
  historian.onRestarted((worker) => {
    if (worker !== 'writer') return
    broker
      .replaceIngest(historian.openIngest())
      .catch((err: unknown) => log.error({ err }, 'the broker was not given a new way to the store'))
  })
  const { addresses, ports } = site.network()
  const bound = await broker.start({
    persistenceFile: join(dataDir, 'broker.sqlite'),
    mqtts: { addresses, port: ports.mqtts },
    credentials: await pki.serverCredentials(),
    identities: await identitiesOf(db, dependencies.tenants.groups),
    tenants: await allTenantPolicies(db, clock.now()),
    clients,
    listeners: optionalListeners(mqtt.listeners.wanted, site),
    openIngest: () => historian.openIngest(),
    limits: defaultBrokerLimits,
  })
  mqtt.policies.started(clients)
  mqtt.listeners.opened(portsOf(bound))
  await policy.attach(broker)
  await mqtt.policies.reconcile()
  const port = bound.mqtts[0]?.port ?? ports.mqtts
  site.listeningOn({ mqtts: port })
  return brokerHosts(site.network()).map(
    (host) => `mqtts://${host.includes(':') ? `[${host}]` : host}:${port}`,
  )
}
