import type { Peer } from '#broker/auth/policy.ts'
import { reachesClient, reachesGateway } from '#broker/auth/reach.ts'
import type { Owner } from '#broker/auth/topic-index.ts'
import type { TapFollow, TapOwner, TapSender } from '#contract/model/tapped.ts'

/** Reaches of a shared space that are told; it has seldom more than one client. */
const REACHES = 20

/** Whose a message is: of its topic's owner, or, where it was refused, of its sender. */
export type Whose = Owner | Peer | 'shared'

/** Null: everybody's, or nobody's. */
export function tenantOf(whose: Whose): string | null {
  if (whose === 'shared') return null
  if ('identity' in whose) return whose.identity.tenantId
  return whose.kind === 'gateway' ? whose.gateway.identity.tenantId : whose.tenantId
}

export function ownerOfPeer({ identity }: Peer): TapOwner {
  const { tenantId } = identity
  return 'gatewayId' in identity
    ? { kind: 'gateway', tenantId, gatewayId: identity.gatewayId }
    : { kind: 'space', tenantId, reaches: [identity.reach] }
}

export function ownerOf(whose: Whose): TapOwner {
  if (whose === 'shared') return { kind: 'shared' }
  if ('identity' in whose) return ownerOfPeer(whose)
  if (whose.kind === 'gateway') return ownerOfPeer(whose.gateway)
  const reaches = Array.from(whose.clients.values(), ({ reach }) => reach).slice(0, REACHES)
  return { kind: 'space', tenantId: whose.tenantId ?? '', reaches }
}

export function senderOf(peer: Peer | null): TapSender {
  if (peer === null) return { kind: 'site' }
  if (peer.kind === 'gateway') return { kind: 'gateway', id: peer.id }
  const { username, tenantId, reach } = peer.identity
  return { kind: 'client', id: peer.id, username, tenantId, reach }
}

/** Whether whoever follows may see it. */
export function isFor({ tenantId, reach }: TapFollow, whose: Whose): boolean {
  if (whose === 'shared') return true
  if (tenantId === null) return true
  if (tenantOf(whose) !== tenantId) return false
  if ('identity' in whose)
    return whose.kind === 'gateway'
      ? reachesGateway(reach, whose.identity)
      : reachesClient(reach, whose.identity)
  if (whose.kind === 'gateway') return reachesGateway(reach, whose.gateway.identity)
  for (const client of whose.clients.values()) if (reachesClient(reach, client)) return true
  return false
}

/** A copy: the bytes lie in a larger buffer, which would live as long. */
export function excerptOf(payload: Buffer | string, most: number): Uint8Array<ArrayBuffer> {
  const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload
  return new Uint8Array(bytes.subarray(0, most))
}
