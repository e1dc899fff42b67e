import { Aedes, type ConnackPacket, type ConnectPacket, type PublishPacket, type Subscription } from 'aedes'
import type { SqlitePersistence } from '#broker/persistence/sqlite-persistence.ts'
import type { BrokerLimits } from '#broker/port.ts'
import type { AedesBroker, AedesClient } from './aedes-internals.ts'
import { CONSUMED } from './message-intake.ts'

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
  authorizeForward(client: AedesClient, topic: string): boolean
  registered(client: AedesClient): void
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
/** Every gateway's wire name; MQTT 3.1 itself would stop at 23. */
const CLIENT_ID_MAX = 64

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
      hooks.authorizeForward(client, packet.topic) ? packet : null,
  }
  // Its types do not name what Session and hooks add to a client.
  const aedes = new Aedes(options as object) as unknown as AedesBroker
  bypassConsumed(aedes)
  keepSuccessor(aedes)
  aedes.on('client', (client) => hooks.registered(client as AedesClient))
  aedes.on('connackSent', (packet: ConnackPacket, client) => {
    if (packet.returnCode === 0) hooks.acknowledgedConnect(client as AedesClient)
  })
  aedes.on('unsubscribe', (filters, client) => hooks.unsubscribed(client as AedesClient, filters))
  aedes.on('keepaliveTimeout', (client) => hooks.keepaliveMissed(client as AedesClient))
  aedes.on('clientError', (client, error) => hooks.failed(client as AedesClient, error))
  aedes.on('connectionError', (client, error) => hooks.failed(client as AedesClient, error))
  await aedes.listen()
  return aedes
}

/** Messages that the intake dealt with go no further: no outside subscriber could receive them. */
function bypassConsumed(aedes: AedesBroker): void {
  const publish = aedes.publish.bind(aedes)
  aedes.publish = (packet, client, done) => {
    if ((packet as { payload?: unknown }).payload === CONSUMED) done()
    else publish(packet, client, done)
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

/** An exception on a packet ends the connection that sent it, not the broker. */
export function guardParser(client: AedesClient): void {
  client._parser.parse = guardedParse
}

function guardedParse(this: AedesClient['_parser'], chunk: Buffer): number {
  try {
    return Object.getPrototypeOf(this).parse.call(this, chunk)
  } catch (error) {
    this.emit('error', error instanceof Error ? error : new Error(String(error)))
    return 0
  }
}
