import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addReader, addSite } from '#cloud/administration.ts'
import { migrateCloud } from '#cloud/migrate.ts'
import { type PostgresServer, startPostgres } from '#tests/fixtures/postgres-server.ts'

/**
 * The other storage, with a stand-in: an extension named timescaledb whose functions have TimescaleDB's names and
 * arguments and only write down that they were called. There is no TimescaleDB where these tests run. So what is proved is
 * that our SQL parses, calls them with arguments that these signatures take, and that everything else works over a table
 * that is not partitioned. Statements with options `timescaledb.…`, which only the real extension understands, are run
 * without them.
 */
let folder: string
let server: PostgresServer
let calls: string[]

const standIn = `
CREATE TABLE calls (n serial, call text);
CREATE FUNCTION note(call text) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = @extschema@, pg_temp AS
  'INSERT INTO calls (call) VALUES ($1)';
CREATE FUNCTION create_hypertable(relation regclass, time_column_name name, partitioning_column name DEFAULT NULL,
  number_partitions integer DEFAULT NULL, associated_schema_name name DEFAULT NULL, associated_table_prefix name DEFAULT NULL,
  chunk_time_interval anyelement DEFAULT NULL::bigint, create_default_indexes boolean DEFAULT true,
  if_not_exists boolean DEFAULT false, partitioning_func regproc DEFAULT NULL, migrate_data boolean DEFAULT false)
  RETURNS void LANGUAGE sql AS $$ SELECT @extschema@.note(format('hypertable %s by %s every %s', $1, $2, $7)) $$;
CREATE FUNCTION add_compression_policy(hypertable regclass, compress_after interval) RETURNS integer LANGUAGE sql AS
  $$ SELECT @extschema@.note(format('compress %s after %s', $1, $2)); SELECT 1 $$;
CREATE FUNCTION add_retention_policy(relation regclass, drop_after interval) RETURNS integer LANGUAGE sql AS
  $$ SELECT @extschema@.note(format('keep %s for %s', $1, $2)); SELECT 2 $$;
CREATE FUNCTION add_continuous_aggregate_policy(continuous_aggregate regclass, start_offset interval, end_offset interval,
  schedule_interval interval) RETURNS integer LANGUAGE sql AS
  $$ SELECT @extschema@.note(format('refresh %s each %s', $1, $4)); SELECT 3 $$;
CREATE FUNCTION time_bucket(bucket_width interval, ts timestamptz) RETURNS timestamptz LANGUAGE sql IMMUTABLE AS
  $$ SELECT date_bin($1, $2, timestamptz '2000-01-01 00:00:00+00') $$;
`

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mw-timescale-'))
  await chmod(folder, 0o755)
  await mkdir(join(folder, 'extension'))
  await writeFile(
    join(folder, 'extension', 'timescaledb.control'),
    "default_version = '0'\nrelocatable = false\n",
  )
  await writeFile(join(folder, 'extension', 'timescaledb--0.sql'), standIn)
  server = await startPostgres({ settings: { extension_control_path: `$system:${folder}` } })
})
afterAll(async () => {
  await server.stop()
  await rm(folder, { recursive: true, force: true })
})

/** As a superuser whose statements lose the options that Postgres alone refuses. */
async function migrated(setting: string | null): Promise<{ client: pg.Client; database: string }> {
  const database = await server.createDatabase()
  const client = await server.connect({ database })
  await client.query('CREATE SCHEMA "Time series"')
  await client.query('CREATE EXTENSION timescaledb SCHEMA "Time series"')
  await client.query('GRANT USAGE ON SCHEMA "Time series" TO PUBLIC')
  if (setting) await client.query(setting)
  calls = []
  const query = client.query.bind(client) as (text: string, values?: unknown[]) => Promise<pg.QueryResult>
  client.query = ((text: string, values?: unknown[]) => {
    const options = /\((\s*timescaledb\.[^)]*)\)/.exec(text)?.[1]
    if (options === undefined) return query(text, values)
    calls.push(options.replaceAll(/\s+/g, ' ').trim())
    return text.startsWith('ALTER TABLE')
      ? query('SELECT 1')
      : query(text.replace(/WITH \(timescaledb[^)]*\) /, ''), values)
  }) as typeof client.query
  await migrateCloud(client)
  client.query = query as typeof client.query
  const { rows } = await client.query('SELECT call FROM "Time series".calls ORDER BY n')
  calls.push(...rows.map(({ call }) => call))
  return { client, database }
}

test('with the extension readings lie in a hypertable, compressed, kept for a year, with hourly aggregates', async () => {
  const { client } = await migrated(null)
  expect(calls).toEqual([
    "timescaledb.compress, timescaledb.compress_segmentby = 'channel', timescaledb.compress_orderby = 'ts'",
    'timescaledb.continuous, timescaledb.materialized_only = false',
    'hypertable millwright.telemetry by ts every 7 days',
    'compress millwright.telemetry after 14 days',
    'keep millwright.telemetry for 365 days',
    'refresh millwright.telemetry_hourly each 01:00:00',
  ])
  const { rows } = await client.query(
    `SELECT relkind, relrowsecurity FROM pg_class WHERE oid = 'millwright.telemetry'::regclass`,
  )
  // TimescaleDB takes neither compression nor aggregates on a table with row-level security.
  expect(rows).toEqual([{ relkind: 'r', relrowsecurity: false }])
  const owner = await client.query("SELECT rolcanlogin FROM pg_roles WHERE rolname = 'millwright_admin'")
  expect(owner.rows).toEqual([{ rolcanlogin: true }])
  expect(await migrateCloud(client)).toMatchObject({ from: 1, to: 1, storage: 'timescale' })
  await expect(migrateCloud(client, { storage: 'native' })).rejects.toThrow('cannot be changed')
})

test('under Apache’s licence there is a hypertable and nothing of the rest', async () => {
  await migrated("SET timescaledb.license = 'apache'")
  expect(calls).toEqual(['hypertable millwright.telemetry by ts every 7 days'])
})

test('without row-level security on the table a site and a reader still have no way to others’ readings', async () => {
  const { client, database } = await migrated("SET timescaledb.license = 'apache'")
  const as = ({ username, password }: { username: string; password: string }) =>
    server.connect({ database, user: username, password })
  const tenants = ['018f0000-0000-7000-8000-000000000001', '018f0000-0000-7000-8000-000000000002']
  const sites: pg.Client[] = []
  for (const [index, tenant] of tenants.entries()) {
    const made = await addSite(client, { name: `Site ${index}` })
    const site = await as(made)
    await site.query("SELECT millwright.offer_tenant($1, 'acme', 'Acme', 'telemetry')", [tenant])
    await site.query(
      `INSERT INTO millwright.channels (id, site_id, tenant_id, gateway_id, assignment_id, name, kind)
       VALUES ($1, $2, $1, $1, $1, 'x', 'number')`,
      [tenant, made.siteId],
    )
    await site.query('SELECT millwright.open_incoming()')
    await site.query('BEGIN')
    await site.query(
      `INSERT INTO pg_temp.millwright_incoming (run, channel, flags, n, ts, span, ts_step, seq, seq_step, value, value_step, scale)
       SELECT 0, key, 0, 10, $1, 36000000, 3600000, 1, 1, $2, 1, 1 FROM millwright.channels`,
      [Date.UTC(2026, 0, 1), 100 * index],
    )
    const taken = await site.query('SELECT millwright.take_readings() AS taken')
    await site.query('COMMIT')
    expect(taken.rows[0]?.taken).toMatchObject({ written: 10 })
    sites.push(site)
  }
  const readers = [await as(await addReader(client, { tenant: tenants[0] ?? '' }))]
  for (const someone of [...sites.slice(0, 1), ...readers]) {
    const { rows } = await someone.query(
      'SELECT count(*)::integer AS n, max(value) AS most FROM millwright.readings',
    )
    expect(rows).toEqual([{ n: 10, most: 9 }])
    const hours = await someone.query(
      "SELECT count(*)::integer AS n FROM millwright.hourly($1, '2025-01-01', '2027-01-01')",
      [tenants],
    )
    expect(hours.rows).toEqual([{ n: 10 }])
    await expect(someone.query('SELECT * FROM millwright.telemetry')).rejects.toThrow('permission denied')
  }
})
