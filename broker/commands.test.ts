import { afterEach, expect, test } from 'vitest'
import { closed, TestBroker, type TestGateway, until } from './testing/test-broker.ts'

let site: TestBroker
afterEach(() => site.stop())

const listened = ({ identity }: TestGateway): number =>
  site.events.filter((event) => event.type === 'gatewayListened' && event.gatewayId === identity.gatewayId)
    .length

test('it is told once a session that commands reach a gateway, and from then on they do', async () => {
  site = await TestBroker.start()
  const gateway = await site.gateway()
  const topic = `mw/${gateway.identity.wireName}/commands`
  const client = await site.connect(gateway, { clean: false })
  await client.subscribeAsync('mw/time', { qos: 0 })
  expect(listened(gateway)).toBe(0)
  const received: string[] = []
  client.on('message', (sent, payload) => sent === topic && received.push(payload.toString()))
  await client.subscribeAsync(topic, { qos: 1 })
  expect(await site.event('gatewayListened')).toMatchObject({
    gatewayId: gateway.identity.gatewayId,
    address: '127.0.0.1',
    filters: [topic],
  })
  await client.subscribeAsync(topic, { qos: 1 })
  await site.broker.publish({ topic, payload: '1', qos: 1, retain: false })
  await until(() => received.length === 1, 'the command')
  expect(listened(gateway)).toBe(1)
  await client.endAsync()

  // A kept session subscribes to nothing anew.
  const again = await site.connect(gateway, { clean: false })
  again.on('message', (sent, payload) => sent === topic && received.push(payload.toString()))
  await until(() => listened(gateway) === 2, 'it listens')
  await site.broker.publish({ topic, payload: '2', qos: 1, retain: false })
  await until(() => received.length === 2, 'the next command')
  expect(received).toEqual(['1', '2'])
  const order = site.events.map(({ type }) => type).filter((type) => type.startsWith('gateway'))
  expect(order).toEqual([
    'gatewayWentOnline',
    'gatewayListened',
    'gatewayWentOffline',
    'gatewayWentOnline',
    'gatewayListened',
  ])
  await again.unsubscribeAsync(topic)
  await until(() => listened(gateway) === 3, 'it listens no more')
  expect(site.events.findLast(({ type }) => type === 'gatewayListened')).toMatchObject({ filters: [] })
  const ended = closed(again)
  again.end()
  await ended
})

test('a command is over when its time is, also one that waits for a kept session', async () => {
  let now = Date.now()
  site = await TestBroker.start({}, undefined, () => now)
  const gateway = await site.gateway()
  const topic = `mw/${gateway.identity.wireName}/commands`
  const first = await site.connect(gateway, { clean: false })
  await first.subscribeAsync(topic, { qos: 1 })
  const ended = closed(first)
  first.end(true)
  await ended
  await site.event('gatewayWentOffline')
  const publish = (payload: string, expiresAt: number) =>
    site.broker.publish({ topic, payload, qos: 1, retain: false, expiresAt })
  await publish('over', now + 1_000)
  await publish('in time', now + 60_000)
  now += 2_000
  const received: string[] = []
  const again = await site.connect(gateway, { clean: false })
  again.on('message', (_, payload) => received.push(payload.toString()))
  await until(() => received.length > 0, 'what is in time')
  await publish('late', now)
  await publish('last', now + 1_000)
  await until(() => received.includes('last'), 'the last')
  expect(received).toEqual(['in time', 'last'])
  await again.endAsync()
})

test('an answer is acknowledged when the engine has written it down', async () => {
  site = await TestBroker.start()
  site.confirms = false
  const gateway = await site.gateway()
  const client = await site.connect(gateway)
  const topics = `mw/${gateway.identity.wireName}`
  let acknowledged = false
  const answered = client
    .publishAsync(`${topics}/commands/ack`, '{"id":"1","ok":true}', { qos: 1 })
    .then(() => (acknowledged = true))
  const { receipt } = await site.event('messageReceived', ({ kind }) => kind === 'command_ack')
  // A whole round trip of something else: the acknowledgement would have been here.
  await client.subscribeAsync(`${topics}/commands`, { qos: 1 })
  expect(acknowledged).toBe(false)
  await site.broker.confirmMessage(receipt ?? '')
  await answered
  await client.endAsync()
})
