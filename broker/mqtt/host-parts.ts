import type { Policy } from '#broker/auth/policy.ts'
import type { RefusalLog } from '#broker/events/refusal-log.ts'
import { type IngestListener, IngestQueue } from '#broker/ingest/ingest-queue.ts'
import { Telemetry } from '#broker/ingest/telemetry.ts'
import { SqlitePersistence } from '#broker/persistence/sqlite-persistence.ts'
import type { BrokerEvent, BrokerLimits } from '#broker/port.ts'
import { Admission } from '#broker/server/admission.ts'
import { FrontGate } from '#broker/server/front-gate.ts'
import { MqttsListener } from '#broker/server/mqtts-listener.ts'
import { PlainListener } from '#broker/server/plain-listener.ts'
import { Acknowledger } from '#broker/sessions/acknowledger.ts'
import { guardParser, startAedes } from './aedes-broker.ts'
import { type AedesBroker, type AedesClient } from './aedes-internals.ts'
import { Entrance } from './entrance.ts'
import { MessageIntake } from './message-intake.ts'
import { SessionWatch } from './session-watch.ts'
import { SiteMessages } from './site-messages.ts'
import { SubscriptionCheck } from './subscription-check.ts'

/** What lives from start to stop. */
export interface HostParts {
  admission: Admission
  gate: FrontGate
  queue: IngestQueue
  persistence: SqlitePersistence
  aedes: AedesBroker
  watch: SessionWatch
  intake: MessageIntake
  messages: SiteMessages
  listener: MqttsListener
  plain: PlainListener
}

export interface PartsContext {
  policy: Policy
  refusals: RefusalLog
  emit(event: BrokerEvent): void
  now(): number
  ingest: Omit<IngestListener, 'released' | 'relieved'>
}

/**
 * Makes the parts and binds them; nothing listens yet.
 *
 * @throws ExpectedError `data_damaged`, `data_from_newer_version`
 */
export async function openParts(
  { limits, persistenceFile }: { limits: BrokerLimits; persistenceFile: string },
  { policy, refusals, emit, now, ingest }: PartsContext,
): Promise<HostParts> {
  const acknowledger = new Acknowledger()
  const watch = new SessionWatch(policy, emit, now)
  const admission = new Admission(limits, {
    refused: (reason, address, detail) => refusals.record({ reason, address, detail }),
  })
  const gate: FrontGate = new FrontGate(packetBounds(limits), (session, violation) =>
    entrance.violated(session, violation),
  )
  const queue = new IngestQueue(
    {
      ...ingest,
      released: () => acknowledger.flush(),
      pressed: () => {
        gate.hold()
        ingest.pressed()
      },
      relieved: () => gate.release(),
    },
    limits.pendingReadings,
  )
  const persistence = new SqlitePersistence(persistenceFile, {
    queuedMessagesPerClient: limits.queuedMessagesPerClient,
    onQueueFull: (clientId, topic) => {
      const gateway = policy.findByWireName(clientId)
      const address = gateway?.live?.address ?? ''
      refusals.record({ reason: 'queue_full', address, gatewayId: gateway?.id ?? null, clientId, topic })
    },
    maySubscribe: (clientId, filter) =>
      policy.findByWireName(clientId)?.rules.allowsReceiving(filter) ?? false,
  })
  const telemetry = new Telemetry(queue, limits, now)
  const intake: MessageIntake = new MessageIntake({
    policy,
    telemetry,
    queue,
    acknowledger,
    persistence,
    refusals,
    limits,
    emit,
    now,
    route: (packet, client, done) => aedes.publish(packet, client, done),
  })
  const subscriptions = new SubscriptionCheck(refusals, limits)
  const entrance: Entrance = new Entrance({
    policy,
    admission,
    refusals,
    gate,
    watch,
    now,
    handle: (socket) => guardParser(aedes.handle(socket) as AedesClient),
  })
  const aedes: AedesBroker = await startAedes(limits, persistence, {
    preConnect: (client, packet, accept) => entrance.connect(client, packet, accept),
    authorizePublish: (client, packet, done) => intake.authorize(client, packet, done),
    authorizeSubscribe: (client, subscription, granted) =>
      subscriptions.authorize(client, subscription, granted),
    authorizeForward: (client, topic) => subscriptions.mayForward(client, topic),
    registered: (client) => entrance.registered(client),
    acknowledgedConnect: (client) => entrance.acknowledged(client),
    unsubscribed: (client, filters) => subscriptions.ended(client, filters),
    keepaliveMissed: (client) => entrance.keepaliveMissed(client),
    failed: (client, error) => entrance.failed(client, error),
  })
  return {
    admission,
    gate,
    queue,
    persistence,
    aedes,
    watch,
    intake,
    messages: new SiteMessages(aedes, now),
    listener: new MqttsListener(admission, {
      secured: (socket, address) => entrance.secured(socket, address),
      tlsFailed: (address, detail) => refusals.record({ reason: 'tls_failed', address, detail }),
    }),
    plain: new PlainListener(admission, (socket, address) => entrance.plain(socket, address)),
  }
}

function packetBounds({ packetBytes, subscriptionsPerClient, topicBytes }: BrokerLimits) {
  // MQTT 3.1.1 3.8.3: each filter with its length and QoS, after a header of at most five bytes and the packet id.
  return { packetBytes, subscribeBytes: subscriptionsPerClient * (topicBytes + 3) + 7 }
}
