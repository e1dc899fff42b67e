import type { ColumnType, Generated } from 'kysely'
import type {
  BigInteger,
  DefaultBigInteger,
  DefaultMoment,
  Json,
  Moment,
  Nullable,
  OptionalMoment,
} from './column-types.ts'
import type { FleetTables } from './fleet-tables.ts'

/**
 * The shared Postgres as Kysely sees it: the tables and views of schema `millwright`, to be used with
 * `.withSchema('millwright')`. Names are as in SQL. Made by the numbered files in `migrations/`.
 */
export interface CloudTables extends FleetTables {
  meta: MetaTable
  sites: SiteTable
  site_tenants: SiteTenantTable
  mqtt_names: MqttNameTable
  telemetry: TelemetryTable
  conflicts: ConflictTable
  changes: ChangeTable
  sync_state: SyncStateTable
  readings: ReadingView
  devices: DeviceView
  emqx_auth: EmqxAuthView
  emqx_acl: EmqxAclView
}

export interface MetaTable {
  /** `product`, `schema_version`, `compatible_from`, `storage`, `cloud_id`, `upkeep_at`. */
  key: string
  value: string
}

export interface SiteTable {
  id: Generated<string>
  /** First part of its channels' keys. */
  key: ColumnType<number, never, never>
  name: string
  /** Null once its login was taken away. */
  role_name: Nullable<string>
  /** Every tenant of the cloud is shared with it. */
  all_tenants: Generated<boolean>
  /** SHA-256 of the token of its last session, hex. No site reads it. */
  token: Nullable<string>
  generation: Generated<number>
  app_version: Nullable<string>
  created_at: DefaultMoment
  last_seen_at: OptionalMoment
  /** Its clock less the cloud's, ms. */
  clock_offset_ms: ColumnType<string | null, string | number | null | undefined, string | number | null>
}

export interface SiteTenantTable {
  site_id: string
  tenant_id: string
  mode: Generated<'off' | 'fleet' | 'telemetry'>
  since: DefaultMoment
}

/** Whose a name at the EMQX cluster is: the first gateway that came with it. Kept by a trigger. */
export interface MqttNameTable {
  /** `certificate`: MD5 of the certificate's DER, hex, as EMQX's `peer_cert_as_username = md5` gives it. */
  kind: 'username' | 'certificate' | 'common_name'
  name: string
  gateway_id: string
}

/** Sites and readers have no right on it: they write by `take_readings()` and read by `readings`. */
export interface TelemetryTable {
  channel: BigInteger
  ts: Moment
  /** Generation << 44 | ingest sequence: the higher one wins. */
  seq: BigInteger
  value: Nullable<number>
  tenant: number
  /** Quality + 256 * kind (`contract/model/reading-batch.ts`). */
  flags: number
  text: Nullable<string>
}

/** Two values of one field, changed at the same time. */
export interface ConflictTable {
  id: Generated<string>
  tenant_id: string
  /** Who found it. */
  site_id: Nullable<string>
  entity: string
  entity_id: string
  field: string
  kept: Json<unknown>
  kept_stamp: string
  kept_by: string
  other: Json<unknown>
  other_stamp: string
  other_by: string
  at: DefaultMoment
  resolved_at: OptionalMoment
  resolved_by: Nullable<string>
}

/** What the feed tells of: all that can change away from the site that has it. */
export type ChangedEntity = 'tenant' | 'group' | 'user' | 'gateway' | 'site_tenant' | 'conflict'

/**
 * The feed. A row counts once no transaction older than it is open: `xid < pg_snapshot_xmin(pg_current_snapshot())`;
 * the cursor is (xid, seq).
 */
export interface ChangeTable {
  xid: ColumnType<string, never, never>
  seq: ColumnType<string, never, never>
  tenant_id: string
  /** Null: concerns every site that has the tenant. */
  site_id: string | null
  entity: ChangedEntity
  /** Of a site_tenant that of the tenant. */
  entity_id: string
  at: Date
}

/** What sites say of themselves. */
export interface SyncStateTable {
  site_id: string
  tenant_id: string
  backlog_rows: DefaultBigInteger
  backlog_seconds: DefaultBigInteger
  readings_sent: DefaultBigInteger
  bytes_sent: DefaultBigInteger
  dead_letters: Generated<number>
  lost_readings: DefaultBigInteger
  state: string
  reported_at: DefaultMoment
}

export interface ReadingView {
  channel_key: string
  channel_id: string
  tenant_id: string
  gateway_id: string
  ts: Date
  value: number | null
  text: string | null
  quality: number
  kind: 'number' | 'integer' | 'boolean' | 'text'
  seq: string
}

export interface DeviceView {
  tenant_id: string
  site_id: string
  gateway_id: string
  assignment_id: string
  /** The part of its channels' names before the first `/`. */
  name: string
  channels: number
  created_at: Date
}

export interface EmqxAuthView {
  username: string
  password_hash: string
  salt: Buffer
  is_superuser: boolean
}

export interface EmqxAclView {
  username: string | null
  common_name: string | null
  /** Null: any. */
  clientid: string | null
  permission: 'allow' | 'deny'
  action: 'publish' | 'subscribe' | 'all'
  topic: string
}
