import { spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../fixtures/eventually.ts'
import { finished } from '../fixtures/mosquitto.ts'
import { startSite, type TestSite } from '../fixtures/site.ts'

/** What a device of a reference system has in its flash: how it signs in, and what it calls itself. */
interface Device {
  code: string
  port: number
  sign: string[]
  /** As mosquitto is told; none where the firmware makes up a client id. */
  clientId: string[]
  username: string | null
  password: string | null
}

let site: TestSite
let ca: string
const devices: Record<string, Device> = {}
const known = (name: string): Device => devices[name] ?? expect.fail(`no device ${name}`)

const T1 = '00000000-0000-0000-0000-000000000001'
const T2 = '00000000-0000-0000-0000-000000000002'
const D1 = 'cad2adb9-8b50-4e28-8735-40f2c444b77f'
const D2 = 'cad2adb9-8b50-4e28-8735-40f2c444b780'
const L1 = '8f8835f1-70c3-4cbd-b4c0-9acb6826c641'
const M1 = 'aa:bb:cc:00:00:01'
const M2 = 'aa:bb:cc:00:00:02'

beforeAll(async () => {
  site = await startSite()
  const other = await site.engine.createTenant({ slug: 'other', name: 'Other' })
  ca = join(site.dataDir, 'ca.crt')
  for (const tenant of (await site.local.get('/api/v1/tenants')).json.tenants as { id: string }[])
    await site.local.send('PATCH', `/api/v1/tenants/${tenant.id}`, { passwordGateways: true })
  await site.local.send('PUT', '/api/v1/site/mqtt-listeners', { passwordMqtts: 0, websocket: null })
  const plant = (await site.local.get('/api/v1/tenants')).json.tenants.find(
    (one: { id: string }) => one.id !== other.id,
  )
  const slots = { dialect: 'slots', credential: 'secret' }
  await device('slots1', plant.id, { ...slots, aliases: { topic: D1, tenant: T1, username: L1 } })
  await device('slots2', other.id, { ...slots, aliases: { topic: D2, tenant: T2 } })
  await device('tds1', plant.id, { dialect: 'tds', mac_address: M1 }, M1)
  await device('tds2', other.id, { dialect: 'tds', mac_address: M2, key_algorithm: 'rsa' }, M2)
  const grow = (id: string) => ({
    credential: 'both',
    dialect: 'direction',
    aliases: { topic: id, username: id, client_id: id },
  })
  await device('grow1', plant.id, grow('grow-0001'), 'grow-0001')
  await device('grow2', other.id, grow('grow-0002'), 'grow-0002')
  const pool = { dialect: 'user', credential: 'secret' }
  await device('pool1', plant.id, { ...pool, label: 'ESP-A1B2C3', aliases: { user: 'john' } })
  await device('pool2', other.id, {
    ...pool,
    label: 'ESP-A1B2C4',
    aliases: { user: 'mary', topic: 'pool-02' },
  })
}, 60_000)
afterAll(() => site.stop())

async function device(name: string, tenant: string, more: object, clientId?: string): Promise<void> {
  const request = { code: name, name, tenant, ...more }
  const { status, json, text } = await site.local.post('/api/v1/gateways/provision', request)
  expect([status, text.slice(0, 300)]).toEqual([201, text.slice(0, 300)])
  const { mqtt_username: username, mqtt_password: password, certificate_pem: cert } = json
  const [certFile, keyFile] = [join(site.dataDir, `${name}.crt`), join(site.dataDir, `${name}.key`)]
  await writeFile(ca, json.ca_pem)
  if (cert !== null) await Promise.all([writeFile(certFile, cert), writeFile(keyFile, json.private_key_pem)])
  devices[name] = {
    code: name,
    port: json.mqtt_port,
    clientId: clientId === undefined ? [] : ['-i', clientId],
    username,
    password,
    sign: [
      ...(cert === null ? [] : ['--cert', certFile, '--key', keyFile]),
      ...(username === null ? [] : ['-u', username, '-P', password]),
    ],
  }
}

async function mosquitto(program: 'pub' | 'sub', args: string[]): Promise<string> {
  const child = spawn('timeout', [
    '10',
    `mosquitto_${program}`,
    '-d',
    '-h',
    '127.0.0.1',
    '--cafile',
    ca,
    ...args,
  ])
  return (await finished(child)).output
}

interface Attempt {
  /** Another way in than the device's own. */
  port?: number
  sign?: string[]
  clientId?: string[]
}

/** `acknowledged`: it is stored; `denied`: the connection was closed instead; `refused`: there was none. */
async function publish(
  { port, sign, clientId }: Required<Attempt>,
  topic: string,
  payload: string,
): Promise<'acknowledged' | 'denied' | 'refused'> {
  const said = await mosquitto('pub', [
    '-p',
    `${port}`,
    ...sign,
    ...clientId,
    '-q',
    '1',
    '-t',
    topic,
    '-m',
    payload,
  ])
  if (!said.includes('CONNACK (0)')) return 'refused'
  return said.includes('received PUBACK') ? 'acknowledged' : 'denied'
}

/** By one session for all: what the broker says of each. */
async function subscribe({ port, sign, clientId }: Device, topics: string[]): Promise<string[]> {
  const filters = topics.flatMap((topic) => ['-t', topic])
  const said = await mosquitto('sub', ['-p', `${port}`, ...sign, ...clientId, '-E', '-q', '1', ...filters])
  const [, codes = said] = /Subscribed \(mid: \d+\): ([\d, ]+)/.exec(said) ?? []
  return codes
    .split(', ')
    .map((code) => (code.trim() === '1' ? 'granted' : code.trim() === '128' ? 'denied' : code))
}

/** Devices beside each other, but each by one session after the other: a second one would end the first. */
async function each<Row extends readonly [device: string, ...unknown[]], Verdict>(
  rows: readonly Row[],
  attempt: (row: Row) => Promise<Verdict>,
): Promise<Verdict[]> {
  const verdicts: Verdict[] = []
  const byDevice = Map.groupBy(rows.entries(), ([, [name]]) => name)
  await Promise.all(
    Array.from(byDevice.values(), async (ofDevice) => {
      for (const [index, row] of ofDevice) verdicts[index] = await attempt(row)
    }),
  )
  return verdicts
}

const slot = (tenant: string, id: string, n = 0) => `tenants/${tenant}/devices/${id}/telemetry/slot/${n}`
const value = '{"value":42}'
const valor =
  '{"timestamp":"2026-02-17T10:00:00Z","valor":21.4,"unidade":"°C","gateway_mac":"aa:bb:cc:00:00:01"}'

interface Refused {
  reason: string
  gatewayCode: string
  topic: string
}

/** What each device sends by itself, with its own topics and payloads. */
const own: [device: string, topic: string, payload: string][] = [
  ['slots1', slot(T1, D1), value],
  ['slots1', `tenants/${T1}/devices/${D1}/events/door/opened`, '{"open":true}'],
  ['slots1', `tenants/${T1}/devices/${D1}/status`, 'online'],
  ['slots2', slot(T2, D2.toUpperCase(), 7), value],
  ['tds1', `tds_new/devices/${M1}/telemetry`, valor],
  ['tds1', `tds_new/devices/${M1}/logs`, 'boot'],
  ['tds2', `tds_new/devices/${M2.toUpperCase()}/telemetry`, valor],
  ['grow1', 'grow-0001/sensors/up', '{"temperature":21.4,"air":{"humidity":60}}'],
  ['grow1', 'grow-0001/status/up', 'online'],
  ['grow2', 'grow-0002/sensors/up', '{"temperature":1}'],
  ['pool1', 'devices/esp-a1b2c3/pump/state', 'ON'],
  ['pool1', 'users/john/devices/esp-a1b2c3/temp/state', '27.5'],
  ['pool1', 'devices/ESP-A1B2C3/status', 'online'],
  ['pool2', 'users/mary/devices/pool-02/pump/state', 'OFF'],
]

/** What it sends to topics of others, of nobody, or of the site: QoS 1, and the connection is closed instead of an answer. */
const foreign: [device: string, topic: string, payload: string][] = [
  ['slots1', slot(T2, D2), value],
  ['slots1', slot(T1, D2), value],
  ['slots2', slot(T1, D1), value],
  ['slots2', slot(T2, D2, 0).replace('slot/0', 'slot/0/1'), value],
  ['slots2', `tenants/${T2}/devices/${D2}/commands/restart`, '{}'],
  ['tds1', `tds_new/devices/${M2}/telemetry`, valor],
  ['tds1', `tds_new/devices/${M1}/commands`, '{}'],
  ['tds1', `tds_new/devices/${M1}/telemetry/more`, valor],
  ['tds2', 'mw/aabbcc000001/telemetry', '{"values":{"x":1}}'],
  ['tds2', 'mw/time', '{"ts":1}'],
  ['grow1', 'grow-0002/sensors/up', '{"temperature":99}'],
  ['grow1', 'grow-0001/sensors/down', '{}'],
  ['grow2', 'grow-0001/status/up', 'offline'],
  ['grow2', 'mw/sensors/up', '{"x":1}'],
  ['grow2', '$SYS/sensors/up', '{"x":1}'],
  ['pool1', 'devices/esp-a1b2c4/pump/state', 'ON'],
  ['pool1', 'users/mary/devices/pool-02/pump/state', 'ON'],
  ['pool1', 'users/mary/devices/esp-a1b2c3/pump/state', 'ON'],
  ['pool1', 'devices/esp-a1b2c3/pump/set', 'ON'],
  ['pool2', 'users/john/devices/esp-a1b2c3/pump/state', 'ON'],
]

/** What it asks to receive: one session a device. */
const heard: [device: string, filters: Record<string, 'granted' | 'denied'>][] = [
  [
    'slots1',
    {
      [`tenants/${T1}/devices/${D1}/commands/#`]: 'granted',
      [`tenants/${T1}/devices/${D1}/commands/restart`]: 'granted',
      [`tenants/${T2}/devices/${D2}/commands/#`]: 'denied',
      [`tenants/${T1}/devices/+/commands/#`]: 'denied',
      [`tenants/${T1}/#`]: 'denied',
      '#': 'denied',
    },
  ],
  [
    'tds1',
    {
      [`tds_new/devices/${M1}/commands`]: 'granted',
      [`tds_new/devices/${M2}/commands`]: 'denied',
      'tds_new/devices/+/commands': 'denied',
      'tds_new/#': 'denied',
      '$SYS/#': 'denied',
    },
  ],
  [
    'grow1',
    {
      'grow-0001/commands/down': 'granted',
      'grow-0001/light/down': 'granted',
      'grow-0001/+/down': 'granted',
      'grow-0002/+/down': 'denied',
      '+/commands/down': 'denied',
      'grow-0002/sensors/up': 'denied',
    },
  ],
  [
    'pool1',
    {
      'devices/esp-a1b2c3/pump/set': 'granted',
      'devices/esp-a1b2c3/+/set': 'granted',
      'users/john/devices/esp-a1b2c3/pump/set': 'granted',
      'users/mary/devices/pool-02/pump/set': 'denied',
      'users/john/#': 'denied',
      'devices/+/pump/set': 'denied',
    },
  ],
]

test('what each device sends by itself is acknowledged, and its readings are stored', async () => {
  const verdicts = await each(own, async ([name, topic, payload]) => [
    name,
    topic,
    await publish(known(name), topic, payload),
  ])
  expect(verdicts).toEqual(own.map(([name, topic]) => [name, topic, 'acknowledged']))
  const expected: [device: string, channel: string, value: unknown][] = [
    ['slots1', 'slot/0', 42],
    ['slots2', 'slot/7', 42],
    ['tds1', 'value', 21.4],
    ['grow1', 'sensors/temperature', 21.4],
    ['grow1', 'sensors/air/humidity', 60],
    ['pool1', 'pump', 'ON'],
    ['pool1', 'temp', 27.5],
    ['pool2', 'pump', 'OFF'],
  ]
  for (const [name, channel, stored] of expected) {
    const found = await eventually(
      async () =>
        (await site.local.get(`/api/v1/channels?gateway=${name}`)).json.channels.find(
          (one: { key: string; latest: unknown }) => one.key === channel && one.latest !== null,
        ),
      `${channel} of ${name}`,
    )
    expect([name, channel, found.latest.value]).toEqual([name, channel, stored])
  }
})

test('what it sends to topics of others is denied, and nothing of it is stored', async () => {
  const verdicts = await each(foreign, async ([name, topic, payload]) => [
    name,
    topic,
    await publish(known(name), topic, payload),
  ])
  expect(verdicts).toEqual(foreign.map(([name, topic]) => [name, topic, 'denied']))
  const denied = await eventually(async () => {
    const { refusals } = (await site.local.get('/api/v1/refusals?limit=1000')).json as { refusals: Refused[] }
    const found = refusals.filter(({ reason }) => reason === 'topic_denied')
    return (
      found.length >= foreign.length &&
      new Set(found.map(({ gatewayCode, topic }) => `${gatewayCode} ${topic}`))
    )
  }, 'each with its reason')
  for (const [name, topic] of foreign) expect([...denied]).toContain(`${name} ${topic}`)
  const { channels } = (await site.local.get('/api/v1/channels?gateway=grow2')).json
  expect(channels.map(({ key }: { key: string }) => key)).toEqual(['sensors/temperature'])
})

test('it hears its own commands, with wildcards inside its own topics, and nothing of others', async () => {
  const verdicts = await each(heard, async ([name, filters]) => {
    const topics = Object.keys(filters)
    const codes = await subscribe(known(name), topics)
    return [name, Object.fromEntries(topics.map((topic, at) => [topic, codes[at]]))]
  })
  expect(verdicts).toEqual(heard)
})

test('it comes in by its own door, with its own credential and under its own id alone', async () => {
  const [slots1, slots2, tds1, tds2] = [known('slots1'), known('slots2'), known('tds1'), known('tds2')]
  const [grow1, grow2, pool1] = [known('grow1'), known('grow2'), known('pool1')]
  const certOf = ({ sign }: Device) => sign.slice(0, 4)
  const signIn = (username: string | null, password: string | null) => [
    '-u',
    username ?? '',
    '-P',
    password ?? '',
  ]
  const fingerprint = grow1.password ?? ''
  const colons = fingerprint.match(/../g)?.join(':').toUpperCase() ?? ''
  const password = { port: slots1.port, clientId: [] }
  const telemetry = (name: string) => own.find(([device]) => device === name)?.slice(1) as [string, string]
  const attempts: [device: string, what: string, how: Attempt, verdict: 'acknowledged' | 'refused'][] = [
    ['pool1', 'its label as user name', { sign: signIn('esp-a1b2c3', pool1.password) }, 'acknowledged'],
    [
      'pool2',
      'the name of its topics as user name',
      { sign: signIn('POOL-02', known('pool2').password) },
      'acknowledged',
    ],
    ['pool1', 'a client id of its own making', { clientId: ['-i', 'ESP32-1234'] }, 'acknowledged'],
    ['tds1', 'its wire name as client id', { clientId: ['-i', 'aabbcc000001'] }, 'acknowledged'],
    ['tds2', 'its MAC in capitals', { clientId: ['-i', M2.toUpperCase()] }, 'acknowledged'],
    [
      'grow1',
      'the fingerprint as openssl writes it',
      { sign: [...certOf(grow1), ...signIn('grow-0001', colons)] },
      'acknowledged',
    ],
    [
      'tds1',
      'a user name beside a certificate',
      { sign: [...certOf(tds1), ...signIn('x', 'y')] },
      'acknowledged',
    ],
    ['tds1', 'the client id of another', { clientId: ['-i', M2] }, 'refused'],
    ['grow1', 'the client id of another', { clientId: ['-i', 'grow-0002'] }, 'refused'],
    ['grow1', 'the certificate without its password', { sign: certOf(grow1) }, 'refused'],
    [
      'grow1',
      'the password of another',
      { sign: [...certOf(grow1), ...signIn('grow-0001', grow2.password)] },
      'refused',
    ],
    [
      'grow1',
      'the user name of another',
      { sign: [...certOf(grow1), ...signIn('grow-0002', fingerprint)] },
      'refused',
    ],
    [
      'grow1',
      'the certificate of another',
      { sign: [...certOf(tds1), ...signIn('grow-0001', fingerprint)] },
      'refused',
    ],
    ['tds1', 'no certificate', { sign: [] }, 'refused'],
    ['grow1', 'the fingerprint alone', { ...password, sign: signIn('grow-0001', fingerprint) }, 'refused'],
    ['tds1', 'its certificate where passwords are asked', { ...password, sign: certOf(tds1) }, 'refused'],
    ['tds2', 'its MAC as password', { ...password, sign: signIn(M2, M2) }, 'refused'],
    ['slots1', 'its secret where certificates are asked', { port: tds1.port }, 'refused'],
    ['slots1', 'its user name as password', { sign: signIn(L1, L1) }, 'refused'],
    ['slots1', 'the secret of another', { sign: signIn(L1, slots2.password) }, 'refused'],
    ['slots1', 'nothing at all', { sign: [] }, 'refused'],
  ]
  expect(tds2.sign).toHaveLength(4)
  const verdicts = await each(attempts, async ([name, what, how, verdict]) => {
    const [topic, payload] = telemetry(name)
    return [name, what, verdict, await publish({ ...known(name), ...how }, topic, payload)]
  })
  expect(verdicts).toEqual(attempts.map(([name, what, , verdict]) => [name, what, verdict, verdict]))
  const rows = own.length + foreign.length + attempts.length
  const filters = heard.flatMap(([, of]) => Object.keys(of)).length
  expect(rows + filters).toBeGreaterThanOrEqual(60)
  const expected = ['password_missing', 'password_wrong', 'client_id_mismatch', 'topic_denied']
  await eventually(async () => {
    const { refusals } = (await site.local.get('/api/v1/refusals?gateway=grow1&limit=100')).json
    const reasons = new Set(refusals.map(({ reason }: Refused) => reason))
    return expected.every((reason) => reasons.has(reason))
  }, 'each with its reason')
})
