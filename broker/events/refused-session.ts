import type { Peer } from '#broker/auth/policy.ts'
import type { Session } from '#broker/sessions/session.ts'
import type { RefusalReason } from '#contract/model/refusal.ts'
import type { Refused } from './refusal-log.ts'

/** Whom a refusal is about. */
export function peerOf(peer: Peer | null | undefined): Pick<Refused, 'gatewayId' | 'mqttClientId'> {
  return {
    gatewayId: peer?.kind === 'gateway' ? peer.id : null,
    mqttClientId: peer?.kind === 'client' ? peer.id : null,
  }
}

/** A refusal of what came on this session. */
export function refusedOn(
  session: Session,
  reason: RefusalReason,
  { topic = null, detail = null }: { topic?: string | null; detail?: string | null } = {},
): Refused {
  const { address, fingerprint, peer } = session
  const clientId = session.sentId || session.clientId
  return { reason, address, ...peerOf(peer), fingerprint: fingerprint || null, clientId, topic, detail }
}
