import { execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { connectAsync } from 'mqtt'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Permission } from '#contract/model/permission.ts'
import { type Credentials, unpack } from '#tests/fixtures/credentials.ts'
import { eventually } from '#tests/fixtures/eventually.ts'
import {
  isLetIn,
  listen,
  type MqttAccess,
  send,
  wasCutOff,
  withCertificate,
  withPassword,
} from '#tests/fixtures/mqtt-listener.ts'
import { startSite, type TestSite } from '#tests/fixtures/site.ts'
import { type Api, first, People, type Person } from './people.ts'

/** MQTT clients made through the API, with real mosquitto clients at the broker. */

let site: TestSite
let people: People
let north: string
let south: string
let hall: string
let ports: { passwordMqtts: number; websocket: number }
let ca: string
const gateways: Record<'hall' | 'yard' | 'south', Credentials> = {} as never

beforeAll(async () => {
  site = await startSite({ mqttListeners: { passwordMqtts: 0, websocket: 0 } })
  people = await People.of(site)
  north = (await site.local.get('/api/v1/tenants')).json.tenants[0].id
  south = (await site.local.post('/api/v1/tenants', { name: 'South', slug: 'south' })).json.id
  hall = (await site.local.post('/api/v1/groups', { tenant: north, name: 'Hall' })).json.id
  const yard = (await site.local.post('/api/v1/groups', { tenant: north, name: 'Yard' })).json.id
  for (const [name, tenant, group] of [
    ['hall', north, hall],
    ['yard', north, yard],
    ['south', south, null],
  ] as const) {
    const code = name.toUpperCase()
    const made = await site.local.post('/api/v1/gateways/provision', { code, name, tenant })
    const id = made.json.gateway_id
    if (group !== null) await site.local.post(`/api/v1/gateways/${id}/place`, { group })
    const zip = await site.local.get(`/api/v1/gateways/${id}/credentials`)
    gateways[name] = await unpack(zip.bytes, join(site.dataDir, 'unzipped', code))
  }
  ca = gateways.hall.ca
  ports = (await site.local.get('/api/v1/site')).json.mqttListeners
})
afterAll(async () => {
  await people.close()
  await site.stop()
})

const post = (path: string, body: object = {}) => site.local.post(`/api/v1/mqtt-clients${path}`, body)

async function made(
  body: object,
): Promise<{ id: string; username: string; access: MqttAccess; password: string }> {
  const answer = await post('', body)
  if (answer.status !== 201) throw new Error(answer.text)
  const { client, credentials } = answer.json
  const access = withPassword(ports.passwordMqtts, ca, client.username, credentials.password)
  return { id: client.id, username: client.username, access, password: credentials.password }
}

function ofGateway({ port, cert, key, clientId }: Credentials): [MqttAccess, string[]] {
  return [withCertificate(port, ca, cert, key), ['-i', clientId]]
}

async function report(gateway: Credentials, lines: string[]): Promise<void> {
  const [access, more] = ofGateway(gateway)
  expect(await send(access, gateway.telemetryTopic, lines, more)).toBe(0)
}

const messages = (count: number) => Array.from({ length: count }, (_, n) => JSON.stringify({ values: { n } }))
const printed = ({ telemetryTopic }: Credentials, lines: string[]) =>
  lines.map((line) => `${telemetryTopic} ${line}`)

/** Somebody of north with an own role. */
async function staff(permissions: Permission[], reach: 'tenant' | 'groups' = 'tenant'): Promise<Person> {
  const person = await people.add('viewer', north)
  const role = await site.local.post('/api/v1/roles', { name: person.id, permissions, tenant: north })
  await people.db
    .updateTable('memberships')
    .set({ roleId: role.json.id, reach })
    .where('userId', '=', person.id)
    .execute()
  if (reach === 'groups')
    await people.db
      .insertInto('membershipGroups')
      .values({ userId: person.id, tenantId: north, groupId: hall })
      .execute()
  return person
}

const codeOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'ok',
    (error: { code?: string; message: string }) => error.code ?? error.message,
  )

test('under load, clients of two tenants and of a group subscribe to everything and receive only their own', async () => {
  const [a, b, group] = [
    await made({ name: 'SCADA north', tenant: north }),
    await made({ name: 'SCADA south', tenant: south }),
    await made({ name: 'Hall panel', tenant: north, group: 'Hall' }),
  ]
  const listening = [await listen(a.access), await listen(b.access), await listen(group.access)]
  const lines = messages(400)
  await Promise.all(Object.values(gateways).map((gateway) => report(gateway, lines)))
  const [inHall, inYard, inSouth] = [gateways.hall, gateways.yard, gateways.south].map((gateway) =>
    printed(gateway, lines),
  ) as [string[], string[], string[]]
  const expected = [[...inHall, ...inYard], inSouth, inHall]
  for (const [index, { lines: got, stop }] of listening.entries()) {
    const wanted = expected[index] ?? []
    await eventually(async () => got.length >= wanted.length, 'all messages')
    expect(got.toSorted()).toEqual(wanted.toSorted())
    await stop()
  }
})

test('a reader cannot command, a writer commands and reads nothing, and topics narrow both', async () => {
  const reader = await made({ name: 'reader', tenant: north })
  const writer = await made({ name: 'writer', tenant: north, rights: 'write', topics: ['mw/+/commands'] })
  const [access, more] = ofGateway(gateways.hall)
  const commands = gateways.hall.telemetryTopic.replace(/telemetry$/, 'commands')
  const box = await listen(access, commands, more)
  const sniffing = await listen({ ...reader.access }, commands)
  await send(reader.access, commands, ['{"id":"1","name":"from the reader"}'])
  await send(writer.access, commands.replace('/commands', '/twin/desired'), ['{"version":1}'])
  expect(await send(writer.access, commands, ['{"id":"2","name":"from the writer"}'])).toBe(0)
  await eventually(async () => box.lines.length > 0, 'a command')
  expect(box.lines).toEqual([`${commands} {"id":"2","name":"from the writer"}`])
  const narrow = await made({
    name: 'narrow',
    tenant: north,
    topics: [commands.replace('/commands', '/status')],
  })
  const narrowed = await listen(narrow.access)
  const deaf = await listen(writer.access).catch(() => null)
  await report(gateways.yard, ['{"values":{"x":1}}'])
  await eventually(async () => sniffing.lines.length > 0, 'the reader read the command')
  expect([narrowed.lines, deaf?.lines ?? []]).toEqual([[], []])
  for (const one of [box, sniffing, narrowed, deaf]) await one?.stop()
})

test('a new password ends sessions of the old one at once, and it opens nothing any more', async () => {
  const client = await made({ name: 'Rotated', tenant: north })
  const live = await listen(client.access)
  const answer = await post(`/${client.username}/rotate`)
  expect(answer.status).toBe(200)
  await wasCutOff(live)
  expect(await isLetIn(client.access)).toBe(false)
  const { password } = answer.json.credentials
  expect(password).toMatch(/^[0-9a-f]{64}$/)
  expect(await isLetIn(withPassword(ports.passwordMqtts, ca, client.username, password))).toBe(true)
})

test('who is suspended, past its end or deleted is cut off at once', async () => {
  const client = await made({ name: 'Comes and goes', tenant: north })
  const patch = (body: object) => site.local.send('PATCH', `/api/v1/mqtt-clients/${client.id}`, body)
  const steps: [() => Promise<{ json: { state?: string } }>, () => Promise<unknown>, string][] = [
    [() => post(`/${client.id}/suspend`), () => post(`/${client.id}/resume`), 'suspended'],
    [
      () => patch({ expiresAt: new Date(Date.now() - 1_000).toISOString() }),
      () => patch({ expiresAt: null }),
      'expired',
    ],
    [
      () => site.local.post(`/api/v1/tenants/${north}/suspend`, {}).then(() => shown(client.id)),
      () => site.local.post(`/api/v1/tenants/${north}/resume`, {}),
      'cut_off',
    ],
  ]
  for (const [cut, back, state] of steps) {
    const live = await listen(client.access)
    expect((await cut()).json.state).toBe(state)
    await wasCutOff(live)
    expect(await isLetIn(client.access)).toBe(false)
    await back()
    expect(await isLetIn(client.access)).toBe(true)
  }
  const live = await listen(client.access)
  expect((await site.local.send('DELETE', `/api/v1/mqtt-clients/${client.id}`)).status).toBe(200)
  await wasCutOff(live)
  expect(await isLetIn(client.access)).toBe(false)
})

async function shown(id: string): Promise<{ json: { state?: string } }> {
  const { clients } = (await site.local.get('/api/v1/mqtt-clients')).json
  return { json: clients.find((one: { id: string }) => one.id === id) }
}

test("a person's own credentials: shown once, as far as their rights, and gone with them", async () => {
  const person = await people.add('operator', north)
  await people.db.updateTable('users').set({ username: 'joana' }).where('id', '=', person.id).execute()
  const cookie = await people.cookie(person)
  const headers = { cookie, origin: site.addresses.http ?? '' }
  expect((await site.browser.get('/api/v1/auth/mqtt-credentials', { cookie })).status).toBe(404)
  const given = await site.browser.post('/api/v1/auth/mqtt-credentials', {}, headers)
  expect([given.status, given.json]).toEqual([
    201,
    {
      mqttUser: 'mqtt_joana',
      mqttPassword: expect.stringMatching(/^[0-9a-f]{64}$/),
      topicPrefix: 'users/joana',
      brokerUrl: `wss://127.0.0.1:${ports.websocket}/mqtt`,
    },
  ])
  const told = await site.browser.get('/api/v1/auth/mqtt-credentials', { cookie })
  expect(told.json).toMatchObject({ mqttUser: 'mqtt_joana', topicPrefix: 'users/joana', rights: 'both' })
  expect(told.text).not.toContain(given.json.mqttPassword)
  const access = withPassword(ports.passwordMqtts, ca, 'mqtt_joana', given.json.mqttPassword)
  const live = await listen(access)
  expect(await send(access, 'users/joana/pump/set', ['on'])).toBe(0)
  await eventually(async () => live.lines.includes('users/joana/pump/set on'), 'its own space')

  // What an administrator takes of their rights is taken of these too, live.
  const setRole = (role: string, more: object = {}) =>
    site.local.send('PUT', `/api/v1/users/${person.id}/memberships/${north}`, { role, ...more })
  expect((await setRole('viewer', { reach: 'groups', groups: [hall] })).status).toBe(200)
  await eventually(
    async () => (await site.browser.get('/api/v1/auth/mqtt-credentials', { cookie })).json.rights === 'read',
    'only reading',
  )
  const limited = await listen(access)
  await report(gateways.yard, ['{"values":{"where":1}}'])
  await report(gateways.hall, ['{"values":{"where":2}}'])
  await eventually(async () => limited.lines.length > 0, 'something of the hall')
  expect(limited.lines).toEqual(printed(gateways.hall, ['{"values":{"where":2}}']))

  expect((await site.local.post(`/api/v1/users/${person.id}/suspend`, {})).status).toBe(200)
  for (const one of [live, limited]) await wasCutOff(one)
  expect(await isLetIn(access)).toBe(false)
  await site.local.post(`/api/v1/users/${person.id}/resume`, {})
  await eventually(() => isLetIn(access), 'back')
  // Nobody else gets hold of them, however mighty.
  const { clients } = (await site.local.get('/api/v1/mqtt-clients')).json
  const own = clients.find(({ username }: { username: string }) => username === 'mqtt_joana')
  expect((await post(`/${own.id}/rotate`)).json.code).toBe('mqtt_client_personal')
  expect((await site.local.send('DELETE', `/api/v1/users/${person.id}`)).status).toBeLessThan(300)
  await eventually(async () => !(await isLetIn(access)), 'gone with the person')
})

test('own credentials follow moved groups and changed roles at once, for live sessions too', async () => {
  const person = await staff(['telemetry:read'], 'groups')
  const { mqttUser, mqttPassword } = await (await people.api(person)).mqttClients.rotateOwn()
  const live = await listen(withPassword(ports.passwordMqtts, ca, mqttUser, mqttPassword))
  const { groups } = (await site.local.get(`/api/v1/groups?tenant=${north}`)).json
  const yard = groups.find(({ name }: { name: string }) => name === 'Yard').id
  const moveTo = (parent: string | null) => site.local.post(`/api/v1/groups/${yard}/move`, { parent })
  const inYard = (n: number) => report(gateways.yard, [`{"values":{"n":${n}}}`])
  await inYard(1)
  expect((await moveTo(hall)).status).toBe(200)
  await inYard(2)
  await eventually(async () => live.lines.length > 0, 'what is below its group now')
  await moveTo(null)
  await inYard(3)
  await report(gateways.hall, ['{"values":{"n":4}}'])
  await eventually(async () => live.lines.length > 1, 'what is still its own')
  expect(live.lines).toEqual([
    ...printed(gateways.yard, ['{"values":{"n":2}}']),
    ...printed(gateways.hall, ['{"values":{"n":4}}']),
  ])
  const { roles } = (await site.local.get(`/api/v1/roles?tenant=${north}`)).json
  const role = roles.find(({ name }: { name: string }) => name === person.id).id
  expect(
    (await site.local.send('PATCH', `/api/v1/roles/${role}`, { permissions: ['gateways:read'] })).status,
  ).toBe(200)
  await wasCutOff(live)
})

test('a group that bounds a client is not deleted under it', async () => {
  const group = (await site.local.post('/api/v1/groups', { tenant: north, name: 'Passing' })).json.id
  const client = await made({ name: 'Bound', tenant: north, group })
  const remove = () => site.local.send('DELETE', `/api/v1/groups/${group}`)
  expect((await remove()).json).toMatchObject({ code: 'group_in_use', data: { mqttClients: 1 } })
  await site.local.send('DELETE', `/api/v1/mqtt-clients/${client.id}`)
  expect((await remove()).status).toBeLessThan(300)
})

test('an API key has no MQTT credentials of its own, and a pending account none yet', async () => {
  const key = await site.local.post('/api/v1/api-keys', {
    name: 'x',
    scopes: ['telemetry:read'],
    tenant: north,
  })
  const bearer = { authorization: `Bearer ${key.json.secret}` }
  expect((await site.browser.post('/api/v1/auth/mqtt-credentials', {}, bearer)).json.code).toBe(
    'not_a_person',
  )
  const person = await people.add('viewer', north)
  await people.db.updateTable('users').set({ mustChangePassword: 1 }).where('id', '=', person.id).execute()
  const api = await people.api(person)
  expect(await codeOf(api.mqttClients.rotateOwn())).toBe('account_pending')
})

test('over WebSocket, with the same password', async () => {
  const { username, password } = await made({ name: 'Phone', tenant: south })
  const client = await connectAsync(`wss://127.0.0.1:${ports.websocket}/mqtt`, {
    username,
    password,
    ca: readFileSync(ca),
    protocolVersion: 4,
    reconnectPeriod: 0,
  })
  const heard: string[] = []
  client.on('message', (topic) => {
    if (topic !== 'mw/time') heard.push(topic)
  })
  await client.subscribeAsync('#', { qos: 1 })
  await report(gateways.hall, ['{"values":{"x":1}}'])
  await report(gateways.south, ['{"values":{"x":1}}'])
  await eventually(async () => heard.length > 0, 'a message')
  expect(heard).toEqual([gateways.south.telemetryTopic])
  await client.endAsync()
})

test('a certificate opens 8883, chains to the device root, and a new one ends it', async () => {
  const answer = await post('', { name: 'Historian', tenant: north, credentials: 'certificate' })
  const { client, credentials } = answer.json
  expect([credentials.password, client.hasPassword]).toEqual([null, false])
  const access = certificateFiles('one', credentials)
  const [cert = ''] = [access.sign[1]]
  const verified = execFileSync('openssl', [
    'verify',
    '-purpose',
    'sslclient',
    '-CAfile',
    ca,
    '-untrusted',
    cert,
    cert,
  ])
  expect(verified.toString()).toContain('OK')
  const leaf = new X509Certificate(credentials.certificate.certificatePem)
  expect(leaf.subjectAltName).toBe(`URI:urn:millwright:mqtt-client:${client.id}`)
  expect(client.certificate).toMatchObject({
    fingerprint: leaf.fingerprint256.replaceAll(':', '').toLowerCase(),
  })
  const live = await listen(access)
  await report(gateways.hall, ['{"values":{"x":1}}'])
  await eventually(async () => live.lines.length > 0, 'a message')

  const next = await post(`/${client.id}/rotate`, { credentials: 'certificate' })
  await wasCutOff(live)
  expect(await isLetIn(access)).toBe(false)
  expect(await isLetIn(certificateFiles('two', next.json.credentials))).toBe(true)
  await site.local.send('DELETE', `/api/v1/mqtt-clients/${client.id}`)
  // Both of them, though the client is gone.
  const list = join(site.dataDir, 'clients.crl')
  writeFileSync(list, (await site.browser.get('/pki/crl.pem')).text)
  const told = execFileSync('openssl', ['crl', '-in', list, '-noout', '-text']).toString()
  for (const { serial } of [client.certificate, next.json.client.certificate])
    expect(told.toLowerCase()).toContain(`serial number: ${serial.toLowerCase()}`)
  expect((await site.local.get('/api/v1/certificates/crl')).json.entries).toBe(
    told.split('Serial Number:').length - 1,
  )
})

function certificateFiles(
  name: string,
  { certificate, caPem }: { certificate: { certificatePem: string; privateKeyPem: string }; caPem: string },
): MqttAccess {
  expect(caPem).toBe(readFileSync(ca, 'utf8'))
  const file = (ending: string) => join(site.dataDir, `${name}.${ending}`)
  writeFileSync(file('crt'), certificate.certificatePem)
  writeFileSync(file('key'), certificate.privateKeyPem, { mode: 0o600 })
  return withCertificate(gateways.hall.port, ca, file('crt'), file('key'))
}

test('nobody gives or takes what is beyond their own reach and rights', async () => {
  const whole = await made({ name: 'Whole north', tenant: north, rights: 'both' })
  const inHall = await made({ name: 'Writes in the hall', tenant: north, group: 'Hall', rights: 'write' })
  const foreign = await made({ name: 'Of south', tenant: south })
  const of = async (person: Person): Promise<Api['mqttClients']> => (await people.api(person)).mqttClients
  const reader = await of(await staff(['mqtt-clients:write', 'telemetry:read'], 'groups'))
  const name = 'theirs'
  expect(await codeOf(reader.create({ name }))).toBe('forbidden_reach')
  expect(await codeOf(reader.create({ name, group: 'Yard' }))).toBe('not_found')
  expect(await codeOf(reader.create({ name, tenant: south }))).toBe('tenant_unknown')
  expect(await codeOf(reader.create({ name, group: hall, rights: 'both' }))).toBe('rights_beyond')
  const { client } = await reader.create({ name, group: hall })
  expect(await codeOf(reader.update({ client: client.id, group: null }))).toBe('forbidden_reach')
  expect(await codeOf(reader.update({ client: client.id, rights: 'write' }))).toBe('rights_beyond')
  // It may see one that does more than themself, and stop it; not become it.
  expect(await codeOf(reader.rotate({ client: inHall.id }))).toBe('rights_beyond')
  expect(await codeOf(reader.suspend({ client: inHall.id }))).toBe('ok')
  expect(await codeOf(reader.resume({ client: inHall.id }))).toBe('rights_beyond')
  const seen = (await reader.list()).clients.map((one) => one.id)
  expect(seen).toContain(client.id)
  expect(seen).not.toContain(whole.id)
  for (const id of [whole.id, foreign.id, foreign.username]) {
    for (const call of [reader.rotate, reader.suspend, reader.resume, reader.delete, reader.update])
      expect(await codeOf(call({ client: id }))).toBe('not_found')
  }
  const admin = await of(await people.add('tenant_admin', north))
  expect(await codeOf(admin.rotate({ client: foreign.id }))).toBe('not_found')
  expect(await codeOf(admin.listeners())).toBe('forbidden')
  expect(await codeOf((await of(await people.add('operator', north))).list())).toBe('forbidden')
})

test('what cannot be a client is refused in words', async () => {
  const code = async (body: object) => (await post('', { name: 'x', tenant: north, ...body })).json.code
  await made({ name: 'x', tenant: north, username: 'taken-name' })
  expect(await code({ username: 'taken-name' })).toBe('mqtt_username_taken')
  for (const body of [
    { username: 'Upper' },
    { username: 'a/b' },
    { username: '../x' },
    { name: 'two\nlines' },
    { topics: ['mw/#/telemetry'] },
    { topics: ['$SYS/#'] },
    { topics: ['a\u0000b'] },
    { topics: [] },
    { rights: 'all' },
    { expiresInDays: 0 },
  ])
    expect([body, await code(body)]).toEqual([body, 'input_invalid'])
  // Names that give no user name of themselves.
  expect((await post('', { name: '工場', tenant: north })).json.client.username).toMatch(/^client/)
  expect((await post('', { name: 'x', tenant: north })).json.client.username).toMatch(/^[a-z0-9-]{3,}$/)
  const same = await Promise.all(Array.from({ length: 5 }, () => made({ name: 'Same', tenant: north })))
  expect(new Set(same.map(({ username }) => username)).size).toBe(5)
})

test('a wrong password, an unknown user and one of nobody are refused alike', async () => {
  const { username } = await made({ name: 'Guessed', tenant: north })
  for (const [user, password] of [
    [username, 'wrong'],
    [username, ''],
    ['nobody-at-all', 'wrong'],
  ] as const)
    expect(await isLetIn(withPassword(ports.passwordMqtts, ca, user, password))).toBe(false)
})

test('who is connected is seen by those who reach them, and can be disconnected; the audit tells', async () => {
  const client = await made({ name: 'Seen', tenant: north, group: 'Hall' })
  const live = await listen(client.access, 'mw/+/telemetry', ['-i', 'panel-7'])
  const [access, more] = ofGateway(gateways.hall)
  const box = await listen(access, gateways.hall.telemetryTopic.replace(/telemetry$/, 'commands'), more)
  const admin = (await people.api(await people.add('tenant_admin', north))).mqttClients
  const { connections } = await first(await admin.watchConnections())
  const own = connections.find(({ id }) => id === client.id)
  expect(own).toMatchObject({
    kind: 'client',
    name: 'Seen',
    mqttClientId: 'panel-7',
    listener: 'password',
    address: '127.0.0.1',
    subscriptions: ['mw/+/telemetry'],
  })
  expect(connections.map(({ name }) => name)).toContain('HALL')
  expect(
    (await (await people.api(await people.add('tenant_admin', south))).mqttClients.connections()).connections,
  ).toEqual([])
  const noGateways = (
    await people.api(await staff(['mqtt-clients:write', 'telemetry:read', 'gateways:read']))
  ).mqttClients
  const boxId =
    (await noGateways.connections()).connections.find(({ kind }) => kind === 'gateway')?.connectionId ?? ''
  expect(await codeOf(noGateways.disconnect({ connectionId: boxId }))).toBe('forbidden')
  const blind = (await people.api(await staff(['mqtt-clients:write']))).mqttClients
  expect((await blind.connections()).connections.map(({ kind }) => kind)).not.toContain('gateway')
  expect(await codeOf(blind.disconnect({ connectionId: boxId }))).toBe('not_found')

  const { connectionId = '' } = own ?? {}
  expect(await codeOf(admin.disconnect({ connectionId }))).toBe('ok')
  await eventually(
    async () => !(await admin.connections()).connections.some((one) => one.connectionId === connectionId),
    'that session is gone',
  )
  expect(await codeOf(admin.disconnect({ connectionId }))).toBe('not_found')
  const { entries } = (await site.local.get('/api/v1/audit?action=mqtt_client.disconnect')).json
  expect(entries.map(({ outcome }: { outcome: string }) => outcome)).toEqual(
    expect.arrayContaining(['done', 'refused']),
  )
  // Written a little later, for all that connected meanwhile.
  await eventually(
    async () => (await admin.list()).clients.find(({ id }) => id === client.id)?.lastAddress === '127.0.0.1',
    'where it connected from',
  )
  for (const one of [live, box]) await one.stop()
})

test('no password, salt, hash or key is in lists or in the audit', async () => {
  const client = await made({ name: 'Secretive', tenant: north, credentials: 'both' })
  const row = await people.db
    .selectFrom('mqttClients')
    .selectAll()
    .where('id', '=', client.id)
    .executeTakeFirstOrThrow()
  const texts = [
    (await site.local.get('/api/v1/mqtt-clients')).text,
    JSON.stringify(await people.db.selectFrom('auditEntries').select('details').execute()),
  ]
  for (const text of texts) {
    expect(text).not.toContain('PRIVATE KEY')
    for (const secret of [client.password, row.passwordHash, row.passwordSalt])
      expect(text).not.toContain(secret)
  }
  const sealed = await people.db.selectFrom('sealedSecrets').selectAll().execute()
  const certificate = await people.db
    .selectFrom('certificates')
    .select('id')
    .where('mqttClientId', '=', client.id)
    .executeTakeFirst()
  expect(sealed.map(({ id }) => id)).not.toContain(certificate?.id)
})

test('listeners are turned off and on while the site runs, and a port that is taken is told', async () => {
  const other = await startSite()
  try {
    const get = async () => (await other.local.get('/api/v1/site/mqtt-listeners')).json
    const put = (body: object) => other.local.send('PUT', '/api/v1/site/mqtt-listeners', body)
    const off = { passwordMqtts: null, websocket: null }
    expect(await get()).toEqual({ wanted: off, open: off, fixed: [] })
    const client = await other.local.post('/api/v1/mqtt-clients', { name: 'x' })
    expect((await other.local.get('/api/v1/mqtt-clients')).json.addresses).toMatchObject(off)

    const taken = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => taken.once('listening', resolve))
    const { port } = taken.address() as AddressInfo
    expect((await put({ passwordMqtts: port, websocket: null })).json).toMatchObject({
      status: 409,
      code: 'port_in_use',
      data: { port },
    })
    expect(await get()).toEqual({ wanted: off, open: off, fixed: [] })
    taken.close()

    const opened = (await put({ passwordMqtts: 0, websocket: null })).json
    expect(opened).toMatchObject({
      wanted: { passwordMqtts: 0 },
      open: { passwordMqtts: expect.any(Number) },
    })
    const root = join(other.dataDir, 'root.crt')
    writeFileSync(root, client.json.credentials.caPem)
    const { username } = client.json.client
    const access = withPassword(opened.open.passwordMqtts, root, username, client.json.credentials.password)
    const live = await listen(access)
    expect((await put(off)).json.open).toEqual(off)
    await wasCutOff(live)
    const { entries } = (await other.local.get('/api/v1/audit?action=site.mqtt_listeners')).json
    expect(entries.map(({ outcome }: { outcome: string }) => outcome).toSorted()).toEqual([
      'done',
      'done',
      'failed',
    ])
  } finally {
    await other.stop()
  }
})
