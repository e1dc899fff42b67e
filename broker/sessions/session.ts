import type { Socket } from 'node:net'
import type { Gateway } from '#broker/auth/gateway.ts'
import type { AedesClient } from '#broker/mqtt/aedes-internals.ts'
import type { OfflineReason } from '#broker/port.ts'
import { PacketScanner } from '#broker/server/packet-scanner.ts'
import type { OwedAck } from './acknowledger.ts'

/** One connection whose certificate was accepted, from the handshake to its end. */
export class Session {
  readonly socket: Socket
  readonly address: string
  /** Known from the certificate; on the plain listener of tests only from CONNECT on. */
  gateway: Gateway | null
  readonly fingerprint: string
  /** Protocol version, such as `TLSv1.3`. */
  readonly tls: string
  readonly scanner = new PacketScanner()
  client: AedesClient | null = null
  /** Name of the dialect that its rights followed from at CONNECT. */
  dialect = ''
  /** Past CONNECT and registered: the gateway's live session. */
  online = false
  /** CONNACK was sent: what follows CONNECT may be read. */
  ready = false
  /** The first reason given wins; null means that the connection was lost. */
  endedBy: OfflineReason | null = null
  /** QoS 1 messages not yet acknowledged, in the order of arrival. */
  readonly owed: OwedAck[] = []
  /** Filters of the live subscriptions. */
  readonly filters = new Set<string>()

  constructor(socket: Socket, address: string, gateway: Gateway | null, fingerprint: string, tls: string) {
    this.socket = socket
    this.address = address
    this.gateway = gateway
    this.fingerprint = fingerprint
    this.tls = tls
  }

  get clientId(): string | null {
    return this.client?.id ?? null
  }

  /** Closes the connection at once. */
  end(reason: OfflineReason): void {
    this.endedBy ??= reason
    this.socket.destroy()
  }
}

const session = Symbol('session')
type SessionSocket = Socket & { [session]?: Session }

/** Ties a session to its socket: aedes hands the socket back with every packet. */
export function bindSession(bound: Session): void {
  ;(bound.socket as SessionSocket)[session] = bound
}

export function sessionOf(socket: unknown): Session | undefined {
  return (socket as SessionSocket)[session]
}
