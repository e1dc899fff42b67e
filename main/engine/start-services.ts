import { join } from 'node:path'
import { defaultBrokerLimits } from '#broker/port.ts'
import { gatewaysRepository, newestRefusals } from '#features/fleet/index.ts'
import { allTenantPolicies } from '#features/limits/index.ts'
import { brokerHosts } from './broker-hosts.ts'
import { identitiesOf, routeBrokerEvents } from './broker-link.ts'
import { optionalListeners, portsOf } from './mqtt-services.ts'
import type { SiteServices, SiteServicesDependencies } from './site-services.ts'

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
  await Promise.all([
    retention.start(),
    services.enrolling.dialects.service.start(),
    services.firmware.bundles.start(),
  ])
  await Promise.all([historian.start(), presence.start(), services.enrolling.knocking.start()])
  await services.cloud.checkStore()
  const now = clock.now()
  for (const gateway of await gatewaysRepository.allGateways(db))
    state.put(gateway, gateway.lastSeenAt ?? gateway.createdAt ?? now)
  for (const ended of await gatewaysRepository.endedAssignments(db)) state.putEnded(ended)
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
  const { commands, topics } = services.enrolling
  const { delivery } = commands
  await delivery.start()
  // Boards that were on their way when the site stopped may be the first to connect.
  await services.flashing.start()
  const heard = { presence, vitals, limits, mqtt, commands: delivery, topics: topics.service, log }
  routeBrokerEvents(broker, heard)
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
    dialects: services.enrolling.dialects.service.own,
    identities: await identitiesOf(db, dependencies.tenants.groups),
    tenants: await allTenantPolicies(db, clock.now()),
    clients,
    listeners: optionalListeners(mqtt.listeners.wanted, site),
    openIngest: () => historian.openIngest(),
    limits: defaultBrokerLimits,
  })
  mqtt.policies.started(clients)
  services.doctor.watch.start()
  mqtt.listeners.opened(portsOf(bound))
  await policy.attach(broker)
  await mqtt.policies.reconcile()
  const port = bound.mqtts[0]?.port ?? ports.mqtts
  site.listeningOn({ mqtts: port })
  return brokerHosts(site.network()).map(
    (host) => `mqtts://${host.includes(':') ? `[${host}]` : host}:${port}`,
  )
}
