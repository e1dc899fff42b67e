import { PasswordGuard } from '#broker/auth/password-guard.ts'
import type { Policy } from '#broker/auth/policy.ts'
import type { RefusalLog } from '#broker/events/refusal-log.ts'
import { peerOf } from '#broker/events/refused-session.ts'
import { type IngestListener, IngestQueue } from '#broker/ingest/ingest-queue.ts'
import { Telemetry } from '#broker/ingest/telemetry.ts'
import { LimitedLog } from '#broker/limits/limited-log.ts'
import { MessageLimits } from '#broker/limits/message-limits.ts'
import { WithheldAcks } from '#broker/limits/withheld-acks.ts'
import { SqlitePersistence } from '#broker/persistence/sqlite-persistence.ts'
import type { BrokerEvent, BrokerLimits } from '#broker/port.ts'
import { Admission } from '#broker/server/admission.ts'
import { FrontGate } from '#broker/server/front-gate.ts'
import { Listeners } from '#broker/server/listeners.ts'
import { PlainListener } from '#broker/server/plain-listener.ts'
import { Acknowledger } from '#broker/sessions/acknowledger.ts'
import { Receipts } from '#broker/sessions/receipts.ts'
import { sessionOf } from '#broker/sessions/session.ts'
import { TopicTap } from '#broker/tap/topic-tap.ts'
import { guardParser, startAedes } from './aedes-broker.ts'
import { type AedesBroker, type AedesClient } from './aedes-internals.ts'
import { Audience } from './audience.ts'
import { Delivery } from './delivery.ts'
import { Entrance } from './entrance.ts'
import { MessageIntake } from './message-intake.ts'
import { SessionWatch } from './session-watch.ts'
import { SiteMessages } from './site-messages.ts'
import { isGranted, mayKeepMessage, SubscriptionCheck } from './subscription-check.ts'

/** What lives from start to stop. */
export interface HostParts {
  admission: Admission
  gate: FrontGate
  queue: IngestQueue
  persistence: SqlitePersistence
  aedes: AedesBroker
  watch: SessionWatch
  intake: MessageIntake
  messageLimits: MessageLimits
  limited: LimitedLog
  withheld: WithheldAcks
  receipts: Receipts
  messages: SiteMessages
  delivery: Delivery
  tap: TopicTap
  limits: BrokerLimits
  listeners: Listeners
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
  const withheld = new WithheldAcks(() => acknowledger.flush())
  const receipts = new Receipts()
  const limited = new LimitedLog(policy.tenants, emit, now)
  const messageLimits = new MessageLimits(
    policy.tenants,
    limited,
    (dialect) => policy.dialects.get(dialect).rates,
    now,
  )
  const watch = new SessionWatch(policy, emit, now)
  const admission = new Admission(limits, {
    refused: (reason, address, detail) => refusals.record({ reason, address, detail }),
  })
  const gate: FrontGate = new FrontGate(packetBounds(limits), {
    violated: (session, violation) => entrance.violated(session, violation),
    roomOf: ({ peer }) => (peer ? messageLimits.roomOf(peer) : 0),
  })
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
    queuedBytesPerClient: limits.queuedBytesPerClient,
    subscriptionsPerClient: limits.subscriptionsPerClient,
    onQueueFull: (clientId, topic) => {
      const peer = policy.findBySessionId(clientId)
      const live = policy.liveSession(clientId)
      // An MQTT client may subscribe to everything: its refusals are not told apart by topic.
      const refused = { clientId, topic: peer?.kind === 'client' ? null : topic }
      refusals.record({ reason: 'queue_full', address: live?.address ?? '', ...peerOf(peer), ...refused })
    },
    maySubscribe: (clientId, filter) => isGranted(policy, clientId, filter),
    mayReceive: (clientId, topic) => mayKeepMessage(policy, clientId, topic),
  })
  const audience = new Audience(policy, persistence.subscriptions)
  const delivery = new Delivery(limits, refusals, persistence, now)
  const tap = new TopicTap({ policy, retained: persistence.retained, emit, now })
  const telemetry = new Telemetry(queue, limits, now)
  const intake: MessageIntake = new MessageIntake({
    policy,
    telemetry,
    queue,
    acknowledger,
    persistence,
    refusals,
    limits,
    audience,
    messageLimits,
    withheld,
    receipts,
    tap,
    emit,
    now,
    route: (packet, client, done) => aedes.publish(packet, client, done),
  })
  const subscriptions = new SubscriptionCheck(refusals, limits, audience)
  const entrance: Entrance = new Entrance({
    policy,
    admission,
    refusals,
    gate,
    watch,
    now,
    guard: new PasswordGuard(limits.wrongPasswordsPerAddress),
    sessionsPerClient: limits.sessionsPerClient,
    keptSessions: ({ id }) => persistence.sessionsOf(id),
    closed: (session) => {
      subscriptions.closed(session)
      withheld.ended(session)
    },
    handle: (session) => {
      const client = aedes.handle(session.socket) as AedesClient
      guardParser(client)
      delivery.install(session, client)
    },
  })
  const aedes: AedesBroker = await startAedes(limits, persistence, {
    preConnect: (client, packet, accept) => entrance.connect(client, packet, accept),
    authorizePublish: (client, packet, done) => intake.authorize(client, packet, done),
    authorizeSubscribe: (client, subscription, granted) =>
      subscriptions.authorize(client, subscription, granted),
    authorizeForward: (client, packet) => {
      const session = sessionOf(client.conn)
      return session !== undefined && delivery.mayForward(session, packet)
    },
    registered: (client) => entrance.registered(client),
    acknowledgedConnect: (client) => entrance.acknowledged(client),
    subscribed: (client) => {
      const session = sessionOf(client.conn)
      persistence.retainedReader = session ? (topic) => session.mayReceive(topic) : null
      if (session) watch.listened(session)
    },
    unsubscribed: (client, filters) => {
      subscriptions.ended(client, filters)
      const session = sessionOf(client.conn)
      if (session) watch.listened(session)
    },
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
    messageLimits,
    limited,
    withheld,
    receipts,
    messages: new SiteMessages(aedes, tap, now),
    delivery,
    tap,
    limits,
    listeners: new Listeners(admission, limits.packetBytes, {
      secured: (socket, listener) =>
        listener === 'mqtts' ? entrance.secured(socket) : entrance.unknown(socket),
      tlsFailed: (address, detail, evidence) =>
        refusals.record({ reason: 'tls_failed', address, detail, evidence }),
      admitsWebSocket: (socket) => entrance.admitsWebSocket(socket),
      webSocketOpened: (stream, socket) => entrance.webSocketOpened(stream, socket),
      webSocketRefused: (socket, refusal) => entrance.webSocketRefused(socket, refusal),
      closed: (name) => entrance.listenerClosed(name),
    }),
    plain: new PlainListener(admission, (socket, address) => entrance.plain(socket, address)),
  }
}

function packetBounds({ packetBytes, subscriptionsPerClient, topicBytes }: BrokerLimits) {
  // MQTT 3.1.1 3.8.3: each filter with its length and QoS, after a header of at most five bytes and the packet id.
  return { packetBytes, subscribeBytes: subscriptionsPerClient * (topicBytes + 3) + 7 }
}
