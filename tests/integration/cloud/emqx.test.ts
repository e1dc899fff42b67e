import { createHash, randomBytes, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type pg from 'pg'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { builtInDialects, DialectBook } from '#broker/dialects/dialect-book.ts'
import { TestPki } from '#broker/testing/test-pki.ts'
import { addEmqxReader } from '#cloud/administration.ts'
import type { CloudGatewayTable, GatewayTopic } from '#cloud/fleet-tables.ts'
import type { DialectDefinition } from '#contract/model/dialect.ts'
import { claimLength, parsePattern } from '#contract/model/topic-pattern.ts'
import { gatewayAccess } from '#engine/cloud-gateway-access.ts'
import { makeSecret } from '#features/pki/gateway-secrets.ts'
import { type PostgresServer, startPostgres } from '#tests/fixtures/postgres-server.ts'
import { createCloud, type SharedCloud, type SiteAccess } from '#tests/fixtures/shared-cloud.ts'

/**
 * The queries of cloud/README.md as EMQX 5 sends them: each placeholder a parameter of a prepared statement, its answer
 * used as EMQX uses it. No EMQX runs here.
 */
let server: PostgresServer
let cloud: SharedCloud
let admin: pg.Client
let emqx: pg.Client
let north: { access: SiteAccess; client: pg.Client }
let south: { access: SiteAccess; client: pg.Client }
let pki: TestPki

const TENANT = '018f0000-0000-7000-8000-000000000001'
const queries = [...readFileSync(new URL('../../../cloud/README.md', import.meta.url), 'utf8').matchAll(/```sql\n(.+?)\n```/gs)].map(([, query]) => query ?? '') // biome-ignore format: one expression
const [authentication = '', authorization = '', byCommonName = ''] = queries

beforeAll(async () => {
  server = await startPostgres()
  cloud = await createCloud(server)
  admin = await cloud.connect()
  const { username, password } = await addEmqxReader(admin)
  emqx = await server.connect({ database: cloud.database, user: username, password })
  const linked = async (name: string) => {
    const access = await cloud.addSite(name)
    return {
      access,
      client: await server.connect({
        database: cloud.database,
        user: access.username,
        password: access.password,
      }),
    }
  }
  north = await linked('North')
  south = await linked('South')
  await admin.query("INSERT INTO millwright.tenants (id, slug, name) VALUES ($1, 'acme', 'Acme')", [TENANT])
  pki = await TestPki.create('CA of a site')
})
afterAll(() => server.stop())
beforeEach(async () => {
  await admin.query('TRUNCATE millwright.gateways, millwright.certificates, millwright.mqtt_names')
  await admin.query("UPDATE millwright.tenants SET state = 'active'")
})

interface Client {
  username?: string | undefined
  clientid?: string
  cert_common_name?: string
}

/** EMQX turns `${name}` into $1, $2 … and gives the values as text; what a client has not got is empty. */
async function ask(template: string, client: Client): Promise<Record<string, unknown>[]> {
  const values: string[] = []
  const text = template.replace(
    /\$\{(\w+)\}/g,
    (_, name: keyof Client) => `$${values.push(client[name] ?? '')}`,
  )
  expect(text).not.toContain('${')
  return (await emqx.query({ name: createHash('md5').update(text).digest('hex'), text, values })).rows
}

/** `password_hash_algorithm { name = sha256, salt_position = prefix }`; it looks at the first row only. */
async function signsIn(client: Client, password: string): Promise<boolean> {
  const [row] = await ask(authentication, client)
  if (!row) return false
  expect(row['is_superuser']).toBe(false)
  return (
    createHash('sha256')
      .update(row['salt'] as Buffer)
      .update(password)
      .digest('hex') === row['password_hash']
  )
}

async function topicsOf(client: Client, template = authorization): Promise<string[]> {
  const rows = await ask(template, client)
  expect(rows.every(({ permission }) => permission === 'allow')).toBe(true)
  return rows.map(({ action, topic }) => `${action} ${topic}`).sort()
}

const topics: GatewayTopic[] = [
  { action: 'publish', topic: 'mw/aabb/telemetry' },
  { action: 'subscribe', topic: 'mw/aabb/commands', pending: true },
]

let next = 0
async function putGateway(
  at: { access: SiteAccess; client: pg.Client },
  gateway: Partial<Record<keyof CloudGatewayTable, unknown>> = {},
): Promise<string> {
  next += 1
  const id = `018f0000-0000-7000-8000-${String(next).padStart(12, '0')}`
  const row = {
    id, tenant_id: TENANT, site_id: at.access.siteId, code: 'GW1', label: 'L', name: 'Pump', dialect: 'canonical', credential: 'secret', state: 'active',
    usernames: ['pump', 'aabb'], client_ids: ['aabb'], topics: JSON.stringify(topics), created_at: new Date(next), ...gateway,
  } // biome-ignore format: one row
  const columns = Object.keys(row)
  await at.client.query(
    `INSERT INTO millwright.gateways (${columns}) VALUES (${columns.map((_, n) => `$${n + 1}`)})`,
    Object.values(row),
  )
  return id
}

async function putCertificate(
  at: { access: SiteAccess; client: pg.Client },
  gatewayId: string,
  pem: string,
  state = 'active',
) {
  await at.client.query(
    `INSERT INTO millwright.certificates (id, site_id, tenant_id, gateway_id, kind, serial, subject, key_algorithm, fingerprint,
       not_before, not_after, state, pem)
     VALUES (gen_random_uuid(), $1, $2, $3, 'gateway', '1', $4, 'EC P-256', 'f', now(), now(), $5, $6)`,
    [at.access.siteId, TENANT, gatewayId, new X509Certificate(pem).subject, state, pem],
  )
}

/** `peer_cert_as_username = md5`. */
const md5Of = (pem: string) => createHash('md5').update(new X509Certificate(pem).raw).digest('hex')

test('a gateway signs in with the secret that its site made for it, and has the topics of its dialect', async () => {
  const { row, secret } = makeSecret({ gatewayId: 'g', now: 0 })
  await putGateway(north, { secret_salt: row.salt, secret_hash: row.hash })
  expect(await signsIn({ username: 'pump' }, secret.toString('hex'))).toBe(true)
  expect(await signsIn({ username: 'pump' }, randomBytes(32).toString('hex'))).toBe(false)
  expect(await signsIn({ username: 'Pump' }, secret.toString('hex'))).toBe(false)
  expect(await signsIn({}, secret.toString('hex'))).toBe(false)
  expect(await topicsOf({ username: 'pump', clientid: 'aabb' })).toEqual([
    'publish mw/aabb/telemetry',
    'subscribe mw/aabb/commands',
  ])
  // The client id is the client's word: only its own counts.
  expect(await topicsOf({ username: 'pump', clientid: 'another' })).toEqual([])
})

test.each([
  ['unclaimed', 0], ['claimed', 2], ['active', 2], ['suspended', 0], ['revoked', 0],
] as const)('a gateway that is %s has %i topics', async (state, count) => {
  const { row, secret } = makeSecret({ gatewayId: 'g', now: 0 })
  const id = await putGateway(north, { secret_salt: row.salt, secret_hash: row.hash, state })
  expect(await signsIn({ username: 'pump' }, secret.toString('hex'))).toBe(count > 0)
  expect(await topicsOf({ username: 'pump', clientid: 'aabb' })).toHaveLength(count)
  // Changed by SQL in the cloud, it counts for the next question.
  await admin.query("UPDATE millwright.gateways SET state = 'active' WHERE id = $1", [id])
  expect(await topicsOf({ username: 'pump', clientid: 'aabb' })).toHaveLength(2)
  await admin.query("UPDATE millwright.tenants SET state = 'suspended'")
  expect(await signsIn({ username: 'pump' }, secret.toString('hex'))).toBe(false)
  expect(await topicsOf({ username: 'pump', clientid: 'aabb' })).toEqual([])
}) // biome-ignore format: a table

test('until it has acknowledged its binding a gateway has the topics of commands only', async () => {
  const id = await putGateway(north, { bind_state: 'pending', state: 'claimed' })
  expect(await topicsOf({ username: 'pump', clientid: 'aabb' })).toEqual(['subscribe mw/aabb/commands'])
  await north.client.query("UPDATE millwright.gateways SET bind_state = 'bound' WHERE id = $1", [id])
  expect(await topicsOf({ username: 'pump', clientid: 'aabb' })).toHaveLength(2)
})

test('a certificate is known by what it is, not by the name that somebody wrote into it', async () => {
  const { cert } = await pki.clientCertificate('aa:bb')
  const id = await putGateway(north, { credential: 'certificate' })
  await putCertificate(north, id, cert)
  const md5 = md5Of(cert)
  expect(await topicsOf({ username: md5, clientid: 'aabb' })).toHaveLength(2)
  expect(await topicsOf({ cert_common_name: 'aa:bb', clientid: 'aabb' }, byCommonName)).toHaveLength(2)
  // It shows no secret, so a password opens nothing, under no name.
  expect(await ask(authentication, { username: md5 })).toEqual([])
  expect(await topicsOf({ username: 'pump', clientid: 'aabb' })).toEqual([])
  // Another site cannot lend its certificate to a gateway that is not its own.
  const { cert: foreign } = await pki.clientCertificate('aa:bb')
  await putCertificate(south, id, foreign)
  expect(await topicsOf({ username: md5Of(foreign), clientid: 'aabb' })).toEqual([])
  await north.client.query("UPDATE millwright.certificates SET state = 'revoked'")
  expect(await topicsOf({ username: md5, clientid: 'aabb' })).toEqual([])
  expect(await topicsOf({ cert_common_name: 'aa:bb', clientid: 'aabb' }, byCommonName)).toEqual([])
})

test('a gateway that must show both signs in with its secret under its certificate only', async () => {
  const { row, secret } = makeSecret({ gatewayId: 'g', now: 0 })
  const id = await putGateway(north, { credential: 'both', secret_salt: row.salt, secret_hash: row.hash })
  const { cert } = await pki.clientCertificate('aa:bb')
  await putCertificate(north, id, cert)
  expect(await signsIn({ username: 'pump' }, secret.toString('hex'))).toBe(false)
  expect(await signsIn({ username: md5Of(cert) }, secret.toString('hex'))).toBe(true)
  expect(await topicsOf({ username: md5Of(cert), clientid: 'aabb' })).toHaveLength(2)
  expect(await topicsOf({ username: 'pump', clientid: 'aabb' })).toEqual([])
})

test('of two gateways with one name the first has it, and the other waits until it is free', async () => {
  const own = makeSecret({ gatewayId: 'g', now: 0 })
  const other = makeSecret({ gatewayId: 'h', now: 0 })
  const first = await putGateway(north, { secret_salt: own.row.salt, secret_hash: own.row.hash })
  const topic = JSON.stringify(['pump/x', 'spare/x'].map((topic) => ({ action: 'publish', topic })))
  // It says that it was there before, as whoever would like to have the name could.
  await putGateway(south, { secret_salt: other.row.salt, secret_hash: other.row.hash, topics: topic, created_at: new Date(0), usernames: ['pump', 'spare'] }) // biome-ignore format: one call
  const secrets = [own, other].map(({ secret }) => secret.toString('hex'))
  const who = () => Promise.all(secrets.map((secret) => signsIn({ username: 'pump' }, secret)))
  expect(await who()).toEqual([true, false])
  expect(await topicsOf({ username: 'pump', clientid: 'aabb' })).toHaveLength(2)
  expect(await topicsOf({ username: 'spare', clientid: 'aabb' })).toEqual(['publish spare/x'])
  await admin.query("UPDATE millwright.gateways SET state = 'revoked' WHERE id = $1", [first])
  expect(await who()).toEqual([false, true])
  expect(await topicsOf({ username: 'pump', clientid: 'aabb' })).toEqual([
    'publish pump/x',
    'publish spare/x',
  ])
  // Whoever comes back waits in turn.
  await admin.query("UPDATE millwright.gateways SET state = 'active' WHERE id = $1", [first])
  expect(await who()).toEqual([false, true])
  await admin.query('DELETE FROM millwright.gateways WHERE id <> $1', [first])
  expect(await who()).toEqual([true, false])
})

test('nobody signs in as the certificate of another', async () => {
  const { cert } = await pki.clientCertificate('aa:bb')
  const id = await putGateway(north, { credential: 'certificate' })
  await putCertificate(north, id, cert)
  const md5 = md5Of(cert)
  const { row, secret } = makeSecret({ gatewayId: 'g', now: 0 })
  const own = { secret_salt: row.salt, secret_hash: row.hash, topics: JSON.stringify([{ action: 'publish', topic: 'mine/x' }]) } // biome-ignore format: one row
  await putGateway(south, { ...own, usernames: [md5, 'mine'] })
  expect(await signsIn({ username: md5 }, secret.toString('hex'))).toBe(false)
  expect(await signsIn({ username: 'mine' }, secret.toString('hex'))).toBe(true)
  // What is asked for with it is the certificate's alone; also where it is free, nobody is called so.
  expect(await topicsOf({ username: md5, clientid: 'aabb' })).toHaveLength(2)
  await north.client.query("UPDATE millwright.certificates SET state = 'revoked'")
  expect(await topicsOf({ username: md5, clientid: 'aabb' })).toEqual([])
  await putGateway(south, { ...own, usernames: [md5, 'later'] })
  await admin.query("DELETE FROM millwright.gateways WHERE 'mine' = ANY (usernames)")
  expect(await signsIn({ username: md5 }, secret.toString('hex'))).toBe(false)
  expect(await signsIn({ username: 'later' }, secret.toString('hex'))).toBe(true)
})

test('a gateway has topics of its own names only, whatever its site says', async () => {
  await putGateway(north)
  const mine = ['mw/mine/#', 'mine/+/up', 'tenants/t/devices/mine/commands/#', 'line/t/mine/aabb']
  const others = [
    '#', '+/mine/x', 'mw/+/mine', 'mw/#', 'mw/aabb/commands', 'mw/aabb/telemetry', 'mw/aabb/mine/x', 'pump/#',
    'nobody/x', 'tenants/mine/#', 'tenants/+/devices/mine/x', 'users/mine/#', 'users/mine/devices/aabb/set',
    '$share/mine/mw/aabb/commands', '$delayed/mine/mw/aabb/commands', '$SYS/#', 'mw/time/#', '', '/', '/#',
  ] // biome-ignore format: a list
  const claimed = [...mine, ...others, 'mw/time'].flatMap((topic) => [
    { action: 'publish', topic },
    { action: 'subscribe', topic },
  ])
  // Words that stand in others' topics are no names of it either.
  const words = builtInDialects.flatMap(({ topics: rules }) =>
    rules.flatMap(({ pattern }) => {
      const levels = parsePattern(pattern) ?? []
      return levels
        .slice(0, claimLength(levels) || levels.length)
        .flatMap((level) => (level.kind === 'text' ? level.text : []))
    }),
  )
  expect(words).toEqual(expect.arrayContaining(['mw', 'time', 'tenants', 'devices', 'users', 'tds_new']))
  const usernames = [...new Set(['mine', 'telemetry', '$SYS', '$share', '$delayed', '+', '#', '', ...words])]
  claimed.push(...words.map((word) => ({ action: 'subscribe', topic: `${word}/#` })))
  await putGateway(south, { usernames, client_ids: ['x'], topics: JSON.stringify(claimed) })
  expect(await topicsOf({ username: 'mine', clientid: 'x' })).toEqual(
    [...mine.flatMap((topic) => [`publish ${topic}`, `subscribe ${topic}`]), 'subscribe mw/time'].sort(),
  )
  for (const word of words) expect(await topicsOf({ username: word, clientid: 'x' })).toEqual([])
  // And North has lost nothing by it.
  expect(await topicsOf({ username: 'pump', clientid: 'aabb' })).toHaveLength(2)
})

const aliases = { topic: 'Pump-1', tenant: 'Acme', user: 'u7', client_id: 'Old-Id', username: 'Joe' }
const line: DialectDefinition = {
  name: 'line', title: 'Line', clientIds: ['mac', 'wire'], topics: [
    { direction: 'to_site', pattern: 'line/{tenant}/{mac}/{meter}/data', kind: 'telemetry', codec: { format: 'bare', channel: '{meter}' } },
    { direction: 'to_gateway', pattern: 'line/{tenant}/{mac}/cmd/#', kind: 'commands' },
  ],
} // biome-ignore format: a table

test.each(
  [...builtInDialects, line].flatMap(({ name }) => [
    { name, aliases: {} },
    { name, aliases },
  ]),
)(
  '$name $aliases: a gateway has all that its site tells, under the client ids of its dialect',
  async ({ name: dialect, aliases: given }) => {
    const book = new DialectBook()
    book.put(line)
    const gateway = { id: '018f0000-0000-7000-8000-0000000000ff', mac: 'aa:bb:cc:dd:ee:ff', label: 'ESP-DDEEFF', dialect } // biome-ignore format: one row
    const {
      usernames,
      clientIds,
      topics: told,
    } = gatewayAccess(book).accessOf({
      ...gateway,
      tenantId: TENANT,
      aliases: JSON.stringify(given),
    })
    await putGateway(north, { ...gateway, usernames, client_ids: clientIds, topics: JSON.stringify(told) })
    const all = told.map(({ action, topic }) => `${action} ${topic}`).sort()
    expect(all.length).toBeGreaterThan(1)
    const takesAny = book.get(dialect).clientIds.includes('any')
    for (const username of usernames) {
      expect(await topicsOf({ username, clientid: 'whatever it likes' })).toEqual(takesAny ? all : [])
      if (!takesAny) expect(await topicsOf({ username, clientid: clientIds[0] ?? '' })).toEqual(all)
    }
  },
)

test('topics that EMQX would read otherwise than they stand are left out, and names are values, not SQL', async () => {
  const odd = [
    { action: 'publish', topic: 'a/${username}' },
    { action: 'publish', topic: 'eq a/b' },
    { action: 'all', topic: 'a/#' },
    { action: 'publish', topic: "a/'; DROP TABLE x; --" },
  ]
  await putGateway(north, { topics: JSON.stringify(odd), usernames: ["' OR true --", 'a'] })
  expect(await topicsOf({ username: "' OR true --", clientid: 'aabb' })).toEqual([
    "publish a/'; DROP TABLE x; --",
  ])
  expect(await topicsOf({ username: 'x', clientid: "' OR true --" })).toEqual([])
})

test('a question is answered by an index, however many gateways there are', async () => {
  await north.client.query(
    `INSERT INTO millwright.gateways (id, tenant_id, site_id, code, label, name, dialect, credential, state, usernames, client_ids, topics)
     SELECT gen_random_uuid(), $1, $2, n, n, n, 'canonical', 'secret', 'active', ARRAY['user' || n], ARRAY['c' || n],
       jsonb_build_array(jsonb_build_object('action', 'publish', 'topic', 'mw/user' || n || '/telemetry'))
     FROM generate_series(1, 600) n`,
    [TENANT, north.access.siteId],
  )
  await admin.query('ANALYZE millwright.gateways, millwright.mqtt_names')
  const plan = await admin.query(
    `EXPLAIN ${authorization.replace('${username}', "'user7'").replace('${clientid}', "'c7'")}`,
  )
  const text = plan.rows.map((row) => row['QUERY PLAN']).join('\n')
  expect(text).toContain('mqtt_names_pkey')
  expect(text).not.toContain('Seq Scan')
  expect(await topicsOf({ username: 'user7', clientid: 'c7' })).toEqual(['publish mw/user7/telemetry'])
})
