import type { FleetRow } from '#contract/model/gateway.ts'
import type { RefusalEvidence, RefusalReason, ShownCertificate } from '#contract/model/refusal.ts'
import type { gatewaysRepository } from '#features/fleet/index.ts'

export type GatewayRow = gatewaysRepository.GatewayRow

/** Refusals of one kind together; what is shown of them is the newest one's. */
export interface Seen {
  reason: RefusalReason
  address: string
  count: number
  firstAt: number
  lastAt: number
  clientId: string | null
  fingerprint: string | null
  topic: string | null
  detail: string | null
  evidence: RefusalEvidence | null
}

export interface LiveSession {
  kind: 'gateway' | 'client'
  identityId: string
  tenantId: string
  mqttClientId: string
  address: string
  tls: string
  since: number
  subscriptions: string[]
  received: number
}

export interface PresenceEvent {
  at: number
  online: boolean
  /** Of a session that began: its address. Of one that ended: why. */
  reason: string | null
}

export interface KnownCertificate {
  fingerprint: string
  issuer: string | null
  subject: string
  keyAlgorithm: string
  notBefore: number
  notAfter: number
  state: 'active' | 'revoked' | 'superseded'
  revokedAt: number | null
}

export interface Knock {
  mac: string | null
  label: string | null
  address: string
  count: number
  lastAt: number
  state: 'waiting' | 'claimed' | 'delivered' | 'dismissed'
}

/** Where the site can be reached, and what its broker says of itself. */
export interface Doors {
  /** What gateways are told to dial. */
  hosts: string[]
  addresses: string[]
  mqtts: number
  /** Null: off. */
  password: number | null
  https: number
  deviceHttps: number
  names: string[]
  notBefore: number
  notAfter: number
}

/** What the rules look at. Nothing here is out of the caller's scope. */
export interface Case {
  now: number
  kind: 'gateway' | 'box' | 'address' | 'unknown'
  given: string
  /** As the words call it: its code, else what was given. */
  subject: string
  gateway: GatewayRow | null
  row: FleetRow | null
  connection: LiveSession | null
  /** Others that are connected from where it was last. */
  neighbours: { name: string; address: string }[]
  /** Of the gateway, or at the address; newest first. Those that a later session has made past are left out. */
  refusals: Seen[]
  /** Of boxes that the site cannot name, from its address or under its names. */
  strangers: Seen[]
  /** Of such boxes elsewhere, within the last hour. */
  elsewhere: Seen[]
  /** Its names, shown with the certificate of another gateway. */
  swapped: { seen: Seen; owner: string }[]
  /** Newest first. */
  presence: PresenceEvent[]
  /** When its last session began, ms; null: never. */
  lastOnlineAt: number | null
  lastAddress: string | null
  certificates: KnownCertificate[]
  knocks: Knock[]
  limited: { since: number; dropped: number; delayed: number; closed: number } | null
  quota: { messages: number; quota: number; until: number }
  clientId: string
  username: string | null
  topics: { publish: string[]; subscribe: string[] }
  /** Why it is in its state, as the history says. */
  stateReason: { at: number; actor: string | null; reason: string | null } | null
  /** Since when its credential waits, and nobody has fetched it, ms. */
  unfetchedSince: number | null
  /** Since when readings cannot be stored, ms. */
  stalledSince: number | null
  doors: Doors
}

/** The certificate that was shown, where one was. */
export function shownIn(seen: Seen): ShownCertificate | null {
  return seen.evidence?.certificate ?? null
}
