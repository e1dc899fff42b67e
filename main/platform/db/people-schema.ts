import type { ColumnType } from 'kysely'

/** Null where it is left out. */
export type Optional<Value> = ColumnType<Value | null, Value | null | undefined, Value | null>

/** A node of a tenant's tree: building, line, area. */
export interface GroupTable {
  id: string
  tenantId: string
  /** Null: at the top. */
  parentId: string | null
  name: string
  createdAt: number
}

export interface UserTable {
  id: string
  /** Lower case; unique. */
  email: string
  /** Lower case; unique, where there is one. */
  username: Optional<string>
  name: string
  /** Null: invited, or signs in elsewhere. */
  passwordHash: string | null
  siteAdmin: 0 | 1
  state: 'invited' | 'active' | 'suspended'
  createdAt: number
  lastLoginAt: Optional<number>
  passwordChangedAt: Optional<number>
  /** The password was given by somebody else. */
  mustChangePassword: ColumnType<0 | 1, 0 | 1 | undefined, 0 | 1>
  /** The provider whose groups made them a site administrator; null: a person did. */
  siteAdminProviderId: Optional<string>
  /** The person chose the e-mail address themself: nobody vouched that it is theirs. */
  emailOwn: ColumnType<0 | 1, 0 | 1 | undefined, 0 | 1>
}

/** What a person is in a tenant. Site administrators need none. */
export interface MembershipTable {
  userId: string
  tenantId: string
  roleId: string
  /** `groups`: those of `membershipGroups`, with all below them, and own gateways; `own`: own gateways only. */
  reach: 'tenant' | 'groups' | 'own'
  createdAt: number
  /** Until whoever has the account takes the invitation it gives no rights. Null: taken, or given without one. */
  invitedAt: Optional<number>
  /** As the tenant called them, until then. */
  invitedName: Optional<string>
  /** The provider whose groups gave it, and take it again; null: a person gave it. */
  providerId: Optional<string>
}

export interface RoleTable {
  /** Of a built-in role its name. */
  id: string
  /** Null: built in. */
  tenantId: string | null
  name: string
  /** JSON list; of built-in roles it stands in code. */
  permissions: string
  /** Whoever has the role needs a second factor. */
  secondFactor: ColumnType<0 | 1, 0 | 1 | undefined, 0 | 1>
  createdAt: number
}

export interface SessionTable {
  id: string
  /** `browser`: a cookie's token. `api`: access and refresh tokens. */
  kind: 'browser' | 'api'
  /** SHA-256 of the cookie's token, hex: a stolen database opens no session. Null for `api`. */
  tokenHash: string | null
  userId: string
  /** In which of their tenants the person acts; null: the only one, or the whole site. */
  tenantId: Optional<string>
  /** Who vouched for the person, where they signed in elsewhere. */
  providerId: Optional<string>
  createdAt: number
  expiresAt: number
  lastSeenAt: number
  address: string
  userAgent: string
  /** When a person was last seen to be at it; null: since it began. */
  activeAt: Optional<number>
  /** Null: it is not locked by hand. */
  lockedAt: Optional<number>
}

export interface RefreshTokenTable {
  /** SHA-256, hex. */
  tokenHash: string
  sessionId: string
  createdAt: number
  expiresAt: number
  usedAt: Optional<number>
}

/** A link, or a code, by which a person takes an invitation or chooses their password; once. */
export interface InvitationTable {
  id: string
  userId: string
  /** Whose invitation it takes. Null: of the whole site, or a password anew. */
  tenantId: Optional<string>
  kind: 'invite' | 'reset'
  /** SHA-256, hex. */
  tokenHash: string
  createdAt: number
  expiresAt: number
  usedAt: Optional<number>
  createdById: Optional<string>
}

/** A TOTP seed (RFC 6238), sealed. */
export interface SecondFactorTable {
  userId: string
  sealedSecretId: string
  /** Null until a first code was right. */
  confirmedAt: Optional<number>
  /** The newest time step whose code was taken. */
  lastStep: Optional<number>
  createdAt: number
}

/** An OpenID Connect provider. */
export interface SignOnProviderTable {
  id: string
  name: string
  issuer: string
  clientId: string
  sealedSecretId: Optional<string>
  scopes: string
  /** The claim that lists a person's groups. */
  groupClaim: Optional<string>
  /** JSON: which group there gives which membership here. */
  mappings: string
  /** Whoever is in this group there is a site administrator here. */
  siteAdminGroup: Optional<string>
  /** Whoever their groups give a right gets an account at their first sign-in. */
  makesAccounts: 0 | 1
  /** E-mail addresses count as verified also where the provider does not say so. */
  trustsEmail: 0 | 1
  /** JSON: the origins that the site may call for it. */
  destinations: string
  /** PEM; trusted beside the public CAs. */
  caCertificate: Optional<string>
  enabled: 0 | 1
  createdAt: number
}

export interface ApiKeyTable {
  id: string
  /** Null: of the whole site. */
  tenantId: string | null
  /** Null: the whole tenant, or the gateways of `ownerUserId`. */
  groupId: Optional<string>
  ownerUserId: Optional<string>
  createdById: Optional<string>
  name: string
  /** The first characters of the key, by which it is found and told apart. */
  prefix: string
  /** SHA-256 of the key, hex. */
  hash: string
  /** JSON list of permissions. */
  scopes: string
  createdAt: number
  expiresAt: Optional<number>
  lastUsedAt: Optional<number>
  lastUsedAddress: Optional<string>
  revokedAt: Optional<number>
}

/** A non-gateway user of the broker: SCADA, Node-RED, a phone. */
export interface MqttClientTable {
  id: string
  tenantId: string
  /** Null: the whole tenant, or the reach of `ownerUserId`. */
  groupId: Optional<string>
  ownerUserId: Optional<string>
  name: string
  username: string
  passwordSalt: Optional<string>
  /** SHA-256 of salt and password, hex. */
  passwordHash: Optional<string>
  passwordSetAt: Optional<number>
  rights: 'read' | 'write' | 'both'
  /** JSON list of filters. */
  topics: string
  prefix: string
  state: 'active' | 'suspended'
  createdAt: number
  createdById: Optional<string>
  expiresAt: Optional<number>
  lastConnectedAt: Optional<number>
  lastAddress: Optional<string>
}

export interface TenantUsageTable {
  tenantId: string
  /** Start of the hour, ms. */
  hour: number
  messages: number
  dropped: number
  delayed: number
  closed: number
}

export interface GatewayLimitsTable {
  gatewayId: string
  /** Start of the hour, ms. */
  hour: number
  dropped: number
  delayed: number
  closed: number
}
