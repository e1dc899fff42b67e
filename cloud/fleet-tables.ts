import type { ColumnType, Generated } from 'kysely'
import type {
  DefaultJson,
  DefaultMoment,
  FieldVersions,
  Moment,
  Nullable,
  OptionalMoment,
} from './column-types.ts'

/** What sites send of their fleets. */
export interface FleetTables {
  tenants: CloudTenantTable
  groups: CloudGroupTable
  users: CloudUserTable
  gateways: CloudGatewayTable
  assignments: CloudAssignmentTable
  channels: CloudChannelTable
  certificates: CloudCertificateTable
  audit: CloudAuditTable
}

/** Of every table of the fleet. */
interface Versioned {
  field_versions: DefaultJson<FieldVersions>
  updated_at: DefaultMoment
}

export interface CloudTenantTable extends Versioned {
  id: string
  key: ColumnType<number, never, never>
  /** Not unique: two sites may both have a `main`. */
  slug: string
  name: string
  state: Generated<'active' | 'suspended'>
  home_site: Nullable<string>
  created_at: DefaultMoment
  deleted_at: OptionalMoment
}

export interface CloudGroupTable extends Versioned {
  id: string
  tenant_id: string
  parent_id: Nullable<string>
  name: string
  created_at: DefaultMoment
  deleted_at: OptionalMoment
}

export interface CloudUserTable extends Versioned {
  tenant_id: string
  id: string
  /** Who wrote it first. */
  site_id: Nullable<string>
  email: Nullable<string>
  username: Nullable<string>
  name: string
  state: 'invited' | 'active' | 'suspended'
  role: Nullable<string>
  reach: Nullable<'tenant' | 'groups' | 'own'>
  /** Where the reach is `groups`: these, with all below them. */
  group_ids: Generated<string[]>
  /** No site and no reader reads it: name the columns in SELECT and RETURNING. */
  password_hash: Nullable<string>
  created_at: DefaultMoment
  deleted_at: OptionalMoment
}

/** One topic filter of a gateway. */
export interface GatewayTopic {
  action: 'publish' | 'subscribe'
  topic: string
  /** Also while the gateway has not acknowledged its binding: the topics of commands. */
  pending?: true
}

export interface CloudGatewayTable extends Versioned {
  id: string
  tenant_id: string
  site_id: string
  group_id: Nullable<string>
  owner_user_id: Nullable<string>
  mac: Nullable<string>
  code: string
  label: string
  name: string
  platform: Nullable<string>
  hardware_revision: Nullable<string>
  firmware_version: Nullable<string>
  max_devices: Nullable<number>
  dialect: string
  profile: Nullable<string>
  credential: 'certificate' | 'secret' | 'both'
  metadata: DefaultJson<unknown>
  state: 'unclaimed' | 'claimed' | 'active' | 'suspended' | 'revoked'
  bind_state: Nullable<'pending' | 'bound'>
  created_at: DefaultMoment
  claimed_at: OptionalMoment
  activated_at: OptionalMoment
  last_seen_at: OptionalMoment
  deleted_at: OptionalMoment
  /** Hex. No reader reads it. */
  secret_salt: Nullable<string>
  /** SHA-256 of the salt's bytes and the secret's 64 characters, hex. No reader reads it. */
  secret_hash: Nullable<string>
  usernames: Generated<string[]>
  /** Null in it: any. */
  client_ids: Generated<(string | null)[]>
  topics: DefaultJson<GatewayTopic[]>
}

export interface CloudAssignmentTable extends Versioned {
  id: string
  gateway_id: string
  tenant_id: string
  site_id: string
  group_id: Nullable<string>
  owner_user_id: Nullable<string>
  from_at: Moment
  to_at: OptionalMoment
  code: Nullable<string>
}

export interface CloudChannelTable extends Versioned {
  /** Given by a trigger, whatever the writer says: number of the site << 32 | number of the channel. */
  key: ColumnType<string, never, never>
  id: string
  site_id: string
  tenant_id: string
  gateway_id: string
  assignment_id: string
  /** On the wire: `meter1/energy`. */
  name: string
  /** What people call it. */
  title: Nullable<string>
  unit: Nullable<string>
  kind: 'number' | 'integer' | 'boolean' | 'text'
  low_limit: Nullable<number>
  high_limit: Nullable<number>
  created_at: DefaultMoment
  deleted_at: OptionalMoment
}

export interface CloudCertificateTable extends Versioned {
  id: string
  site_id: string
  tenant_id: string
  gateway_id: string
  kind: string
  serial: string
  subject: string
  key_algorithm: string
  /** SHA-256 of the DER, lower-case hex. */
  fingerprint: string
  not_before: Moment
  not_after: Moment
  state: 'active' | 'revoked' | 'superseded'
  revoked_at: OptionalMoment
  revocation_reason: Nullable<string>
  created_at: DefaultMoment
  pem: string
}

/** No names, no addresses. Written once. */
export interface CloudAuditTable {
  site_id: string
  generation: number
  seq: ColumnType<string, string | number, never>
  tenant_id: Nullable<string>
  at: Moment
  actor_kind: string
  actor_id: Nullable<string>
  action: string
  object_kind: Nullable<string>
  object_id: Nullable<string>
  outcome: string
  error_code: Nullable<string>
  details: DefaultJson<unknown>
}
