import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import type { ConnectPacket } from 'aedes'
import type { Peer, Policy } from '#broker/auth/policy.ts'
import type { RefusalLog } from '#broker/events/refusal-log.ts'
import { peerOf, refusedOn } from '#broker/events/refused-session.ts'
import type { ListenerName } from '#broker/port.ts'
import { type Admission, addressOf } from '#broker/server/admission.ts'
import { securedEvidence } from '#broker/server/connection-evidence.ts'
import type { FrontGate } from '#broker/server/front-gate.ts'
import type { Violation } from '#broker/server/packet-scanner.ts'
import { inspectPeer } from '#broker/server/peer-certificate.ts'
import { rawSocket } from '#broker/server/raw-socket.ts'
import { failedBy } from '#broker/server/tls-failure.ts'
import type { WebSocketRefusal } from '#broker/server/websocket-server.ts'
import { bindSession, type Origin, Session, sessionOf } from '#broker/sessions/session.ts'
import type { FirstBytes } from '#contract/model/refusal.ts'
import type { AedesClient } from './aedes-internals.ts'
import { type ConnectContext, checkConnect, connack } from './connect-check.ts'
import type { SessionWatch } from './session-watch.ts'

export interface EntranceParts extends ConnectContext {
  policy: Policy
  admission: Admission
  refusals: RefusalLog
  gate: FrontGate
  watch: SessionWatch
  /** Hands a checked connection to aedes. */
  handle(session: Session): void
  /** The connection is closed. */
  closed(session: Session): void
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
  /** Every open connection. */
  private readonly sessions = new Set<Session>()

  constructor(parts: EntranceParts) {
    this.parts = parts
  }

  /** A finished TLS handshake: no byte reaches aedes before the certificate is one that counts now. */
  secured(socket: TLSSocket): void {
    const shown = this.certificate(socket, 'mqtts')
    if (shown) this.open(originOf(socket, socket, 'mqtts', shown.fingerprint), shown.peer)
    else close(socket)
  }

  /** A finished TLS handshake without a certificate: user name and password come with CONNECT. */
  unknown(socket: TLSSocket): void {
    this.open(originOf(socket, socket, 'password', ''), null)
  }

  /** A WebSocket is asked for. A certificate is not needed, but one that is shown must count. */
  admitsWebSocket(socket: TLSSocket): boolean {
    if (!socket.getPeerX509Certificate() || this.certificate(socket, 'websocket')) return true
    close(socket)
    return false
  }

  webSocketOpened(stream: Duplex, socket: TLSSocket): void {
    const shown = socket.getPeerX509Certificate()
      ? this.certificate(socket, 'websocket')
      : { fingerprint: '', peer: null }
    if (shown) this.open(originOf(stream, socket, 'websocket', shown.fingerprint), shown.peer)
    else stream.destroy()
  }

  webSocketRefused(socket: TLSSocket, { reason, detail }: WebSocketRefusal): void {
    const evidence = () => securedEvidence(socket, 'websocket')
    this.parts.refusals.record({ reason, address: addressOf(socket), detail, evidence })
  }

  /** A connection of the plain listener, which only tests have. */
  plain(socket: Socket, address: string): void {
    this.open({ socket, raw: socket, address, listener: 'plain', fingerprint: '', tls: 'none' }, null)
  }

  /** aedes' `preConnect`, the first look at CONNECT: a refused one never touches the state of any client. */
  connect(client: AedesClient, packet: ConnectPacket, accept: () => void): void {
    const { admission, refusals, watch } = this.parts
    const session = sessionOf(client.conn)
    if (!session) return
    admission.connected(session.raw)
    session.sentId = packet.clientId
    session.keepalive = packet.keepalive ?? 0
    const verdict = checkConnect(session, packet, this.parts)
    // Nothing needs it any more, and aedes would keep the packet.
    delete packet.password
    if (!verdict.accepted) {
      const { returnCode, reason, peer, topic, detail } = verdict
      refusals.record({ ...refusedOn(session, reason, { topic, detail }), ...peerOf(peer ?? session.peer) })
      session.endedBy = 'refused'
      session.socket.write(connack(returnCode)) // [MQTT-3.2.2-5]
      close(session.socket)
      return
    }
    const { peer, clientId } = verdict
    watch.follow(session, peer)
    session.client = client
    if (peer.kind === 'gateway') session.rulesKey = peer.rules.key
    packet.clientId = clientId
    accept()
  }

  /** The sessions that came by this door end, those before CONNECT too. */
  listenerClosed(name: ListenerName): void {
    for (const session of this.sessions) if (session.listener === name) session.end('listener_closed')
  }

  registered(client: AedesClient): void {
    const session = sessionOf(client.conn)
    if (session) this.parts.watch.wentOnline(session)
  }

  /** CONNACK went out: what came after CONNECT may be read. */
  acknowledged(client: AedesClient): void {
    const session = sessionOf(client.conn)
    if (!session) return
    session.ready = true
    this.parts.watch.listened(session)
  }

  keepaliveMissed(client: AedesClient): void {
    const session = sessionOf(client.conn)
    if (session) session.endedBy ??= 'keepalive_missed'
  }

  /** aedes ends a connection for an error: record what the other side did wrong. */
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
  violated(session: Session, { reason, detail, firstBytes }: Violation): void {
    this.refuse(session, reason, detail, firstBytes)
  }

  private refuse(
    session: Session,
    reason: Violation['reason'] | 'protocol_unsupported',
    detail: string,
    firstBytes?: FirstBytes,
  ): void {
    const seen = { detail, ...(firstBytes && { firstBytes }) }
    this.parts.refusals.record(refusedOn(session, reason, seen))
    session.end('refused')
  }

  /** Whose certificate was shown; null, and recorded, where it does not count now. */
  private certificate(socket: TLSSocket, listener: ListenerName): { fingerprint: string; peer: Peer } | null {
    const { policy, refusals, now } = this.parts
    const address = addressOf(socket)
    const shown = inspectPeer(socket, now())
    const evidence = () => securedEvidence(socket, listener)
    const { fingerprint } = shown
    if (!shown.valid) {
      const owner = fingerprint === null ? null : policy.ownerOf(fingerprint)
      const { reason, detail } = shown
      refusals.record({ reason, address, fingerprint, ...peerOf(owner), detail, evidence })
      return null
    }
    const admission = policy.admit(shown.fingerprint)
    if (admission.admitted) return { fingerprint: shown.fingerprint, peer: admission.peer }
    const { reason, peer, detail } = admission
    refusals.record({ reason, address, fingerprint, ...peerOf(peer), detail, evidence })
    return null
  }

  /** Some TLS clients look at the site's certificate only after the handshake, and leave without an alert. */
  private leftEarly(session: Session): void {
    const { admission, refusals } = this.parts
    const { raw, scanner, endedBy, fingerprint, listener } = session
    if (scanner.pastConnect || endedBy !== null || admission.wasEnded(raw)) return
    if (fingerprint === '' || listener === 'websocket') return
    const { failure, detail } = failedBy('left_after_handshake')
    refusals.record(refusedOn(session, 'tls_failed', { detail, failure }))
  }

  private open(origin: Origin, peer: Peer | null): void {
    const { gate, watch, closed, handle } = this.parts
    const session = new Session(origin)
    if (peer) watch.follow(session, peer)
    bindSession(session)
    gate.install(session)
    this.sessions.add(session)
    session.socket.once('close', () => {
      this.sessions.delete(session)
      gate.forget(session)
      closed(session)
      this.leftEarly(session)
    })
    handle(session)
  }
}

function originOf(
  socket: Duplex,
  tls: TLSSocket,
  listener: Session['listener'],
  fingerprint: string,
): Origin {
  const address = addressOf(tls)
  return { socket, raw: rawSocket(tls), address, listener, fingerprint, tls: tls.getProtocol() ?? 'TLS' }
}

/** Sends what is written and closes, without waiting for the other side. */
function close(socket: Duplex): void {
  socket.on('error', ignore)
  if ('destroySoon' in socket && typeof socket.destroySoon === 'function') socket.destroySoon()
  else socket.end(() => socket.destroy())
}

function ignore(): void {}
