import type pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addReader, removeReader, removeSite, rotatePassword, share } from '#cloud/administration.ts'
import { migrateCloud } from '#cloud/migrate.ts'
import { cloudStatus } from '#cloud/status.ts'
import { type PostgresServer, startPostgres } from '#tests/fixtures/postgres-server.ts'
import { ADMIN, createCloud, type SharedCloud } from '#tests/fixtures/shared-cloud.ts'

/** What administrators come back for: rights that are gone, sites and readers that go, roles of somebody. */
const id = (n: number) => `018f0000-0000-7000-8000-${String(n).padStart(12, '0')}`
const [ACME, OWN, USER, GROUP] = [id(1), id(2), id(3), id(4)]

let server: PostgresServer
let cloud: SharedCloud
let admin: pg.Client
let superuser: pg.Client

beforeAll(async () => {
  server = await startPostgres()
  cloud = await createCloud(server)
  admin = await cloud.connect()
  superuser = await cloud.connectAsSuperuser()
})
afterAll(() => server.stop())

const signIn = ({ username: user, password }: { username: string; password: string }) =>
  server.connect({ database: cloud.database, user, password })

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'nothing',
    (error) => error.code,
  )

/** A run of init, and what it warned of. */
async function init(client: pg.Client): Promise<string[]> {
  const warnings: string[] = []
  await migrateCloud(client, {
    log: { info: () => undefined, warn: (message) => warnings.push(message) },
  })
  return warnings
}

test('init gives back every right that somebody took, and says which it cannot give', async () => {
  const login = await cloud.addSite('Hardened', { allTenants: false })
  await superuser.query(
    `REVOKE ALL ON DATABASE ${cloud.database} FROM PUBLIC, millwright_admin, millwright_site, millwright_reader, millwright_emqx`,
  )
  await superuser.query('REVOKE ALL ON ALL TABLES IN SCHEMA millwright FROM millwright_site')
  await superuser.query('REVOKE ALL ON ALL FUNCTIONS IN SCHEMA millwright FROM millwright_site')
  await superuser.query('REVOKE ALL ON SCHEMA millwright FROM millwright_site')
  await superuser.query(
    'GRANT EXECUTE ON FUNCTION millwright.ensure_months(timestamptz, timestamptz) TO PUBLIC',
  )
  expect(await codeOf(signIn(login))).toBe('42501')

  // A member of the owner who does not own the database.
  await superuser.query("CREATE ROLE deputy LOGIN CREATEROLE PASSWORD 'x' IN ROLE millwright_admin")
  await superuser.query(`GRANT CONNECT, CREATE ON DATABASE ${cloud.database} TO deputy`)
  const deputy = await signIn({ username: 'deputy', password: 'x' })
  expect((await init(deputy)).map((text) => text.split(' on ')[0])).toEqual([
    'millwright_admin lacks TEMPORARY',
    'millwright_site lacks CONNECT',
    'millwright_reader lacks CONNECT',
    'millwright_emqx lacks CONNECT',
  ])
  expect(await init(admin)).toEqual([])
  const site = await signIn(login)
  await site.query("SELECT millwright.hello(NULL, '{}', 'token', '1', 0)")
  await site.query('SELECT name FROM millwright.gateways')
  await site.query('SELECT millwright.open_incoming()')
  expect(await codeOf(site.query('SELECT millwright.ensure_months(now(), now())'))).toBe('42501')
  await superuser.query('DROP OWNED BY deputy')
  await superuser.query('DROP ROLE deputy')
})

test('a site that goes with its data leaves no person and no tenant behind; what was cut off goes on', async () => {
  const [north, south] = [await cloud.addSite('North'), await cloud.addSite('South', { allTenants: false })]
  const site = await signIn(north)
  for (const tenant of [ACME, OWN])
    await site.query("SELECT millwright.offer_tenant($1, 'acme', 'Acme', 'telemetry')", [tenant])
  await share(admin, { tenant: ACME, site: 'South' })
  for (const tenant of [ACME, OWN]) {
    await site.query(
      `INSERT INTO millwright.users (id, tenant_id, email, name, state, password_hash)
       VALUES ($1, $2, 'ana@acme.example', 'Ana', 'active', 'hash')`,
      [USER, tenant],
    )
    await site.query(
      `INSERT INTO millwright.conflicts (tenant_id, entity, entity_id, field, kept, kept_stamp, kept_by, other_stamp, other_by)
       VALUES ($1, 'user', $2, 'name', '"Ana"', '', 'a', '', 'b')`,
      [tenant, USER],
    )
    await site.query(
      `INSERT INTO millwright.channels (id, site_id, tenant_id, gateway_id, assignment_id, name, kind)
       VALUES (gen_random_uuid(), $1, $2, $2, $2, 'x', 'number')`,
      [north.siteId, tenant],
    )
  }
  const other = await signIn(south)
  await other.query("INSERT INTO millwright.groups (id, tenant_id, name) VALUES ($1, $2, 'Of both')", [
    GROUP,
    ACME,
  ])
  // More than a slice.
  await superuser.query(
    `INSERT INTO millwright.telemetry SELECT c.key, now() - n * interval '1 s', n, 1, 1, 0
     FROM millwright.channels c, generate_series(1, 52000) n WHERE c.tenant_id = $1`,
    [OWN],
  )
  const left = async (table: string) => (await superuser.query(`SELECT FROM millwright.${table}`)).rowCount

  const cut = await cloud.connect()
  const query = cut.query.bind(cut) as (text: string, values?: unknown[]) => Promise<pg.QueryResult>
  let slices = 0
  cut.query = (async (text: string, values?: unknown[]) => {
    if (text.includes('take_back') && ++slices === 3) throw new Error('cut')
    return query(text, values)
  }) as unknown as typeof cut.query
  await expect(removeSite(cut, { site: 'North', deleteData: true })).rejects.toThrow('cut')
  expect(await codeOf(signIn(north))).toBe('28P01')
  expect(await left('telemetry')).toBe(2_000)
  expect(await removeSite(admin, { site: 'North', deleteData: true })).toMatchObject({
    siteId: north.siteId,
    roleStays: null,
    readings: 2_000,
  })
  for (const table of ['telemetry', 'channels', 'users', 'conflicts'])
    expect([table, await left(table)]).toEqual([table, 0])
  expect((await superuser.query('SELECT id, home_site FROM millwright.tenants')).rows).toEqual([
    { id: ACME, home_site: null },
  ])
  expect(await left('groups')).toBe(1)
  expect(await codeOf(removeSite(admin, { site: 'North', deleteData: true }))).toBe('cloud_site_unknown')
})

test('a reader to whom somebody gave more than we did stays, closed; added again it is opened', async () => {
  await admin.query('CREATE SCHEMA reports')
  const first = await addReader(admin, { tenant: ACME })
  await admin.query(`GRANT USAGE ON SCHEMA reports TO ${first.username}`)
  expect(await removeReader(admin, { tenant: ACME })).toBe(first.username)
  expect(await codeOf(signIn(first))).toBe('28000')
  expect((await cloudStatus(admin)).tenants).toMatchObject([{ id: ACME, hasReader: false }])
  expect(await codeOf(rotatePassword(admin, { reader: ACME }))).toBe('cloud_login_none')
  const second = await addReader(admin, { tenant: ACME })
  expect(second.username).toBe(first.username)
  expect(await codeOf(signIn(first))).toBe('28P01')
  expect((await (await signIn(second)).query('SELECT id FROM millwright.tenants')).rows).toEqual([
    { id: ACME },
  ])
  expect(await codeOf(addReader(admin, { tenant: ACME }))).toBe('cloud_role_exists')
  await admin.query(`REVOKE USAGE ON SCHEMA reports FROM ${first.username}`)
  expect(await removeReader(admin, { tenant: ACME })).toBeNull()
})

test('of roles that are there before the first init it says who is in them, and what they may', async () => {
  await superuser.query("CREATE ROLE mallory LOGIN PASSWORD 'm' IN ROLE millwright_admin")
  await superuser.query('ALTER ROLE millwright_site BYPASSRLS')
  const database = await server.createDatabase()
  await superuser.query(`ALTER DATABASE ${database} OWNER TO ${ADMIN.user}`)
  const client = await server.connect({ database, ...ADMIN })
  expect(await init(client)).toEqual([
    'millwright_admin reads and changes everything here, and has members: mallory',
    'millwright_site was there already, and has BYPASSRLS',
  ])
  // Later it is told no more.
  expect(await init(client)).toEqual([])
})
