import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '#tests/fixtures/eventually.ts'
import {
  isLetIn,
  listen,
  send,
  wasCutOff,
  withCertificate,
  withPassword,
} from '#tests/fixtures/mqtt-listener.ts'
import { startSite, type TestSite } from '#tests/fixtures/site.ts'
import { millwright } from '../cli/command.ts'

let site: TestSite
let tenant: string
let ca: string
beforeAll(async () => {
  site = await startSite()
  tenant = (await site.local.get('/api/v1/tenants')).json.tenants[0].id
  ca = join(site.dataDir, 'ca.crt')
  await site.local.send('PUT', '/api/v1/site/mqtt-listeners', { passwordMqtts: 0, websocket: null })
})
afterAll(() => site.stop())

const patch = (path: string, body: object) => site.local.send('PATCH', `/api/v1/${path}`, body)
const connection = async (code: string) => (await site.local.get(`/api/v1/gateways/${code}/connection`)).json

async function provision(code: string, more: object = {}) {
  const { status, json, text } = await site.local.post('/api/v1/gateways/provision', {
    code,
    name: code,
    ...more,
  })
  if (status !== 201) throw new Error(text)
  await writeFile(ca, json.ca_pem)
  const [cert, key] = [join(site.dataDir, `${code}.crt`), join(site.dataDir, `${code}.key`)]
  if (json.certificate_pem !== null)
    await Promise.all([writeFile(cert, json.certificate_pem), writeFile(key, json.private_key_pem)])
  const access = {
    certificate: withCertificate(json.mqtt_port, ca, cert, key),
    password: withPassword(json.mqtt_port, ca, json.mqtt_username, json.mqtt_password),
  }
  return { json, access, id: ['-i', json.mqtt_client_id] }
}

test('a secret counts where the tenant lets it in, and is erased once it has proved itself', async () => {
  const { json, access, id } = await provision('SEC1', { credential: 'secret' })
  expect(json).toMatchObject({
    certificate_pem: null,
    private_key_pem: null,
    mqtt_client_id: json.gateway_id,
  })
  expect(json.mqtt_password).toMatch(/^[0-9a-f]{64}$/)
  expect((await connection('SEC1')).problems).toEqual(['password_gateways_off'])
  expect(await send(access.password, json.mqtt_topic, ['{"values":{"x":1}}'], id)).not.toBe(0)
  await patch(`tenants/${tenant}`, { passwordGateways: true })
  expect(await connection('SEC1')).toMatchObject({
    password: 'secret',
    username: json.mqtt_username,
    problems: [],
  })
  const live = await listen(access.password, `mw/${json.gateway_id}/commands`, id)
  await eventually(
    async () => (await site.local.get('/api/v1/gateways/SEC1/credentials')).status === 410,
    'the end of the hand-over',
  )
  const off = await patch(`tenants/${tenant}`, { passwordGateways: false })
  expect(off.json.passwordGateways).toEqual({ allowed: false, count: 1, listenerOpen: true })
  await wasCutOff(live)
  await patch(`tenants/${tenant}`, { passwordGateways: true })
  await site.local.post('/api/v1/gateways/SEC1/revoke', {})
  await eventually(
    async () => (await send(access.password, json.mqtt_topic, ['{"values":{"x":1}}'], id)) !== 0,
    'the end of the secret',
  )
  const { refusals } = (await site.local.get('/api/v1/refusals?gateway=SEC1')).json
  expect(refusals.map(({ reason }: { reason: string }) => reason)).toContain('password_gateways_off')
})

test('a profile that changes its dialect takes its gateways along; one with its own stays', async () => {
  const profile = (await site.local.post('/api/v1/profiles', { name: 'Pumps', dialect: 'tds' })).json
  const { access, id } = await provision('PRO1', { profile: 'Pumps', mac_address: 'aa:bb:cc:00:01:01' })
  await provision('PRO2', { profile: 'Pumps', dialect: 'canonical' })
  expect((await connection('PRO1')).example.topic).toBe('tds_new/devices/aa:bb:cc:00:01:01/telemetry')
  const live = await listen(access.certificate, 'tds_new/devices/aa:bb:cc:00:01:01/commands', id)
  const changed = await patch('profiles/Pumps', { version: profile.version, dialect: 'canonical' })
  expect(changed.json).toMatchObject({ version: 2, dialect: 'canonical', gateways: 2 })
  await wasCutOff(live)
  const now = await connection('PRO1')
  expect(now).toMatchObject({ dialectOfProfile: true, example: { topic: 'mw/aabbcc000101/telemetry' } })
  expect(await connection('PRO2')).toMatchObject({ dialectOfProfile: false })
  expect(await send(access.certificate, now.example.topic, [now.example.payload], ['-i', now.clientId])).toBe(
    0,
  )
  expect((await patch('profiles/Pumps', { version: 1, maxDevices: 4 })).json.code).toBe('profile_changed')
  expect((await site.local.send('DELETE', '/api/v1/profiles/Pumps', undefined)).json.code).toBe(
    'profile_in_use',
  )
})

test('names of gateways and MQTT clients never collide, whichever is there first', async () => {
  await provision('NAM1', { mac_address: 'aa:bb:cc:00:02:01', label: 'PUMP-0007' })
  await provision('NAM2')
  const client = (username: string) =>
    site.local.post('/api/v1/mqtt-clients', { name: username, username, tenant })
  expect((await client('pump-0007')).json.code).toBe('mqtt_username_taken')
  expect((await client('aabbcc000201')).json.code).toBe('mqtt_username_taken')
  expect((await client('scada-7')).status).toBe(201)
  const named = (aliases: object) => patch('gateways/NAM2/connection', { aliases })
  expect((await named({ username: 'scada-7' })).json.code).toBe('alias_taken')
  expect((await named({ username: 'Pump-0007' })).json.code).toBe('alias_taken')
  for (const topic of ['a/b', '+', '#', '$SYS', 'a\u0000b', ' '])
    expect([topic, (await named({ topic })).json.code]).toEqual([topic, 'input_invalid'])
  // The first level of other dialects, where this one has its name there.
  const root = { dialect: 'direction', aliases: { topic: 'MW' } }
  expect((await patch('gateways/NAM2/connection', root)).json.code).toBe('alias_invalid')
  expect((await named({ username: 'box-2' })).json.aliases.username).toBe('box-2')
  expect((await client('box-2')).json.code).toBe('mqtt_username_taken')
  expect((await patch('gateways/NAM2/connection', { dialect: 'nope' })).json.code).toBe('dialect_unknown')
  const { entries } = (await site.local.get('/api/v1/audit?action=gateway.configure')).json
  expect(entries.map(({ outcome }: { outcome: string }) => outcome)).toEqual(
    expect.arrayContaining(['done', 'failed']),
  )
})

test('the command line names the client id that a gateway is to have, as its connection does', async () => {
  await provision('CLI1', { dialect: 'direction', aliases: { client_id: 'esp32-hall' } })
  expect((await connection('CLI1')).clientId).toBe('esp32-hall')
  const { stdout } = await millwright(['gateways', 'show', 'CLI1', '--data', site.dataDir])
  expect(stdout).toMatch(/^MQTT client id +esp32-hall$/m)
})

test('a new credential ends the old one at once, keeps the gateway, and leaves a suspended one suspended', async () => {
  const { json, access, id } = await provision('NEW1', { mac_address: 'aa:bb:cc:00:03:01' })
  const live = await listen(access.certificate, 'mw/aabbcc000301/commands', id)
  const renewed = await site.local.post('/api/v1/gateways/NEW1/credential', { credential: 'secret' })
  expect(renewed.status).toBe(201)
  expect(renewed.json).toMatchObject({ gateway_id: json.gateway_id, code: 'NEW1', certificate_pem: null })
  await wasCutOff(live)
  expect(await isLetIn(access.certificate)).toBe(false)
  const { mqtt_port, mqtt_username, mqtt_password, mqtt_topic } = renewed.json
  const next = withPassword(mqtt_port, ca, mqtt_username, mqtt_password)
  expect(await send(next, mqtt_topic, ['{"values":{"x":1}}'], id)).toBe(0)
  await eventually(
    async () => (await site.local.get('/api/v1/gateways/NEW1')).json.state === 'active',
    'its first session',
  )
  await site.local.post('/api/v1/gateways/NEW1/suspend', {})
  const again = await site.local.post('/api/v1/gateways/NEW1/credential', { credential: 'certificate' })
  expect(again.json.certificate_pem).toMatch(/^-----BEGIN CERTIFICATE/)
  expect((await site.local.get('/api/v1/gateways/NEW1')).json.state).toBe('suspended')
  await site.local.post('/api/v1/gateways/NEW1/resume', {})
  expect((await site.local.get('/api/v1/gateways/NEW1')).json.state).toBe('claimed')
})
