import { type AddressInfo, connect as connectTcp, createServer, type Socket } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { connect as connectTls } from 'node:tls'
import type { Worker } from 'node:worker_threads'
import { afterEach, expect, test } from 'vitest'
import { closed, TestBroker, until } from './testing/test-broker.ts'

let site: TestBroker
afterEach(() => site.stop())

test('listeners are off until they are turned on; closing one ends its sessions and no others', async () => {
  site = await TestBroker.start()
  expect(site.addresses).toMatchObject({ passwordMqtts: [], websocket: [] })
  const [scada, gateway] = [await site.client(), await site.gateway()]
  const box = await site.connect(gateway)
  await site.openListeners()
  const byPassword = await site.connectClient(scada, { clientId: 'a' })
  const byWebSocket = await site.connectClient(scada, { clientId: 'b', websocket: true })
  const ended = closed(byPassword)
  const { websocket } = site.addresses
  const at = { addresses: ['127.0.0.1'], port: 0 }
  const addresses = await site.broker.openListeners({ passwordMqtts: null, websocket: at })
  await ended
  expect(addresses).toMatchObject({ passwordMqtts: [], websocket })
  expect((await site.event('clientWentOffline')).reason).toBe('listener_closed')
  expect([box.connected, byWebSocket.connected]).toEqual([true, true])
  await expect(site.connectClient(scada, { connectTimeout: 1_000 })).rejects.toThrow()
  for (const client of [box, byWebSocket]) await client.endAsync()
})

test('a closed listener lets nobody in who came before it was closed', async () => {
  site = await TestBroker.start()
  await site.openListeners()
  const { passwordMqtts, websocket } = site.addresses
  const ports = [passwordMqtts[0]?.port ?? 0, websocket[0]?.port ?? 0]
  const waiting: Socket[] = []
  for (const port of ports) {
    const plain = connectTcp({ host: '127.0.0.1', port })
    const secured = connectTls({ host: '127.0.0.1', port, ca: site.pki.ca })
    for (const socket of [plain, secured]) socket.on('error', () => {})
    await new Promise((resolve) => secured.once('secureConnect', resolve))
    waiting.push(plain, secured)
  }
  await until(() => waiting.every(({ readyState }) => readyState === 'open'), 'the connections')
  while ((await site.broker.stats()).connections < waiting.length) await turn()
  const ended = waiting.map((socket) => closed(socket))
  await site.broker.openListeners({ passwordMqtts: null, websocket: null })
  await Promise.all(ended)
  expect((await site.broker.stats()).connections).toBe(0)
  expect(site.refusals()).toEqual([])
})

test('a port that is taken: a coded error, and what was open stays', async () => {
  site = await TestBroker.start()
  await site.openListeners()
  const [scada] = [await site.client()]
  const live = await site.connectClient(scada)
  const taken = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => taken.once('listening', resolve))
  const { port } = taken.address() as AddressInfo
  const kept = { addresses: ['127.0.0.1'], port: 0 }
  const websocket = { addresses: ['127.0.0.1'], port }
  await expect(site.broker.openListeners({ passwordMqtts: kept, websocket })).rejects.toMatchObject({
    code: 'port_in_use',
    data: { port },
  })
  expect(live.connected).toBe(true)
  await live.endAsync()
  taken.close()
})

test('a worker that died comes back with its listeners, its clients and their kept sessions', async () => {
  site = await TestBroker.start()
  await site.openListeners()
  const [scada, removed] = [await site.client(), await site.client()]
  const session = { clientId: 'kept', clean: false }
  for (const client of [scada, removed]) {
    const live = await site.connectClient(client, session)
    await live.subscribeAsync('#', { qos: 1 })
  }
  await site.broker.applyPolicy([{ op: 'remove_client', clientId: removed.identity.clientId }])
  await (Reflect.get(site.broker, 'worker') as Worker).terminate()
  await site.event('brokerRestarted')
  const offline = await site.event(
    'clientWentOffline',
    ({ clientId }) => clientId === scada.identity.clientId,
  )
  expect(offline.reason).toBe('connection_lost')
  const again = await site.connectClient(scada, session)
  expect((await site.broker.connections()).map(({ subscriptions }) => subscriptions)).toEqual([['#']])
  await expect(site.connectClient(removed, session)).rejects.toThrow(/bad username/i)
  await again.endAsync()
})

test('where a listener cannot be opened at start, the gateways come in all the same, and it is told', async () => {
  site = await TestBroker.start()
  const gateway = await site.gateway()
  const taken = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => taken.once('listening', resolve))
  const { port } = taken.address() as AddressInfo
  const listeners = { passwordMqtts: { addresses: ['127.0.0.1'], port }, websocket: null }
  await site.restart([gateway.identity], { listeners })
  expect(await site.event('listenerFailed')).toMatchObject({ listener: 'password', code: 'port_in_use' })
  const client = await site.connect(gateway)
  await client.endAsync()
  await until(() => site.events.some(({ type }) => type === 'gatewayWentOffline'), 'its end')
  expect(site.addresses.passwordMqtts).toEqual([])
  taken.close()
})
