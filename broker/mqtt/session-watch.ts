import type { Peer, Policy } from '#broker/auth/policy.ts'
import type { BrokerEvent, Identity, OfflineReason } from '#broker/port.ts'
import type { Session } from '#broker/sessions/session.ts'

/** Who is connected: tells when one goes online or offline, and ends sessions that no longer qualify. */
export class SessionWatch {
  /** Past CONNECT, by connection id. */
  readonly live = new Map<string, Session>()
  private readonly policy: Policy
  private readonly emit: (event: BrokerEvent) => void
  private readonly now: () => number

  constructor(policy: Policy, emit: (event: BrokerEvent) => void, now: () => number) {
    this.policy = policy
    this.emit = emit
    this.now = now
  }

  /** It is known whose the session is: from its certificate before CONNECT, else from CONNECT. */
  follow(session: Session, peer: Peer): void {
    if (session.peer === peer) return
    session.peer = peer
    peer.sessions.add(session)
    session.socket.once('close', () => {
      peer.sessions.delete(session)
      this.wentOffline(session, session.endedBy)
    })
  }

  /** CONNECT was accepted. An earlier session under the same id is taken over [MQTT-3.1.4-2]; a gateway has only one. */
  wentOnline(session: Session): void {
    const { peer, client, address, listener } = session
    if (!peer || !client || session.socket.destroyed) return
    if (session.probe) {
      session.online = true
      return
    }
    const earlier = peer.kind === 'gateway' ? peer.live : peer.live.get(client.id)
    if (earlier) {
      this.wentOffline(earlier, 'taken_over')
      earlier.end('taken_over')
    }
    const at = this.now()
    session.online = true
    session.since = at
    this.live.set(session.id, session)
    if (peer.kind === 'gateway') {
      peer.live = session
      const { fingerprint, tls, secretId } = session
      const cleanSession = client.clean
      this.emit({
        type: 'gatewayWentOnline',
        gatewayId: peer.id,
        at,
        address,
        fingerprint,
        secretId,
        tls,
        cleanSession,
      })
    } else {
      peer.live.set(client.id, session)
      if (listener === 'plain') return
      const connectionId = session.id
      this.emit({ type: 'clientWentOnline', clientId: peer.id, connectionId, at, address, listener })
    }
  }

  /** What a gateway may be sent now is told: by what its session subscribes to, kept ones from before too. */
  listened(session: Session): void {
    const { gateway, address } = session
    if (!gateway || !session.online || !session.ready) return
    const filters = [...session.filters.keys()].filter(
      (filter) => gateway.rules.subscribing(filter)?.kind === 'commands',
    )
    const key = filters.join('\n')
    if (key === session.listensTo) return
    session.listensTo = key
    this.emit({ type: 'gatewayListened', gatewayId: gateway.id, at: this.now(), address, filters })
  }

  /** Closes what this gateway or client may no longer have; resolves when it is closed. */
  async enforce(peer: Peer): Promise<void> {
    await this.endAll(peer.sessions, (session) => this.disqualified(session, peer))
  }

  /** Ends every session with a reason; resolves when they are closed. */
  async endAll(
    sessions: Iterable<Session>,
    reasonOf: (session: Session) => OfflineReason | null,
  ): Promise<void> {
    const closing = Array.from(sessions, async (session) => {
      const reason = reasonOf(session)
      if (!reason || session.socket.closed) return
      const closed = new Promise((resolve) => session.socket.once('close', resolve))
      session.end(reason)
      await closed
    })
    await Promise.all(closing)
  }

  private wentOffline(session: Session, reason: OfflineReason | null): void {
    const { peer, client } = session
    if (!peer || !client || !session.online) return
    session.online = false
    if (session.probe) return
    this.live.delete(session.id)
    const at = this.now()
    const cause = reason ?? (client._disconnected ? 'disconnected' : 'connection_lost')
    if (peer.kind === 'gateway') {
      if (peer.live === session) peer.live = null
      this.emit({ type: 'gatewayWentOffline', gatewayId: peer.id, at, reason: cause })
    } else {
      if (peer.live.get(client.id) === session) peer.live.delete(client.id)
      const { id: connectionId, address } = session
      this.emit({ type: 'clientWentOffline', clientId: peer.id, connectionId, at, address, reason: cause })
    }
  }

  private disqualified(session: Session, peer: Peer): OfflineReason | null {
    switch (this.policy.standing(peer)) {
      case 'gateway_suspended':
      case 'client_suspended':
        return 'suspended'
      case 'tenant_suspended':
        return 'tenant_suspended'
      case 'password_gateways_off':
        return 'password_gateways_off'
      case 'gateway_revoked':
      case 'certificate_unknown':
      case 'client_unknown':
        return 'revoked'
      case null:
        break
    }
    if (session.fingerprint && !this.policy.admit(session.fingerprint).admitted) return 'revoked'
    if (peer.kind === 'client') {
      const renewed = session.passwordHash !== null && session.passwordHash !== peer.identity.password?.hash
      return renewed ? 'revoked' : null
    }
    const { identity } = peer
    if (session.probe) return null
    if (session.secretId !== null && !isStill(session.secretId, identity)) return 'revoked'
    const renamed =
      session.online && (session.clientId !== identity.wireName || session.rulesKey !== peer.rules.key)
    return renamed ? 'refused' : null
  }
}

/** Whether a session with this secret may go on. */
function isStill(secretId: string, { credential, secrets }: Identity): boolean {
  return credential === 'secret' && secrets.some(({ id }) => id === secretId)
}
