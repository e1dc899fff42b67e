import type { Peer } from '#broker/auth/policy.ts'
import { sessionEvidence } from '#broker/server/connection-evidence.ts'
import type { Session } from '#broker/sessions/session.ts'
import type { FirstBytes, RefusalReason, TlsFailure } from '#contract/model/refusal.ts'
import type { Refused } from './refusal-log.ts'

/** Whom a refusal is about. */
export function peerOf(peer: Peer | null | undefined): Pick<Refused, 'gatewayId' | 'mqttClientId'> {
  return {
    gatewayId: peer?.kind === 'gateway' ? peer.id : null,
    mqttClientId: peer?.kind === 'client' ? peer.id : null,
  }
}

interface RefusedDetails {
  topic?: string | null
  detail?: string | null
  failure?: TlsFailure
  firstBytes?: FirstBytes
}

/** A refusal of what came on this session. */
export function refusedOn(
  session: Session,
  reason: RefusalReason,
  { topic = null, detail = null, ...seen }: RefusedDetails = {},
): Refused {
  const { address, fingerprint, peer } = session
  const clientId = session.sentId || session.clientId
  return {
    reason,
    address,
    ...peerOf(peer),
    fingerprint: fingerprint || null,
    clientId,
    topic,
    detail,
    evidence: () => sessionEvidence(session, seen),
  }
}
