import { randomBytes } from 'node:crypto'
import type { IClientOptions } from 'mqtt'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { hashMqttPassword } from './auth/mqtt-password.ts'
import type { TenantPolicy } from './limits/tenant-policy.ts'
import type { Identity } from './port.ts'
import { closed, TestBroker, type TestClient, until } from './testing/test-broker.ts'

let site: TestBroker
beforeAll(async () => {
  site = await TestBroker.start({ wrongPasswordsPerAddress: 5 })
  await site.openListeners()
})
afterAll(() => site.stop())

const noAliases = { topic: null, tenant: null, user: null, clientId: null, username: null }
const tenantPolicy: TenantPolicy = {
  tenantId: 'tenant-1',
  state: 'active',
  passwordGateways: true,
  messagesPerHour: 1_000_000_000,
  messagesPerSecond: null,
  burst: null,
  gatewayMessagesPerSecond: null,
  gatewayBurst: null,
}
let lastSecret = 0

/** A secret of 64 hex characters, as the site makes them. */
function secret() {
  const text = randomBytes(32).toString('hex')
  const salt = randomBytes(16).toString('hex')
  lastSecret += 1
  return { text, entry: { id: `secret-${lastSecret}`, salt, hash: hashMqttPassword(text, salt) } }
}

async function secretGateway(more: Partial<Identity> = {}) {
  const { text, entry } = secret()
  const { identity } = await site.gateway({
    credential: 'secret',
    secrets: [entry],
    certificates: [],
    ...more,
  })
  return { identity, text, entry }
}

const signIn = (username: string, password: string, more: IClientOptions & { websocket?: boolean } = {}) =>
  site.connectClient({ identity: { username } as TestClient['identity'], password }, more)

const put = (identity: Identity) => site.broker.applyPolicy([{ op: 'put', identity }])
const refusalsOf = ({ gatewayId }: Identity) =>
  site.refusals().filter((refusal) => refusal.gatewayId === gatewayId)

test('a secret opens 8884 and 8084 under each name of its gateway; the session says which secret it was', async () => {
  const topic = '8f8835f1-70c3-4cbd-b4c0-9acb6826c641'
  const { identity, text, entry } = await secretGateway({
    aliases: { ...noAliases, topic, username: 'Pump-7' },
  })
  const { wireName, gatewayId, mac, label } = identity
  const names = [
    'pump-7',
    wireName,
    gatewayId,
    (mac ?? '').toUpperCase(),
    label.toLowerCase(),
    topic.toUpperCase(),
  ]
  for (const [index, name] of names.entries()) {
    const client = await signIn(name, text, { clientId: wireName, websocket: index % 2 === 1 })
    await client.publishAsync(`mw/${wireName}/telemetry`, `{"values":{"secret":${index}}}`, { qos: 1 })
    await client.endAsync()
  }
  expect(site.historian.values('secret')).toEqual([0, 1, 2, 3, 4, 5])
  const online = await site.event('gatewayWentOnline', (event) => event.gatewayId === gatewayId)
  expect(online).toMatchObject({ secretId: entry.id, fingerprint: '' })
})

test('a wrong secret, an unknown name and the secret of another are answered alike; 8883 hears no secret', async () => {
  const one = await secretGateway()
  const other = await secretGateway()
  for (const [name, password] of [
    [one.identity.wireName, other.text],
    [one.identity.wireName, one.text.toUpperCase()],
    ['nobody', one.text],
  ] as const) {
    await expect(signIn(name, password, { clientId: one.identity.wireName })).rejects.toThrow(
      /bad username or password/i,
    )
  }
  const certificate = await site.pki.clientCertificate('stranger')
  const onMqtts = site.connect(
    { identity: one.identity, certificate },
    { username: one.identity.wireName, password: one.text },
  )
  await expect(onMqtts).rejects.toThrow()
  const boxed = await site.gateway()
  const asSecret = { ...one.identity, certificates: boxed.identity.certificates }
  await site.broker.applyPolicy([{ op: 'remove', gatewayId: boxed.identity.gatewayId }])
  await put(asSecret)
  await expect(site.connect({ identity: one.identity, certificate: boxed.certificate })).rejects.toThrow()
  await until(
    () => refusalsOf(one.identity).some(({ reason }) => reason === 'certificate_revoked'),
    'the certificate of a gateway with a secret',
  )
  const named = await signIn(one.identity.wireName, one.text, { clientId: one.identity.wireName })
  await expect(
    signIn(other.identity.wireName, other.text, { clientId: one.identity.wireName }),
  ).rejects.toThrow(/identifier rejected/i)
  await named.endAsync()
})

test('guessing is heard no more after five, but for those who came before', async () => {
  const known = await secretGateway()
  const late = await secretGateway()
  const clientId = known.identity.wireName
  await (await signIn(clientId, known.text, { clientId })).endAsync()
  for (let guess = 0; guess < 6; guess += 1)
    await expect(signIn(late.identity.wireName, secret().text, { clientId })).rejects.toThrow()
  await expect(
    signIn(late.identity.wireName, late.text, { clientId: late.identity.wireName }),
  ).rejects.toThrow(/bad username or password/i)
  await (await signIn(clientId, known.text, { clientId })).endAsync()
  await site.stop()
  site = await TestBroker.start()
  await site.openListeners()
})

test('a session ends when its secret is replaced, when its tenant lets in no secrets, and comes back with neither', async () => {
  const { identity, text } = await secretGateway()
  const clientId = identity.wireName
  const live = await signIn(clientId, text, { clientId })
  const next = secret()
  const ended = closed(live)
  await put({ ...identity, secrets: [next.entry] })
  await ended
  const offline = await site.event('gatewayWentOffline', ({ gatewayId }) => gatewayId === identity.gatewayId)
  expect(offline.reason).toBe('revoked')
  await expect(signIn(clientId, text, { clientId })).rejects.toThrow(/bad username or password/i)
  const renewed = await signIn(clientId, next.text, { clientId })
  const off = closed(renewed)
  await site.broker.applyPolicy([{ op: 'put_tenant', tenant: { ...tenantPolicy, passwordGateways: false } }])
  await off
  await site.event('gatewayWentOffline', ({ reason }) => reason === 'password_gateways_off')
  await expect(signIn(clientId, next.text, { clientId })).rejects.toThrow(/not authorized/i)
  expect((await site.refusal('password_gateways_off')).gatewayId).toBe(identity.gatewayId)
  // Who does not know the secret does not learn of the rule.
  await expect(signIn(clientId, text, { clientId })).rejects.toThrow(/bad username or password/i)
  const certified = await site.gateway()
  await (await site.connect(certified)).endAsync()
  await site.broker.applyPolicy([{ op: 'put_tenant', tenant: tenantPolicy }])
  const again = await signIn(clientId, next.text, { clientId })
  const gone = closed(again)
  await put({ ...identity, credential: 'certificate', secrets: [next.entry] })
  await gone
})

test('both: the certificate counts only with its fingerprint as password, and the password nowhere alone', async () => {
  const gateway = await site.gateway({ credential: 'both' })
  const { identity, certificate } = gateway
  const { fingerprint, key, cert } = certificate
  const { gatewayId: username, wireName: clientId } = identity
  const colons = fingerprint.match(/../g)?.join(':').toUpperCase() ?? ''
  for (const password of [fingerprint, fingerprint.toUpperCase(), colons]) {
    await (await site.connect(gateway, { username, password })).endAsync()
  }
  const wsOptions = { ca: site.pki.ca, key, cert }
  await (await signIn(username, colons, { clientId, websocket: true, wsOptions })).endAsync()
  await expect(site.connect(gateway)).rejects.toThrow(/bad username or password/i)
  await until(() => refusalsOf(identity).at(-1)?.reason === 'password_missing', 'a refusal of its own')
  for (const [name, password] of [
    [username, `${fingerprint.slice(1)}0`],
    ['somebody', fingerprint],
    [username, ''],
  ] as const)
    await expect(site.connect(gateway, { username: name, password })).rejects.toThrow(
      /bad username or password/i,
    )
  for (const websocket of [false, true])
    await expect(signIn(username, fingerprint, { clientId, websocket })).rejects.toThrow(
      /bad username or password/i,
    )
  await until(
    () => refusalsOf(identity).some(({ detail }) => detail?.includes('to 8883') === true),
    'where it should have gone',
  )
  // A secret that is stored of it all the same opens nothing.
  const { text, entry } = secret()
  await put({ ...identity, secrets: [entry] })
  await expect(signIn(username, text, { clientId })).rejects.toThrow(/bad username or password/i)
})

test('until its binding is acknowledged a gateway has its commands only; then the same session gets the rest', async () => {
  const gateway = await site.gateway({ awaitsBind: true })
  const { identity } = gateway
  const { wireName } = identity
  const desired = {
    topic: `mw/${wireName}/twin/desired`,
    payload: '{"version":1}',
    qos: 1,
    retain: true,
  } as const
  await site.broker.publish(desired)
  const will = {
    topic: `mw/${wireName}/status`,
    payload: Buffer.from('offline'),
    qos: 1,
    retain: true,
  } as const
  const box = await site.connect(gateway, { will })
  const received: string[] = []
  box.on('message', (topic) => received.push(topic))
  await box.subscribeAsync([`mw/${wireName}/commands`, `mw/${wireName}/twin/desired`, 'mw/time'], { qos: 1 })
  await box.publishAsync(`mw/${wireName}/telemetry`, '{"values":{"early":1}}', { qos: 0 })
  await site.broker.publish({
    topic: `mw/${wireName}/commands`,
    payload: '{"id":"1"}',
    qos: 1,
    retain: false,
  })
  await until(() => received.length > 0, 'the command')
  await box.publishAsync(`mw/${wireName}/commands/ack`, '{"id":"1","ok":true}', { qos: 1 })
  await site.event('messageReceived', ({ kind }) => kind === 'command_ack')
  expect(received).toEqual([`mw/${wireName}/commands`])
  expect((await site.refusal('bind_pending')).topic).toBe(`mw/${wireName}/telemetry`)
  await put({ ...identity, awaitsBind: false })
  await until(() => received.includes(`mw/${wireName}/twin/desired`), 'what is retained for it')
  expect(received).toContain('mw/time')
  await box.publishAsync(`mw/${wireName}/telemetry`, '{"values":{"bound":1}}', { qos: 1 })
  expect(site.historian.values('early')).toEqual([])
  expect(site.historian.values('bound')).toEqual([1])
  expect(box.connected).toBe(true)
  await box.endAsync()

  const waiting = await site.gateway({ awaitsBind: true })
  const early = await site.connect(waiting, {
    will: { ...will, topic: `mw/${waiting.identity.wireName}/status` },
  })
  const ended = closed(early)
  early.stream.destroy()
  await ended
  await site.event('gatewayWentOffline', ({ gatewayId }) => gatewayId === waiting.identity.gatewayId)
  const scada = await site.client()
  const retained: string[] = []
  const panel = await site.connectClient(scada, { onMessage: (topic) => retained.push(topic) })
  await panel.subscribeAsync('#')
  await until(() => retained.includes('mw/time'), 'what is retained')
  expect(retained).not.toContain(`mw/${waiting.identity.wireName}/status`)
  await panel.endAsync()
})

test('two that have one name are told apart by their passwords, and neither locks the other out', async () => {
  const gateway = await secretGateway({ aliases: { ...noAliases, username: 'pump' } })
  const twin = await secretGateway({ aliases: { ...noAliases, topic: 'PUMP' } })
  const scada = await site.client({ username: 'pump' })
  const clientId = gateway.identity.wireName
  await (await signIn('pump', gateway.text, { clientId })).endAsync()
  await (await signIn('pump', twin.text, { clientId: twin.identity.wireName })).endAsync()
  await (await site.connectClient(scada, { clientId: 'x' })).endAsync()
  await put({ ...gateway.identity, aliases: noAliases })
  await expect(signIn('pump', gateway.text, { clientId })).rejects.toThrow(/bad username or password/i)
  await (await signIn('pump', twin.text, { clientId: twin.identity.wireName })).endAsync()
})
