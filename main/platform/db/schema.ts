import type { ColumnType, Generated } from 'kysely'

/**
 * The site's own store, as Kysely sees it. Times are integers, milliseconds since 1970 UTC; ids are UUIDv7
 * text; booleans are 0 or 1; JSON is text. The tables are made by the numbered files in `migrations/`.
 */
export interface SiteSchema {
  settings: { key: string; value: string }
  tenants: TenantTable
  users: UserTable
  sessions: SessionTable
  gateways: GatewayTable
  assignments: AssignmentTable
  gatewayHistory: GatewayHistoryTable
  certificates: CertificateTable
  sealedSecrets: SealedSecretTable
  handovers: HandoverTable
  crls: CrlTable
  channels: ChannelTable
  refusals: RefusalTable
  auditEntries: AuditEntryTable
  auditPersonal: AuditPersonalTable
  idempotencyKeys: IdempotencyKeyTable
}

export interface TenantTable {
  id: string
  slug: string
  name: string
  state: 'active' | 'suspended'
  createdAt: number
}

export interface UserTable {
  id: string
  /** Lower case; unique. */
  email: string
  name: string
  passwordHash: string
  role: 'site_admin' | 'tenant_admin' | 'operator' | 'viewer'
  /** Null for people of the whole site. */
  tenantId: string | null
  createdAt: number
  lastLoginAt: number | null
  failedLogins: Generated<number>
  lockedUntil: number | null
}

export interface SessionTable {
  /** SHA-256 of the cookie's token, hex: a stolen database opens no session. */
  tokenHash: string
  userId: string
  createdAt: number
  expiresAt: number
  lastSeenAt: number
  address: string
  userAgent: string
}

export interface GatewayTable {
  id: string
  tenantId: string
  /** The open assignment; null once unclaimed. */
  assignmentId: string | null
  mac: string | null
  code: string
  label: string
  name: string
  platform: string | null
  hardwareRevision: string | null
  firmwareVersion: string | null
  maxDevices: number
  dialect: string
  state: 'unclaimed' | 'claimed' | 'active' | 'suspended' | 'revoked'
  metadata: string
  createdAt: number
  claimedAt: number | null
  activatedAt: number | null
  lastSeenAt: number | null
  deletedAt: number | null
}

export interface AssignmentTable {
  id: string
  gatewayId: string
  tenantId: string
  fromAt: number
  toAt: number | null
}

/** Every change of a gateway's state and of its connection, oldest first by id. */
export interface GatewayHistoryTable {
  id: Generated<number>
  gatewayId: string
  /** Who owned the gateway then: history stays with the tenant when a gateway moves on. */
  tenantId: string
  kind: 'state' | 'presence'
  value: string
  at: number
  reason: string | null
  actor: string | null
}

export interface CertificateTable {
  id: string
  kind: 'device_root' | 'device_issuing' | 'server_issuing' | 'web_ca' | 'broker' | 'web' | 'gateway'
  gatewayId: string | null
  issuerId: string | null
  /** Lower-case hex without separators. */
  serial: string
  subject: string
  keyAlgorithm: 'EC P-256' | 'EC P-384' | 'RSA 2048'
  /** SHA-256 of the DER, lower-case hex. */
  fingerprint: string
  pem: string
  notBefore: number
  notAfter: number
  state: 'active' | 'revoked' | 'superseded'
  revokedAt: number | null
  revocationReason: string | null
  createdAt: number
}

/** AES-256-GCM boxes; the associated data is `purpose:id`. */
export interface SealedSecretTable {
  id: string
  purpose: string
  box: Uint8Array
  createdAt: number
}

/** A private key made by the site, waiting to be handed over once in effect. */
export interface HandoverTable {
  certificateId: string
  gatewayId: string
  sealedSecretId: string
  createdAt: number
  expiresAt: number
  fetchCount: Generated<number>
  lastFetchedAt: number | null
  /** Set when the key is gone. */
  endedAt: number | null
  endedBy: 'received' | 'session' | 'expired' | 'revoked' | null
}

export interface CrlTable {
  issuerId: string
  number: number
  thisUpdate: number
  nextUpdate: number
  der: Uint8Array
}

export interface ChannelTable {
  id: string
  /** The historian's number of the time series. */
  seriesId: number
  assignmentId: string
  gatewayId: string
  tenantId: string
  /** The name the gateway uses on the wire. */
  key: string
  /** What people call it; null until renamed. */
  name: string | null
  unit: string | null
  kind: 'number' | 'integer' | 'boolean' | 'text'
  lowLimit: number | null
  highLimit: number | null
  createdAt: number
}

/** Refused connections and messages, counted by who, where and why. */
export interface RefusalTable {
  id: string
  gatewayId: string | null
  tenantId: string | null
  reason: string
  address: string
  clientId: string | null
  fingerprint: string | null
  topic: string | null
  detail: string | null
  count: number
  firstAt: number
  lastAt: number
}

export interface AuditEntryTable {
  seq: Generated<number>
  at: number
  actorKind: 'user' | 'local' | 'system' | 'gateway' | 'anonymous'
  actorId: string | null
  action: string
  objectKind: string | null
  objectId: string | null
  tenantId: string | null
  outcome: 'done' | 'refused' | 'failed'
  errorCode: string | null
  requestId: string | null
  details: string
  /** Salted SHA-256 of the personal part, so that deleting that part keeps the chain provable. */
  personalHash: Uint8Array
  /** HMAC-SHA-256 over the previous entry's value and this entry. */
  chain: Uint8Array
}

export interface AuditPersonalTable {
  seq: number
  salt: Uint8Array
  actorName: string
  address: string
}

export interface IdempotencyKeyTable {
  key: string
  actor: string
  operation: string
  requestHash: string
  /** What the call made, to build the same answer from: never the answer itself, which may hold a key. */
  resultId: ColumnType<string, string, never>
  createdAt: number
}
