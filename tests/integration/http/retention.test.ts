import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '#tests/fixtures/eventually.ts'
import { startSite, type TestSite } from '#tests/fixtures/site.ts'
import { People } from './people.ts'

let site: TestSite
let channelId: string
let tenantId: string

beforeAll(async () => {
  site = await startSite()
  tenantId = (await site.local.get('/api/v1/tenants')).json.tenants[0].id
  const made = await site.local.post('/api/v1/gateways/provision', { code: 'GW001', name: 'Boiler' })
  await site.engine.importReadings(made.json.gateway_id, [
    { channel: 'level', kind: 'number', unit: 'm', ts: Date.now(), value: 1, quality: 0 },
  ])
  const channel = await eventually(
    async () => (await site.local.get('/api/v1/channels?gateway=GW001')).json.channels[0],
    'a channel',
  )
  channelId = channel.id
})
afterAll(() => site.stop())

const classes = '/api/v1/retention/classes'

test('a new site keeps readings for a year, with no budget', async () => {
  expect((await site.local.get('/api/v1/retention')).json).toMatchObject({
    classes: [{ id: 'standard', days: 365, evictable: false, tenants: 0, channels: 0, files: 0 }],
    defaultClass: 'standard',
    budgetBytes: null,
    tenants: [{ id: tenantId, retentionClass: null }],
  })
})

test('a class is made, chosen for a tenant and a channel, and not deleted while it is', async () => {
  const made = await site.local.post(classes, { name: 'Ten years', days: 3_650 })
  expect(made).toMatchObject({ status: 200, json: { id: 'ten-years', evictable: false } })
  expect((await site.local.post(classes, { name: 'Ten years', days: 1 })).json.code).toBe(
    'retention_class_taken',
  )
  const choice = await site.local.send('PUT', `/api/v1/retention/tenants/${tenantId}`, {
    retentionClass: 'ten-years',
  })
  expect(choice.json.tenants).toMatchObject([{ retentionClass: 'ten-years' }])
  const channel = `/api/v1/channels/${channelId}`
  expect((await site.local.send('PATCH', channel, { retentionClass: 'ten-years' })).json).toMatchObject({
    key: 'level',
    retentionClass: 'ten-years',
  })
  expect((await site.local.send('PATCH', channel, { retentionClass: 'nix' })).json).toMatchObject({
    status: 404,
    data: { what: 'retention class', id: 'nix' },
  })
  expect((await site.local.send('DELETE', `${classes}/ten-years`)).json).toMatchObject({
    status: 409,
    code: 'retention_class_in_use',
    data: { tenants: 1, channels: 1, files: 0 },
  })
  await site.local.send('PUT', `/api/v1/retention/tenants/${tenantId}`, { retentionClass: null })
  await site.local.send('PATCH', channel, { retentionClass: null })
  expect((await site.local.send('DELETE', `${classes}/ten-years`)).status).toBe(204)
})

test('days, budget and default are bounded, and each can be changed', async () => {
  for (const days of [0, -1, 1.5, 36_501, 'many'])
    expect((await site.local.post(classes, { name: 'Wrong', days })).status).toBe(400)
  expect((await site.local.send('PATCH', '/api/v1/retention', { budgetBytes: 5 })).status).toBe(400)
  expect((await site.local.send('PATCH', '/api/v1/retention', { defaultClass: 'nix' })).status).toBe(404)
  expect(
    (await site.local.send('PATCH', `${classes}/standard`, { days: null, evictable: true })).json,
  ).toEqual({ id: 'standard', name: 'Standard', days: null, evictable: true })
  const budget = await site.local.send('PATCH', '/api/v1/retention', { budgetBytes: 30e9 })
  expect(budget.json).toMatchObject({ budgetBytes: 30e9, classes: [{ days: null, evictable: true }] })
})

test('storage tells the files, the disk and the budget, to site administrators', async () => {
  const { status, json } = await site.local.get('/api/v1/storage')
  expect(status).toBe(200)
  expect(json).toMatchObject({ budgetBytes: 30e9, files: [], forecast: { daysLeft: null } })
  expect(json.diskTotalBytes).toBeGreaterThan(json.diskFreeBytes)
  const people = await People.of(site)
  const viewer = await people.add('viewer', tenantId)
  const cookie = await people.cookie(viewer)
  expect((await site.browser.get('/api/v1/storage', { cookie })).status).toBe(403)
  expect((await site.browser.get(classes, { cookie })).json.classes).toMatchObject([{ id: 'standard' }])
  await people.close()
})
