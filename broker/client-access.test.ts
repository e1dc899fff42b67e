import { connect as connectTls } from 'node:tls'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import type { BrokerEvent } from './port.ts'
import { connect } from './testing/raw-packets.ts'
import { closed, TestBroker, type TestClient, until } from './testing/test-broker.ts'
import { TestPki } from './testing/test-pki.ts'

let site: TestBroker
beforeAll(async () => {
  site = await TestBroker.start({ sessionsPerClient: 3, wrongPasswordsPerAddress: 5, connectTimeout: 2_000 })
  await site.openListeners()
})
afterAll(() => site.stop())

const offlineReasons = ({ identity }: TestClient): string[] =>
  site.events.flatMap((event: BrokerEvent) =>
    event.type === 'clientWentOffline' && event.clientId === identity.clientId ? [event.reason] : [],
  )

test('a password opens 8884 and 8084, a certificate 8883 and 8084; the live list says who is there', async () => {
  const scada = await site.client()
  const gateway = await site.gateway()
  const { key, cert } = scada.certificate
  const byPassword = await site.connectClient(scada, { clientId: 'a', keepalive: 33 })
  const byWebSocket = await site.connectClient(scada, { clientId: 'b', websocket: true, clean: false })
  const wsOptions = { ca: site.pki.ca, key, cert }
  const certificateOnly = { identity: { ...scada.identity, username: 'not looked at' }, password: 'nor this' }
  const certified = await site.connectClient(certificateOnly, { clientId: 'c', websocket: true, wsOptions })
  const box = await site.connect(gateway)
  await byPassword.subscribeAsync(['#', 'mw/+/status'])
  await byPassword.publishAsync(`${scada.identity.prefix}/x`, 'hello', { qos: 1 })
  const connections = await site.broker.connections()
  const byId = new Map(connections.map((connection) => [connection.mqttClientId, connection]))
  expect(byId.get('a')).toMatchObject({
    kind: 'client',
    identityId: scada.identity.clientId,
    tenantId: 'tenant-1',
    address: '127.0.0.1',
    listener: 'password',
    tls: 'TLSv1.3',
    subscriptions: ['#', 'mw/+/status'],
    received: 1,
    keepalive: 33,
    cleanSession: true,
  })
  expect(byId.get('b')).toMatchObject({ listener: 'websocket', cleanSession: false })
  expect(byId.get('c')).toMatchObject({ listener: 'websocket', identityId: scada.identity.clientId })
  expect(byId.get(gateway.identity.wireName)).toMatchObject({ kind: 'gateway', listener: 'mqtts' })
  expect(Math.abs((byId.get('a')?.since ?? 0) - Date.now())).toBeLessThan(60_000)
  const ended = closed(byPassword)
  expect(await site.broker.disconnect(byId.get('a')?.connectionId ?? '')).toBe(true)
  await ended
  expect(await site.broker.disconnect(byId.get('a')?.connectionId ?? '')).toBe(false)
  await until(() => offlineReasons(scada).includes('disconnected_by_operator'), 'the reason')
  expect(await site.broker.disconnect(byId.get(gateway.identity.wireName)?.connectionId ?? '')).toBe(true)
  const offline = await site.event(
    'gatewayWentOffline',
    ({ gatewayId }) => gatewayId === gateway.identity.gatewayId,
  )
  expect(offline.reason).toBe('disconnected_by_operator')
  for (const client of [byWebSocket, certified, box]) await client.endAsync()
  // 8883 asks for a certificate; what a password would say is not heard there.
  const gatewayLike = { identity: { ...gateway.identity, wireName: 'd' }, certificate: scada.certificate }
  const onMqtts = await site.connect(gatewayLike, { username: 'nobody', password: 'x' })
  expect((await site.broker.connections()).find(({ mqttClientId }) => mqttClientId === 'd')?.identityId).toBe(
    scada.identity.clientId,
  )
  await onMqtts.endAsync()
})

test('gateways come over WebSocket with their certificate, and with no password anywhere', async () => {
  const gateway = await site.gateway()
  const { key, cert } = gateway.certificate
  const { wireName } = gateway.identity
  const unnamed = { identity: { username: 'x' } as TestClient['identity'], password: 'x' }
  const more = { clientId: wireName, websocket: true, wsOptions: { ca: site.pki.ca, key, cert } }
  const client = await site.connectClient(unnamed, more)
  await client.publishAsync(`mw/${wireName}/telemetry`, '{"values":{"ws":7}}', { qos: 1 })
  expect(site.historian.values('ws')).toEqual([7])
  await client.endAsync()
  const claim = { identity: { username: wireName } as TestClient['identity'], password: wireName }
  await expect(site.connectClient(claim, { clientId: wireName })).rejects.toThrow(/bad username or password/i)
})

test('suspended, removed, with a new password or a revoked certificate: the session ends at once', async () => {
  const cases = [
    ['suspended', (client: TestClient) => ({ ...client.identity, access: 'suspended' as const })],
    [
      'revoked',
      (client: TestClient) => ({ ...client.identity, password: { salt: '00', hash: '11'.repeat(32) } }),
    ],
    ['revoked', () => null],
  ] as const
  for (const [reason, changed] of cases) {
    const scada = await site.client()
    const { clientId } = scada.identity
    const live = await site.connectClient(scada)
    const other = await site.client()
    const bystander = await site.connectClient(other)
    const ended = closed(live)
    const client = changed(scada)
    await site.broker.applyPolicy([client ? { op: 'put_client', client } : { op: 'remove_client', clientId }])
    await ended
    expect(offlineReasons(scada)).toEqual([reason])
    expect(bystander.connected).toBe(true)
    await bystander.endAsync()
  }
  const scada = await site.client({ access: 'suspended' })
  await expect(site.connectClient(scada)).rejects.toThrow(/not authorized/i)
  expect((await site.refusal('client_suspended')).mqttClientId).toBe(scada.identity.clientId)
  const { key, cert, fingerprint } = (await site.client()).certificate
  const certified = await site.client({ certificates: [{ fingerprint, state: 'active' }] })
  const wsOptions = { ca: site.pki.ca, key, cert }
  const live = await site.connectClient({ ...certified, password: 'x' }, { websocket: true, wsOptions })
  const ended = closed(live)
  await site.put({ ...certified.identity, certificates: [{ fingerprint, state: 'revoked' }] })
  await ended
  await expect(site.connectClient(certified, { websocket: true, wsOptions })).rejects.toThrow()
  expect((await site.refusal('certificate_revoked')).mqttClientId).toBe(certified.identity.clientId)
})

test('client ids: no client meets the session of another or of a gateway; its own it takes over; they are bounded', async () => {
  const [one, other, gateway] = [await site.client(), await site.client(), await site.gateway()]
  const box = await site.connect(gateway)
  const first = await site.connectClient(one, { clientId: gateway.identity.wireName })
  const namesake = await site.connectClient(other, { clientId: gateway.identity.wireName })
  expect([box.connected, first.connected, namesake.connected]).toEqual([true, true, true])
  const ended = closed(first)
  const successor = await site.connectClient(one, { clientId: gateway.identity.wireName })
  await ended
  await until(() => offlineReasons(one).join() === 'taken_over', 'the reason')
  expect([box.connected, namesake.connected]).toEqual([true, true])
  // Of three sessions one is connected, one is kept, one more may come.
  const kept = await site.connectClient(one, { clientId: 'kept', clean: false })
  await kept.subscribeAsync('#', { qos: 1 })
  await kept.endAsync()
  const third = await site.connectClient(one, { clientId: 'third' })
  await expect(site.connectClient(one, { clientId: 'fourth' })).rejects.toThrow(/identifier rejected/i)
  expect((await site.refusal('too_many_sessions')).mqttClientId).toBe(one.identity.clientId)
  await (await site.connectClient(one, { clientId: 'kept', clean: true })).endAsync()
  const fourth = await site.connectClient(one, { clientId: '' })
  await expect(site.connectClient(one, { clientId: 'x'.repeat(200) })).rejects.toThrow(/identifier rejected/i)
  for (const client of [box, namesake, successor, third, fourth]) await client.endAsync()
})

test('a WebSocket: the path, the subprotocol, binary frames, and no page of another site', async () => {
  const port = site.addresses.websocket[0]?.port ?? 0
  const open = async (
    path: string,
    protocol: string | undefined,
    origin?: string,
  ): Promise<WebSocket | number> =>
    new Promise((resolve) => {
      const headers = origin === undefined ? {} : { origin }
      const socket = new WebSocket(`wss://127.0.0.1:${port}${path}`, protocol, { ca: site.pki.ca, headers })
      socket.on('open', () => resolve(socket))
      socket.on('unexpected-response', (_, response) => resolve(response.statusCode ?? 0))
      socket.on('error', () => {})
    })
  expect(await open('/other', 'mqtt')).toBe(404)
  expect(await open('/mqtt', undefined)).toBe(400)
  expect(await open('/mqtt', 'amqp')).toBe(400)
  for (const origin of [
    'https://evil.example',
    'https://127.0.0.1.evil.example',
    'http://127.0.0.1',
    'null',
    'x',
  ])
    expect(await open('/mqtt', 'mqtt', origin)).toBe(403)
  expect((await site.refusal('origin_denied')).detail).toContain('evil.example')
  const own = await open('/mqtt?x=1', 'mqtt', 'https://127.0.0.1:8443')
  expect(own).toBeInstanceOf(WebSocket)
  const ended = new Promise((resolve) => (own as WebSocket).on('close', resolve))
  ;(own as WebSocket).send('text')
  await ended
  const plain = await fetchOver(port)
  expect(plain).toContain('426')
  const foreign = await (await TestPki.create('Foreign')).clientCertificate('x')
  const wsOptions = { ca: site.pki.ca, key: foreign.key, cert: foreign.cert }
  const scada = await site.client()
  await expect(site.connectClient(scada, { websocket: true, wsOptions })).rejects.toThrow()
  await site.refusal('certificate_unknown_issuer')
  const silent = await open('/mqtt', 'mqtt')
  await new Promise((resolve) => (silent as WebSocket).on('close', resolve))
  await site.refusal('connect_timeout')
})

test('a packet that is too large ends a WebSocket too, before it is buffered', async () => {
  const scada = await site.client()
  const client = await site.connectClient(scada, { websocket: true })
  const ended = closed(client)
  client.publish(`${scada.identity.prefix}/x`, Buffer.alloc(300 * 1024))
  await ended
  expect((await site.refusal('packet_too_large')).mqttClientId).toBe(scada.identity.clientId)
})

test('whoever knows no password learns nothing: unknown names, wrong passwords and too many of them look alike', async () => {
  const scada = await site.client()
  const answer = async (username: string | undefined, password: string | undefined): Promise<string> => {
    const socket = connectTls({
      host: '127.0.0.1',
      port: site.addresses.passwordMqtts[0]?.port ?? 0,
      ca: site.pki.ca,
    })
    const received: Buffer[] = []
    socket.on('data', (chunk: Buffer) => received.push(chunk))
    socket.write(connect('x', username === undefined ? {} : { username, password: password ?? '' }))
    await closed(socket)
    return Buffer.concat(received).toString('hex')
  }
  const badPassword = '20020004'
  // Another client from this address, heard before, is heard all the while.
  const neighbour = await site.client()
  await (await site.connectClient(neighbour)).endAsync()
  expect(await answer(undefined, undefined)).toBe(badPassword)
  expect(await site.refusal('password_missing')).toMatchObject({
    mqttClientId: null,
    gatewayId: null,
    detail: 'no user name and password were sent',
  })
  expect(await answer(scada.identity.username, 'wrong')).toBe(badPassword)
  expect(await answer('nobody', scada.password)).toBe(badPassword)
  for (let n = 0; n < 3; n++) expect(await answer('nobody', `guess ${n}`)).toBe(badPassword)
  await site.event(
    'refused',
    ({ refusal }) => (refusal.detail ?? '').includes('too many') || refusal.count > 1,
  )
  // Now even the right one is not looked at, for it was never heard from here.
  expect(await answer(scada.identity.username, scada.password)).toBe(badPassword)
  await site.event('refused', ({ refusal }) => (refusal.detail ?? '').includes('too many wrong passwords'))
  const known = await site.connectClient(neighbour)
  await known.endAsync()
  const told = site.refusals().filter(({ reason }) => reason === 'password_wrong')
  expect(told.some(({ mqttClientId }) => mqttClientId === scada.identity.clientId)).toBe(true)
  expect(JSON.stringify(told)).not.toContain(scada.password)
})

/** The answer to a plain HTTP request. */
async function fetchOver(port: number): Promise<string> {
  const socket = connectTls({ host: '127.0.0.1', port, ca: site.pki.ca })
  const received: Buffer[] = []
  socket.on('data', (chunk: Buffer) => received.push(chunk))
  socket.write('GET /mqtt HTTP/1.1\r\nHost: x\r\n\r\n')
  await closed(socket)
  return Buffer.concat(received).toString()
}
