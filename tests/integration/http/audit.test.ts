import { Writable } from 'node:stream'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLog } from '#platform/log/log.ts'
import { eventually } from '#tests/fixtures/eventually.ts'
import { ADMIN, PASSWORD, startSite, type TestSite } from '#tests/fixtures/site.ts'
import { openSocket, People } from './people.ts'

let site: TestSite
let people: People
let logged = ''

beforeAll(async () => {
  const destination = new Writable({
    write(chunk, _encoding, done) {
      logged += chunk
      done()
    },
  })
  site = await startSite({ log: createLog({ level: 'trace', destination }) })
  people = await People.of(site)
})
afterAll(async () => {
  await people.close()
  await site.stop()
})

async function newest(action: string) {
  const found = await people.db
    .selectFrom('auditEntries')
    .innerJoin('auditPersonal', 'auditPersonal.seq', 'auditEntries.seq')
    .selectAll('auditEntries')
    .select(['auditPersonal.actorName', 'auditPersonal.address'])
    .where('action', '=', action)
    .orderBy('auditEntries.seq', 'desc')
    .executeTakeFirst()
  return found && { ...found, details: JSON.parse(found.details) }
}

const count = async () =>
  (
    await people.db
      .selectFrom('auditEntries')
      .select((eb) => eb.fn.countAll<number>().as('rows'))
      .executeTakeFirstOrThrow()
  ).rows

const provision = (body: object) => site.local.post('/api/v1/gateways/provision', body)
const signIn = (password: string) =>
  site.browser.post('/api/v1/auth/session', { email: ADMIN, password }, { 'user-agent': 'audit test' })

test('setting up is the first entry, and names its administrator by id alone', async () => {
  const entry = await newest('site.setup')
  expect(entry).toMatchObject({ seq: 1, outcome: 'done', actorKind: 'local' })
  expect(JSON.stringify(entry?.details)).not.toContain(ADMIN)
})

test('what was done is there: who, what, on which object, from where', async () => {
  const made = await provision({ code: 'GW001', name: 'Boiler', mac_address: 'aa:bb:cc:00:02:01' })
  expect(await newest('gateway.provision')).toMatchObject({
    outcome: 'done',
    actorName: 'local site_admin',
    address: 'local',
    objectKind: 'gateway',
    objectId: made.json.gateway_id,
    details: { code: 'GW001', serial: made.json.serial_number },
  })
  await site.local.post('/api/v1/gateways/GW001/suspend', { reason: 'door open' })
  expect(await newest('gateway.suspend')).toMatchObject({
    outcome: 'done',
    details: { before: 'claimed', after: 'suspended', reason: 'door open' },
  })
  expect((await newest('gateway.suspend'))?.tenantId).toBe((await newest('gateway.provision'))?.tenantId)
})

test('what failed is there with its reason', async () => {
  expect((await provision({ code: 'GW001', name: 'x' })).status).toBe(409)
  expect(await newest('gateway.provision')).toMatchObject({
    outcome: 'failed',
    errorCode: 'code_taken',
    details: { code: 'GW001' },
  })
  expect((await site.local.post('/api/v1/gateways/GW001/suspend', {})).status).toBe(409)
  expect(await newest('gateway.suspend')).toMatchObject({
    outcome: 'failed',
    errorCode: 'gateway_state_conflict',
  })
})

test('each fetch of a key, and its end, is there', async () => {
  await site.local.get('/api/v1/gateways/GW001/credentials')
  expect(await newest('certificate.handover')).toMatchObject({ outcome: 'done', details: { fetch: 2 } })
  await site.local.post('/api/v1/gateways/GW001/credentials/received', {})
  expect(await newest('certificate.received')).toMatchObject({ outcome: 'done' })
  await site.local.get('/api/v1/gateways/GW001/credentials')
  expect(await newest('certificate.handover')).toMatchObject({
    outcome: 'failed',
    errorCode: 'credential_gone',
  })
})

test('signing in, failing to, and out', async () => {
  await signIn('not the password')
  expect(await newest('auth.login')).toMatchObject({
    outcome: 'failed',
    errorCode: 'wrong_credentials',
    actorKind: 'anonymous',
    objectKind: 'user',
  })
  const answer = await signIn(PASSWORD)
  expect(await newest('auth.login')).toMatchObject({ outcome: 'done', actorKind: 'user' })
  const cookie = answer.headers['set-cookie']?.[0]?.split(';')[0] ?? ''
  await site.browser.send('DELETE', '/api/v1/auth/session', undefined, { cookie })
  expect(await newest('auth.logout')).toMatchObject({ outcome: 'done', actorKind: 'user' })
  const before = await count()
  await site.browser.send('DELETE', '/api/v1/auth/session', undefined, { cookie })
  expect(await count()).toBe(before)
})

test('what was refused is there, reads included', async () => {
  const { tenants } = (await site.local.get('/api/v1/tenants')).json
  const viewer = await people.add('viewer', tenants[0].id)
  const cookie = await people.cookie(viewer)
  expect((await site.browser.post('/api/v1/gateways/GW001/revoke', {}, { cookie })).status).toBe(403)
  expect(await newest('gateway.revoke')).toMatchObject({
    outcome: 'refused',
    errorCode: 'forbidden',
    actorId: viewer.id,
  })
  expect((await site.local.get('/api/v1/gateways/GW001')).json.state).toBe('suspended')
  const missing = await site.browser.get('/api/v1/telemetry/export?gateway=NONE', { cookie })
  expect(missing.status).toBe(404)
  expect(await newest('telemetry.export')).toMatchObject({ outcome: 'failed', errorCode: 'not_found' })
})

test('no secret is in the audit or in the log, at its most talkative', async () => {
  const made = await provision({ code: 'GW009', name: 'x', mac_address: 'aa:bb:cc:00:02:09' })
  const answer = await signIn(PASSWORD)
  const token = /=([\w-]{43});/.exec(answer.headers['set-cookie']?.[0] ?? '')?.[1] ?? ''
  await site.browser.get('/api/v1/auth/me', { cookie: `__Host-millwright=${token}` })
  const keyLine = made.json.private_key_pem.split('\n')[1] as string
  const rows = await people.db.selectFrom('auditEntries').selectAll().execute()
  const written = JSON.stringify(rows) + logged
  expect(logged).toContain('"request"')
  expect(token).toHaveLength(43)
  expect(keyLine.length).toBeGreaterThan(40)
  for (const secret of [PASSWORD, 'not the password', token, keyLine, 'PRIVATE KEY'])
    expect(written).not.toContain(secret)
})

test('a call is kept with its path, status, request and duration, on every way in', async () => {
  const made = await site.local.post('/api/v1/gateways/provision', { code: 'GW010', name: 'x' })
  const entry = await newest('gateway.provision')
  expect(entry).toMatchObject({
    path: '/api/v1/gateways/provision',
    status: made.status,
    requestId: made.headers['x-request-id'],
  })
  expect(entry?.durationMs).toBeGreaterThan(0)
  const { tenants } = (await site.local.get('/api/v1/tenants')).json
  const admin = await people.api(await people.add('tenant_admin', tenants[0].id))
  await expect(admin.gateways.suspend({ gateway: 'NONE', reason: '' })).rejects.toThrow()
  expect(await newest('gateway.suspend')).toMatchObject({
    outcome: 'failed',
    path: '/rpc/gateways/suspend',
    status: 404,
    tenantId: tenants[0].id,
  })
  expect(await newest('site.setup')).toMatchObject({ path: null, status: null, durationMs: null })
})

test('a request from a page of somewhere else, or for another host, is there', async () => {
  const evil = { origin: 'https://evil.example', host: 'evil.example' }
  await site.browser.post('/api/v1/gateways/GW001/revoke', {}, { origin: evil.origin })
  const refused = (code: string, path: string) =>
    eventually(async () => {
      const entry = await newest('http.request')
      return entry?.errorCode === code && entry.path === path && entry
    }, `the entry of ${code}`)
  expect(await refused('origin_refused', '/api/v1/gateways/GW001/revoke')).toMatchObject({
    outcome: 'refused',
    status: 403,
    actorKind: 'anonymous',
  })
  await site.browser.get('/api/v1/gateways', { host: evil.host })
  expect(await refused('host_refused', '/api/v1/gateways')).toMatchObject({ status: 421 })
  expect((await openSocket(site, { origin: evil.origin })).refused).toBe(403)
  await refused('origin_refused', '/rpc/socket')
})

test('a stranger who reads is there a few times, and then only counted', async () => {
  const refused = async () =>
    (await people.db.selectFrom('auditEntries').select('seq').where('action', '=', 'gateways.list').execute())
      .length
  for (let i = 0; i < 20; i++) expect((await site.browser.get('/api/v1/gateways')).status).toBe(401)
  expect(await refused()).toBeGreaterThan(0)
  expect(await refused()).toBeLessThanOrEqual(3)
})

test('people of a tenant see the entries of their tenant, and nobody of a part of it any', async () => {
  const { id } = await site.engine.createTenant({ slug: 'south', name: 'South' })
  const south = await people.api(await people.add('tenant_admin', id))
  await expect(south.gateways.suspend({ gateway: 'GW001', reason: '' })).rejects.toThrow()
  const { entries } = await south.audit.list({ limit: 500 })
  expect(entries.map(({ action }) => action).toSorted()).toEqual(['gateway.suspend', 'tenant.create'])
  expect(entries.every(({ tenant }) => tenant?.id === id)).toBe(true)
  const { tenants } = (await site.local.get('/api/v1/tenants')).json
  const other = tenants.find((tenant: { slug: string }) => tenant.slug !== 'south').slug
  await expect(south.audit.list({ tenant: other })).rejects.toThrow(/no tenant/)
  await expect(south.audit.updateSettings({ retentionDays: null })).rejects.toThrow()
  expect((await south.audit.actions()).actions).toEqual([
    'audit.settings',
    'gateway.suspend',
    'tenant.create',
  ])
})

test('the whole is proved on request, which is kept', async () => {
  const { json } = await site.local.post('/api/v1/audit/verify', {})
  expect(json).toMatchObject({ sound: true, found: 0 })
  const { verified, retentionDays } = (await site.local.get('/api/v1/audit/status')).json
  expect(verified).toMatchObject({ upTo: json.lastSeq, found: 0 })
  expect(retentionDays).toBeNull()
  expect((await site.local.send('PATCH', '/api/v1/audit/settings', { retentionDays: 89 })).status).toBe(400)
  expect((await site.local.send('PATCH', '/api/v1/audit/settings', { retentionDays: 90 })).status).toBe(200)
  expect(await newest('audit.settings')).toMatchObject({ details: { after: { retentionDays: 90 } } })
})

test('what a name with line breaks does to the audit and the log: nothing', async () => {
  const nasty = 'Boiler\r\n{"level":50,"msg":"forged"}'
  const headers = { 'user-agent': 'x', 'x-client-name': 'forged' }
  await site.local.post('/api/v1/gateways/provision', { code: 'GW011', name: nasty }, headers)
  await site.browser.get(`/api/v1/gateways/${encodeURIComponent(nasty)}`)
  for (const line of logged.trimEnd().split('\n'))
    expect(JSON.parse(line)).not.toMatchObject({ msg: 'forged' })
  const { json } = await site.local.post('/api/v1/audit/verify', {})
  expect(json).toMatchObject({ sound: true })
})

test('a stranger cannot fill the disk with refusals', async () => {
  const before = await count()
  for (let i = 0; i < 60; i++)
    expect((await site.browser.post('/api/v1/gateways/GW001/revoke', {})).json.code).toBe('not_signed_in')
  const entries = (await count()) - before
  expect(entries).toBeGreaterThan(0)
  expect(entries).toBeLessThanOrEqual(30)
})
