import type { BrokerConnection } from '#broker/port.ts'
import type { Session } from '#broker/sessions/session.ts'

/** How a session is listed; nothing for one of the plain listener, which only tests have. */
export function connectionOf(session: Session): BrokerConnection[] {
  const { peer, client, listener } = session
  if (!peer || !client || listener === 'plain') return []
  return [
    {
      connectionId: session.id,
      kind: peer.kind,
      identityId: peer.id,
      tenantId: peer.identity.tenantId,
      mqttClientId: session.sentId,
      address: session.address,
      listener,
      tls: session.tls,
      since: session.since,
      subscriptions: [...session.filters.keys()],
      received: session.received,
      sent: session.sent,
      keepalive: session.keepalive,
      cleanSession: client.clean,
    },
  ]
}
