import type { Aedes, Client } from 'aedes'

/**
 * What this folder uses of aedes 1.2 beyond its published types. A newer aedes is checked against this list first:
 * `aedes-internals.test.ts` fails where one of them is gone.
 */
export interface AedesClient extends Client {
  id: string
  will: unknown
  /** Set when a DISCONNECT packet came: the last will is void [MQTT-3.14.4-3]. */
  _disconnected: boolean
  _keepaliveTimer: NodeJS.Timeout | null
  _parser: {
    client: AedesClient
    parse(chunk: Buffer): number
    emit(event: 'error', error: Error): boolean
  }
  /** Packet identifier of the next message to it. */
  _nextId: number
  /** What its subscriptions of QoS 0, and of QoS 1 and 2, are served by: taken when it subscribes. */
  deliver0: (packet: ForwardedPacket, delivered: () => void) => void
  deliverQoS: (packet: ForwardedPacket, delivered: () => void) => void
  /** Disconnects the client where its socket does not drain within `drainTimeout`. */
  waitForDrain(callback: (error: Error | null) => void): void
}

/** A message on its way to one subscriber. */
export interface ForwardedPacket {
  topic: string
  payload: Buffer | string
  qos: 0 | 1 | 2
  retain: boolean
  /** Null for a retained message that answers a SUBSCRIBE. */
  brokerId: string | null
  brokerCounter: number
  /** ms since 1970; aedes' packets carry it along. */
  messageExpiry?: number
}

export interface AedesBroker extends Omit<Aedes, 'publish'> {
  /** Of the last message: with `id` it names one. */
  counter: number
  /** Where subscriptions of live sessions stand. */
  mq: { emit(packet: ForwardedPacket): void }
  clients: Record<string, AedesClient>
  connectedClients: number
  unregisterClient(client: AedesClient): void
  publish(packet: object, client: AedesClient | null, done: (error?: Error | null) => void): void
}
