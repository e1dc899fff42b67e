import { afterEach, expect, test } from 'vitest'
import type { BrokerEvent } from '#broker/port.ts'
import { connect, pingreq, publish } from '#broker/testing/raw-packets.ts'
import { closed, TestBroker, type TestGateway, until } from '#broker/testing/test-broker.ts'
import { HOUR, hourOf } from '#contract/model/quota.ts'
import type { TenantPolicy } from './tenant-policy.ts'

/** The certificates are made now, and must be valid. */
const START = hourOf(Date.now()) + HOUR

let site: TestBroker
afterEach(() => site.stop())

const telemetry = ({ identity }: TestGateway): string => `mw/${identity.wireName}/telemetry`
const value = (n: number): string => JSON.stringify({ ts: 1_771_322_400_000 + n, values: { n } })

function tenant(tenantId: string, more: Partial<TenantPolicy> = {}): TenantPolicy {
  return {
    tenantId,
    state: 'active',
    passwordGateways: false,
    messagesPerHour: 1_000_000,
    messagesPerSecond: null,
    burst: null,
    gatewayMessagesPerSecond: null,
    gatewayBurst: null,
    ...more,
  }
}

const put = (policy: TenantPolicy) => site.broker.applyPolicy([{ op: 'put_tenant', tenant: policy }])

/** What was told of a gateway or client so far. */
function limited(id: string): { dropped: number; delayed: number; closed: number } {
  const sum = { dropped: 0, delayed: 0, closed: 0 }
  for (const event of site.events) {
    if (event.type !== 'limited') continue
    for (const count of event.counts) {
      if (count.gatewayId !== id && count.clientId !== id) continue
      sum.dropped += count.dropped
      sum.delayed += count.delayed
      sum.closed += count.closed
    }
  }
  return sum
}

const offline = (event: BrokerEvent): string[] =>
  event.type === 'gatewayWentOffline' ? [`${event.gatewayId} ${event.reason}`] : []

/** A session that does not wait for anything. */
async function raw(gateway: TestGateway, keepalive = 0) {
  const socket = await site.tls(gateway.certificate)
  const chunks: Buffer[] = []
  socket.on('data', (chunk) => chunks.push(chunk))
  socket.write(connect(gateway.identity.wireName, { keepalive }))
  await until(() => Buffer.concat(chunks).length === 4, 'CONNACK')
  return {
    socket,
    flood: (from: number, to: number, qos: 0 | 1 | 2) => {
      const packets = []
      for (let n = from; n < to; n++)
        packets.push(publish(telemetry(gateway), value(n), qos === 0 ? 0 : n + 1, { qos }))
      socket.write(Buffer.concat(packets))
    },
    /** Type and packet id of what was answered, in order. */
    answers: () => {
      const bytes = Buffer.concat(chunks).subarray(4)
      const answers: string[] = []
      for (let at = 0; at < bytes.length; at += 2 + (bytes[at + 1] ?? 0))
        answers.push(`${(bytes[at] ?? 0) >> 4} ${bytes[at + 1] === 2 ? bytes.readUInt16BE(at + 2) : ''}`)
      return answers
    },
  }
}

/** On a busy machine what takes its time takes longer. */
async function answered(session: { answers(): string[] }, count: number): Promise<void> {
  await expect.poll(() => session.answers().length, { timeout: 15_000 }).toBe(count)
}

const acks = (type: number, count: number): string[] =>
  Array.from({ length: count }, (_, n) => `${type} ${n + 1}`)
const counted = (count: number): number[] => Array.from({ length: count }, (_, n) => n)

test('a flood at QoS 0: a burst and what the rate gives are taken, the rest is dropped and counted', async () => {
  let now = START
  site = await TestBroker.start({}, undefined, () => now)
  await put(tenant('a', { gatewayMessagesPerSecond: 10, gatewayBurst: 50 }))
  const gateway = await site.gateway({ tenantId: 'a' })
  const session = await raw(gateway)
  session.flood(0, 2_000, 0)
  session.socket.write(pingreq)
  await answered(session, 1)
  expect(site.historian.values('n')).toEqual(counted(50))
  now += 1_000
  session.flood(2_000, 2_100, 0)
  await until(() => site.historian.rows.length === 60, 'ten more')
  const id = gateway.identity.gatewayId
  await until(() => limited(id).dropped === 2_040, 'the count')
  expect(limited(id)).toEqual({ dropped: 2_040, delayed: 0, closed: 0 })
  expect(await site.broker.stats()).toMatchObject({ limited: { dropped: 2_040, delayed: 0, closed: 0 } })
})

test('a flood at QoS 1 is slowed, all of it is stored once, and nobody else waits', async () => {
  site = await TestBroker.start()
  await put(tenant('a', { gatewayMessagesPerSecond: 100, gatewayBurst: 100 }))
  const gateway = await site.gateway({ tenantId: 'a' })
  const other = await site.connect(await site.gateway({ tenantId: 'a' }))
  const session = await raw(gateway)
  const from = performance.now()
  session.flood(0, 400, 1)
  for (let n = 0; n < 5; n++)
    await other.publishAsync(`mw/${other.options.clientId}/telemetry`, `{"values":{"other":${n}}}`, {
      qos: 1,
    })
  // The other one was acknowledged time and again while this one waits for its turn.
  expect(session.answers().length).toBeLessThan(400)
  await answered(session, 400)
  expect(performance.now() - from).toBeGreaterThan(2_900)
  expect(session.answers()).toEqual(acks(4, 400))
  expect(site.historian.values('n')).toEqual(counted(400))
  expect(site.historian.values('other')).toHaveLength(5)
  const id = gateway.identity.gatewayId
  await until(() => limited(id).delayed > 0, 'the count')
  expect(limited(id)).toMatchObject({ dropped: 0, closed: 0 })
  expect((await site.broker.stats()).limited.delayed).toBeLessThanOrEqual(300)
  await other.endAsync()
})

test('QoS 2 waits for its PUBREC, in order, and is stored once', async () => {
  site = await TestBroker.start()
  await put(tenant('a', { gatewayMessagesPerSecond: 100, gatewayBurst: 10 }))
  const gateway = await site.gateway({ tenantId: 'a' })
  const session = await raw(gateway)
  const from = performance.now()
  session.flood(0, 60, 2)
  await answered(session, 60)
  expect(performance.now() - from).toBeGreaterThan(450)
  expect(session.answers()).toEqual(acks(5, 60))
  expect(site.historian.values('n')).toEqual(counted(60))
})

test('a short keepalive buys no higher rate, and nobody is closed for waiting', async () => {
  site = await TestBroker.start()
  await put(tenant('a', { gatewayMessagesPerSecond: 0.5, gatewayBurst: 30 }))
  const gateway = await site.gateway({ tenantId: 'a' })
  const session = await raw(gateway, 1)
  const from = performance.now()
  session.flood(0, 32, 1)
  session.socket.write(pingreq)
  await answered(session, 33)
  // Two of them have to wait, each for two seconds: longer than an acknowledgement may, and than a keepalive runs.
  expect(performance.now() - from).toBeGreaterThan(3_900)
  expect(session.answers()).toEqual([...acks(4, 32), '13 '])
  expect(site.events.flatMap(offline)).toEqual([])
})

test('messages that are dropped behind those that wait: every packet is read as it was sent', async () => {
  site = await TestBroker.start()
  await put(tenant('a', { gatewayMessagesPerSecond: 5, gatewayBurst: 2 }))
  const gateway = await site.gateway({ tenantId: 'a' })
  const session = await raw(gateway)
  const event = (id: number) => publish(`mw/${gateway.identity.wireName}/events`, 'door', id)
  const dropped = publish(telemetry(gateway), `{"values":{"n":1,"more":"${'x'.repeat(90)}"}}`)
  session.socket.write(Buffer.concat([1, 2, 3].map(event)))
  await answered(session, 2)
  // This arrives while the third one waits.
  const mixed = (id: number): Buffer[] => [...counted(150).map(() => dropped), event(id)]
  session.socket.write(Buffer.concat([4, 5, 6].flatMap(mixed)))
  await Promise.race([answered(session, 6), closed(session.socket)])
  expect(session.answers()).toEqual(acks(4, 6))
  expect(site.refusals()).toEqual([])
  expect((await site.broker.stats()).messagesReceived).toBe(3 + 3 * 151)
})

test('a last will counts for its tenant, also of a session that is cut off for the quota', async () => {
  const now = START
  site = await TestBroker.start({}, undefined, () => now)
  await put(tenant('a', { messagesPerHour: 3 }))
  const gateway = await site.gateway({ tenantId: 'a' })
  const topic = `mw/${gateway.identity.wireName}/status`
  const session = await site.connect(gateway, { will: { topic, payload: Buffer.from('offline'), qos: 1 } })
  for (let n = 0; n < 3; n++) await session.publishAsync(telemetry(gateway), value(n), { qos: 1 })
  session.publish(telemetry(gateway), value(3), { qos: 1 }, () => {})
  const will = await site.event('messageReceived')
  expect([will.kind, Buffer.from(will.payload).toString()]).toEqual(['status', 'offline'])
  await site.broker.stop(2_000)
  const told = site.events.findLast((event) => event.type === 'tenantMessages')
  expect(told).toMatchObject({ counts: [{ tenantId: 'a', messages: 4 }] })
  await session.endAsync(true)
})

test('what is denied, and what was received before, counts as well', async () => {
  const now = START
  site = await TestBroker.start({}, undefined, () => now)
  await put(tenant('a', { messagesPerHour: 20 }))
  const denied = await raw(await site.gateway({ tenantId: 'a' }))
  denied.socket.write(Buffer.concat(counted(7).map(() => publish('elsewhere', 'x'))))
  denied.socket.write(pingreq)
  await answered(denied, 1)
  const gateway = await site.gateway({ tenantId: 'a' })
  const session = await raw(gateway)
  session.flood(0, 1, 2)
  await answered(session, 1)
  const again = publish(telemetry(gateway), value(0), 1, { qos: 2, dup: true })
  session.socket.write(Buffer.concat(counted(50).map(() => again)))
  await closed(session.socket)
  expect(await site.refusal('quota_exceeded')).toMatchObject({ gatewayId: gateway.identity.gatewayId })
  expect(site.historian.values('n')).toEqual([0])
  await site.broker.stop(2_000)
  const told = site.events.findLast((event) => event.type === 'tenantMessages')
  expect(told).toMatchObject({ counts: [{ tenantId: 'a', messages: 20 }] })
})

test('a message larger than what is read at a time passes, and who leaves while it waits comes back', async () => {
  site = await TestBroker.start()
  await put(tenant('a', { gatewayMessagesPerSecond: 20, gatewayBurst: 1 }))
  const gateway = await site.gateway({ tenantId: 'a' })
  const session = await raw(gateway)
  const logs = `mw/${gateway.identity.wireName}/logs`
  const log = Buffer.alloc(50_000, 'log ')
  session.socket.write(Buffer.concat([1, 2, 3, 4, 5, 6].map((id) => publish(logs, log, id))))
  await answered(session, 6)
  expect(session.answers()).toEqual(acks(4, 6))
  session.flood(0, 40, 2)
  await until(() => site.historian.rows.length > 0, 'a reading')
  session.socket.destroy()
  await site.event('gatewayWentOffline')
  const again = await site.connect(gateway)
  await again.publishAsync(logs, 'back', { qos: 2 })
  expect(await site.broker.stats()).toMatchObject({ sessions: 1, limited: { dropped: 0, closed: 0 } })
  await again.endAsync()
})

test('a tenant has a bucket for all of its senders, also of those that come by WebSocket', async () => {
  site = await TestBroker.start()
  await site.openListeners()
  await put(tenant('a', { messagesPerSecond: 50, burst: 10 }))
  const client = await site.client({ tenantId: 'a' })
  const connected = await site.connectClient(client, { websocket: true })
  const own = `${client.identity.prefix}/n`
  const from = performance.now()
  await Promise.all(counted(40).map((n) => connected.publishAsync(own, `${n}`, { qos: n % 2 ? 1 : 2 })))
  expect(performance.now() - from).toBeGreaterThan(550)
  const { delayed, dropped } = (await site.broker.stats()).limited
  expect(delayed).toBeGreaterThan(0)
  expect(dropped).toBe(0)
  await connected.endAsync()
})

test('stopping acknowledges what waits, for it is stored', async () => {
  site = await TestBroker.start()
  await put(tenant('a', { gatewayMessagesPerSecond: 0.1, gatewayBurst: 3 }))
  const gateway = await site.gateway({ tenantId: 'a' })
  const session = await raw(gateway)
  session.flood(0, 20, 1)
  // The one that has to wait is stored meanwhile; those behind it are not read.
  await until(() => site.historian.rows.length === 4, 'the readings')
  await answered(session, 3)
  const ended = closed(session.socket)
  await site.broker.stop(2_000)
  await ended
  expect(session.answers()).toEqual(acks(4, 4))
  expect(site.historian.values('n')).toEqual(counted(4))
})

test('the quota of the hour closes and refuses, also after a restart, until the hour ends', async () => {
  let now = START + 30 * 60_000
  site = await TestBroker.start({}, undefined, () => now)
  await put(tenant('a', { messagesPerHour: 10 }))
  const gateway = await site.gateway({ tenantId: 'a' })
  const silent = await site.gateway({ tenantId: 'a' })
  const foreign = await site.gateway()
  const session = await raw(gateway)
  const quiet = await raw(silent)
  session.flood(0, 12, 1)
  await closed(session.socket)
  expect(site.historian.values('n')).toEqual(counted(10))
  const { gatewayId } = gateway.identity
  expect(await site.refusal('quota_exceeded')).toMatchObject({ gatewayId, topic: telemetry(gateway) })
  expect(site.events.flatMap(offline)).toEqual([`${gatewayId} quota_exceeded`])
  // QoS 0 of those that are connected is dropped, and they stay connected.
  quiet.flood(0, 5, 0)
  quiet.socket.write(pingreq)
  await answered(quiet, 1)
  await expect(site.connect(gateway)).rejects.toMatchObject({ code: 3 })
  const others = await site.connect(foreign)
  await others.endAsync()

  await site.broker.stop(2_000)
  expect(limited(gatewayId).closed).toBe(1)
  expect(limited(silent.identity.gatewayId).dropped).toBe(5)
  const told = site.events.findLast((event) => event.type === 'tenantMessages')
  expect(told).toEqual({
    type: 'tenantMessages',
    hour: START,
    counts: [{ tenantId: 'a', messages: 10 }],
  })
  const tenants = [tenant('a', { messagesPerHour: 10, messagesThisHour: 10 })]
  await site.restart([gateway.identity], { tenants })
  await expect(site.connect(gateway)).rejects.toMatchObject({ code: 3 })
  now = START + HOUR
  const again = await site.connect(gateway)
  await again.publishAsync(telemetry(gateway), value(100), { qos: 1 })
  expect(site.historian.values('n')).toEqual([...counted(10), 100])
  await again.endAsync()
})

test('an MQTT client counts for its tenant; over the quota one that only reads stays', async () => {
  site = await TestBroker.start()
  await site.openListeners()
  await put(tenant('a', { messagesPerHour: 5 }))
  const writer = await site.client({ tenantId: 'a' })
  const reader = await site.client({ tenantId: 'a', rights: 'read' })
  const client = await site.connectClient(writer)
  for (let n = 0; n < 5; n++) await client.publishAsync(`${writer.identity.prefix}/x`, `${n}`, { qos: 1 })
  const ended = closed(client.stream)
  client.publish(`${writer.identity.prefix}/x`, 'one too many', { qos: 1 }, () => {})
  await ended
  expect(await site.refusal('quota_exceeded')).toMatchObject({ mqttClientId: writer.identity.clientId })
  await expect(site.connectClient(writer)).rejects.toMatchObject({ code: 3 })
  const reading = await site.connectClient(reader)
  await reading.endAsync()
  await client.endAsync(true)
})

test('a suspended tenant is cut off at once and refused, with the reason, until it is resumed', async () => {
  site = await TestBroker.start()
  await site.openListeners()
  await put(tenant('a'))
  const gateway = await site.gateway({ tenantId: 'a' })
  const client = await site.client({ tenantId: 'a' })
  const others = await site.connect(await site.gateway())
  const session = await site.connect(gateway)
  const scada = await site.connectClient(client)
  const ended = Promise.all([closed(session.stream), closed(scada.stream)])
  await put(tenant('a', { state: 'suspended' }))
  await ended
  const { gatewayId } = gateway.identity
  expect(site.events.flatMap(offline)).toEqual([`${gatewayId} tenant_suspended`])
  expect(await site.event('clientWentOffline')).toMatchObject({ reason: 'tenant_suspended' })
  await expect(site.connect(gateway)).rejects.toThrow()
  await expect(site.connectClient(client)).rejects.toThrow()
  const refused = await site.event(
    'refused',
    ({ refusal }) => refusal.mqttClientId === client.identity.clientId,
  )
  expect(refused.refusal.reason).toBe('tenant_suspended')
  expect(site.refusals().find((refusal) => refusal.gatewayId === gatewayId)?.reason).toBe('tenant_suspended')
  expect(others.connected).toBe(true)
  await put(tenant('a'))
  await (await site.connect(gateway)).endAsync()
  await (await site.connectClient(client)).endAsync()
  for (const each of [others, session, scada]) await each.endAsync(true)
})
