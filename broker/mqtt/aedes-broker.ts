import { Aedes, type ConnackPacket, type ConnectPacket, type PublishPacket, type Subscription } from 'aedes'
import type { SqlitePersistence } from '#broker/persistence/sqlite-persistence.ts'
import type { BrokerLimits } from '#broker/port.ts'
import { sessionOf } from '#broker/sessions/session.ts'
import type { AedesBroker, AedesClient } from './aedes-internals.ts'
import { CONSUMED } from './message-intake.ts'
import { type Routed, Router } from './router.ts'

/** What aedes asks and tells, by its own names. */
export interface AedesHooks {
  preConnect(client: AedesClient, packet: ConnectPacket, accept: () => void): void
  authorizePublish(
    client: AedesClient | null,
    packet: PublishPacket,
    done: (error?: Error | null) => void,
  ): void
  authorizeSubscribe(
    client: AedesClient,
    subscription: Subscription,
    granted: (error: Error | null, subscription?: Subscription | null) => void,
  ): void
  authorizeForward(client: AedesClient, packet: { topic: string; messageExpiry?: number }): boolean
  registered(client: AedesClient): void
  /** Just before the retained messages for a SUBSCRIBE are looked up, in the same turn. */
  subscribed(client: AedesClient): void
  acknowledgedConnect(client: AedesClient): void
  unsubscribed(client: AedesClient, filters: string[]): void
  keepaliveMissed(client: AedesClient): void
  failed(client: AedesClient, error: Error): void
}

/** Concurrent publishes; above, aedes queues them behind slow subscribers. */
const CONCURRENCY = 1_000
/** Packets that may follow CONNECT in its chunk. */
const EARLY_PACKETS = 1_000
/** ms */
const CONNECT_LAST = 120_000
/** What sessions are kept under: wire names, and ids of MQTT clients behind their record's. MQTT 3.1 itself would stop at 23. */
const CLIENT_ID_MAX = 256

/** aedes with our rules inside, and with what it gets wrong put right. */
export async function startAedes(
  limits: BrokerLimits,
  persistence: SqlitePersistence,
  hooks: AedesHooks,
): Promise<AedesBroker> {
  const options = {
    persistence,
    concurrency: CONCURRENCY,
    queueLimit: EARLY_PACKETS,
    maxClientsIdLength: CLIENT_ID_MAX,
    maxTopicLevels: limits.topicLevels,
    maxInflightInbound: limits.inflightPerClient,
    drainTimeout: limits.drainTimeout,
    // Admission's deadline comes first.
    connectTimeout: CONNECT_LAST,
    preConnect: (
      client: AedesClient,
      packet: ConnectPacket,
      callback: (error: null, success: boolean) => void,
    ) => hooks.preConnect(client, packet, () => callback(null, true)),
    authorizePublish: hooks.authorizePublish,
    authorizeSubscribe: hooks.authorizeSubscribe,
    authorizeForward: (client: AedesClient, packet: PublishPacket) =>
      hooks.authorizeForward(client, packet) ? packet : null,
  }
  // Its types do not name what Session and hooks add to a client.
  const aedes = new Aedes(options as object) as unknown as AedesBroker
  routeOurselves(aedes, persistence)
  keepSuccessor(aedes)
  aedes.on('client', (client) => hooks.registered(client as AedesClient))
  aedes.on('connackSent', (packet: ConnackPacket, client) => {
    if (packet.returnCode === 0) hooks.acknowledgedConnect(client as AedesClient)
  })
  aedes.on('subscribe', (_, client) => hooks.subscribed(client as AedesClient))
  aedes.on('unsubscribe', (filters, client) => hooks.unsubscribed(client as AedesClient, filters))
  aedes.on('keepaliveTimeout', (client) => hooks.keepaliveMissed(client as AedesClient))
  aedes.on('clientError', (client, error) => hooks.failed(client as AedesClient, error))
  aedes.on('connectionError', (client, error) => hooks.failed(client as AedesClient, error))
  await aedes.listen()
  return aedes
}

/**
 * aedes' own notes about clients (`$SYS/…`) go its way; messages go by ours, but for those that the intake dealt with: it has
 * routed what others may receive.
 */
function routeOurselves(aedes: AedesBroker, persistence: SqlitePersistence): void {
  const router = new Router(aedes, persistence)
  const publish = aedes.publish.bind(aedes)
  aedes.publish = (packet, client, done) => {
    const message = packet as Routed
    if (message.payload === CONSUMED) done()
    else if (message.topic.startsWith('$SYS/')) publish(packet, client, done)
    else router.publish(message, client, done)
  }
}

/**
 * aedes takes a closing client out of its list by id, even where a successor (or, for a client that closed before it was
 * registered, a predecessor) with the same id stands there by now; that one could then never be taken over.
 */
function keepSuccessor(aedes: AedesBroker): void {
  const unregister = aedes.unregisterClient.bind(aedes)
  aedes.unregisterClient = (client) => {
    if (aedes.clients[client.id] === client) unregister(client)
  }
}

/**
 * An exception on a packet ends the connection that sent it, not the broker. And aedes reads on as soon as all messages so
 * far are dealt with, be it in the midst of a chunk: a parser that is called while it parses loses its place. The
 * `FrontGate` gives it nothing meanwhile.
 */
export function guardParser(client: AedesClient): void {
  client._parser.parse = guardedParse
}

function guardedParse(this: AedesClient['_parser'], chunk: Buffer): number {
  const session = sessionOf(this.client.conn)
  try {
    if (session) session.parsing = true
    return Object.getPrototypeOf(this).parse.call(this, chunk)
  } catch (error) {
    this.emit('error', error instanceof Error ? error : new Error(String(error)))
    return 0
  } finally {
    if (session) session.parsing = false
  }
}
