import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { ConnectPacket } from 'aedes'
import type { Policy } from '#broker/auth/policy.ts'
import type { RefusalLog } from '#broker/events/refusal-log.ts'
import type { Admission } from '#broker/server/admission.ts'
import type { FrontGate } from '#broker/server/front-gate.ts'
import { rawSocket } from '#broker/server/mqtts-listener.ts'
import type { Violation } from '#broker/server/packet-scanner.ts'
import { inspectPeer } from '#broker/server/peer-certificate.ts'
import { bindSession, Session, sessionOf } from '#broker/sessions/session.ts'
import type { AedesClient } from './aedes-internals.ts'
import { checkConnect, connack } from './connect-check.ts'
import type { SessionWatch } from './session-watch.ts'

export interface EntranceParts {
  policy: Policy
  admission: Admission
  refusals: RefusalLog
  gate: FrontGate
  watch: SessionWatch
  /** Hands a checked connection to aedes. */
  handle(socket: Socket): void
  now(): number
}

/** aedes' errors that are no fault of what the gateway sent; socket errors have a code. */
const harmless = new Set([
  'keep alive timeout',
  'drain timeout',
  'connection closed',
  'connect did not arrive in time',
])

/** The way of a connection from the handshake to its CONNACK. */
export class Entrance {
  private readonly parts: EntranceParts

  constructor(parts: EntranceParts) {
    this.parts = parts
  }

  /** A finished TLS handshake: no byte reaches aedes before the certificate is one that counts now. */
  secured(socket: TLSSocket, address: string): void {
    const { policy, refusals, now } = this.parts
    const peer = inspectPeer(socket, now())
    const { fingerprint } = peer
    if (!peer.valid) {
      const gatewayId = fingerprint === null ? null : policy.ownerOf(fingerprint)
      refusals.record({ reason: peer.reason, address, fingerprint, gatewayId, detail: peer.detail })
      close(socket)
      return
    }
    const admission = policy.admit(peer.fingerprint)
    if (!admission.admitted) {
      const { reason, gatewayId, detail } = admission
      refusals.record({ reason, address, fingerprint, gatewayId, detail })
      close(socket)
      return
    }
    const session = new Session(socket, address, null, peer.fingerprint, socket.getProtocol() ?? 'TLS')
    this.parts.watch.follow(session, admission.gateway)
    this.open(session)
  }

  /** A connection of the plain listener, which only tests have. */
  plain(socket: Socket, address: string): void {
    this.open(new Session(socket, address, null, '', 'none'))
  }

  /** aedes' `preConnect`, the first look at CONNECT: a refused one never touches the state of any client. */
  connect(client: AedesClient, packet: ConnectPacket, accept: () => void): void {
    const { policy, admission, refusals, watch } = this.parts
    const session = sessionOf(client.conn)
    if (!session) return
    admission.connected(rawSocket(session.socket))
    if (!session.gateway && session.fingerprint === '') {
      const named = policy.findByWireName(packet.clientId)
      if (named) watch.follow(session, named)
    }
    const refusal = checkConnect(session, packet, policy)
    if (refusal || !session.gateway) {
      if (refusal) refusals.record(refusal.refused)
      session.endedBy = 'refused'
      session.socket.write(connack(refusal?.returnCode ?? 5)) // [MQTT-3.2.2-5]
      close(session.socket)
      return
    }
    session.client = client
    session.dialect = session.gateway.identity.dialect
    // An alias of the dialect names the same session.
    packet.clientId = session.gateway.identity.wireName
    accept()
  }

  registered(client: AedesClient): void {
    const session = sessionOf(client.conn)
    if (session) this.parts.watch.wentOnline(session)
  }

  /** CONNACK went out: what came after CONNECT may be read. */
  acknowledged(client: AedesClient): void {
    const session = sessionOf(client.conn)
    if (session) session.ready = true
  }

  keepaliveMissed(client: AedesClient): void {
    const session = sessionOf(client.conn)
    if (session) session.endedBy ??= 'keepalive_missed'
  }

  /** aedes ends a connection for an error: record what the gateway did wrong. */
  failed(client: AedesClient, error: Error): void {
    const session = sessionOf(client.conn)
    if (!session || session.endedBy !== null || 'code' in error || harmless.has(error.message)) return
    this.refuse(
      session,
      error.message.includes('protocol version') ? 'protocol_unsupported' : 'not_mqtt',
      error.message,
    )
  }

  /** What the front gate found. */
  violated(session: Session, { reason, detail }: Violation): void {
    this.refuse(session, reason, detail)
  }

  private refuse(
    session: Session,
    reason: Violation['reason'] | 'protocol_unsupported',
    detail: string,
  ): void {
    const { address, gateway, fingerprint, clientId } = session
    const gatewayId = gateway?.id ?? null
    this.parts.refusals.record({
      reason,
      address,
      gatewayId,
      fingerprint: fingerprint || null,
      clientId,
      detail,
    })
    session.end('refused')
  }

  /** Some TLS clients look at the site's certificate only after the handshake, and leave without an alert. */
  private leftEarly({ socket, scanner, endedBy, gateway, address, fingerprint }: Session): void {
    const { admission, refusals } = this.parts
    if (
      scanner.pastConnect ||
      endedBy !== null ||
      fingerprint === '' ||
      admission.wasEnded(rawSocket(socket))
    )
      return
    const detail =
      'the gateway closed the connection before CONNECT: check its ca.crt and the host name it connects to'
    refusals.record({ reason: 'tls_failed', address, fingerprint, gatewayId: gateway?.id ?? null, detail })
  }

  private open(session: Session): void {
    const { socket } = session
    bindSession(session)
    this.parts.gate.install(session)
    socket.once('close', () => {
      this.parts.gate.forget(session)
      this.leftEarly(session)
    })
    this.parts.handle(socket)
  }
}

/** Sends what is written and closes, without waiting for the other side. */
function close(socket: Socket): void {
  socket.on('error', ignore)
  socket.destroySoon()
}

function ignore(): void {}
