import { Writable } from 'node:stream'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLog } from '#platform/log/log.ts'
import { ADMIN, PASSWORD, startSite, type TestSite } from '#tests/fixtures/site.ts'
import { People } from './people.ts'

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

test('a stranger cannot fill the disk with refusals', async () => {
  const before = await count()
  for (let i = 0; i < 60; i++)
    expect((await site.browser.post('/api/v1/gateways/GW001/revoke', {})).json.code).toBe('not_signed_in')
  const entries = (await count()) - before
  expect(entries).toBeGreaterThan(0)
  expect(entries).toBeLessThanOrEqual(30)
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
