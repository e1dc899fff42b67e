import type { ClientBase } from 'pg'
import type { CloudStorage } from './migrations/0001-telemetry.ts'

/** What the administrator sees of the cloud. Counters of Postgres are numbers here: none of them leaves 2^53. */
export interface CloudStatus {
  readonly cloudId: string
  readonly schemaVersion: number
  readonly compatibleFrom: number
  readonly storage: CloudStorage
  readonly postgresVersion: string
  readonly databaseBytes: number
  readonly sites: readonly SiteStatus[]
  readonly tenants: readonly TenantStatus[]
}

export interface SiteStatus {
  readonly id: string
  readonly name: string
  readonly key: number
  /** Null: its login was taken away. */
  readonly username: string | null
  readonly allTenants: boolean
  readonly appVersion: string | null
  readonly lastSeenAt: Date | null
  readonly clockOffsetMs: number | null
  readonly tenants: readonly { id: string; slug: string; mode: 'off' | 'fleet' | 'telemetry' }[]
  /** Over all its tenants, as it said last; null: it has said nothing yet. */
  readonly backlogRows: number | null
  readonly backlogSeconds: number | null
  readonly deadLetters: number | null
  readonly lostReadings: number | null
}

export interface TenantStatus {
  readonly id: string
  readonly slug: string
  readonly name: string
  readonly state: 'active' | 'suspended'
  readonly gateways: number
  readonly channels: number
  readonly unresolvedConflicts: number
  /** Whether somebody can sign in as its reader. */
  readonly hasReader: boolean
}

const sites = `SELECT s.id, s.name, s.key, s.role_name AS username, s.all_tenants AS "allTenants",
  s.app_version AS "appVersion", s.last_seen_at AS "lastSeenAt", s.clock_offset_ms::float8 AS "clockOffsetMs",
  (SELECT coalesce(jsonb_agg(jsonb_build_object('id', t.id, 'slug', t.slug, 'mode', st.mode) ORDER BY t.key), '[]')
   FROM millwright.site_tenants st JOIN millwright.tenants t ON t.id = st.tenant_id WHERE st.site_id = s.id) AS tenants,
  y.backlog_rows::float8 AS "backlogRows", y.backlog_seconds::float8 AS "backlogSeconds",
  y.dead_letters::float8 AS "deadLetters", y.lost_readings::float8 AS "lostReadings"
FROM millwright.sites s
CROSS JOIN LATERAL (
  SELECT sum(backlog_rows) AS backlog_rows, max(backlog_seconds) AS backlog_seconds, sum(dead_letters) AS dead_letters,
    sum(lost_readings) AS lost_readings
  FROM millwright.sync_state WHERE site_id = s.id
) y
ORDER BY s.key`

const tenants = `SELECT t.id, t.slug, t.name, t.state,
  (SELECT count(*) FROM millwright.gateways g WHERE g.tenant_id = t.id AND g.deleted_at IS NULL)::float8 AS gateways,
  (SELECT count(*) FROM millwright.channels c WHERE c.tenant_id = t.id AND c.deleted_at IS NULL)::float8 AS channels,
  (SELECT count(*) FROM millwright.conflicts c WHERE c.tenant_id = t.id AND c.resolved_at IS NULL)::float8
    AS "unresolvedConflicts",
  EXISTS (SELECT FROM pg_catalog.pg_roles r WHERE r.rolcanlogin
    AND r.rolname = 'millwright_reader_' || replace(t.id::text, '-', ''))
    AS "hasReader"
FROM millwright.tenants t WHERE t.deleted_at IS NULL ORDER BY t.key`

/** For a member of millwright_admin. */
export async function cloudStatus(client: ClientBase): Promise<CloudStatus> {
  const meta = await client.query<{ key: string; value: string }>('SELECT key, value FROM millwright.meta')
  const values = new Map(meta.rows.map(({ key, value }) => [key, value]))
  const server = await client.query<{ version: string; bytes: number }>(
    `SELECT current_setting('server_version') AS version, pg_database_size(current_database())::float8 AS bytes`,
  )
  return {
    cloudId: values.get('cloud_id') ?? '',
    schemaVersion: Number(values.get('schema_version')),
    compatibleFrom: Number(values.get('compatible_from')),
    storage: values.get('storage') === 'timescale' ? 'timescale' : 'native',
    postgresVersion: server.rows[0]?.version ?? '',
    databaseBytes: server.rows[0]?.bytes ?? 0,
    sites: (await client.query<SiteStatus>(sites)).rows,
    tenants: (await client.query<TenantStatus>(tenants)).rows,
  }
}
