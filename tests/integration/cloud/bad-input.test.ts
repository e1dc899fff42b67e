import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { CloudDeadLetter } from '#contract/model/cloud.ts'
import { type FaultProxy, startFaultProxy } from '#tests/fixtures/fault-proxy.ts'
import { type PostgresServer, postgresVersions, startPostgres } from '#tests/fixtures/postgres-server.ts'
import {
  CloudLink,
  createCloud,
  joinBody,
  readingsInCloud,
  type SharedCloud,
  type SiteAccess,
} from '#tests/fixtures/shared-cloud.ts'
import { startSite, type TestSite } from '#tests/fixtures/site.ts'

const isLong = process.env['MILLWRIGHT_LONG'] === '1'

let postgres: PostgresServer
let cloud: SharedCloud
let access: SiteAccess
let site: TestSite
let link: CloudLink
/** The only way that is right; whoever comes through it is counted. */
let proxy: FaultProxy
let tenantId = ''
let gatewayId = ''

beforeAll(async () => {
  postgres = await startPostgres()
  proxy = await startFaultProxy({ port: postgres.port })
  cloud = await createCloud(postgres)
  access = await cloud.addSite('Plant 1')
  site = await startSite()
  link = new CloudLink(() => site.local)
  tenantId = (await site.local.get('/api/v1/tenants')).json.tenants[0].id
  const made = await site.local.post('/api/v1/gateways/provision', { code: 'GW1', name: 'Boiler' })
  gatewayId = made.json.gateway_id
  await importReadings([[1_770_000_000_000, 1]])
})
afterAll(async () => {
  await site.stop()
  await proxy.stop()
  await postgres.stop()
})

function body(changes: Record<string, unknown> = {}): Record<string, unknown> {
  const login = joinBody(postgres, { ...access, port: proxy.port }, [{ tenantId, mode: 'telemetry' }])
  return { ...login, ...changes }
}

function urlOf({
  user = access.username,
  host = '127.0.0.1',
  port = proxy.port,
  database = access.database,
}) {
  return `postgres://${user}@${host}:${port}/${database}`
}

async function importReadings(readings: [ts: number, value: number | string][], channel = 'level') {
  await site.engine.importReadings(
    gatewayId,
    readings.map(([ts, value]) => ({
      channel,
      kind: typeof value === 'string' ? ('text' as const) : ('number' as const),
      unit: null,
      ts,
      value,
      quality: 0,
    })),
  )
}

/** What preview and join answer to the same; neither leaves anything behind. */
async function refusal(changes: Record<string, unknown>): Promise<Record<string, unknown>> {
  const previewed = (await site.local.post('/api/v1/cloud/preview', body(changes))).json
  const joined = (await site.local.post('/api/v1/cloud/join', body(changes))).json
  expect(joined.code).toBe(previewed.code)
  expect(JSON.stringify([previewed, joined])).not.toContain(access.password)
  expect(await link.isJoined()).toBe(false)
  return previewed
}

test('nothing is connected before a person asks, and a preview writes nothing', async () => {
  await sleep(500)
  expect(proxy.accepted).toBe(0)
  const before = await contents()
  const { json, status } = await site.local.post('/api/v1/cloud/preview', body())
  expect(status).toBe(200)
  expect(json).toMatchObject({ siteName: 'Plant 1', tenants: [{ tenantId, mode: 'telemetry', readings: 1 }] })
  await expect.poll(() => proxy.open).toBe(0)
  expect(await contents()).toEqual(before)
  const asked = proxy.accepted
  expect(asked).toBeGreaterThan(0)
  await sleep(500)
  expect(proxy.accepted).toBe(asked)
  expect(await link.isJoined()).toBe(false)
})

/** How many rows each table of the schema has. */
async function contents(): Promise<Record<string, number>> {
  const admin = await cloud.connect()
  const { rows } = await admin.query<{ name: string }>(
    `SELECT c.relname AS name FROM pg_class c WHERE c.relnamespace = 'millwright'::regnamespace AND c.relkind IN ('r', 'p')`,
  )
  const counts: Record<string, number> = {}
  for (const { name } of rows) {
    const counted = await admin.query<{ rows: number }>(
      `SELECT count(*)::int AS rows FROM millwright.${name}`,
    )
    counts[name] = counted.rows[0]?.rows ?? 0
  }
  await admin.end()
  return counts
}

test('a wrong host, port, protocol: said, and nobody else is called', async () => {
  expect(await refusal({ url: urlOf({ host: 'nowhere.invalid' }) })).toMatchObject({
    code: 'cloud_host_unknown',
    data: { host: 'nowhere.invalid' },
  })
  expect(await refusal({ url: urlOf({ host: '169.254.169.254' }) })).toMatchObject({
    code: 'cloud_address_refused',
  })
  expect(await refusal({ insideNetwork: false })).toMatchObject({ code: 'cloud_inside_network' })
  const http = createServer((_request, response) => response.end('hello'))
  await new Promise<void>((done) => http.listen(0, '127.0.0.1', done))
  const { port } = http.address() as AddressInfo
  expect(await refusal({ url: urlOf({ port }) })).toMatchObject({
    code: 'cloud_not_postgres',
    data: { port },
  })
  http.closeAllConnections()
  await new Promise((done) => http.close(done))
  expect(await refusal({ url: urlOf({ port }) })).toMatchObject({ code: 'cloud_unreachable', data: { port } })
  for (const url of [
    'mysql://a@b/c',
    `postgres://${access.username}:${access.password}@127.0.0.1/${access.database}`,
    `${urlOf({})}?sslmode=disable`,
    'postgres://user@/database',
  ])
    expect(await refusal({ url })).toMatchObject({ code: 'cloud_url_invalid' })
})

test('a wrong password, CA, database, role: each has its own words', async () => {
  expect(await refusal({ password: 'guessed' })).toMatchObject({
    code: 'cloud_login_refused',
    data: { username: access.username },
  })
  expect(await refusal({ caCertificate: null })).toMatchObject({ code: 'cloud_certificate_unknown' })
  expect(await refusal({ caCertificate: 'no certificate' })).toMatchObject({ code: 'cloud_ca_invalid' })
  expect(await refusal({ url: urlOf({ database: 'elsewhere' }) })).toMatchObject({
    code: 'cloud_database_unknown',
    data: { database: 'elsewhere' },
  })
  const superuser = await cloud.connectAsSuperuser()
  await superuser.query(`CREATE ROLE somebody LOGIN PASSWORD 'somebody'`)
  expect(await refusal({ url: urlOf({ user: 'somebody' }), password: 'somebody' })).toMatchObject({
    code: 'cloud_role_unknown',
    data: { username: 'somebody' },
  })
  // Not even the one who may everything is a site.
  const { url, password } = {
    url: urlOf({ user: 'postgres' }),
    password: new URL(postgres.superuserUrl).password,
  }
  expect(await refusal({ url, password })).toMatchObject({ code: 'cloud_role_unknown' })
  await superuser.end()
  const admin = await cloud.connect()
  await admin.query(`REVOKE millwright_site FROM ${access.username}`)
  expect((await refusal({})).code).toMatch(/^cloud_role_/)
  await admin.query(`GRANT millwright_site TO ${access.username}`)
  await admin.end()
})

test('a database without our schema, with a foreign one, with a newer one', async () => {
  const superuser = await postgres.connect({ database: await postgres.createDatabase('bare') })
  expect(await refusal({ url: urlOf({ database: 'bare' }) })).toMatchObject({ code: 'cloud_schema_missing' })
  await superuser.query('CREATE SCHEMA millwright')
  await superuser.query('CREATE TABLE millwright.meta (key text, value text)')
  await superuser.query('GRANT USAGE ON SCHEMA millwright TO PUBLIC')
  expect(await refusal({ url: urlOf({ database: 'bare' }) })).toMatchObject({ code: 'cloud_schema_foreign' })
  await superuser.end()
  const owner = await cloud.connectAsSuperuser()
  await owner.query('CREATE TABLE kept AS SELECT * FROM millwright.meta')
  try {
    await owner.query(
      `UPDATE millwright.meta SET value = '99' WHERE key IN ('schema_version', 'compatible_from')`,
    )
    expect(await refusal({})).toMatchObject({ code: 'cloud_schema_newer', data: { version: 99 } })
  } finally {
    await owner.query('UPDATE millwright.meta m SET value = k.value FROM kept k WHERE k.key = m.key')
    await owner.end()
  }
})

test('Postgres 11 is too old, and so is a server without TLS', async () => {
  if (postgresVersions().includes(11)) {
    const old = await startPostgres({ version: 11 })
    const changes = {
      url: `postgres://postgres@127.0.0.1:${old.port}/postgres`,
      password: new URL(old.superuserUrl).password,
      caCertificate: old.ca,
    }
    expect(await refusal(changes)).toMatchObject({
      code: 'cloud_version_too_old',
      data: { version: '11.22' },
    })
    await old.stop()
  }
  const open = await startPostgres({ tls: false })
  expect(await refusal({ url: urlOf({ port: open.port }) })).toMatchObject({ code: 'cloud_tls_refused' })
  await open.stop()
})

test('a byte that is changed on the way is noticed, also the one that says whether there is TLS', async () => {
  // The server's first byte: S for TLS, N for none. Nothing may be said in clear after it.
  proxy.flipByte({ direction: 'down', mask: 0x53 ^ 0x4e })
  const before = proxy.bytes.up
  expect((await site.local.post('/api/v1/cloud/preview', body())).json.code).toBe('cloud_tls_refused')
  expect(proxy.bytes.up - before).toBe(8)
  for (const [direction, after] of [
    ['down', 200],
    ['down', 1_500],
    ['up', 600],
  ] as const) {
    proxy.flipByte({ direction, after })
    const { status, json } = await site.local.post('/api/v1/cloud/preview', body())
    expect(status).toBe(502)
    expect(json.code).toMatch(/^cloud_/)
    await proxy.heal()
  }
})

test('what Postgres cannot store becomes a dead letter, and what comes after it arrives', async () => {
  await importReadings(
    [
      [1_770_000_001_000, 'before'],
      [1_770_000_002_000, 'a\0b'],
      [1_770_000_003_000, 'after'],
    ],
    'note',
  )
  await importReadings([
    [-300_000_000_000_000, 3],
    [1_770_000_002_000, 2],
  ])
  await site.local.send('PATCH', '/api/v1/gateways/GW1', { name: 'Boiler \0 1' })
  await link.join(body())
  await link.until(({ deadLetters }) => deadLetters === 3, 'three dead letters')
  const admin = await cloud.connect()
  const stored = new Map<string, Map<number, unknown>>([
    [
      'level',
      new Map<number, unknown>([
        [1_770_000_000_000, 1],
        [1_770_000_002_000, 2],
      ]),
    ],
    [
      'note',
      new Map<number, unknown>([
        [1_770_000_001_000, 'before'],
        [1_770_000_003_000, 'after'],
      ]),
    ],
  ])
  await expect.poll(async () => readingsInCloud(admin, gatewayId), { timeout: 15_000 }).toEqual(stored)
  const { deadLetters } = await link.get<{ deadLetters: CloudDeadLetter[] }>('dead-letters')
  const reasons = deadLetters.map(({ kind, reason, ts }) => `${kind} ${reason.code} ${ts}`)
  expect(new Set(reasons)).toEqual(
    new Set([
      'object cloud_text_nul null',
      'reading cloud_text_nul 1770000002000',
      'reading cloud_time_out_of_range -300000000000000',
    ]),
  )

  // Edited out.
  const reading = deadLetters.find(({ ts }) => ts === 1_770_000_002_000)
  await link.send('PUT', `dead-letters/${reading?.id}`, { value: 'a b' })
  await site.local.send('PATCH', '/api/v1/gateways/GW1', { name: 'Boiler 1' })
  await link.post('dead-letters/retry')
  const late = deadLetters.find(({ ts }) => ts === -300_000_000_000_000)
  await link.post('dead-letters/discard', { ids: [late?.id] })
  await link.until(({ deadLetters: count }) => count === 0, 'no dead letters')
  const nameThere = async () =>
    (await admin.query(`SELECT name FROM millwright.gateways WHERE code = 'GW1'`)).rows[0]?.name
  await expect.poll(nameThere).toBe('Boiler 1')
  await expect
    .poll(async () => (await readingsInCloud(admin, gatewayId)).get('note')?.get(1_770_000_002_000))
    .toBe('a b')
  await admin.end()
})

// Without a word it takes half a minute to be noticed.
test.each(isLong ? (['reset', 'silent'] as const) : (['reset'] as const))(
  'behind a proxy that cuts idle connections (%s) the link stays useful',
  async (how) => {
    if (!(await link.isJoined())) await link.join(body())
    await link.until(({ state }) => state === 'live', 'live')
    const before = proxy.accepted
    proxy.idleCut(700, how)
    if (how === 'reset') await expect.poll(() => proxy.accepted, { timeout: 15_000 }).toBeGreaterThan(before)
    else await sleep(2_000)
    const ts = how === 'reset' ? 1_770_000_009_000 : 1_770_000_010_000
    await importReadings([[ts, 9]])
    const admin = await cloud.connect()
    await expect
      .poll(async () => (await readingsInCloud(admin, gatewayId)).get('level')?.get(ts), {
        timeout: how === 'reset' ? 15_000 : 120_000,
      })
      .toBe(9)
    await admin.end()
    await proxy.heal()
  },
)
