import type { Generated } from 'kysely'
import type { Optional } from './people-schema.ts'

export type CredentialKind = 'certificate' | 'secret' | 'both'

/** Settings for many gateways of a tenant. */
export interface GatewayProfileTable {
  id: string
  tenantId: string
  /** Unique in the tenant, whatever its letters' case. */
  name: string
  dialect: string
  credential: CredentialKind
  keyAlgorithm: 'ec' | 'rsa'
  maxDevices: number
  /** Null: the tenant's, or the dialect's. */
  messagesPerSecond: number | null
  burst: number | null
  version: number
  createdAt: number
  updatedAt: number
}

/** Another name of a gateway in a dialect. Client ids and user names are unique in the site. */
export interface GatewayAliasTable {
  gatewayId: string
  kind: 'topic' | 'tenant' | 'user' | 'client_id' | 'username'
  value: string
}

export interface GatewaySecretTable {
  id: string
  gatewayId: string
  /** Hex. */
  salt: string
  /** SHA-256 of salt and secret, hex. */
  hash: string
  state: 'active' | 'revoked'
  createdAt: number
  revokedAt: number | null
}

/** A private key or a secret made by the site, waiting to be handed over once in effect. */
export interface HandoverTable {
  /** Of the certificate or of the gateway's secret. */
  credentialId: string
  kind: 'key' | 'secret'
  gatewayId: string
  sealedSecretId: string
  createdAt: number
  expiresAt: number
  fetchCount: Generated<number>
  lastFetchedAt: number | null
  /** Set when what waited is gone. */
  endedAt: number | null
  endedBy: 'received' | 'session' | 'expired' | 'revoked' | null
}

/** A dialect that people made; `definition` is JSON of the contract's dialect definition. */
export interface DialectTable {
  name: string
  definition: string
  version: number
  createdAt: number
  updatedAt: number
  updatedBy: string | null
}

/** For how long a tenant's people may claim boxes that knock. Closed early by an earlier `endsAt`. */
export interface ClaimWindowTable {
  id: string
  tenantId: string
  openedAt: number
  endsAt: number
  openedById: string | null
  openedByName: string
}

/** A box that asks to be enrolled. What it says of itself is unproven until somebody claims it. */
export interface KnockTable {
  id: string
  /** By which door: bootstrap, a CSR, or one of the reference systems' (000: slots, 001: tds). */
  way: 'bootstrap' | 'csr' | 'slots' | 'tds'
  mac: string | null
  label: string | null
  /** As the box names itself in a CSR (002). */
  deviceId: string | null
  chip: string | null
  firmware: string | null
  hardware: string | null
  address: string
  /** What one machine can take of addresses: bounds are by it. */
  network: string
  /** When it last showed its poll secret; null: never. */
  polledAt: number | null
  /** What it asks for. */
  credential: 'certificate' | 'secret'
  /** SHA-256, hex; null for boxes that hold none: identity unproven. */
  pollSecretHash: string | null
  /** SHA-256, hex, of the activation token. */
  tokenHash: string | null
  tokenExpiresAt: number | null
  /** DER. */
  csr: Uint8Array | null
  /** SHA-256 of the CSR's SubjectPublicKeyInfo, lower-case hex. */
  publicKeyHash: string | null
  /** Another box has knocked under the same name. */
  flagged: 0 | 1
  count: number
  firstAt: number
  lastAt: number
  state: 'waiting' | 'claimed' | 'delivered' | 'dismissed'
  gatewayId: string | null
  /** The certificate or secret that was made for it: it fetches that one and none that came after. */
  credentialId: string | null
  claimedAt: number | null
  claimedByName: string | null
}

/** A request to a gateway with a result. `args` and `result` are JSON. */
export interface CommandTable {
  id: string
  gatewayId: string
  assignmentId: string
  tenantId: string
  name: string
  args: string
  purpose: 'bind' | null
  state: 'queued' | 'sent' | 'acknowledged' | 'failed' | 'expired' | 'cancelled'
  createdAt: number
  createdById: string | null
  createdByName: string
  expiresAt: number
  sentAt: number | null
  endedAt: number | null
  result: string | null
  error: string | null
}

/** A one-time password with which a box may enroll by EST, and what it becomes. */
export interface EstPasswordTable {
  username: string
  salt: string
  hash: string
  tenantId: string
  groupId: Optional<string>
  profileId: Optional<string>
  mac: Optional<string>
  code: Optional<string>
  name: Optional<string>
  createdAt: number
  createdByName: string
  expiresAt: number
  usedAt: Optional<number>
  gatewayId: Optional<string>
}
