import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Role } from '#contract/model/permission.ts'
import { type Credentials, unpack } from '#tests/fixtures/credentials.ts'
import { eventually } from '#tests/fixtures/eventually.ts'
import { mosquittoPub, mosquittoSub } from '#tests/fixtures/mosquitto.ts'
import { startSite, type TestSite } from '#tests/fixtures/site.ts'
import { type Api, apiOver, first, openSocket, People, type Person } from './people.ts'

let site: TestSite
let people: People
let north: string
let south: string
const groups: Record<string, string> = {}

beforeAll(async () => {
  site = await startSite()
  people = await People.of(site)
  north = (await site.local.get('/api/v1/tenants')).json.tenants[0].id
  south = (await site.local.post('/api/v1/tenants', { name: 'South', slug: 'south' })).json.id
  for (const path of ['Hall', 'Hall/Line 1', 'Yard']) {
    const parent = path.includes('/') ? 'Hall' : null
    const made = await site.local.post('/api/v1/groups', {
      tenant: north,
      parent,
      name: path.split('/').at(-1),
    })
    groups[path] = made.json.id
  }
})
afterAll(async () => {
  await people.close()
  await site.stop()
})

const own = () => ({ origin: `http://${new URL(site.addresses.http ?? '').host}` })

function provision(code: string, more: object = {}) {
  return site.local.post('/api/v1/gateways/provision', { code, name: code, ...more })
}

/** Somebody whose rights in north end at these groups. */
async function limited(role: Role, ...paths: string[]): Promise<Person> {
  const person = await people.add(role, north)
  await people.db
    .updateTable('memberships')
    .set({ reach: 'groups' })
    .where('userId', '=', person.id)
    .execute()
  for (const path of paths)
    await people.db
      .insertInto('membershipGroups')
      .values({ userId: person.id, tenantId: north, groupId: groups[path] ?? '' })
      .execute()
  return person
}

async function alsoIn(person: Person, tenantId: string, roleId: Role): Promise<void> {
  await people.db
    .insertInto('memberships')
    .values({ userId: person.id, tenantId, roleId, reach: 'tenant', createdAt: Date.now() })
    .execute()
}

const codeOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'ok',
    (error: { code: string }) => error.code,
  )

async function connected(code: string, tenant: string) {
  await provision(code, { tenant })
  const zip = await site.local.get(`/api/v1/gateways/${code}/credentials?tenant=${tenant}`)
  const credentials: Credentials = await unpack(zip.bytes, join(site.dataDir, 'unzipped', code))
  const session = mosquittoSub(credentials, credentials.telemetryTopic.replace(/telemetry$/, 'commands'))
  await eventually(async () => session.output().includes('SUBACK'), `${code} has subscribed`)
  return { credentials, session }
}

test("a suspended tenant's gateway and people are cut off at once, others not, and come back when it is resumed", async () => {
  const [gone, kept] = [await connected('SOUTH-1', south), await connected('NORTH-1', north)]
  const person = await people.add('tenant_admin', south)
  const cookie = await people.cookie(person)
  const { socket } = await openSocket(site, { ...own(), cookie })
  const closed = new Promise((resolve) => socket.on('close', resolve))
  expect((await apiOver(socket).gateways.list({})).gateways).toHaveLength(1)

  const suspended = await site.local.post('/api/v1/tenants/south/suspend', { reason: 'not paid' })
  expect(suspended.json).toMatchObject({ state: 'suspended', suspendReason: 'not paid' })
  await eventually(
    async () => (await site.local.get('/api/v1/gateways/SOUTH-1?tenant=south')).json.online === false,
    'offline',
    1_000,
  )
  gone.session.child.kill()
  await gone.session.ended
  await closed
  expect((await site.browser.get('/api/v1/auth/me', { cookie })).json).toMatchObject({
    code: 'not_signed_in',
  })
  expect((await site.local.get('/api/v1/gateways/NORTH-1')).json).toMatchObject({ online: true })

  expect((await mosquittoPub(gone.credentials, { message: '{"values":{"x":1}}' })).code).not.toBe(0)
  await eventually(async () => {
    const { refusals } = (await site.local.get('/api/v1/refusals?tenant=south')).json
    return refusals.some(({ reason }: { reason: string }) => reason === 'tenant_suspended')
  }, 'the refusal is recorded')

  expect((await site.local.post('/api/v1/tenants/south/resume', {})).json.state).toBe('active')
  expect((await site.browser.get('/api/v1/auth/me', { cookie })).status).toBe(200)
  expect((await mosquittoPub(gone.credentials, { message: '{"values":{"x":1}}' })).code).toBe(0)
  kept.session.child.kill()
  await kept.session.ended
})

test('a tenant gets no more gateways than it may, and is told both numbers', async () => {
  const { id } = (await site.local.post('/api/v1/tenants', { name: 'Small' })).json
  await site.local.send('PATCH', '/api/v1/tenants/small/quotas', { quotas: { gateways: 1 } })
  expect((await provision('SMALL-1', { tenant: id })).status).toBe(201)
  const many = await Promise.all(['SMALL-2', 'SMALL-3'].map((code) => provision(code, { tenant: id })))
  for (const { json } of many)
    expect(json).toMatchObject({ code: 'quota_gateways', data: { count: 1, quota: 1, tenant: 'Small' } })
  // The one it has may be enrolled anew.
  await site.local.post('/api/v1/gateways/SMALL-1/revoke', { tenant: id })
  expect((await provision('SMALL-1', { tenant: id })).status).toBe(201)
  const { tenants } = (await site.local.get('/api/v1/tenants/details')).json
  expect(tenants.find((tenant: { id: string }) => tenant.id === id)).toMatchObject({
    usage: { gateways: 1, people: 0 },
    allowed: { gateways: 1, messagesPerHour: 1_000_000 },
  })
})

test('two enrollments at once do not slip past the quota', async () => {
  const { id } = (await site.local.post('/api/v1/tenants', { name: 'Narrow' })).json
  await site.local.send('PATCH', '/api/v1/tenants/narrow/quotas', { quotas: { gateways: 1 } })
  const both = await Promise.all(['N-1', 'N-2', 'N-3'].map((code) => provision(code, { tenant: id })))
  expect(both.map(({ status }) => `${status}`).toSorted()).toEqual(['201', '409', '409'])
})

test('who belongs to several tenants acts in one of them, and changes it; no other is there for them', async () => {
  const person = await people.add('tenant_admin', north)
  await alsoIn(person, south, 'viewer')
  const api = await people.api(person)
  expect(await api.auth.me()).toMatchObject({ tenantId: north, role: 'tenant_admin' })
  expect((await api.auth.me()).tenants.map(({ slug }) => slug)).toEqual(['plant-1', 'south'])
  const moved = await api.auth.switchTenant({ tenant: 'south' })
  expect(moved).toMatchObject({ tenantId: south, role: 'viewer', reach: 'tenant' })
  const { gateways } = await api.gateways.list({})
  expect(gateways.map(({ code }) => code)).toEqual(['SOUTH-1'])
  expect(await codeOf(api.groups.create({ name: 'x', parent: null }))).toBe('forbidden')
  for (const tenant of ['small', null, 'nothing'])
    expect(await codeOf(api.auth.switchTenant({ tenant }))).toBe('tenant_unknown')
  const { entries } = (await site.local.get('/api/v1/audit?action=auth.switch_tenant')).json
  const done = entries.find(({ outcome }: { outcome: string }) => outcome === 'done')
  expect(done).toMatchObject({ tenant: { id: south }, details: { before: north, after: south } })
})

test('an administrator of the site looks at one tenant, or at all', async () => {
  const api = await people.api(await people.add('site_admin', null))
  expect(await api.auth.me()).toMatchObject({ tenantId: null, reach: 'site', ofSite: true })
  const all = (await api.gateways.list({})).gateways.length
  expect(await api.auth.switchTenant({ tenant: 'south' })).toMatchObject({ reach: 'tenant', ofSite: true })
  expect((await api.gateways.list({})).gateways).toHaveLength(1)
  expect((await api.site.info()).tenants).toHaveLength(1)
  expect(await api.auth.switchTenant({ tenant: null })).toMatchObject({ reach: 'site' })
  expect((await api.gateways.list({})).gateways).toHaveLength(all)
})

test('after a change of tenant a socket stays, and what streamed under the one before ends', async () => {
  const person = await people.add('viewer', north)
  await alsoIn(person, south, 'viewer')
  const { socket } = await openSocket(site, { ...own(), cookie: await people.cookie(person) })
  const api = apiOver(socket)
  const fleet = await api.gateways.watch()
  const codes = async (stream: Awaited<ReturnType<Api['gateways']['watch']>>) => {
    const message = await stream.next()
    return message.done === true ? [] : message.value.rows.map(({ code }) => code)
  }
  expect(await codes(fleet)).toContain('NORTH-1')
  await api.auth.switchTenant({ tenant: 'south' })
  // Whatever wakes the stream: it ends rather than say it.
  const ended = codeOf(fleet.next())
  const gateway = (await site.local.get('/api/v1/gateways/NORTH-1')).json.id
  await new Promise((resolve) => setTimeout(resolve, 1_100))
  await site.local.send('PATCH', `/api/v1/gateways/${gateway}`, { name: 'renamed' })
  expect(await ended).toBe('not_signed_in')
  expect(await codes(await api.gateways.watch())).toEqual(['SOUTH-1'])
  socket.close()
})

test('rights over a group hold below it: lists, streams and changes end there', async () => {
  const inLine = (await provision('LINE-1', { tenant: north, group: 'Hall/Line 1' })).json.gateway_id
  await provision('YARD-1', { tenant: north, group: groups.Yard })
  const person = await limited('tenant_admin', 'Hall')
  const api = await people.api(person)
  expect(await api.auth.me()).toMatchObject({ reach: 'groups' })
  expect((await api.gateways.list({})).gateways.map(({ code }) => code)).toEqual(['LINE-1'])
  expect((await api.groups.list()).groups.map(({ path }) => path.join('/'))).toEqual(['Hall', 'Hall/Line 1'])
  expect(await codeOf(api.gateways.show({ gateway: 'YARD-1' }))).toBe('not_found')
  expect(await codeOf(api.gateways.place({ gateway: 'LINE-1', group: groups.Yard ?? '' }))).toBe('not_found')
  expect(await codeOf(api.gateways.place({ gateway: 'LINE-1', group: null }))).toBe('forbidden_reach')
  expect(await codeOf(api.tenants.details())).toBe('forbidden_reach')
  expect(await codeOf(api.tenants.update({ tenant: north, name: 'Mine' }))).toBe('forbidden_reach')
  expect(await codeOf(api.gateways.provision({ code: 'HALL-9', name: 'x' }))).toBe('forbidden_reach')
  expect(await codeOf(api.gateways.provision({ code: 'HALL-9', name: 'x', group: 'Hall' }))).toBe('ok')

  const fleet = await api.gateways.watch()
  expect(await first1(fleet)).toMatchObject({ type: 'all' })
  const next = fleet.next()
  await site.local.post('/api/v1/gateways/LINE-1/place', { group: 'Yard', tenant: north })
  expect((await next).value).toMatchObject({ type: 'changed', rows: [], removed: [inLine] })
  await fleet.return(undefined)
})

/** The first message of a stream that goes on. */
async function first1<T>(stream: AsyncIterator<T>): Promise<T | undefined> {
  const { done, value } = await stream.next()
  return done === true ? undefined : value
}

test('a group that is moved takes the rights over its old place away, and gives those of the new one', async () => {
  await site.local.post('/api/v1/groups', { tenant: north, parent: groups.Hall, name: 'Cell' })
  await provision('CELL-1', { tenant: north, group: 'Hall/Cell' })
  const [hall, yard] = [
    await people.api(await limited('viewer', 'Hall')),
    await people.api(await limited('viewer', 'Yard')),
  ]
  const sees = async (api: Api) =>
    (await api.gateways.list({})).gateways.map(({ code }) => code).includes('CELL-1')
  expect([await sees(hall), await sees(yard)]).toEqual([true, false])
  const moved = await site.local.post('/api/v1/groups/Hall%2FCell/move', { tenant: north, parent: 'Yard' })
  expect(moved.json).toMatchObject({ path: ['Yard', 'Cell'], gateways: { all: 1 } })
  expect([await sees(hall), await sees(yard)]).toEqual([false, true])
  const circle = await site.local.post('/api/v1/groups/Yard/move', { tenant: north, parent: 'Yard/Cell' })
  expect(circle.json).toMatchObject({ status: 400, code: 'group_circular' })
})

test('nobody hears of a gateway any more by a stream of it once it is out of their reach', async () => {
  const { json } = await provision('HALL-2', { tenant: north, group: 'Hall' })
  const api = await people.api(await limited('viewer', 'Hall'))
  const changes = await api.gateways.watchOne({ gateway: json.gateway_id })
  const next = codeOf(first(changes))
  await new Promise((resolve) => setTimeout(resolve, 100))
  await site.local.post('/api/v1/gateways/HALL-2/place', { group: 'Yard', tenant: north })
  expect(await next).toBe('not_found')
})

test('readings of a gateway are no longer told to who lost it, while their other channels go on', async () => {
  const reading = (gatewayId: string, value: number) =>
    site.engine.importReadings(gatewayId, [
      { channel: 'level', kind: 'number', unit: 'm', ts: Date.now(), value, quality: 0 },
    ])
  const channels: string[] = []
  const ids: string[] = []
  for (const code of ['HALL-3', 'HALL-4']) {
    const { json } = await provision(code, { tenant: north, group: 'Hall' })
    ids.push(json.gateway_id)
    await reading(json.gateway_id, 1)
    const { id } = await eventually(
      async () => (await site.local.get(`/api/v1/channels?gateway=${code}`)).json.channels[0],
      'a channel',
    )
    channels.push(id)
  }
  const api = await people.api(await limited('viewer', 'Hall'))
  const stream = await api.telemetry.watch({ channelIds: channels })
  const next = first(stream)
  await new Promise((resolve) => setTimeout(resolve, 100))
  await site.local.post('/api/v1/gateways/HALL-3/place', { group: 'Yard', tenant: north })
  for (const id of ids) await reading(id, 2)
  expect((await next).channels.map(({ channelId }) => channelId)).toEqual([channels[1]])
})
