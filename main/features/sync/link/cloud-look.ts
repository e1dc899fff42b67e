import { CLOUD_SCHEMA_VERSION } from '#cloud/migrate.ts'
import { ExpectedError } from '#contract/errors.ts'
import type { CloudConnection } from '#platform/postgres/cloud-connection.ts'

/** The schema that this Millwright knows, and the oldest that it can work with. */
const KNOWN = CLOUD_SCHEMA_VERSION
const NEEDED = 1

/** What a database is, before anything is said to it. */
export interface CloudLook {
  cloudId: string
  schemaVersion: number
  storage: 'native' | 'timescale'
  siteId: string
  siteName: string
  lastSeenAt: number | null
  /** What the clock of the Millwright that was seen last said then, ms. */
  saidAt: number | null
  /** Of the Millwright that used the login last. */
  appVersion: string | null
  sharedTenants: { id: string; slug: string; name: string }[]
}

export interface Looked {
  host: string
  database: string
  username: string
}

/**
 * Whether a database is a cloud of Millwright that this site can be linked to; reads only.
 * @throws ExpectedError `cloud_schema_missing`, `cloud_schema_foreign`, `cloud_schema_older`, `cloud_schema_newer`,
 * `cloud_role_unknown`
 */
export async function lookAt(
  connection: CloudConnection,
  { database, username }: Looked,
): Promise<CloudLook> {
  const { client } = connection
  const { rows: found } = await client.query<{ schema: boolean; meta: boolean; may: boolean }>(
    `SELECT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = 'millwright') AS schema,
      EXISTS (SELECT FROM pg_catalog.pg_class JOIN pg_catalog.pg_namespace n ON n.oid = relnamespace
        JOIN pg_catalog.pg_roles o ON o.oid = relowner
        WHERE nspname = 'millwright' AND relname = 'meta' AND rolname = 'millwright_admin') AS meta,
      coalesce((SELECT has_schema_privilege(n.oid, 'USAGE') FROM pg_catalog.pg_namespace n
        WHERE nspname = 'millwright'), false) AS may`,
  )
  const { schema = false, meta = false, may = false } = found[0] ?? {}
  if (!schema) throw new ExpectedError('cloud_schema_missing', { database })
  if (!meta) throw new ExpectedError('cloud_schema_foreign', { database })
  if (!may) throw new ExpectedError('cloud_role_unknown', { username })
  const about = await metaOf(connection, { database, username })
  const version = Number(about.get('schema_version'))
  const compatibleFrom = Number(about.get('compatible_from') ?? 0)
  if (version < NEEDED) throw new ExpectedError('cloud_schema_older', { version, needed: NEEDED })
  if (compatibleFrom > KNOWN) throw new ExpectedError('cloud_schema_newer', { version })
  return {
    cloudId: about.get('cloud_id') ?? '',
    schemaVersion: version,
    storage: about.get('storage') === 'timescale' ? 'timescale' : 'native',
    ...(await lookAtSite(connection, { username })),
    sharedTenants: await sharedTenants(connection),
  }
}

async function metaOf(
  { client }: CloudConnection,
  { database, username }: Omit<Looked, 'host'>,
): Promise<Map<string, string>> {
  try {
    const { rows } = await client.query<{ key: string; value: string }>(
      'SELECT key, value FROM millwright.meta',
    )
    const about = new Map(rows.map(({ key, value }) => [key, value]))
    if (about.get('product') === 'millwright' && Number(about.get('schema_version')) > 0) return about
  } catch (error) {
    const { code } = error as { code?: unknown }
    if (code === '42501') throw new ExpectedError('cloud_role_unknown', { username }, { cause: error })
    // Columns of these names are missing.
    if (code !== '42703') throw error
  }
  throw new ExpectedError('cloud_schema_foreign', { database })
}

/** What the cloud knows of the site whose login this is. @throws ExpectedError `cloud_role_unknown` */
export async function lookAtSite({ client }: CloudConnection, { username }: Pick<Looked, 'username'>) {
  const { rows } = await client.query<{
    siteId: string
    siteName: string
    seen: Date | null
    saidAt: number | null
    appVersion: string | null
  }>(
    `SELECT id AS "siteId", name AS "siteName", last_seen_at AS seen, app_version AS "appVersion",
      (clock_offset_ms + floor(extract(epoch FROM last_seen_at) * 1000))::float8 AS "saidAt"
      FROM millwright.sites WHERE id = (SELECT millwright.my_site())`,
  )
  const site = rows[0]
  if (site === undefined) throw new ExpectedError('cloud_role_unknown', { username })
  const { seen, ...rest } = site
  return { ...rest, lastSeenAt: seen === null ? null : seen.getTime() }
}

async function sharedTenants({ client }: CloudConnection): Promise<CloudLook['sharedTenants']> {
  const { rows } = await client.query<{ id: string; slug: string; name: string }>(
    `SELECT id, slug, name FROM millwright.tenants
      WHERE id = ANY ((SELECT millwright.my_tenants())::uuid[]) AND deleted_at IS NULL ORDER BY name LIMIT 1000`,
  )
  return rows
}
