import type pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  addEmqxReader,
  addReader,
  addSite,
  removeReader,
  removeSite,
  rotatePassword,
  share,
  unshare,
} from '#cloud/administration.ts'
import { CLOUD_SCHEMA_VERSION, migrateCloud } from '#cloud/migrate.ts'
import { cloudMigrations } from '#cloud/migrations/index.ts'
import { cloudStatus } from '#cloud/status.ts'
import { type PostgresServer, postgresVersions, startPostgres } from '#tests/fixtures/postgres-server.ts'
import { createCloud } from '#tests/fixtures/shared-cloud.ts'

const supported = postgresVersions().filter((version) => version >= 14)
const ACME = '018f0000-0000-7000-8000-000000000001'
const GATEWAY = '018f0000-0000-7000-8000-000000000002'
const CHANNEL = '018f0000-0000-7000-8000-000000000003'

let server: PostgresServer

beforeAll(async () => {
  server = await startPostgres()
  rented = await startPostgres()
})
afterAll(async () => {
  await server.stop()
  await rented.stop()
})

/** As rented databases have it: no superuser, and the database is somebody else's. */
async function administrator(of: PostgresServer) {
  const database = await of.createDatabase()
  const superuser = await of.connect({ database })
  const user = `admin_${of.version}`
  const { rowCount } = await superuser.query('SELECT FROM pg_roles WHERE rolname = $1', [user])
  if (rowCount === 0) await superuser.query(`CREATE ROLE ${user} LOGIN CREATEROLE PASSWORD 'x'`)
  await superuser.query(`GRANT CREATE ON DATABASE ${database} TO ${user}`)
  const connect = () => of.connect({ database, user, password: 'x' })
  return { database, superuser, connect, admin: await connect() }
}

/** From Postgres 16 on only one administrator of a server makes the group roles: the test's own, on its own server. */
let rented: PostgresServer

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'nothing',
    (error) => error.code,
  )

test.each(supported)(
  'Postgres %i: an administrator who is no superuser does all there is',
  async (version) => {
    const own = version === 18 ? null : await startPostgres({ version })
    const there = own ?? rented
    try {
      const { database, admin, superuser } = await administrator(there)
      expect(await migrateCloud(admin)).toEqual({ from: 0, to: CLOUD_SCHEMA_VERSION, storage: 'native' })
      const north = await addSite(admin, { name: 'North' })
      const south = await addSite(admin, { name: 'South', allTenants: true })
      expect(await codeOf(addSite(admin, { name: 'north' }))).toBe('cloud_role_exists')

      const as = ({ username, password }: { username: string; password: string }) =>
        there.connect({ database, user: username, password })
      const site = await as(north)
      expect((await site.query('SHOW idle_in_transaction_session_timeout')).rows).toEqual([
        { idle_in_transaction_session_timeout: '1min' },
      ])
      await site.query("SELECT millwright.hello(NULL, '{}', 'first', '1.0', 0)")
      const offered = await site.query(
        "SELECT millwright.offer_tenant($1, 'acme', 'Acme', 'telemetry') AS answer",
        [ACME],
      )
      expect(offered.rows).toEqual([{ answer: 'made' }])
      await putGateway(site, north.siteId)
      const reader = await as(await addReader(admin, { tenant: 'acme' }))
      expect((await reader.query('SELECT name FROM millwright.gateways')).rows).toEqual([{ name: 'Pump' }])
      await as(await addEmqxReader(admin))

      const [common] = (await (await as(south)).query('SELECT id FROM millwright.tenants')).rows
      expect(common).toEqual({ id: ACME })
      await unshare(admin, { tenant: 'acme', site: 'south' })
      expect((await (await as(south)).query('SELECT id FROM millwright.tenants')).rows).toEqual([])
      await share(admin, { tenant: 'acme', site: 'South' })
      const status = await cloudStatus(admin)
      expect(status).toMatchObject({ schemaVersion: CLOUD_SCHEMA_VERSION, storage: 'native' })
      expect(status.sites.map(({ name, tenants }) => [name, tenants[0]?.mode])).toEqual([
        ['North', 'telemetry'],
        ['South', 'fleet'],
      ])
      expect(status.tenants).toMatchObject([{ slug: 'acme', gateways: 1, channels: 1, hasReader: true }])

      const rotated = await rotatePassword(admin, { site: 'North' })
      expect(await codeOf(site.query('SELECT 1'))).not.toBe('nothing')
      expect(await codeOf(as(north))).toBe('28P01')
      await as(rotated)
      await removeReader(admin, { tenant: ACME })
      expect(await removeSite(admin, { site: north.siteId, deleteData: true })).toMatchObject({ readings: 0 })
      expect(await codeOf(as(rotated))).toBe('28P01')
      const left = await superuser.query('SELECT name FROM millwright.sites')
      expect(left.rows).toEqual([{ name: 'South' }])
      expect((await superuser.query('SELECT FROM millwright.gateways')).rowCount).toBe(0)
      expect(await migrateCloud(admin)).toEqual({ from: 1, to: 1, storage: 'native' })
      const owners = await superuser.query(
        `SELECT DISTINCT relowner::regrole::text AS owner FROM pg_class WHERE relnamespace = 'millwright'::regnamespace`,
      )
      expect(owners.rows).toEqual([{ owner: 'millwright_admin' }])
    } finally {
      await own?.stop()
    }
  },
)

async function putGateway(site: pg.Client, siteId: string): Promise<void> {
  await site.query(
    `INSERT INTO millwright.gateways (id, tenant_id, site_id, code, label, name, dialect, credential, state)
     VALUES ($1, $2, $3, 'GW1', 'ESP-1', 'Pump', 'canonical', 'secret', 'active')`,
    [GATEWAY, ACME, siteId],
  )
  await site.query(
    `INSERT INTO millwright.channels (id, site_id, tenant_id, gateway_id, assignment_id, name, kind)
     VALUES ($1, $2, $3, $4, $4, 'meter1/energy', 'number')`,
    [CHANNEL, siteId, ACME, GATEWAY],
  )
}

test('a migration that is cut off anywhere was never there; the next one does all of it', async () => {
  const { admin, superuser, connect } = await administrator(rented)
  for (const cut of ['CREATE SCHEMA', 'CREATE TABLE millwright.gateways', 'make_ahead()', 'COMMIT']) {
    const client = await connect()
    const query = client.query.bind(client) as (text: string, values?: unknown[]) => Promise<unknown>
    client.query = (async (text: string, values?: unknown[]) => {
      if (text.includes(cut)) {
        const { processID } = client as unknown as { processID: number }
        await superuser.query('SELECT pg_terminate_backend($1)', [processID])
      }
      return query(text, values)
    }) as unknown as typeof client.query
    await expect(migrateCloud(client)).rejects.toThrow()
    const { rows } = await superuser.query("SELECT to_regnamespace('millwright') AS schema")
    expect([cut, rows]).toEqual([cut, [{ schema: null }]])
  }
  expect(await migrateCloud(admin)).toMatchObject({ from: 0 })
})

test('two migrations at once run one after the other', async () => {
  const { admin, connect } = await administrator(rented)
  const both = await Promise.all([migrateCloud(admin), migrateCloud(await connect())])
  expect(new Set(both.map(({ from }) => from))).toEqual(new Set([0, CLOUD_SCHEMA_VERSION]))
})

test('a version that comes later is added with its data kept; a Millwright of before refuses it', async () => {
  const { admin, superuser } = await administrator(rented)
  await migrateCloud(admin)
  await addSite(admin, { name: 'North' })
  const later = [
    ...cloudMigrations,
    { name: 'alarms', statements: () => ['CREATE TABLE millwright.alarms (id uuid PRIMARY KEY)'] },
  ]
  expect(await migrateCloud(admin, { migrations: later })).toMatchObject({ from: 1, to: 2 })
  expect((await superuser.query('SELECT name FROM millwright.sites')).rows).toEqual([{ name: 'North' }])
  expect(await codeOf(migrateCloud(admin))).toBe('cloud_schema_newer')
})

test('a schema that is not ours, and roles and servers that cannot have one, are refused with nothing done', async () => {
  const { database, admin, superuser } = await administrator(rented)
  await superuser.query('CREATE SCHEMA millwright')
  expect(await codeOf(migrateCloud(admin))).toBe('cloud_schema_foreign')
  await superuser.query('CREATE TABLE millwright.meta (key text, value text)')
  await superuser.query(
    "INSERT INTO millwright.meta VALUES ('product', 'millwright'), ('schema_version', '1')",
  )
  expect(await codeOf(migrateCloud(admin))).toBe('cloud_schema_foreign')
  await superuser.query('DROP SCHEMA millwright CASCADE')
  await superuser.query("CREATE ROLE newcomer LOGIN PASSWORD 'x'")
  const newcomer = await rented.connect({ database, user: 'newcomer', password: 'x' })
  expect(await codeOf(migrateCloud(newcomer))).toBe('cloud_admin_lacks_rights')
  await superuser.query('ALTER ROLE newcomer CREATEROLE')
  expect(await codeOf(migrateCloud(newcomer))).toBe('cloud_admin_lacks_rights')
  await superuser.query(`GRANT CREATE ON DATABASE ${database} TO newcomer`)
  // Another administrator of this server has made the group roles for other databases of it.
  await expect(migrateCloud(newcomer)).rejects.toThrow('millwright_admin was made by somebody else')
  expect((await superuser.query("SELECT to_regnamespace('millwright') AS there")).rows).toEqual([
    { there: null },
  ])
})

test.runIf(postgresVersions().includes(11))('Postgres 11 is too old', async () => {
  const old = await startPostgres({ version: 11 })
  try {
    expect(await codeOf(migrateCloud(await old.connect()))).toBe('cloud_version_too_old')
  } finally {
    await old.stop()
  }
})

test('a copy of a site is told apart by its token, until a person says which one stays', async () => {
  const cloud = await createCloud(server)
  const login = await cloud.addSite('North')
  const site = await server.connect({
    database: cloud.database,
    user: login.username,
    password: login.password,
  })
  const call = async (sql: string, values: unknown[]) =>
    (await site.query(`SELECT ${sql} AS a`, values)).rows[0]?.a
  const hello = (tokens: string[], next: string) =>
    call('millwright.hello($1, $2, $3, $4, $5)', [login.siteId, tokens, next, '1.0', Date.now() + 5_000])
  const first = await hello([], 'one')
  expect(first).toMatchObject({ result: 'ok', siteId: login.siteId, generation: 1, schemaVersion: 1, compatibleFrom: 1, storage: 'native', tenants: [] }) // biome-ignore format: one answer
  // The answer was lost: it shows what it was given and what it had.
  expect(await hello(['one', 'none'], 'two')).toMatchObject({ result: 'ok' })
  expect(await hello(['one'], 'three')).toMatchObject({ result: 'copied', generation: 1 })
  expect(await hello([], 'three')).toMatchObject({ result: 'copied' })
  expect(await call('millwright.adopt($1, $2)', [login.siteId, 'four'])).toMatchObject({
    result: 'ok',
    generation: 2,
  })
  expect(await hello(['two'], 'five')).toMatchObject({ result: 'copied' })
  expect(await hello(['four'], 'five')).toMatchObject({ result: 'ok', generation: 2 })
  expect(await call('millwright.hello($1, $2, $3, $4, $5)', [ACME, ['five'], 'six', '1.0', 0])).toEqual({ result: 'unknown_site' }) // biome-ignore format: one answer
  const { rows } = await (await cloud.connect()).query<{ clock_offset_ms: string; token: string }>(
    'SELECT * FROM millwright.sites',
  )
  expect(Number(rows[0]?.clock_offset_ms)).toBeGreaterThan(3_000)
  expect(rows[0]?.token).not.toContain('five')
})

test('what SQL changes is stamped by the cloud; what a site writes is taken, unless its clock is far ahead', async () => {
  const cloud = await createCloud(server)
  const admin = await cloud.connect()
  const login = await cloud.addSite('North')
  const put = (sql: string, values: unknown[] = []) => admin.query<{ v: Record<string, string> }>(`${sql} RETURNING field_versions AS v`, values) // biome-ignore format: one query
  const made = await put("INSERT INTO millwright.tenants (id, slug, name) VALUES ($1, 'acme', 'Acme')", [
    ACME,
  ])
  expect(Object.keys(made.rows[0]?.v ?? {}).sort()).toEqual(['name', 'state'])
  const ahead = `${String(Date.now() + 50_000).padStart(13, '0')}-ffff-a1b2c3d4`
  const site = await put('UPDATE millwright.tenants SET name = $1, field_versions = field_versions || $2', [
    'Acme 2',
    { name: ahead },
  ])
  expect(site.rows[0]?.v['name']).toBe(ahead)
  // Later than all that the row has seen, although the clock is not.
  const person = await put("UPDATE millwright.tenants SET name = 'Acme 3'")
  expect(person.rows[0]?.v['name']).toBe(`${Number(ahead.slice(0, 13)) + 1}-0000-cccccccc`)
  expect((person.rows[0]?.v['state'] ?? '') < (person.rows[0]?.v['name'] ?? '')).toBe(true)
  const wrong = '9999999999999-0000-a1b2c3d4'
  const clamped = await put(
    "UPDATE millwright.tenants SET state = 'suspended', field_versions = field_versions || $1",
    [{ state: wrong }],
  )
  expect(Number(clamped.rows[0]?.v['state']?.slice(0, 13))).toBeLessThan(Date.now() + 70_000)
  expect(clamped.rows[0]?.v['state']?.slice(13)).toBe('-0000-a1b2c3d4')
  expect(await codeOf(put('UPDATE millwright.tenants SET field_versions = $1', [{ name: 'soon' }]))).toBe(
    '23514',
  )
  const same = await put("UPDATE millwright.tenants SET name = 'Acme 3'")
  expect(same.rows).toEqual([{ v: clamped.rows[0]?.v }])

  // The new tenant is at the site with all tenants, and the feed tells it so.
  const asSite = await server.connect({
    database: cloud.database,
    user: login.username,
    password: login.password,
  })
  const feed =
    'SELECT DISTINCT entity FROM millwright.changes WHERE xid < pg_snapshot_xmin(pg_current_snapshot()) ORDER BY 1'
  expect((await asSite.query(feed)).rows).toEqual([{ entity: 'site_tenant' }, { entity: 'tenant' }])
  // What is not committed yet is not skipped: its number is below that of what is.
  const before = (await asSite.query('SELECT max(seq) AS seq FROM millwright.changes')).rows[0]?.seq
  await admin.query('BEGIN')
  await admin.query("INSERT INTO millwright.groups (id, tenant_id, name) VALUES ($1, $2, 'slow')", [
    GATEWAY,
    ACME,
  ])
  await asSite.query("INSERT INTO millwright.groups (id, tenant_id, name) VALUES ($1, $2, 'quick')", [
    CHANNEL,
    ACME,
  ])
  const news = () => asSite.query('SELECT entity_id FROM millwright.changes WHERE seq > $1 AND xid < pg_snapshot_xmin(pg_current_snapshot()) ORDER BY xid, seq', [before]) // biome-ignore format: one query
  expect((await news()).rows).toEqual([])
  await admin.query('COMMIT')
  expect((await news()).rows).toEqual([{ entity_id: GATEWAY }, { entity_id: CHANNEL }])
  const { rows } =
    await asSite.query(`SELECT millwright.feed_holds(millwright.hello(NULL, '{}', 't', '1', 0) ->> 'feedOf', '1', 0) AS holds,
    millwright.feed_holds('another', '1', 0) AS elsewhere,
    millwright.feed_holds(millwright.hello(NULL, '{t}', 't', '1', 0) ->> 'feedOf', '999999999', 0) AS ahead`)
  expect(rows).toEqual([{ holds: true, elsewhere: false, ahead: false }])
})

test('a gateway that SQL gives to a tenant takes the tenant to its site', async () => {
  const cloud = await createCloud(server)
  const login = await cloud.addSite('North', { allTenants: false })
  const site = await server.connect({
    database: cloud.database,
    user: login.username,
    password: login.password,
  })
  await site.query("SELECT millwright.offer_tenant($1, 'acme', 'Acme', 'fleet')", [ACME])
  await putGateway(site, login.siteId)
  const admin = await cloud.connect()
  const other = '018f0000-0000-7000-8000-00000000000f'
  await admin.query("INSERT INTO millwright.tenants (id, slug, name) VALUES ($1, 'other', 'Other')", [other])
  expect((await site.query('SELECT FROM millwright.tenants WHERE id = $1', [other])).rowCount).toBe(0)
  await admin.query('UPDATE millwright.gateways SET tenant_id = $1', [other])
  expect((await site.query('SELECT slug FROM millwright.tenants WHERE id = $1', [other])).rows).toEqual([
    { slug: 'other' },
  ])
})

test('times have their month’s partition, and take with them what lay in the one for all others', async () => {
  const cloud = await createCloud(server)
  const superuser = await cloud.connectAsSuperuser()
  const put = (ts: string) =>
    superuser.query('INSERT INTO millwright.telemetry (channel, ts, seq, tenant, flags) VALUES (1, $1, 1, 1, 0) RETURNING tableoid::regclass::text AS part', [ts]) // biome-ignore format: one query
  expect((await put('2016-05-31T23:59:59.999999Z')).rows).toEqual([{ part: 'millwright.telemetry_other' }])
  await put('2016-06-01T00:00:00Z')
  await put('0200-01-01T00:00:00Z')
  await superuser.query("SET timezone = 'Asia/Tokyo'")
  const made = await superuser.query(
    "SELECT millwright.ensure_months('2016-05-10', '2016-05-11') AS n, millwright.ensure_months('-infinity', '2014-12-31') AS before, millwright.ensure_months('2100-01-01', 'infinity') AS after",
  )
  expect(made.rows).toEqual([{ n: 1, before: 0, after: 0 }])
  const where = await superuser.query(
    "SELECT ts AT TIME ZONE 'UTC' AS ts, tableoid::regclass::text AS part FROM millwright.telemetry ORDER BY ts",
  )
  expect(where.rows.map(({ part }) => part.slice('millwright.telemetry_'.length))).toEqual([
    'other',
    '2016_05',
    'other',
  ])
  const ahead = await superuser.query(
    "SELECT to_regclass('millwright.telemetry_' || to_char(now() + interval '2 months', 'YYYY_MM')) AS part",
  )
  expect(ahead.rows[0]?.part).not.toBeNull()
  const { rows } = await superuser.query(
    "SELECT count(*)::integer AS n FROM pg_indexes WHERE schemaname = 'millwright' AND tablename = 'telemetry_2016_05'",
  )
  expect(rows).toEqual([{ n: 2 }])
})

test('a tenant is taken back in slices, and goes where nobody else has it', async () => {
  const cloud = await createCloud(server)
  const login = await cloud.addSite('North', { allTenants: false })
  const site = await server.connect({
    database: cloud.database,
    user: login.username,
    password: login.password,
  })
  await site.query("SELECT millwright.offer_tenant($1, 'acme', 'Acme', 'telemetry')", [ACME])
  await putGateway(site, login.siteId)
  const superuser = await cloud.connectAsSuperuser()
  await superuser.query(
    "INSERT INTO millwright.telemetry SELECT key, now() - n * interval '1 day', n, 1, 1, 0 FROM millwright.channels, generate_series(1, 10) n",
  )
  const forget = async () =>
    (await site.query('SELECT millwright.forget_tenant($1, 4) AS a', [ACME])).rows[0]?.a
  expect(await forget()).toEqual({ readings: 4, objects: 0, done: false })
  expect(await forget()).toEqual({ readings: 4, objects: 0, done: false })
  expect(await forget()).toEqual({ readings: 2, objects: 3, done: true })
  for (const table of ['telemetry', 'channels', 'gateways', 'tenants', 'site_tenants', 'mqtt_names']) {
    const { rowCount } = await superuser.query(`SELECT FROM millwright.${table}`)
    expect([table, rowCount]).toEqual([table, 0])
  }
})
