import { connect as connectPlain } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connect, publish } from './testing/raw-packets.ts'
import { closed, TestBroker, until } from './testing/test-broker.ts'
import { TestPki } from './testing/test-pki.ts'

let site: TestBroker
const limits = { packetBytes: 2_000, connectTimeout: 800, connectionsPerAddress: 20 }
beforeAll(async () => {
  site = await TestBroker.start(limits)
})
afterAll(() => site.stop())

test('no certificate', async () => {
  const socket = await site.tls(null)
  socket.write(connect('anyone'))
  await closed(socket)
  expect(await site.refusal('no_certificate')).toMatchObject({
    address: '127.0.0.1',
    gatewayId: null,
    fingerprint: null,
  })
})

test('a certificate of another authority, of no known gateway, expired, or not yet valid', async () => {
  const day = 24 * 3600 * 1_000
  const foreign = await (await TestPki.create('Foreign CA')).clientCertificate('aa:bb:cc:dd:ee:ff')
  const unknown = await site.pki.clientCertificate('aa:bb:cc:dd:ee:ff')
  const old = await site.pki.clientCertificate('old', {
    notBefore: new Date(Date.now() - 2 * day),
    notAfter: new Date(Date.now() - day),
  })
  const young = await site.pki.clientCertificate('young', {
    notBefore: new Date(Date.now() + day),
    notAfter: new Date(Date.now() + 2 * day),
  })
  const gateway = await site.gateway({ certificates: [{ fingerprint: old.fingerprint, state: 'active' }] })
  const cases = [
    [foreign, 'certificate_unknown_issuer', null],
    [unknown, 'certificate_unknown', null],
    [old, 'certificate_expired', gateway.identity.gatewayId],
    [young, 'certificate_not_yet_valid', null],
  ] as const
  for (const [certificate, reason, gatewayId] of cases) {
    await expect(site.connect({ ...gateway, certificate })).rejects.toThrow()
    expect(await site.refusal(reason)).toMatchObject({ fingerprint: certificate.fingerprint, gatewayId })
  }
})

test("the site's own server certificate does not open the broker", async () => {
  const { key, cert } = await site.pki.serverCredentials()
  const socket = await site.tls({ key, cert })
  await closed(socket)
  expect((await site.refusal('certificate_not_trusted')).detail).toBe('INVALID_PURPOSE')
})

test('suspend and revoke end the live session at once, and its certificate is refused after, also on a resumed session', async () => {
  const gateway = await site.gateway()
  const { identity, certificate } = gateway
  // The ticket of a good session, TLS 1.2 and 1.3.
  const tickets = await Promise.all(
    (['TLSv1.2', 'TLSv1.3'] as const).map(async (version) => {
      const socket = await site.tls(certificate, { minVersion: version, maxVersion: version })
      let ticket: Buffer | undefined
      socket.on('session', (session) => (ticket = session))
      socket.resume()
      // TLS 1.2 hands it over within the handshake, TLS 1.3 after.
      if (version === 'TLSv1.2') ticket = socket.getSession()
      await until(() => ticket !== undefined, 'a session ticket')
      socket.destroy()
      return { version, session: ticket as Buffer }
    }),
  )
  for (const [access, reason, offline] of [
    ['suspended', 'gateway_suspended', 'suspended'],
    ['revoked', 'gateway_revoked', 'revoked'],
  ] as const) {
    const client = await site.connect(gateway)
    const halfOpen = await site.tls(certificate)
    const ended = Promise.all([closed(client), closed(halfOpen)])
    const started = Date.now()
    await site.broker.applyPolicy([{ op: 'put', identity: { ...identity, access } }])
    await site.event(
      'gatewayWentOffline',
      (event) => event.gatewayId === identity.gatewayId && event.reason === offline,
    )
    await ended
    expect(Date.now() - started).toBeLessThan(1_000)
    await expect(site.connect(gateway)).rejects.toThrow()
    expect(await site.refusal(reason)).toMatchObject({ gatewayId: identity.gatewayId })
    for (const { version, session } of tickets) {
      const before = site.refusals().length
      const socket = await site.tls(certificate, { minVersion: version, maxVersion: version, session })
      expect(socket.isSessionReused()).toBe(true)
      socket.write(connect(identity.wireName))
      socket.resume()
      await closed(socket)
      const told = (): number =>
        site
          .refusals()
          .slice(before - 1)
          .filter((refusal) => refusal.reason === reason).length
      await until(() => told() > 0, 'the refusal')
    }
    await site.broker.applyPolicy([{ op: 'put', identity }])
  }
  const client = await site.connect(gateway)
  await client.endAsync()
})

test('a certificate that no longer counts ends the session made with it', async () => {
  const gateway = await site.gateway()
  const { identity, certificate } = gateway
  const client = await site.connect(gateway)
  const ended = closed(client)
  const state = 'superseded' as const
  await site.broker.applyPolicy([
    { op: 'put', identity: { ...identity, certificates: [{ fingerprint: certificate.fingerprint, state }] } },
  ])
  await ended
  await expect(site.connect(gateway)).rejects.toThrow()
  expect(await site.refusal('certificate_revoked')).toMatchObject({
    detail: 'superseded',
    gatewayId: identity.gatewayId,
  })
  await site.broker.applyPolicy([{ op: 'remove', gatewayId: identity.gatewayId }])
  await expect(site.connect(gateway)).rejects.toThrow()
  await site.event(
    'refused',
    ({ refusal }) =>
      refusal.reason === 'certificate_unknown' && refusal.fingerprint === certificate.fingerprint,
  )
})

test('a foreign client id is refused and leaves the session of its owner alone', async () => {
  const [victim, thief] = [await site.gateway(), await site.gateway()]
  const client = await site.connect(victim)
  await expect(site.connect({ ...thief, identity: victim.identity })).rejects.toThrow(/Identifier rejected/i)
  expect(await site.refusal('client_id_mismatch')).toMatchObject({
    gatewayId: thief.identity.gatewayId,
    clientId: victim.identity.wireName,
  })
  expect(client.connected).toBe(true)
  await client.endAsync()
})

test('MQTT 5, and a will that is not its status', async () => {
  const gateway = await site.gateway()
  await expect(site.connect(gateway, { protocolVersion: 5 })).rejects.toThrow()
  await site.refusal('protocol_unsupported')
  const will = { topic: 'mw/other/status', payload: Buffer.from('x'), qos: 1, retain: true } as const
  await expect(site.connect(gateway, { will })).rejects.toThrow(/Not authorized/i)
  expect(await site.refusal('will_denied')).toMatchObject({ topic: 'mw/other/status' })
})

test('a denied topic: QoS 1 ends the connection unacknowledged, QoS 0 is dropped; both are recorded', async () => {
  const gateway = await site.gateway()
  const client = await site.connect(gateway)
  const topic = 'mw/000000000000/telemetry'
  await client.publishAsync(topic, '{"values":{"stolen":1}}', { qos: 0 })
  await client.publishAsync('$SYS/x', '1', { qos: 0 })
  await client.publishAsync(`mw/${gateway.identity.wireName}/telemetry`, '{"values":{"own":1}}', { qos: 1 })
  let acknowledged = false
  client.publish(topic, '{"values":{"stolen":2}}', { qos: 1 }, (error) => (acknowledged = !error))
  await closed(client)
  expect(acknowledged).toBe(false)
  await site.event('refused', ({ refusal }) => refusal.reason === 'topic_denied' && refusal.topic === topic)
  await site.event('refused', ({ refusal }) => refusal.topic === '$SYS/x')
  expect(site.historian.values('own')).toEqual([1])
  expect(site.historian.values('stolen')).toEqual([])
})

test('a denied subscription is answered with failure, others in the packet are granted', async () => {
  const gateway = await site.gateway()
  const { wireName, gatewayId } = gateway.identity
  const client = await site.connect(gateway, { clean: false })
  const granted = await client
    .subscribeAsync([`mw/${wireName}/commands`, 'mw/+/commands', '#'], { qos: 1 })
    .catch((error: unknown) => error)
  expect(granted).toBeInstanceOf(Error)
  await site.event(
    'refused',
    ({ refusal }) => refusal.topic === 'mw/+/commands' && refusal.gatewayId === gatewayId,
  )
  const received: string[] = []
  client.on('message', (topic) => received.push(topic))
  await site.broker.publish({ topic: 'mw/other/commands', payload: 'not yours', qos: 1, retain: false })
  await site.broker.publish({ topic: `mw/${wireName}/commands`, payload: 'yours', qos: 1, retain: false })
  await until(() => received.length > 0, 'the command')
  // Nor is anything kept for it while it is away.
  await client.endAsync()
  await site.broker.publish({ topic: 'mw/other/commands', payload: 'not yours', qos: 1, retain: false })
  await site.broker.publish({ topic: `mw/${wireName}/commands`, payload: 'later', qos: 1, retain: false })
  const later: string[] = []
  const again = await site.connect(gateway, { clean: false })
  again.on('message', (_, payload) => later.push(payload.toString()))
  await until(() => later.length > 0, 'the kept command')
  expect(received).toEqual([`mw/${wireName}/commands`])
  expect(later).toEqual(['later'])
  await again.endAsync()
})

test('oversize, slow, and not MQTT at all', async () => {
  const gateway = await site.gateway()
  const { wireName } = gateway.identity
  const big = await site.tls(gateway.certificate)
  big.write(Buffer.concat([connect(wireName), publish(`mw/${wireName}/telemetry`, Buffer.alloc(5_000), 1)]))
  big.resume()
  await closed(big)
  await site.refusal('packet_too_large')

  const http = await site.tls(gateway.certificate)
  http.write('GET / HTTP/1.1\r\n\r\n')
  await closed(http)
  await site.refusal('not_mqtt')

  const broken = await site.tls(gateway.certificate)
  broken.write(Buffer.from([0x10, 4, 0, 4, 0x58, 0x58]))
  await closed(broken)
  await site.event(
    'refused',
    ({ refusal }) => refusal.reason === 'not_mqtt' && (refusal.detail ?? '').includes('protocolId'),
  )

  const slow = await site.tls(gateway.certificate)
  slow.write(connect(wireName).subarray(0, 5))
  await closed(slow)
  expect((await site.refusal('connect_timeout')).detail).toContain('CONNECT')

  const silent = connectPlain(site.port, '127.0.0.1')
  await closed(silent)
  await site.event('refused', ({ refusal }) =>
    (refusal.detail ?? '').startsWith('the TLS handshake did not end'),
  )
})

test('plain MQTT on the TLS port, and a gateway that does not trust the site, are told in words', async () => {
  const plain = connectPlain(site.port, '127.0.0.1')
  plain.on('error', () => {})
  plain.write(connect('x'))
  await closed(plain)
  await site.event(
    'refused',
    ({ refusal }) => refusal.reason === 'tls_failed' && (refusal.detail ?? '').includes('plain MQTT'),
  )
  const gateway = await site.gateway()
  await expect(site.tls(gateway.certificate, { ca: (await TestPki.create('Other')).ca })).rejects.toThrow()
  await site.event(
    'refused',
    ({ refusal }) => refusal.reason === 'tls_failed' && (refusal.detail ?? '').includes('check its ca.crt'),
  )
})

test('more connections than one address may have', async () => {
  const sockets = Array.from({ length: 25 }, () => connectPlain(site.port, '127.0.0.1').on('error', () => {}))
  expect((await site.refusal('too_many_connections')).detail).toContain('20 connections')
  for (const socket of sockets) socket.destroy()
  await until(() => sockets.every((socket) => socket.closed), 'their end')
  const gateway = await site.gateway()
  const client = await site.connect(gateway)
  await client.endAsync()
})

test('repeats within a second arrive as one, with their count', async () => {
  const gateway = await site.gateway()
  const client = await site.connect(gateway)
  const topic = 'mw/repeated'
  for (let n = 0; n < 50; n++) await client.publishAsync(topic, 'x', { qos: 0 })
  const all = (): number =>
    site
      .refusals()
      .filter((refusal) => refusal.topic === topic)
      .reduce((sum, { count }) => sum + count, 0)
  await until(() => all() === 50, 'fifty refusals')
  expect(site.refusals().filter((refusal) => refusal.topic === topic).length).toBeLessThanOrEqual(3)
  expect((await site.broker.stats()).refusals).toBeGreaterThanOrEqual(50)
  await client.endAsync()
})
