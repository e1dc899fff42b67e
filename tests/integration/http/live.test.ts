import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '#tests/fixtures/eventually.ts'
import { startSite, type TestSite } from '#tests/fixtures/site.ts'
import { apiOver, first, openSocket, People, type Person } from './people.ts'

let site: TestSite
let people: People
let viewer: Person
let southViewer: Person
const ids: Record<string, string> = {}

beforeAll(async () => {
  site = await startSite()
  people = await People.of(site)
  const north = (await site.local.get('/api/v1/tenants')).json.tenants[0].id
  const south = (await site.engine.createTenant({ slug: 'south', name: 'South' })).id
  for (const [code, tenant] of [
    ['NORTH-1', north],
    ['SOUTH-1', south],
  ]) {
    const made = await site.local.post('/api/v1/gateways/provision', { code, name: code, tenant })
    ids[code] = made.json.gateway_id
    await reading(code, 1)
  }
  viewer = await people.add('viewer', north)
  southViewer = await people.add('viewer', south)
})
afterAll(async () => {
  await people.close()
  await site.stop()
})

function reading(code: string, value: number): Promise<void> {
  return site.engine.importReadings(ids[code] ?? '', [
    { channel: 'level', kind: 'number', unit: 'm', ts: Date.now(), value, quality: 0 },
  ])
}

const channelOf = async (code: string): Promise<string> => {
  const { id } = await eventually(
    async () => (await site.local.get(`/api/v1/channels?gateway=${code}`)).json.channels[0],
    'a channel',
  )
  return id
}

const own = () => ({ origin: `http://${new URL(site.addresses.http ?? '').host}` })

test('a reading is on the watching screen within a second, and only those of the tenant', async () => {
  const [northSocket, southSocket] = [
    await openSocket(site, { ...own(), cookie: await people.cookie(viewer) }),
    await openSocket(site, { ...own(), cookie: await people.cookie(southViewer) }),
  ]
  const channelId = await channelOf('NORTH-1')
  const readings = await apiOver(northSocket.socket).telemetry.watch({ channelIds: [channelId] })
  const message = readings.next()
  // The stream begins with its first request: what comes before it is not its business.
  await sleep(100)
  const fleet = await apiOver(southSocket.socket).gateways.watch()
  expect((await fleet.next()).value).toMatchObject({ type: 'all', rows: [{ code: 'SOUTH-1' }] })
  await reading('NORTH-1', 21.5)
  expect(await message).toMatchObject({
    value: { channels: [{ channelId, values: [21.5], quality: [0] }] },
  })
  // The neighbour hears of its own next change, and of nothing before it.
  await reading('SOUTH-1', 3)
  expect((await fleet.next()).value).toMatchObject({ type: 'changed', rows: [{ code: 'SOUTH-1' }] })
  for (const { socket } of [northSocket, southSocket]) socket.close()
})

test('a stream of what is not there, or not theirs, fails as the call itself', async () => {
  const { socket } = await openSocket(site, { ...own(), cookie: await people.cookie(southViewer) })
  const api = apiOver(socket)
  const foreign = await channelOf('NORTH-1')
  await expect(api.telemetry.watch({ channelIds: [foreign] })).rejects.toMatchObject({ code: 'not_found' })
  await expect(api.gateways.watchOne({ gateway: 'NORTH-1' })).rejects.toMatchObject({ code: 'not_found' })
  await expect(
    api.telemetry.exportCsv({ channelIds: [foreign], from: 0, to: Date.now() }),
  ).rejects.toMatchObject({ code: 'not_found' })
  expect(
    await first(
      await api.telemetry.exportCsv({ channelIds: [await channelOf('SOUTH-1')], from: 0, to: Date.now() }),
    ),
  ).toMatch(/^gateway,channel/)
  socket.close()
})

test('signing out closes the sockets of that session and no other', async () => {
  const cookie = await people.cookie(viewer)
  const { socket } = await openSocket(site, { ...own(), cookie })
  const other = await openSocket(site, { ...own(), cookie: await people.cookie(viewer) })
  const closed = new Promise<number>((resolve) => socket.on('close', resolve))
  expect((await site.browser.send('DELETE', '/api/v1/auth/session', undefined, { cookie })).status).toBe(204)
  expect(await closed).toBe(4401)
  expect((await apiOver(other.socket).auth.me()).id).toBe(viewer.id)
  other.socket.close()
})

test('a stream over HTTP ends with its session as well', async () => {
  const cookie = await people.cookie(viewer)
  const api = await people.api(viewer)
  const stream = await api.site.watchPulse()
  await stream.next()
  await people.db.deleteFrom('sessions').where('userId', '=', viewer.id).execute()
  const end = async () => {
    for await (const _ of stream);
  }
  await expect(end()).rejects.toMatchObject({ code: 'not_signed_in' })
  expect((await site.browser.get('/api/v1/auth/me', { cookie })).status).toBe(401)
})

test('without a session the socket opens and gives nothing', async () => {
  const { socket } = await openSocket(site, own())
  await expect(apiOver(socket).gateways.watch()).rejects.toMatchObject({ code: 'not_signed_in' })
  socket.close()
})

test('upgrades from other origins, names and places are refused', async () => {
  const cookie = await people.cookie(viewer)
  const status = async (headers: Record<string, string>, path?: string) =>
    (await openSocket(site, { cookie, ...headers }, path)).refused
  expect(await status({ origin: 'https://evil.example' })).toBe(403)
  expect(await status({ origin: 'http://localhost:1' })).toBe(403)
  expect(await status({ host: 'evil.example' })).toBe(421)
  expect(await status(own(), '/rpc/elsewhere')).toBe(404)
  expect(await status(own())).toBeNull()
})

test('one address has so many sockets and no more', async () => {
  const opened = await Promise.all(Array.from({ length: 110 }, () => openSocket(site, own())))
  const refused = opened.filter((one) => one.refused === 429)
  expect(refused.length).toBeGreaterThanOrEqual(10)
  for (const { socket } of opened) socket.terminate()
  await eventually(async () => (await openSocket(site, own())).refused === null, 'room again')
})

test('a peer that vanishes in the middle of a refused upgrade harms nobody', async () => {
  const { port } = new URL(site.addresses.http ?? '')
  for (let i = 0; i < 20; i++) {
    const socket = connect(Number(port), '127.0.0.1')
    socket.on('error', () => undefined)
    await new Promise((resolve) => socket.once('connect', resolve))
    socket.write(
      `GET /rpc/socket HTTP/1.1\r\nHost: evil.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
    )
    socket.resetAndDestroy()
  }
  await sleep(100)
  expect((await site.browser.get('/health/live')).json).toEqual({ live: true })
})

test('the site stops within ten seconds whatever is open', async () => {
  const other = await startSite()
  const others = await People.of(other)
  const admin = await others.add('site_admin', null)
  const headers = {
    origin: `http://${new URL(other.addresses.http ?? '').host}`,
    cookie: await others.cookie(admin),
  }
  const { socket } = await openSocket(other, headers)
  await (await apiOver(socket).overview.watch()).next()
  const overHttp = await (await others.api(admin)).overview.watch()
  await overHttp.next()
  // Strangers who say nothing: in the middle of a TLS handshake, and before any request.
  const ports = [other.addresses.https[0], other.addresses.http].map((url) => Number(new URL(url ?? '').port))
  const silent = ports.map((port) => connect(port, '127.0.0.1').on('error', () => undefined))
  await Promise.all(silent.map((stranger) => new Promise((resolve) => stranger.once('connect', resolve))))
  await others.close()
  const late = sleep(10_000, 'late', { ref: false })
  expect(await Promise.race([other.stop().then(() => 'stopped'), late])).toBe('stopped')
})
