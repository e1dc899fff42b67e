import type { MqttClient } from 'mqtt'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { MqttClientIdentity } from './port.ts'
import {
  type ConnectOptions,
  closed,
  TestBroker,
  type TestClient,
  type TestGateway,
  until,
} from './testing/test-broker.ts'

let site: TestBroker
beforeEach(async () => {
  site = await TestBroker.start({ queuedMessagesPerClient: 20, retainedPerClient: 3 })
  await site.openListeners()
})
afterEach(() => site.stop())

const topicOf = ({ identity }: TestGateway, name: string): string => `mw/${identity.wireName}/${name}`

/** A client that subscribed, and what it was sent. */
async function subscriber(
  client: TestClient,
  filters: string | string[] = '#',
  { qos = 0, ...more }: ConnectOptions & { qos?: 0 | 1 } = {},
): Promise<{ mqtt: MqttClient; got: string[]; retained: string[]; count(): number }> {
  const got: string[] = []
  const retained: string[] = []
  let count = 0
  const onMessage: ConnectOptions['onMessage'] = (topic, payload, packet) => {
    count += 1
    if (topic !== 'mw/time') (packet.retain ? retained : got).push(`${topic} ${payload}`)
  }
  const mqtt = await site.connectClient(client, { ...more, onMessage })
  if (filters.length > 0) await mqtt.subscribeAsync(filters, { qos })
  return { mqtt, got, retained, count: () => count }
}

/** Everything that was sent before has come: messages of one sender keep their order. */
async function settled(client: TestClient, { got }: { got: string[] }, sender: MqttClient): Promise<void> {
  const mark = `${client.identity.prefix}/mark`
  const marks = got.filter((line) => line.startsWith(mark)).length
  await sender.publishAsync(mark, '', { qos: 1 })
  await until(() => got.filter((line) => line.startsWith(mark)).length > marks, 'the mark')
}

async function two(more: Partial<MqttClientIdentity> = {}): Promise<[TestClient, TestClient]> {
  return [await site.client(more), await site.client({ tenantId: 'tenant-2' })]
}

test('a wildcard brings what its tenant’s gateways send, once, and nothing of another tenant', async () => {
  const [mine, theirs] = [await site.gateway(), await site.gateway({ tenantId: 'tenant-2' })]
  const [scada] = await two()
  const all = await subscriber(scada, ['#', 'mw/#', '+/+/telemetry', topicOf(theirs, 'telemetry')])
  const [own, foreign] = [await site.connect(mine), await site.connect(theirs)]
  for (const [index, gateway] of [theirs, mine, theirs, mine].entries()) {
    const box = gateway === mine ? own : foreign
    await box.publishAsync(topicOf(gateway, 'telemetry'), `{"values":{"x":${index}}}`, { qos: 1 })
    await box.publishAsync(topicOf(gateway, 'status'), 'online', { qos: 0 })
    await box.publishAsync(topicOf(gateway, 'events'), 'e', { qos: 2 })
  }
  await site.broker.publish({ topic: topicOf(theirs, 'commands'), payload: 'secret', qos: 1, retain: false })
  await site.broker.publish({ topic: topicOf(mine, 'commands'), payload: 'start', qos: 1, retain: false })
  await settled(scada, all, all.mqtt)
  const name = (kind: string, payload: string): string => `${topicOf(mine, kind)} ${payload}`
  expect(all.got.slice(0, -1)).toEqual([
    name('telemetry', '{"values":{"x":1}}'),
    name('status', 'online'),
    name('events', 'e'),
    name('telemetry', '{"values":{"x":3}}'),
    name('status', 'online'),
    name('events', 'e'),
    name('commands', 'start'),
  ])
  expect(site.historian.values('x')).toEqual([0, 1, 2, 3])
  for (const client of [own, foreign, all.mqtt]) await client.endAsync()
})

test('a payload that is no reading is not handed on either', async () => {
  const gateway = await site.gateway()
  const [scada] = await two()
  const all = await subscriber(scada)
  const box = await site.connect(gateway)
  await box.publishAsync(topicOf(gateway, 'telemetry'), 'not json', { qos: 1 })
  await settled(scada, all, all.mqtt)
  expect(all.got).toHaveLength(1)
  await box.endAsync()
  await all.mqtt.endAsync()
})

test('nothing is lost, and each gateway’s order kept, where some messages wait for the disk and others do not', async () => {
  const gateways = await Promise.all([1, 2, 3].map(() => site.gateway()))
  const [scada] = await two()
  // An offline session makes each QoS 1 message wait for the disk, while QoS 0 goes by.
  const away = await subscriber(scada, '#', { qos: 1, clean: false, clientId: 'away' })
  await away.mqtt.endAsync()
  const all = await subscriber(scada, '#', { qos: 1 })
  const boxes = await Promise.all(gateways.map((gateway) => site.connect(gateway)))
  const sent: Promise<unknown>[] = []
  for (let n = 0; n < 100; n++) {
    for (const [index, box] of boxes.entries()) {
      const gateway = gateways[index] as TestGateway
      const options = { qos: index === 0 ? 1 : 0, retain: n % 3 === 0 } as const
      sent.push(box.publishAsync(topicOf(gateway, 'events'), `${n}`, options))
    }
  }
  await Promise.all(sent)
  await until(() => all.got.length === 300, 'all messages')
  for (const gateway of gateways) {
    const payloads = all.got.flatMap((line) =>
      line.startsWith(topicOf(gateway, 'events')) ? line.split(' ')[1] : [],
    )
    expect(payloads).toEqual(Array.from({ length: 100 }, (_, n) => `${n}`))
  }
  for (const client of [...boxes, all.mqtt]) await client.endAsync()
})

test('commands and desired twins reach gateways of its reach; all else it may not write', async () => {
  const [mine, theirs] = [await site.gateway(), await site.gateway({ tenantId: 'tenant-2' })]
  const [scada] = await two()
  const client = await site.connectClient(scada)
  const box = await site.connect(mine)
  const orders: string[] = []
  box.on('message', (topic, payload, { retain }) => orders.push(`${topic} ${payload} ${retain}`))
  await box.subscribeAsync([topicOf(mine, 'commands'), topicOf(mine, 'twin/desired')], { qos: 1 })
  await client.publishAsync(topicOf(mine, 'commands'), 'start', { qos: 1, retain: true })
  await client.publishAsync(topicOf(mine, 'twin/desired'), '{}', { qos: 1, retain: true })
  await until(() => orders.length === 2, 'both')
  expect(orders).toEqual([
    `${topicOf(mine, 'commands')} start false`,
    `${topicOf(mine, 'twin/desired')} {} false`,
  ])
  // A command is never retained: it would be carried out again at each connect.
  await box.unsubscribeAsync([topicOf(mine, 'commands'), topicOf(mine, 'twin/desired')])
  await box.subscribeAsync([topicOf(mine, 'commands'), topicOf(mine, 'twin/desired')], { qos: 1 })
  await until(() => orders.length === 3, 'the retained twin')
  expect(orders[2]).toBe(`${topicOf(mine, 'twin/desired')} {} true`)
  const forbidden = [
    topicOf(theirs, 'commands'),
    topicOf(mine, 'telemetry'),
    topicOf(mine, 'status'),
    topicOf(mine, 'ota'),
    'mw/time',
    'clients/someone/x',
  ]
  for (const topic of forbidden) await client.publishAsync(topic, '{"values":{"forged":1}}', { qos: 0 })
  for (const topic of forbidden) {
    await site.event('refused', ({ refusal }) => refusal.reason === 'topic_denied' && refusal.topic === topic)
    expect(client.connected).toBe(true)
  }
  expect((await site.broker.stats()).messagesDropped).toBe(forbidden.length)
  const ended = closed(client)
  client.publish(forbidden[0] ?? '', 'x', { qos: 1 }, () => {})
  await ended
  expect(site.historian.values('forged')).toEqual([])
  await box.endAsync()
})

test('read refuses publishing, write refuses subscribing, and so do $SYS and shared subscriptions', async () => {
  const gateway = await site.gateway()
  const [reader, writer] = [await site.client({ rights: 'read' }), await site.client({ rights: 'write' })]
  const readOnly = await site.connectClient(reader)
  await readOnly.publishAsync(`${reader.identity.prefix}/x`, '1', { qos: 0 })
  await site.event('refused', ({ refusal }) => refusal.detail === 'this client may only read')
  const ended = closed(readOnly)
  readOnly.publish(topicOf(gateway, 'commands'), '1', { qos: 1 }, () => {})
  await ended
  const writeOnly = await site.connectClient(writer)
  await expect(writeOnly.subscribeAsync('#')).rejects.toThrow(/unspecified|subscri|128/i)
  expect((await site.refusal('subscription_denied')).mqttClientId).toBe(writer.identity.clientId)
  const box = await site.connect(gateway)
  await box.subscribeAsync(topicOf(gateway, 'commands'))
  const order = new Promise((resolve) => box.once('message', resolve))
  await writeOnly.publishAsync(topicOf(gateway, 'commands'), 'go', { qos: 1 })
  await order
  const [scada] = await two()
  const both = await site.connectClient(scada)
  for (const filter of ['$SYS/#', '$SYS/broker/uptime', '$share/group/mw/#'])
    await expect(both.subscribeAsync(filter)).rejects.toThrow()
  for (const client of [writeOnly, box, both]) await client.endAsync()
})

test('retained messages: only those that it may read, at the QoS that it asked for; its own are bounded', async () => {
  const [mine, theirs] = [await site.gateway(), await site.gateway({ tenantId: 'tenant-2' })]
  const [scada, other] = await two()
  for (const gateway of [mine, theirs]) {
    const box = await site.connect(gateway)
    await box.publishAsync(topicOf(gateway, 'status'), 'online', { qos: 1, retain: true })
    await box.endAsync()
  }
  const publisher = await site.connectClient(scada)
  for (let n = 0; n < 5; n++)
    await publisher.publishAsync(`${scada.identity.prefix}/${n}`, 'kept', { qos: 1, retain: true })
  expect(await site.refusal('queue_full')).toMatchObject({ mqttClientId: scada.identity.clientId })
  const own = await subscriber(scada, '#', { clientId: 'reader' })
  await until(() => own.retained.length === 4, 'retained messages')
  expect(own.retained.toSorted()).toEqual([
    ...[0, 1, 2].map((n) => `${scada.identity.prefix}/${n} kept`),
    `${topicOf(mine, 'status')} online`,
  ])
  const foreign = await subscriber(other, ['#', `${scada.identity.prefix}/#`, topicOf(mine, 'status')])
  await until(() => foreign.retained.length > 0, 'retained messages')
  await settled(other, foreign, foreign.mqtt)
  expect(foreign.retained).toEqual([`${topicOf(theirs, 'status')} online`])
  // Removed, it leaves nothing behind.
  await site.broker.applyPolicy([{ op: 'remove_client', clientId: scada.identity.clientId }])
  await site.put({ ...scada.identity, clientId: 'successor' })
  const successor = await subscriber({ ...scada, identity: { ...scada.identity, clientId: 'successor' } })
  await until(() => successor.retained.length > 0, 'retained messages')
  await settled(scada, successor, successor.mqtt)
  expect(successor.retained).toEqual([`${topicOf(mine, 'status')} online`])
  for (const client of [foreign.mqtt, successor.mqtt]) await client.endAsync()
})

test('a session that is away keeps what it may read, foreign messages do not fill its queue, and rights are asked again', async () => {
  const [mine, theirs] = [
    await site.gateway({ groupPath: ['hall'] }),
    await site.gateway({ tenantId: 'tenant-2' }),
  ]
  const [yard] = [await site.gateway({ groupPath: ['yard'] })]
  const [scada] = await two()
  const session = { clientId: 'kept', clean: false, qos: 1 as const }
  const before = await subscriber(scada, '#', session)
  await before.mqtt.endAsync()
  const boxes = await Promise.all([mine, theirs, yard].map((gateway) => site.connect(gateway)))
  const [own, foreign, third] = boxes as [MqttClient, MqttClient, MqttClient]
  for (let n = 0; n < 50; n++) await foreign.publishAsync(topicOf(theirs, 'events'), `${n}`, { qos: 1 })
  await own.publishAsync(topicOf(mine, 'telemetry'), '{"values":{"q":1}}', { qos: 1 })
  await own.publishAsync(topicOf(mine, 'telemetry'), '{"values":{"q":2}}', { qos: 0 })
  await third.publishAsync(topicOf(yard, 'events'), 'later out of reach', { qos: 1 })
  await own.publishAsync(topicOf(mine, 'events'), 'kept', { qos: 1 })
  expect(site.refusals().filter(({ reason }) => reason === 'queue_full')).toEqual([])
  await site.put({ ...scada.identity, reach: { groupIds: ['hall'], ownerUserId: null } })
  const after = await subscriber(scada, [], session)
  await until(() => after.got.length === 2, 'what was kept')
  await settled(scada, after, after.mqtt)
  expect(after.got.slice(0, 2)).toEqual([
    `${topicOf(mine, 'telemetry')} {"values":{"q":1}}`,
    `${topicOf(mine, 'events')} kept`,
  ])
  await after.mqtt.endAsync()
  for (let n = 0; n < 30; n++) await own.publishAsync(topicOf(mine, 'events'), `${n}`, { qos: 1 })
  expect((await site.refusal('queue_full')).mqttClientId).toBe(scada.identity.clientId)
  for (const box of boxes) await box.endAsync()
})

test('a change of policy holds for live subscriptions at once: reach, groups, rights, topics', async () => {
  const [hall, yard] = [
    await site.gateway({ groupPath: ['line', 'hall'] }),
    await site.gateway({ groupPath: ['yard'] }),
  ]
  const reach = { groupIds: ['hall'], ownerUserId: null }
  const scada = await site.client({ reach })
  const all = await subscriber(scada, ['#', topicOf(yard, 'events')])
  const [first, second] = [await site.connect(hall), await site.connect(yard)]
  const seen = async (): Promise<string[]> => {
    for (const [box, gateway] of [
      [first, hall],
      [second, yard],
    ] as const) {
      await box.publishAsync(topicOf(gateway, 'events'), 'e', { qos: 1 })
      await box.publishAsync(topicOf(gateway, 'telemetry'), '{"values":{"t":1}}', { qos: 1 })
      await site.broker.publish({ topic: topicOf(gateway, 'ota'), payload: 'o', qos: 0, retain: false })
    }
    const sent = (await site.broker.connections()).find(({ kind }) => kind === 'client')?.sent
    await until(() => all.count() === sent, 'all that was sent')
    return all.got.splice(0).map((line) => line.replace(/ .*/, '').replace(/^mw./, ''))
  }
  const of = ({ identity }: TestGateway, ...names: string[]): string[] =>
    names.map((name) => `${identity.wireName}/${name}`)
  expect(await seen()).toEqual(of(hall, 'events', 'telemetry', 'ota'))
  await site.broker.applyPolicy([{ op: 'put', identity: { ...yard.identity, groupPath: ['hall'] } }])
  const both = [...of(hall, 'events', 'telemetry', 'ota'), ...of(yard, 'events', 'telemetry', 'ota')]
  expect(await seen()).toEqual(both)
  await site.broker.applyPolicy([{ op: 'put', identity: { ...hall.identity, tenantId: 'tenant-2' } }])
  expect(await seen()).toEqual(of(yard, 'events', 'telemetry', 'ota'))
  await site.put({ ...scada.identity, reach, topics: ['mw/+/telemetry'] })
  expect(await seen()).toEqual(of(yard, 'telemetry'))
  await site.put({ ...scada.identity, reach, rights: 'write' })
  expect(await seen()).toEqual([])
  expect(all.mqtt.connected).toBe(true)
  for (const client of [first, second, all.mqtt]) await client.endAsync()
})

test('a client that subscribes again and again is slowed: each time the retained messages of the site are looked through', async () => {
  const scada = await site.client()
  const client = await site.connectClient(scada)
  let granted = 0
  const refused = (async () => {
    for (;;) {
      await client.subscribeAsync('#')
      granted += 1
    }
  })()
  await expect(refused).rejects.toThrow()
  // 32 filters of 20 sessions may come at once.
  expect(granted).toBeGreaterThanOrEqual(640)
  await site.event('refused', ({ refusal }) => (refusal.detail ?? '').includes('subscriptions a second'))
  expect(client.connected).toBe(true)
  await client.endAsync()
})
