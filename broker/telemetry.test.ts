import { afterEach, expect, test } from 'vitest'
import { Quality } from '#contract/model/quality.ts'
import { connect, publish } from './testing/raw-packets.ts'
import { TestBroker, type TestGateway, until } from './testing/test-broker.ts'

let site: TestBroker
afterEach(() => site.stop())

const telemetry = ({ identity }: TestGateway): string => `mw/${identity.wireName}/telemetry`
const values = (more: object, ts?: number): string => JSON.stringify({ ts, values: more })

/** A session that sends raw packets and collects what comes back. */
async function rawSession(
  gateway: TestGateway,
): Promise<{ send(...packets: Buffer[]): void; received(): string; end(): void }> {
  const socket = await site.tls(gateway.certificate)
  const chunks: Buffer[] = []
  socket.on('data', (chunk) => chunks.push(chunk))
  socket.write(connect(gateway.identity.wireName))
  await until(() => Buffer.concat(chunks).length === 4, 'CONNACK')
  return {
    send: (...packets) => socket.write(Buffer.concat(packets)),
    received: () => Buffer.concat(chunks).subarray(4).toString('hex'),
    end: () => socket.destroy(),
  }
}

test('a reading is acknowledged once it is committed, and not before', async () => {
  site = await TestBroker.start()
  const gateway = await site.gateway()
  const client = await site.connect(gateway)
  site.historian.hold()
  let acknowledged = false
  const payload = values(
    { temperature: 21.4, 'meter1/energy': 10_233, on: true, state: 'ok' },
    1_771_322_400_000,
  )
  const published = client
    .publishAsync(telemetry(gateway), payload, { qos: 1 })
    .then(() => (acknowledged = true))
  await new Promise((resolve) => setTimeout(resolve, 100))
  expect(acknowledged).toBe(false)
  site.historian.release()
  await published
  const { assignmentId, gatewayId } = gateway.identity
  const row = { assignmentId, unit: null, ts: 1_771_322_400_000, quality: Quality.good }
  expect(site.historian.rows).toEqual([
    { ...row, channel: 'temperature', kind: 'number', value: 21.4 },
    { ...row, channel: 'meter1/energy', kind: 'number', value: 10_233 },
    { ...row, channel: 'on', kind: 'boolean', value: true },
    { ...row, channel: 'state', kind: 'text', value: 'ok' },
  ])
  await site.event('gatewaysSeen', ({ gatewayIds }) => gatewayIds.includes(gatewayId))
  expect(await site.broker.stats()).toMatchObject({
    readingsReceived: 4,
    readingsAcknowledged: 4,
    pendingReadings: 0,
  })
  await client.endAsync()
})

test('QoS 2 is received only after the commit, and once, however often it is sent', async () => {
  site = await TestBroker.start()
  const gateway = await site.gateway()
  const session = await rawSession(gateway)
  site.historian.hold()
  session.send(publish(telemetry(gateway), values({ a: 1 }), 7, { qos: 2 }))
  await new Promise((resolve) => setTimeout(resolve, 100))
  expect(session.received()).toBe('')
  site.historian.release()
  await until(() => session.received() === '50020007', 'PUBREC')
  session.send(publish(telemetry(gateway), values({ a: 1 }), 7, { qos: 2, dup: true }))
  await until(() => session.received() === '5002000750020007', 'the second PUBREC')
  session.send(Buffer.from('62020007', 'hex'))
  await until(() => session.received().endsWith('70020007'), 'PUBCOMP')
  expect(site.historian.values('a')).toEqual([1])
  session.end()
})

test('acknowledgements come in the order of the messages, and a bad message does not harm those beside it', async () => {
  site = await TestBroker.start()
  const gateway = await site.gateway()
  const { wireName } = gateway.identity
  const session = await rawSession(gateway)
  site.historian.hold()
  session.send(
    publish(telemetry(gateway), values({ a: 1 }), 1),
    publish(telemetry(gateway), '{"values":{"a":NaN}}', 2),
    publish(`mw/${wireName}/events`, '{"name":"door"}', 3),
    publish(telemetry(gateway), Buffer.from([0x7b, 0xff]), 4),
    publish(telemetry(gateway), values({ a: 2 }), 5),
  )
  await new Promise((resolve) => setTimeout(resolve, 100))
  expect(session.received()).toBe('')
  site.historian.release()
  await until(() => session.received().length >= 40, 'five PUBACKs')
  expect(session.received()).toBe('4002000140020002400200034002000440020005')
  expect(site.historian.values('a')).toEqual([1, 2])
  expect((await site.refusal('payload_not_json')).detail).toContain('{"values":{"a":NaN}}')
  await site.event('messageReceived', (event) => Buffer.from(event.payload).toString() === '{"name":"door"}')
  session.end()
})

test('readings without a usable time get the site time, apart from each other, and can be told when redelivered', async () => {
  site = await TestBroker.start()
  const gateway = await site.gateway()
  const session = await rawSession(gateway)
  const payload = JSON.stringify([
    { values: { a: 1 } },
    { ts: 5, values: { a: 2 } },
    { ts: Date.UTC(2100, 0), values: { a: 3 } },
  ])
  session.send(
    publish(telemetry(gateway), payload, 9),
    publish(telemetry(gateway), payload, 9, { dup: true }),
  )
  await until(() => site.historian.rows.length === 6, 'six rows')
  expect(site.historian.rows.map(({ value, quality }) => [value, quality]).slice(0, 3)).toEqual([
    [3, Quality.ahead],
    [1, Quality.siteTime],
    [2, Quality.siteTime],
  ])
  const times = site.historian.rows.filter(({ quality }) => quality === Quality.siteTime).map(({ ts }) => ts)
  expect(new Set(times).size).toBe(4)
  const undated = {
    gatewayId: gateway.identity.gatewayId,
    packetId: 9,
    payloadHash: site.historian.undated[0]?.payloadHash,
  }
  expect(site.historian.undated).toEqual([
    { ...undated, duplicate: false, start: 1, end: 3 },
    { ...undated, duplicate: true, start: 4, end: 6 },
  ])
  expect(undated.payloadHash).toMatch(/^[0-9a-f]{16}$/)
  session.end()
})

test('while the store fails nothing is acknowledged and nothing is lost; it goes on by itself', async () => {
  site = await TestBroker.start()
  const gateway = await site.gateway()
  const client = await site.connect(gateway)
  await client.publishAsync(telemetry(gateway), values({ a: 0 }), { qos: 1 })
  site.historian.failure = { code: 'disk_full', cause: 'database or disk is full' }
  let acknowledged = 0
  const published = [1, 2, 3].map(async (a) => {
    await client.publishAsync(telemetry(gateway), values({ a, [`new${a}`]: a }), { qos: 1 })
    acknowledged += 1
  })
  expect(await site.event('ingestStalled')).toMatchObject({
    code: 'disk_full',
    cause: 'database or disk is full',
  })
  await until(() => site.historian.batches > 3, 'another try')
  expect(acknowledged).toBe(0)
  site.historian.failure = null
  await Promise.all(published)
  await site.event('ingestRecovered')
  expect(site.historian.values('a')).toEqual([0, 1, 2, 3])
  expect(site.historian.values('new3')).toEqual([3])
  expect(site.events.filter(({ type }) => type === 'ingestStalled')).toHaveLength(1)
  await client.endAsync()
})

test('a new ingest port gets what the old one did not commit, with every series introduced again', async () => {
  site = await TestBroker.start()
  const gateway = await site.gateway()
  const client = await site.connect(gateway)
  await client.publishAsync(telemetry(gateway), values({ a: 0 }), { qos: 1 })
  site.historian.hold()
  const published = client.publishAsync(telemetry(gateway), values({ a: 1 }), { qos: 1 })
  await until(() => site.historian.batches === 1, 'the first batch')
  await new Promise((resolve) => setTimeout(resolve, 50))
  site.historian.loseHeld()
  await site.broker.replaceIngest(site.historian.openIngest())
  await published
  expect(site.historian.values('a')).toEqual([0, 1])
  await client.endAsync()
})

test('at the bound QoS 1 waits unread, and all of it comes in the end', async () => {
  site = await TestBroker.start({ pendingReadings: 50 })
  const gateway = await site.gateway()
  const client = await site.connect(gateway)
  site.historian.hold()
  const sent = 2_000
  const published = Array.from({ length: sent }, (_, n) =>
    client.publishAsync(telemetry(gateway), values({ a: n, pad: 'x'.repeat(200) }), { qos: 1 }),
  )
  await new Promise((resolve) => setTimeout(resolve, 300))
  const { pendingReadings, messagesReceived } = await site.broker.stats()
  expect(pendingReadings).toBeGreaterThanOrEqual(50)
  expect(messagesReceived).toBeLessThan(sent)
  site.historian.release()
  await Promise.all(published)
  expect(site.historian.values('a')).toEqual(Array.from({ length: sent }, (_, n) => n))
  await client.endAsync()
})

test('at the bound QoS 0 that was read is dropped and counted', async () => {
  site = await TestBroker.start({ pendingReadings: 5 })
  const gateway = await site.gateway()
  const session = await rawSession(gateway)
  site.historian.hold()
  session.send(...Array.from({ length: 20 }, (_, n) => publish(telemetry(gateway), values({ a: n }))))
  await new Promise((resolve) => setTimeout(resolve, 200))
  expect(await site.broker.stats()).toMatchObject({ readingsReceived: 5, readingsDropped: 15 })
  site.historian.release()
  await until(() => site.historian.rows.length === 5, 'the five')
  session.end()
})

test('a gateway has so many channels and no more, and a moved one sends for its new assignment', async () => {
  site = await TestBroker.start({ channelsPerGateway: 3, valuesPerMessage: 5 })
  const gateway = await site.gateway()
  const client = await site.connect(gateway)
  await client.publishAsync(telemetry(gateway), values({ a: 1, b: 1 }), { qos: 1 })
  await client.publishAsync(telemetry(gateway), values({ a: 2, c: 2, d: 2 }), { qos: 1 })
  await client.publishAsync(telemetry(gateway), values({ a: 3, c: 3 }), { qos: 1 })
  await client.publishAsync(telemetry(gateway), values({ a: 4, b: 4, c: 4, d: 4, e: 4, f: 4 }), { qos: 1 })
  expect(site.historian.rows.map(({ channel, value }) => `${channel}${value}`)).toEqual([
    'a1',
    'b1',
    'a3',
    'c3',
  ])
  await site.refusal('too_many_channels')
  await site.refusal('payload_too_large')
  await site.broker.applyPolicy([{ op: 'put', identity: { ...gateway.identity, assignmentId: 'next' } }])
  await client.publishAsync(telemetry(gateway), values({ x: 1, y: 1, z: 1 }), { qos: 1 })
  expect(site.historian.rows.slice(4).map(({ assignmentId }) => assignmentId)).toEqual([
    'next',
    'next',
    'next',
  ])
  await client.endAsync()
})

test('channels from before the start count; a flood of new names is refused whole, and known channels go on', async () => {
  site = await TestBroker.start({ channelsPerGateway: 1_000 })
  const gateway = await site.gateway()
  const knownChannels = Array.from({ length: 998 }, (_, n) => `old${n}`)
  await site.broker.applyPolicy([
    { op: 'put', identity: { ...gateway.identity, assignmentId: 'crowded', knownChannels } },
  ])
  const client = await site.connect(gateway)
  const send = (sample: Record<string, number>) =>
    client.publishAsync(telemetry(gateway), values(sample), { qos: 1 })
  await send({ old0: 1, new0: 1 })
  await send(Object.fromEntries(Array.from({ length: 1_000 }, (_, n) => [`flood${n}`, n])))
  await send({ old0: 2, new1: 2 })
  await send({ old0: 3, new2: 3 })
  await send({ old1: 4, new0: 4 })
  expect(site.historian.rows.map(({ channel, value }) => `${channel}=${value}`)).toEqual([
    'old0=1',
    'new0=1',
    'old0=2',
    'new1=2',
    'old1=4',
    'new0=4',
  ])
  await site.refusal('too_many_channels')
  await client.endAsync()
})

test('two gateways with a channel of one name stay apart, and each may send times that run backwards', async () => {
  site = await TestBroker.start()
  const gateways = [await site.gateway(), await site.gateway()]
  const now = Date.now()
  for (const [index, gateway] of gateways.entries()) {
    const client = await site.connect(gateway)
    for (const age of [1_000, 60_000, 30_000]) {
      const sample = JSON.stringify({ ts: now - age, values: { temperature: index * 100 + age / 1_000 } })
      await client.publishAsync(telemetry(gateway), sample, { qos: 1 })
    }
    await client.endAsync()
  }
  for (const [index, { identity }] of gateways.entries()) {
    const own = site.historian.rows.filter(({ assignmentId }) => assignmentId === identity.assignmentId)
    expect(own.map(({ ts, value, quality }) => [now - ts, value, quality])).toEqual([
      [1_000, index * 100 + 1, Quality.good],
      [60_000, index * 100 + 60, Quality.good],
      [30_000, index * 100 + 30, Quality.good],
    ])
  }
})

test('a whole number beyond 2^53 is stored as the nearest double, and its quality says so', async () => {
  site = await TestBroker.start()
  const gateway = await site.gateway()
  const client = await site.connect(gateway)
  const payload = '{"ts":1771322400000,"values":{"big":9223372036854775807,"small":1}}'
  await client.publishAsync(telemetry(gateway), payload, { qos: 1 })
  await client.publishAsync(telemetry(gateway), '{"values":{"big":-9223372036854775807}}', { qos: 1 })
  expect(site.historian.rows.map(({ value, quality }) => [value, quality])).toEqual([
    [2 ** 63, Quality.rounded],
    [1, Quality.good],
    [-(2 ** 63), Quality.rounded | Quality.siteTime],
  ])
  await client.endAsync()
})

test('stopping commits and acknowledges what was read', async () => {
  site = await TestBroker.start()
  const gateway = await site.gateway()
  const session = await rawSession(gateway)
  site.historian.hold()
  session.send(publish(telemetry(gateway), values({ a: 1 }), 1))
  await until(() => site.historian.waiting === 1, 'the batch')
  setTimeout(() => site.historian.release(), 100)
  await site.broker.stop(5_000)
  await until(() => session.received() === '40020001', 'PUBACK')
  expect(site.historian.values('a')).toEqual([1])
  const offline = await site.event('gatewayWentOffline')
  expect(offline.reason).toBe('site_stopped')
})
