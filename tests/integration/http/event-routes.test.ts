import { afterAll, beforeAll, expect, test } from 'vitest'
import { startSite, type TestSite } from '#tests/fixtures/site.ts'
import { People } from './people.ts'

let site: TestSite
let people: People
let north: string
let south: string
let gateway: { id: string; label: string }
const mac = 'a0:b1:c2:d3:e4:f5'

beforeAll(async () => {
  site = await startSite()
  people = await People.of(site)
  north = (await site.local.get('/api/v1/tenants')).json.tenants[0].id
  south = (await site.local.post('/api/v1/tenants', { name: 'South', slug: 'south' })).json.id
  const provision = (tenant: string, more: object) =>
    site.local.post('/api/v1/gateways/provision', { code: 'GW001', name: 'GW001', tenant, ...more })
  await provision(north, { mac_address: mac })
  await provision(south, {})
  gateway = (await site.local.get(`/api/v1/gateways?tenant=${north}`)).json.gateways[0]
})
afterAll(async () => {
  await people.close()
  await site.stop()
})

async function as(person: Parameters<People['cookie']>[0]) {
  return { cookie: await people.cookie(person), origin: `http://${new URL(site.addresses.http ?? '').host}` }
}

const send = (body: unknown, headers: Record<string, string>) =>
  site.browser.post('/api/event', body, headers)
const history = (query: string, headers: Record<string, string>) =>
  site.browser.get(`/api/history${query}`, headers)

test('an event is stored under each name of its gateway, and comes back newest first', async () => {
  const operator = await as(await people.add('operator', north))
  const ts = Date.now() - 60_000
  const names = [gateway.label, gateway.label.toLowerCase(), 'GW001', gateway.id, mac, 'A0-B1-C2-D3-E4-F5']
  for (const [at, deviceId] of names.entries()) {
    const answer = await send({ deviceId, metric: 'temperature', value: 20 + at, ts: ts + at }, operator)
    expect([answer.status, answer.json]).toEqual([
      200,
      { ok: true, deviceId: gateway.label, ts: ts + at, stored: 1 },
    ])
  }
  const several = {
    deviceId: 'GW001',
    values: { door: true, state: 'open' },
    ts: new Date(ts + 50).toISOString(),
  }
  expect((await send(several, operator)).json).toMatchObject({ ok: true, stored: 2, ts: ts + 50 })
  expect((await send({ deviceId: 'GW001', type: 'motion', value: 1 }, operator)).json.ts).toBeGreaterThan(
    ts + 50,
  )
  const found = (await history(`?deviceId=${gateway.label}&limit=4`, operator)).json
  expect(found).toMatchObject({ ok: true })
  expect(
    found.events.map(({ metric, value }: { metric: string; value: unknown }) => [metric, value]),
  ).toEqual([
    ['motion', 1],
    ['door', true],
    ['state', 'open'],
    ['temperature', 25],
  ])
  const some = await history(
    `?deviceId=GW001&metric=temperature&from=${ts}&to=${new Date(ts + 2).toISOString()}`,
    operator,
  )
  expect(some.json.events.map(({ value }: { value: number }) => value)).toEqual([21, 20])
  expect((await history('', operator)).json.events[0]).toMatchObject({
    deviceId: gateway.label,
    metric: 'motion',
  })
})

test('a tenant neither writes to nor reads of the other, whatever it names', async () => {
  const stranger = await as(await people.add('operator', south))
  for (const deviceId of [gateway.label, gateway.id, mac])
    expect((await send({ deviceId, metric: 'temperature', value: 1 }, stranger)).json.code).toBe('not_found')
  for (const deviceId of [gateway.label, gateway.id, mac])
    expect((await history(`?deviceId=${deviceId}`, stranger)).json.code).toBe('not_found')
  // The same code, and its own gateway.
  expect((await send({ deviceId: 'GW001', metric: 'level', value: 7 }, stranger)).status).toBe(200)
  const { events } = (await history('', stranger)).json
  expect(events.map(({ metric, value }: { metric: string; value: number }) => [metric, value])).toEqual([
    ['level', 7],
  ])
  // Who sees both has to say which.
  expect((await site.local.post('/api/event', { deviceId: 'GW001', metric: 'x', value: 1 })).json.code).toBe(
    'not_found',
  )
})

test('who may not change gateways writes only to their own; API keys by their scopes', async () => {
  const viewer = await people.addWithin('viewer', north, [])
  const headers = await as(viewer)
  expect((await send({ deviceId: 'GW001', metric: 'x', value: 1 }, headers)).json.code).toBe('not_found')
  const reading = await as(await people.add('viewer', north))
  expect((await send({ deviceId: 'GW001', metric: 'x', value: 1 }, reading)).json.code).toBe('forbidden')
  await people.db
    .updateTable('gateways')
    .set({ ownerUserId: viewer.id })
    .where('id', '=', gateway.id)
    .execute()
  await site.local.send('PATCH', `/api/v1/gateways/${gateway.id}`, { name: 'renamed' })
  expect((await send({ deviceId: 'GW001', metric: 'own', value: 1 }, headers)).status).toBe(200)
  expect((await history('?metric=own', headers)).json.events).toHaveLength(1)
  const key = async (scopes: string[]) => {
    const made = await site.local.post('/api/v1/api-keys', { name: scopes.join(), tenant: north, scopes })
    return { 'x-api-key': made.json.secret ?? made.json.key }
  }
  expect(
    (await send({ deviceId: 'GW001', metric: 'k', value: 1 }, await key(['gateways:write']))).status,
  ).toBe(200)
  const reader = await key(['telemetry:read'])
  expect((await send({ deviceId: 'GW001', metric: 'k', value: 1 }, reader)).json.code).toBe('forbidden')
  expect((await history('?metric=k', reader)).json.events).toHaveLength(1)
  expect((await send({ deviceId: 'GW001', metric: 'k', value: 1 }, {})).status).toBe(401)
  expect((await history('', {})).status).toBe(401)
})

test.each<[string, unknown]>([
  ['no gateway', { metric: 'x', value: 1 }],
  ['no value', { deviceId: 'GW001', metric: 'x' }],
  ['a value and values', { deviceId: 'GW001', metric: 'x', value: 1, values: { y: 1 } }],
  ['no values', { deviceId: 'GW001', values: {} }],
  ['an object as a value', { deviceId: 'GW001', metric: 'x', value: { y: 1 } }],
  ['null as a value', { deviceId: 'GW001', metric: 'x', value: null }],
  ['a long text', { deviceId: 'GW001', metric: 'x', value: 'x'.repeat(5_000) }],
  ['a control character in a name', { deviceId: 'GW001', metric: 'a\nb', value: 1 }],
  ['a time without a zone', { deviceId: 'GW001', metric: 'x', value: 1, ts: '2026-11-21T10:00:00' }],
  ['a time before all times', { deviceId: 'GW001', metric: 'x', value: 1, ts: -5 }],
  ['an unknown field', { deviceId: 'GW001', metric: 'x', value: 1, valeu: 2 }],
  ['a list', []],
  ['nothing', undefined],
])('%s is refused with what is wrong', async (_what, body) => {
  const answer = await site.local.post('/api/event', body)
  expect([answer.status, answer.json.code]).toEqual([400, 'input_invalid'])
  expect(answer.json.data.issues.length).toBeGreaterThan(10)
})

test('a suspended gateway takes nothing; a time that is no good is the time of the site', async () => {
  const operator = await as(await people.add('operator', north))
  const old = await send({ deviceId: gateway.label, metric: 'clockless', value: 1, ts: 1_000 }, operator)
  expect(Math.abs(old.json.ts - Date.now())).toBeLessThan(60_000)
  expect((await history('?from=5&to=4', operator)).json.code).toBe('range_invalid')
  expect((await history('?limit=0', operator)).json.code).toBe('input_invalid')
  await site.local.post(`/api/v1/gateways/${gateway.id}/suspend`, {})
  const refused = await send({ deviceId: gateway.label, metric: 'x', value: 1 }, operator)
  expect(refused.json.code).toBe('gateway_state_conflict')
})
