import type { Gateway } from '#broker/auth/gateway.ts'
import type { Policy } from '#broker/auth/policy.ts'
import type { BrokerEvent, OfflineReason } from '#broker/port.ts'
import type { Session } from '#broker/sessions/session.ts'

/** Which gateways are connected: tells when one goes online or offline, and ends sessions that no longer qualify. */
export class SessionWatch {
  /** Gateways online. */
  online = 0
  private readonly policy: Policy
  private readonly emit: (event: BrokerEvent) => void
  private readonly now: () => number

  constructor(policy: Policy, emit: (event: BrokerEvent) => void, now: () => number) {
    this.policy = policy
    this.emit = emit
    this.now = now
  }

  /** The session's gateway is known: from its certificate, before CONNECT. */
  follow(session: Session, gateway: Gateway): void {
    session.gateway = gateway
    gateway.sessions.add(session)
    session.socket.once('close', () => {
      gateway.sessions.delete(session)
      this.wentOffline(session, session.endedBy)
    })
  }

  /** CONNECT was accepted. A gateway has one session: an earlier one is taken over [MQTT-3.1.4-2]. */
  wentOnline(session: Session): void {
    const { gateway, client, address, fingerprint, tls } = session
    if (!gateway || !client || session.socket.destroyed) return
    const earlier = gateway.live
    if (earlier) {
      this.wentOffline(earlier, 'taken_over')
      earlier.end('taken_over')
    }
    gateway.live = session
    session.online = true
    this.online += 1
    const cleanSession = client.clean
    this.emit({
      type: 'gatewayWentOnline',
      gatewayId: gateway.id,
      at: this.now(),
      address,
      fingerprint,
      tls,
      cleanSession,
    })
  }

  /** Closes what the gateway may no longer have; resolves when it is closed. */
  async enforce(gateway: Gateway): Promise<void> {
    const closing = [...gateway.sessions].map(async (session) => {
      const reason = this.disqualified(session, gateway)
      if (!reason || session.socket.closed) return
      const closed = new Promise((resolve) => session.socket.once('close', resolve))
      session.end(reason)
      await closed
    })
    await Promise.all(closing)
  }

  private wentOffline(session: Session, reason: OfflineReason | null): void {
    const { gateway, client } = session
    if (!gateway || !session.online) return
    session.online = false
    this.online -= 1
    if (gateway.live === session) gateway.live = null
    const cause = reason ?? (client?._disconnected ? 'disconnected' : 'connection_lost')
    this.emit({ type: 'gatewayWentOffline', gatewayId: gateway.id, at: this.now(), reason: cause })
  }

  private disqualified(session: Session, gateway: Gateway): OfflineReason | null {
    switch (this.policy.standing(gateway)) {
      case 'gateway_suspended':
        return 'suspended'
      case 'gateway_revoked':
      case 'certificate_unknown':
        return 'revoked'
      case null:
        break
    }
    if (session.fingerprint && !this.policy.admit(session.fingerprint).admitted) return 'revoked'
    const { identity } = gateway
    const renamed =
      session.online && (session.clientId !== identity.wireName || session.dialect !== identity.dialect)
    return renamed ? 'refused' : null
  }
}
