import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import type { Worker } from 'node:worker_threads'
import { afterEach, expect, test } from 'vitest'
import { createBroker } from './create-broker.ts'
import { defaultBrokerLimits } from './port.ts'
import { connect, publish } from './testing/raw-packets.ts'
import { closed, TestBroker, type TestGateway, until } from './testing/test-broker.ts'

let site: TestBroker
afterEach(() => site.stop())

const status = ({ identity }: TestGateway): string => `mw/${identity.wireName}/status`
const kindsOf = (kind: string): string[] =>
  site.events.flatMap((event) =>
    event.type === 'messageReceived' && event.kind === kind ? [Buffer.from(event.payload).toString()] : [],
  )
const offline = (gateway: TestGateway): string[] =>
  site.events.flatMap((event) =>
    event.type === 'gatewayWentOffline' && event.gatewayId === gateway.identity.gatewayId
      ? [event.reason]
      : [],
  )

test('online and offline are told with address, certificate, TLS version and reason', async () => {
  site = await TestBroker.start()
  const gateway = await site.gateway()
  const { gatewayId, wireName } = gateway.identity
  const client = await site.connect(gateway, { clean: false })
  expect(await site.event('gatewayWentOnline')).toMatchObject({
    gatewayId,
    address: '127.0.0.1',
    fingerprint: createHash('sha256')
      .update(Buffer.from(pem(gateway.certificate.cert), 'base64'))
      .digest('hex'),
    tls: 'TLSv1.3',
    cleanSession: false,
  })
  await client.endAsync()
  await until(() => offline(gateway).length === 1, 'offline')
  const lost = await site.connect(gateway)
  lost.stream.destroy()
  await until(() => offline(gateway).length === 2, 'offline')
  // Keepalive of a second: after one and a half the silent one is gone.
  const silent = await site.tls(gateway.certificate)
  silent.write(connect(wireName, { keepalive: 1 }))
  silent.resume()
  await until(() => offline(gateway).length === 3, 'offline')
  expect(offline(gateway)).toEqual(['disconnected', 'connection_lost', 'keepalive_missed'])
  expect(await site.broker.stats()).toMatchObject({ sessions: 0 })
})

test('a second connection takes over the first', async () => {
  site = await TestBroker.start()
  const gateway = await site.gateway()
  const first = await site.connect(gateway)
  const ended = closed(first)
  const second = await site.connect(gateway)
  await ended
  await until(() => site.events.length === 3, 'three events')
  expect(offline(gateway)).toEqual(['taken_over'])
  expect(site.events.map(({ type }) => type)).toEqual([
    'gatewayWentOnline',
    'gatewayWentOffline',
    'gatewayWentOnline',
  ])
  expect(await site.broker.stats()).toMatchObject({ sessions: 1 })
  await second.endAsync()
})

test('the last will is told and retained, unless the gateway said goodbye', async () => {
  site = await TestBroker.start()
  const gateway = await site.gateway()
  const will = { topic: status(gateway), payload: Buffer.from('offline'), qos: 1, retain: true } as const
  const polite = await site.connect(gateway, { will })
  await polite.publishAsync(status(gateway), 'online', { qos: 1, retain: true })
  await polite.endAsync()
  const rude = await site.connect(gateway, { will })
  rude.stream.destroy()
  await until(() => kindsOf('status').length === 2, 'the will')
  expect(kindsOf('status')).toEqual(['online', 'offline'])
})

test('a stored will of a broker that died is published at start, before gateways can connect', async () => {
  site = await TestBroker.start()
  const gateway = await site.gateway()
  await site.connect(gateway, {
    will: { topic: status(gateway), payload: Buffer.from('offline'), qos: 1, retain: true },
  })
  await new Promise((resolve) => setTimeout(resolve, 60))
  await crash()
  await site.event('brokerRestarted')
  const order = site.events.map(({ type }) => type)
  expect(order.indexOf('gatewayWentOffline')).toBeLessThan(order.indexOf('brokerCrashed'))
  expect(kindsOf('status')).toEqual(['offline'])
})

test('a worker that died is started again on the same port, with the newest policy', async () => {
  site = await TestBroker.start()
  const [gateway, revoked] = [await site.gateway(), await site.gateway()]
  await site.broker.applyPolicy([{ op: 'put', identity: { ...revoked.identity, access: 'revoked' } }])
  const client = await site.connect(gateway)
  const ended = closed(client)
  await crash()
  await ended
  expect(await site.event('brokerCrashed')).toMatchObject({ restartIn: 250 })
  await expect(site.broker.stats()).rejects.toMatchObject({ code: 'broker_restarting' })
  await site.event('brokerRestarted')
  const again = await site.connect(gateway)
  await again.publishAsync(`mw/${gateway.identity.wireName}/telemetry`, '{"values":{"back":1}}', { qos: 1 })
  expect(site.historian.values('back')).toEqual([1])
  await expect(site.connect(revoked)).rejects.toThrow()
  await site.refusal('gateway_revoked')
  await again.endAsync()
})

test('retained messages and QoS 1 and 2 sessions survive a restart', async () => {
  site = await TestBroker.start()
  const gateway = await site.gateway()
  const { wireName } = gateway.identity
  const client = await site.connect(gateway, { clean: false })
  await client.subscribeAsync(`mw/${wireName}/commands`, { qos: 2 })
  await client.endAsync()
  await site.broker.publish({ topic: `mw/${wireName}/commands`, payload: 'first', qos: 1, retain: false })
  await site.broker.publish({
    topic: `mw/${wireName}/twin/desired`,
    payload: '{"version":1}',
    qos: 1,
    retain: true,
  })
  await site.restart([gateway.identity])
  await site.broker.publish({ topic: `mw/${wireName}/commands`, payload: 'second', qos: 1, retain: false })
  const received: string[] = []
  const again = await site.connect(gateway, { clean: false })
  again.on('message', (_, payload) => received.push(payload.toString()))
  await again.subscribeAsync(`mw/${wireName}/twin/desired`, { qos: 1 })
  await until(() => received.length === 3, 'three messages')
  expect(received.sort()).toEqual(['first', 'second', '{"version":1}'])
  await again.endAsync()
})

test('what is forgotten is gone: retained, queued, subscriptions', async () => {
  site = await TestBroker.start()
  const gateway = await site.gateway()
  const { wireName, gatewayId } = gateway.identity
  const client = await site.connect(gateway, { clean: false })
  await client.subscribeAsync(`mw/${wireName}/commands`, { qos: 1 })
  await client.endAsync()
  await site.broker.publish({ topic: `mw/${wireName}/commands`, payload: 'old', qos: 1, retain: false })
  await site.broker.publish({ topic: `mw/${wireName}/twin/desired`, payload: 'old', qos: 1, retain: true })
  await site.broker.forget(gatewayId)
  const received: string[] = []
  const again = await site.connect(gateway, { clean: false })
  again.on('message', (topic) => received.push(topic))
  await again.subscribeAsync([`mw/${wireName}/twin/desired`, 'mw/time'], { qos: 1 })
  await until(() => received.length > 0, 'the time')
  expect(received).toEqual(['mw/time'])
  await again.endAsync()
})

test('a full queue keeps what it promised and records what it did not take', async () => {
  site = await TestBroker.start({ queuedMessagesPerClient: 3 })
  const gateway = await site.gateway()
  const { wireName, gatewayId } = gateway.identity
  const client = await site.connect(gateway, { clean: false })
  await client.subscribeAsync(`mw/${wireName}/commands`, { qos: 1 })
  await client.endAsync()
  for (const payload of ['1', '2', '3', '4']) {
    await site.broker.publish({ topic: `mw/${wireName}/commands`, payload, qos: 1, retain: false })
  }
  expect(await site.refusal('queue_full')).toMatchObject({ gatewayId, topic: `mw/${wireName}/commands` })
  const received: string[] = []
  const again = await site.connect(gateway, { clean: false })
  again.on('message', (_, payload) => received.push(payload.toString()))
  await until(() => received.length === 3, 'three commands')
  expect(received).toEqual(['1', '2', '3'])
  await again.endAsync()
})

test('tds: connects by its MAC, sends one value with a unit, gets its commands', async () => {
  site = await TestBroker.start()
  const gateway = await site.gateway({ dialect: 'tds' })
  const { mac } = gateway.identity
  const client = await site.connect(gateway, { clientId: mac ?? '' })
  const received: string[] = []
  client.on('message', (topic) => received.push(topic))
  await client.subscribeAsync(`tds_new/devices/${mac}/commands`, { qos: 1 })
  await client.publishAsync(`tds_new/devices/${mac}/status`, 'online', { qos: 1, retain: true })
  const payload = { timestamp: 86_400_000, valor: 21.5, unidade: '°C', gateway_mac: mac }
  await client.publishAsync(`tds_new/devices/${mac}/telemetry`, JSON.stringify(payload), { qos: 1 })
  expect(site.historian.rows).toMatchObject([{ channel: 'value', value: 21.5, unit: '°C', quality: 1 }])
  expect(Math.abs((site.historian.rows[0]?.ts ?? 0) - Date.now())).toBeLessThan(10_000)
  expect(kindsOf('status')).toEqual(['online'])
  await site.broker.publish({
    topic: `tds_new/devices/${mac}/commands`,
    payload: '{}',
    qos: 1,
    retain: false,
  })
  await until(() => received.length === 1, 'the command')
  await client.endAsync()
})

test('a new server certificate holds for new connections, live ones go on', async () => {
  site = await TestBroker.start()
  const gateway = await site.gateway()
  const client = await site.connect(gateway)
  const credentials = await site.pki.serverCredentials()
  await site.broker.replaceCredentials(credentials)
  expect(client.connected).toBe(true)
  const socket = await site.tls(gateway.certificate)
  const presented = socket.getPeerX509Certificate()?.toString() ?? ''
  expect(presented.trim()).toBe(credentials.cert.trim())
  socket.destroy()
  await client.endAsync()
})

test('a port in use, a foreign address, a damaged file: each a coded error', async () => {
  site = await TestBroker.start()
  const workerUrl = new URL('./broker.worker.ts', import.meta.url)
  const taken = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => taken.once('listening', resolve))
  const damaged = join(site.folder, 'damaged.sqlite')
  writeFileSync(damaged, 'this is no database '.repeat(100))
  const options = {
    persistenceFile: join(site.folder, 'other.sqlite'),
    mqtts: { addresses: ['127.0.0.1'], port: 0 },
    credentials: await site.pki.serverCredentials(),
    identities: [],
    openIngest: site.historian.openIngest,
    limits: defaultBrokerLimits,
  }
  const { port } = taken.address() as AddressInfo
  const start = (more: object): Promise<unknown> => createBroker({ workerUrl }).start({ ...options, ...more })
  await expect(start({ mqtts: { addresses: ['127.0.0.1'], port } })).rejects.toMatchObject({
    code: 'port_in_use',
    data: { port },
  })
  await expect(start({ mqtts: { addresses: ['192.0.2.1'], port: 0 } })).rejects.toMatchObject({
    code: 'address_unavailable',
  })
  await expect(start({ persistenceFile: damaged })).rejects.toMatchObject({
    code: 'data_damaged',
    data: { file: damaged },
  })
  taken.close()
})

test('the plain listener of tests answers on loopback', async () => {
  site = await TestBroker.start({}, 0)
  const gateway = await site.gateway()
  const { wireName } = gateway.identity
  const { address, port } = site.addresses.plain ?? { address: '', port: 0 }
  expect(address).toBe('127.0.0.1')
  const { connect: connectTcp } = await import('node:net')
  const socket = connectTcp(port, address)
  const received: Buffer[] = []
  socket.on('data', (chunk) => received.push(chunk))
  socket.write(
    Buffer.concat([connect(wireName), publish(`mw/${wireName}/telemetry`, '{"values":{"a":1}}', 7)]),
  )
  await until(() => Buffer.concat(received).length === 8, 'CONNACK and PUBACK')
  expect(Buffer.concat(received).toString('hex')).toBe('2002000040020007')
  socket.destroy()
})

function pem(text: string): string {
  return text.replace(/-----[^-]+-----/g, '')
}

/** Ends the worker as an uncaught error would. */
async function crash(): Promise<void> {
  await (Reflect.get(site.broker, 'worker') as Worker).terminate()
}
