import { afterEach, expect, test } from 'vitest'
import type { DialectDefinition } from '#contract/model/dialect.ts'
import type { TenantPolicy } from './limits/tenant-policy.ts'
import { connect } from './testing/raw-packets.ts'
import { closed, TestBroker, type TestGateway, until } from './testing/test-broker.ts'

let site: TestBroker
afterEach(() => site.stop())

const noAliases = { topic: null, tenant: null, user: null, clientId: null, username: null }
const deniedTopics = (): (string | null)[] =>
  site.refusals().flatMap(({ reason, topic }) => (reason === 'topic_denied' ? [topic] : []))
const denials = (codes: { qos: number }[]): number[] => codes.map(({ qos }) => qos)

/** A gateway of each dialect, with names as its reference system gives them. */
const spoken = {
  slots: {
    aliases: { ...noAliases, tenant: '00000000-0000-0000-0000-000000000001', topic: 'cad2adb9-8b50' },
    clientId: 'mosq-whatever',
    root: 'tenants/00000000-0000-0000-0000-000000000001/devices/cad2adb9-8b50',
    telemetry: ['telemetry/slot/0', '{"value":42}', 'slot/0', 42],
    messages: ['status', 'events/door/open'],
    subscriptions: ['commands/#'],
    order: 'commands/reset',
  },
  tds: {
    aliases: noAliases,
    clientId: null,
    root: 'tds_new/devices/{mac}',
    telemetry: ['telemetry', '{"timestamp":812,"valor":21.4,"unidade":"C"}', 'value', 21.4],
    messages: ['status', 'logs'],
    subscriptions: ['commands'],
    order: 'commands',
  },
  direction: {
    aliases: { ...noAliases, topic: 'device-7', clientId: 'device-7' },
    clientId: 'device-7',
    root: 'device-7',
    telemetry: ['climate/up', '{"ph":6.2}', 'climate/ph', 6.2],
    messages: ['status/up', 'commands/up'],
    subscriptions: ['commands/down', '+/down'],
    order: 'commands/down',
  },
  user: {
    aliases: { ...noAliases, user: 'john', topic: 'pool-01' },
    clientId: 'esp32-pool',
    root: 'users/john/devices/pool-01',
    telemetry: ['pump/state', 'ON', 'pump', 'ON'],
    messages: ['status'],
    subscriptions: ['+/set'],
    order: 'pump/set',
  },
} as const

test.each(Object.keys(spoken) as (keyof typeof spoken)[])(
  'a gateway that speaks %s: readings, messages, orders, and nothing of another one',
  async (dialect) => {
    site = await TestBroker.start()
    const { aliases, telemetry, messages, subscriptions, order, ...names } = spoken[dialect]
    const gateway = await site.gateway({ dialect, aliases })
    const mac = gateway.identity.mac ?? ''
    const root = names.root.replace('{mac}', mac)
    const box = await site.connect(gateway, {
      clientId: names.clientId ?? mac,
      will: { topic: `${root}/${messages[0]}`, payload: Buffer.from('offline'), qos: 1, retain: true },
    })
    const [topic, payload, channel, value] = telemetry
    await box.publishAsync(`${root}/${topic}`, payload, { qos: 1 })
    expect(site.historian.rows).toMatchObject([
      { channel, value, assignmentId: gateway.identity.assignmentId },
    ])
    for (const message of messages) await box.publishAsync(`${root}/${message}`, 'x', { qos: 1 })
    await until(
      () => site.events.filter(({ type }) => type === 'messageReceived').length === messages.length,
      'messages',
    )

    const orders: string[] = []
    box.on('message', (name, bytes) => orders.push(`${name} ${bytes}`))
    const granted = await box.subscribeAsync(
      subscriptions.map((filter) => `${root}/${filter}`),
      { qos: 1 },
    )
    expect(denials(granted)).toEqual(subscriptions.map(() => 1))
    await site.broker.publish({ topic: `${root}/${order}`, payload: 'go', qos: 1, retain: false })
    await until(() => orders.length === 1, 'the order')
    expect(orders).toEqual([`${root}/${order} go`])

    const foreign = root.replace(/[^/]+$/, 'another-one')
    for (const filter of ['#', `${foreign}/${subscriptions[0]}`, root.replace(/[^/]+$/, '+/#'), `${root}/#`])
      await expect(box.subscribeAsync(filter, { qos: 1 })).rejects.toThrow()
    await box.publishAsync(`${foreign}/${topic}`, payload, { qos: 0 })
    await until(() => deniedTopics().includes(`${foreign}/${topic}`), 'the refusal')
    const ended = closed(box)
    box.publish(`${foreign}/${messages[0]}`, 'x', { qos: 1 }, () => {})
    await ended
    expect(site.historian.rows).toHaveLength(1)
  },
)

test('without a client id a gateway is let in where its dialect takes any, and with a clean session only', async () => {
  site = await TestBroker.start()
  const answerTo = async (dialect: string, clean: boolean): Promise<string> => {
    const { certificate } = await site.gateway({ dialect })
    const socket = await site.tls(certificate)
    const answer = new Promise<Buffer>((resolve) => socket.once('data', resolve))
    socket.write(connect('', { clean }))
    const connack = (await answer).toString('hex')
    socket.destroy()
    return connack
  }
  expect(await answerTo('slots', true)).toBe('20020000')
  // [MQTT-3.1.3-8]
  expect(await answerTo('slots', false)).toBe('20020002')
  const { detail, gatewayId } = await site.refusal('client_id_mismatch')
  expect([detail, typeof gatewayId]).toEqual(['an empty client id goes with a clean session only', 'string'])
  expect(await answerTo('canonical', true)).toBe('20020002')
})

test('two gateways whose names collide: neither has the topic, and both are told', async () => {
  site = await TestBroker.start()
  const aliases = { ...noAliases, topic: 'same' }
  const boxes: Awaited<ReturnType<TestBroker['connect']>>[] = []
  for (const dialect of ['direction', 'direction'])
    boxes.push(await site.connect(await site.gateway({ dialect, aliases })))
  for (const box of boxes) {
    await box.publishAsync('same/climate/up', '{"ph":6}', { qos: 0 })
    await expect(box.subscribeAsync('same/commands/down')).rejects.toThrow()
  }
  await until(() => deniedTopics().length > 0, 'the refusals')
  expect(site.historian.rows).toEqual([])
  await Promise.all(boxes.map(async (box) => box.endAsync()))
})

const own = (pattern: string): DialectDefinition => ({
  name: 'acme',
  title: 'Acme',
  clientIds: ['wire'],
  topics: [
    { direction: 'to_site', pattern, kind: 'telemetry', codec: { format: 'bare', channel: '{metric}' } },
    { direction: 'to_site', pattern: 'acme/{wire}/status', kind: 'status', will: true },
  ],
})

test('an own dialect is spoken at once; saved again it ends its sessions, and removed it leaves them the canonical one', async () => {
  site = await TestBroker.start()
  await site.broker.applyPolicy([{ op: 'put_dialect', dialect: own('acme/{wire}/{metric}/v') }])
  const gateway = await site.gateway({ dialect: 'acme' })
  const { wireName, gatewayId } = gateway.identity
  const other = await site.connect(await site.gateway())
  const box = await site.connect(gateway)
  await box.publishAsync(`acme/${wireName}/flow/v`, '3.5', { qos: 1 })
  const ended = closed(box)
  await site.broker.applyPolicy([{ op: 'put_dialect', dialect: own('acme/{wire}/now/{metric}') }])
  await ended
  expect(await site.event('gatewayWentOffline')).toMatchObject({ gatewayId, reason: 'refused' })
  expect(other.connected).toBe(true)
  await other.endAsync()
  const again = await site.connect(gateway)
  await again.publishAsync(`acme/${wireName}/now/flow`, '4.5', { qos: 1 })
  await again.publishAsync(`acme/${wireName}/flow/v`, '5.5', { qos: 0 })
  await site.refusal('topic_denied')
  await again.endAsync()
  await site.broker.applyPolicy([{ op: 'remove_dialect', name: 'acme' }])
  const canonical = await site.connect(gateway)
  await canonical.publishAsync(`mw/${wireName}/telemetry`, '{"values":{"flow":6.5}}', { qos: 1 })
  await canonical.endAsync()
  expect(site.historian.values('flow')).toEqual([3.5, 4.5, 6.5])
})

test('another alias: the session ends, and what was retained under the old name is gone', async () => {
  site = await TestBroker.start()
  const aliases = { ...noAliases, topic: 'old' }
  const gateway = await site.gateway({ dialect: 'user', aliases })
  const box = await site.connect(gateway)
  for (const name of ['old', 'OLD', gateway.identity.label])
    await box.publishAsync(`devices/${name}/status`, 'online', { qos: 1, retain: true })
  const ended = closed(box)
  const identity = { ...gateway.identity, aliases: { ...aliases, topic: 'new' } }
  await site.broker.applyPolicy([{ op: 'put', identity }])
  await ended
  // Whoever is called so next, of another tenant, finds nothing.
  const next = await site.gateway({ dialect: 'user', aliases, tenantId: 'tenant-2' })
  await site.openListeners()
  const heard: string[] = []
  const onMessage = (topic: string): void => void heard.push(topic)
  const foreign = await site.connectClient(await site.client({ tenantId: 'tenant-2' }), { onMessage })
  const ours = await site.connectClient(await site.client(), { onMessage })
  await foreign.subscribeAsync('devices/#', { qos: 1 })
  const successor = await site.connect(next)
  await successor.publishAsync('devices/old/status', 'mine', { qos: 1 })
  await until(() => heard.length === 1, 'the message of the next')
  await ours.subscribeAsync('devices/#', { qos: 1 })
  await until(() => heard.length === 2, 'what is left')
  expect(heard).toEqual(['devices/old/status', `devices/${gateway.identity.label}/status`])
  await Promise.all([foreign, ours, successor].map(async (client) => client.endAsync()))
})

const HOUR = 60 * 60_000
const unlimited: TenantPolicy = {
  tenantId: 'slow',
  state: 'active',
  passwordGateways: false,
  messagesPerHour: 1_000_000,
  messagesPerSecond: null,
  burst: null,
  gatewayMessagesPerSecond: null,
  gatewayBurst: null,
}

test('slots: five at once and 12 a minute, of the gateway and of each slot; QoS 1 waits, QoS 0 is dropped', async () => {
  let now = Date.now() + HOUR
  site = await TestBroker.start({}, undefined, () => now)
  await site.broker.applyPolicy([{ op: 'put_tenant', tenant: unlimited }])
  const aliases = { ...noAliases, tenant: 'T', topic: 'G' }
  const gateway: TestGateway = await site.gateway({ dialect: 'slots', aliases, tenantId: 'slow' })
  const box = await site.connect(gateway)
  const slot = (n: number): string => `tenants/T/devices/G/telemetry/slot/${n}`
  for (let n = 0; n < 40; n++) box.publish(slot(n % 2), `{"value":${n}}`, { qos: 0 })
  await until(() => site.historian.rows.length === 5, 'the burst')
  const dropped = async (): Promise<number> => (await site.broker.stats()).limited.dropped
  await expect.poll(dropped).toBe(35)
  now += 60_000
  for (let n = 0; n < 40; n++) box.publish(slot(2), `{"value":${n}}`, { qos: 0 })
  await until(() => site.historian.rows.length === 10, 'a burst a minute later')
  await expect.poll(dropped).toBe(70)
  // Five seconds bring one more.
  now += 5_000
  for (let n = 0; n < 3; n++) box.publish(slot(3), `{"value":${n}}`, { qos: 0 })
  await until(() => site.historian.rows.length === 11, 'one more')
  await expect.poll(dropped).toBe(72)
  // Over the rate a message that is acknowledged is stored, and its sender waits for the answer.
  let acknowledged = false
  box.publish(slot(4), '{"value":1}', { qos: 1 }, () => (acknowledged = true))
  await until(() => site.historian.rows.length === 12, 'the slow one')
  await expect.poll(async () => (await site.broker.stats()).limited.delayed).toBe(1)
  expect(acknowledged).toBe(false)
  await box.endAsync(true)
})
