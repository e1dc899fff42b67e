import { randomBytes } from 'node:crypto'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Gateway } from '#broker/auth/gateway.ts'
import type { MqttClient } from '#broker/auth/mqtt-client.ts'
import type { AedesClient } from '#broker/mqtt/aedes-internals.ts'
import type { ListenerName, OfflineReason } from '#broker/port.ts'
import { PacketScanner } from '#broker/server/packet-scanner.ts'
import type { OwedAck } from './acknowledger.ts'

/** How a connection came in. */
export interface Origin {
  /** What MQTT is spoken on: the TLS socket, or the stream of a WebSocket. */
  socket: Duplex
  /** The TCP connection beneath. */
  raw: Socket
  address: string
  /** The plain one exists in tests only. */
  listener: ListenerName | 'plain'
  /** SHA-256 of the client certificate, lower-case hex; empty where none was shown. */
  fingerprint: string
  /** Protocol version, such as `TLSv1.3`. */
  tls: string
}

/** Connection ids of a worker begin alike, and never like those of another. */
const worker = randomBytes(6).toString('hex')
let lastId = 0

/** One connection that was let in so far, from the handshake to its end. */
export class Session implements Origin {
  readonly id: string
  readonly socket: Duplex
  readonly raw: Socket
  readonly address: string
  readonly listener: ListenerName | 'plain'
  readonly fingerprint: string
  readonly tls: string
  /** Known from the certificate; without one, from CONNECT on. */
  peer: Gateway | MqttClient | null = null
  readonly scanner = new PacketScanner()
  client: AedesClient | null = null
  /** The client id as it was sent; the session is kept under `clientId`. */
  sentId = ''
  /** Seconds, of CONNECT. */
  keepalive = 0
  /** Of the rules that a gateway had at CONNECT. */
  rulesKey = ''
  /** Of the gateway's secret that it came with. */
  secretId: string | null = null
  /** Of the password that it came with. */
  passwordHash: string | null = null
  /** The site plays the gateway: nobody is told of it. */
  probe = false
  /** Past CONNECT and registered: a live session. */
  online = false
  /** When it went online, ms since 1970. */
  since = 0
  /** CONNACK was sent: what follows CONNECT may be read. */
  ready = false
  /** Filters by which commands reach this gateway, as they were told. */
  listensTo = ''
  /** The first reason given wins; null means that the connection was lost. */
  endedBy: OfflineReason | null = null
  /** QoS 1 messages not yet acknowledged, in the order of arrival. */
  readonly owed: OwedAck[] = []
  /** Messages whose acknowledgement waits, for it sent more than it may. */
  withheld = 0
  /** Nothing is read of it until it has waited for what it sent too much. */
  held = false
  /** aedes' parser is at work on what was read, and must not be called again. */
  parsing = false
  /** It is read again as soon as this turn is over. */
  rereading = false
  /** Filters of the live subscriptions, with the QoS of each. */
  readonly filters = new Map<string, number>()
  /** Messages. */
  received = 0
  sent = 0
  /** Packets to be written at the end of this turn, and their bytes. */
  outbox: Buffer[] = []
  outboxBytes = 0
  /** QoS 0 messages that it was too slow for since that was last recorded. */
  tooSlowFor = 0
  /** `brokerCounter` of the message that it was sent last: overlapping filters bring it only once. */
  lastCounter = 0

  constructor({ socket, raw, address, listener, fingerprint, tls }: Origin) {
    lastId += 1
    this.id = `${worker}-${lastId}`
    this.socket = socket
    this.raw = raw
    this.address = address
    this.listener = listener
    this.fingerprint = fingerprint
    this.tls = tls
  }

  get gateway(): Gateway | null {
    return this.peer?.kind === 'gateway' ? this.peer : null
  }

  get mqttClient(): MqttClient | null {
    return this.peer?.kind === 'client' ? this.peer : null
  }

  get clientId(): string | null {
    return this.client?.id ?? null
  }

  /** Whether it may be sent a message with this topic. */
  mayReceive(topic: string): boolean {
    const { peer } = this
    if (peer === null) return false
    return peer.kind === 'gateway' ? peer.receiving(topic) !== undefined : peer.mayRead(topic)
  }

  /** Closes the connection at once. */
  end(reason: OfflineReason): void {
    this.endedBy ??= reason
    this.socket.destroy()
  }
}

const session = Symbol('session')
type SessionSocket = Duplex & { [session]?: Session }

/** Ties a session to its socket: aedes hands the socket back with every packet. */
export function bindSession(bound: Session): void {
  ;(bound.socket as SessionSocket)[session] = bound
}

export function sessionOf(socket: unknown): Session | undefined {
  return (socket as SessionSocket)[session]
}
