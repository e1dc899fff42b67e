import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Credentials, provisioned } from '#tests/fixtures/credentials.ts'
import { eventually } from '#tests/fixtures/eventually.ts'
import { mosquittoPub, mosquittoSub } from '#tests/fixtures/mosquitto.ts'
import { startSite, type TestSite } from '#tests/fixtures/site.ts'

const run = promisify(execFile)
const openssl = async (...args: string[]) => {
  const { stdout, stderr } = await run('openssl', args)
  return stdout + stderr
}

let site: TestSite
beforeAll(async () => {
  site = await startSite()
})
afterAll(() => site.stop())

const json = async (path: string) => (await site.local.get(path)).json
const readings = async (code: string, channel: string) =>
  (await json(`/api/v1/telemetry/query?gateway=${code}&channel=${channel}`)).readings ?? []
const refusals = async (code: string) =>
  (await json(`/api/v1/refusals?gateway=${code}`)).refusals as {
    reason: string
    topic: string | null
    clientId: string
    detail: string
  }[]

test('a reading of mosquitto_pub at QoS 1 is in the query API, and the gateway becomes active', async () => {
  const gateway = await provisioned(site, 'GW001', { mac: 'aa:bb:cc:dd:ee:01' })
  const ts = Date.now() - 1000
  const sent = await mosquittoPub(gateway, {
    message: JSON.stringify({
      ts,
      values: { temperature: 21.4, 'meter1/energy': 10233, pump: true, mode: 'auto' },
    }),
  })
  expect(sent.output).toContain('PUBACK')
  expect(sent.code).toBe(0)
  // Acknowledged means stored: no waiting here.
  expect(await readings('GW001', 'temperature')).toMatchObject([{ ts, value: 21.4, quality: 0 }])
  expect(await readings('GW001', 'meter1/energy')).toMatchObject([{ value: 10233 }])
  expect(await readings('GW001', 'pump')).toMatchObject([{ value: true }])
  expect(await readings('GW001', 'mode')).toMatchObject([{ value: 'auto' }])
  await eventually(
    async () => (await json('/api/v1/gateways/GW001')).state === 'active',
    'active after the first session',
  )
  const { channels } = await json('/api/v1/channels?gateway=GW001')
  expect(channels.map((channel: { key: string; kind: string }) => [channel.key, channel.kind])).toEqual([
    ['meter1/energy', 'number'],
    ['mode', 'text'],
    ['pump', 'boolean'],
    ['temperature', 'number'],
  ])
  // The credential proved itself: the site's copy of the key is gone.
  await eventually(
    async () => (await site.local.get('/api/v1/gateways/GW001/credentials')).status === 410,
    'key erased after the first session',
  )
})

test('the dialect of an earlier system connects unchanged, with an RSA key', async () => {
  const mac = 'aa:bb:cc:dd:ee:02'
  const gateway = await provisioned(site, 'GW002', { mac, dialect: 'tds', key: 'rsa' })
  expect(gateway).toMatchObject({ clientId: mac, telemetryTopic: `tds_new/devices/${mac}/telemetry` })
  const message = JSON.stringify({ timestamp: 123456, valor: 7.5, unidade: 'bar', gateway_mac: mac })
  expect((await mosquittoPub(gateway, { message })).code).toBe(0)
  // 123456 ms is an uptime, not a time: the site's own is taken and the quality says so.
  const [reading] = await readings('GW002', 'value')
  expect(reading).toMatchObject({ value: 7.5, quality: 1 })
  expect(Math.abs(reading.ts - Date.now())).toBeLessThan(60_000)
  expect((await json('/api/v1/channels?gateway=GW002')).channels).toMatchObject([
    { key: 'value', unit: 'bar' },
  ])
})

test('OpenSSL accepts certificates and revocation list, and shows the profile', async () => {
  const gateway = await provisioned(site, 'GW003', { mac: 'aa:bb:cc:dd:ee:03' })
  expect(
    await openssl(
      'verify',
      '-purpose',
      'sslclient',
      '-CAfile',
      gateway.ca,
      '-untrusted',
      gateway.cert,
      gateway.cert,
    ),
  ).toContain('OK')
  const text = await openssl('x509', '-in', gateway.cert, '-noout', '-text')
  const { id } = await json('/api/v1/gateways/GW003')
  expect(text).toMatch(/Subject:.*CN = aa:bb:cc:dd:ee:03/)
  expect(text).toContain(`URI:urn:millwright:gateway:${id}`)
  expect(text).toContain('DNS:aa-bb-cc-dd-ee-03')
  expect(text).toContain('TLS Web Client Authentication')
  expect(text).toContain('ASN1 OID: prime256v1')
  await site.local.post('/api/v1/gateways/GW003/revoke', { reason: 'key compromise' })
  const crl = join(gateway.dir, 'crl.der')
  await writeFile(crl, (await site.browser.get('/pki/crl')).bytes)
  const list = await openssl('crl', '-inform', 'DER', '-in', crl, '-noout', '-text', '-CAfile', gateway.cert)
  expect(list).toContain('Key Compromise')
  expect(list).toMatch(/X509v3 CRL Number/)
  expect((await site.browser.get('/pki/crl.pem')).text).toMatch(/^-----BEGIN X509 CRL-----/)
})

test('revoking closes the open session within a second, and the same command is refused after', async () => {
  const gateway = await provisioned(site, 'GW004', { mac: 'aa:bb:cc:dd:ee:04' })
  const session = mosquittoSub(gateway, `mw/${gateway.clientId}/commands`)
  await eventually(async () => session.output().includes('SUBACK'), 'subscribed')
  await eventually(async () => (await json('/api/v1/gateways/GW004')).online, 'online')
  const before = Date.now()
  expect((await site.local.post('/api/v1/gateways/GW004/revoke', {})).json.state).toBe('revoked')
  await eventually(
    async () => !(await json('/api/v1/gateways/GW004')).online,
    'offline',
    1_000 - Math.min(900, Date.now() - before),
  )
  session.child.kill()
  await session.ended
  const again = await mosquittoPub(gateway, { message: '{"values":{"x":1}}' })
  expect(again.output).not.toContain('PUBACK')
  expect(again.code).not.toBe(0)
  const found = await eventually(
    async () => (await refusals('GW004')).find(({ reason }) => reason === 'gateway_revoked'),
    'refusal recorded',
  )
  expect(found.reason).toBe('gateway_revoked')
})

test('suspending refuses with its own reason, and resuming lets it in again', async () => {
  const gateway = await provisioned(site, 'GW005', { mac: 'aa:bb:cc:dd:ee:05' })
  await site.local.post('/api/v1/gateways/GW005/suspend', {})
  expect((await mosquittoPub(gateway, { message: '{"values":{"x":1}}' })).code).not.toBe(0)
  await eventually(
    async () => (await refusals('GW005')).some(({ reason }) => reason === 'gateway_suspended'),
    'refusal recorded',
  )
  await site.local.post('/api/v1/gateways/GW005/resume', {})
  expect((await mosquittoPub(gateway, { message: '{"values":{"x":1}}' })).code).toBe(0)
})

test('a wrong client id, a foreign topic and a foreign certificate are refused, each with its reason', async () => {
  const gateway = await provisioned(site, 'GW006', { mac: 'aa:bb:cc:dd:ee:06' })
  expect((await mosquittoPub(gateway, { message: '{}', clientId: 'aabbccddee01' })).code).not.toBe(0)
  await eventually(
    async () =>
      (await refusals('GW006')).some(
        ({ reason, clientId }) => reason === 'client_id_mismatch' && clientId === 'aabbccddee01',
      ),
    'client id',
  )
  expect(
    (await mosquittoPub(gateway, { message: '{}', topic: 'mw/aabbccddee01/telemetry' })).output,
  ).not.toContain('PUBACK')
  await eventually(
    async () =>
      (await refusals('GW006')).some(
        ({ reason, topic }) => reason === 'topic_denied' && topic === 'mw/aabbccddee01/telemetry',
      ),
    'topic',
  )
  const foreign = await selfSigned(gateway)
  expect((await mosquittoPub(foreign, { message: '{}' })).code).not.toBe(0)
  await eventually(
    async () =>
      (await json('/api/v1/refusals')).refusals.some(
        ({ reason, gatewayId }: { reason: string; gatewayId: null }) =>
          gatewayId === null && reason.startsWith('certificate_'),
      ),
    'foreign certificate',
  )
})

async function selfSigned(gateway: Credentials): Promise<Credentials> {
  const [cert, key] = [join(gateway.dir, 'foreign.crt'), join(gateway.dir, 'foreign.key')]
  await openssl(
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-days',
    '10',
    '-subj',
    '/CN=aa:bb:cc:dd:ee:06',
    '-out',
    cert,
    '-keyout',
    key,
  )
  return { ...gateway, cert, key }
}

test.each([
  ['not JSON', 'temperature=21', 'payload_not_json'],
  ['NaN', '{"values":{"x":NaN}}', 'payload_not_json'],
  ['no values', '{"temperature":21}', 'payload_invalid'],
  ['a value that is an object', '{"values":{"x":{"y":1}}}', 'value_invalid'],
])('telemetry that is %s is recorded, and the next message is stored', async (name, message, reason) => {
  const code = `BAD-${name.replace(/\W/g, '')}`
  const gateway = await provisioned(site, code)
  expect((await mosquittoPub(gateway, { message })).code).toBe(0)
  await eventually(async () => (await refusals(code)).some((refusal) => refusal.reason === reason), reason)
  expect((await mosquittoPub(gateway, { message: '{"values":{"x":1}}' })).code).toBe(0)
  expect(await readings(code, 'x')).toMatchObject([{ value: 1 }])
})

test('ten megabytes are refused without harm', async () => {
  const gateway = await provisioned(site, 'BIG')
  const file = join(gateway.dir, 'big')
  await writeFile(file, 'x'.repeat(10 * 1024 * 1024))
  const { cert, key, ca, port, clientId, telemetryTopic } = gateway
  await run('timeout', [
    '15',
    'mosquitto_pub',
    '-h',
    '127.0.0.1',
    '-p',
    String(port),
    '--cafile',
    ca,
    '--cert',
    cert,
    '--key',
    key,
    '-i',
    clientId,
    '-q',
    '1',
    '-t',
    telemetryTopic,
    '-f',
    file,
  ]).catch(() => undefined)
  await eventually(
    async () => (await refusals('BIG')).some(({ reason }) => reason === 'packet_too_large'),
    'packet_too_large',
  )
  expect((await mosquittoPub(gateway, { message: '{"values":{"x":1}}' })).code).toBe(0)
})

test('times follow the rules: 1970 becomes the site’s time, 2100 is kept but never the latest', async () => {
  const gateway = await provisioned(site, 'TIME')
  const now = Date.now()
  const future = Date.UTC(2100, 0, 1)
  for (const message of [
    { ts: 1000, values: { x: 1 } },
    { ts: future, values: { x: 2 } },
  ]) {
    expect((await mosquittoPub(gateway, { message: JSON.stringify(message) })).code).toBe(0)
  }
  const { readings: all } = await json(
    `/api/v1/telemetry/query?gateway=TIME&channel=x&from=${now - 60_000}&to=${future + 1}`,
  )
  expect(all).toMatchObject([
    { value: 1, quality: 1 },
    { ts: future, value: 2, quality: 2 },
  ])
  expect((await json('/api/v1/telemetry/latest?gateway=TIME')).channels).toMatchObject([
    { channel: 'x', latest: { value: 1 } },
  ])
})

test('late and out-of-order readings are kept in order; a correction wins', async () => {
  const gateway = await provisioned(site, 'LATE')
  const base = Date.now() - 3_600_000
  const series = [
    { ts: base + 2000, values: { x: 3 } },
    { ts: base, values: { x: 1 } },
    { ts: base + 1000, values: { x: 2 } },
    { ts: base, values: { x: 10 } },
  ]
  expect((await mosquittoPub(gateway, { message: JSON.stringify(series) })).code).toBe(0)
  await expect
    .poll(async () => (await readings('LATE', 'x')).map(({ value }: { value: number }) => value))
    .toEqual([10, 2, 3])
  const { buckets } = await json(
    `/api/v1/telemetry/query?gateway=LATE&channel=x&from=${base}&to=${base + 3000}&buckets=1`,
  )
  expect(buckets).toMatchObject({
    count: [3],
    min: [2],
    max: [10],
    sum: [15],
    avg: [5],
    first: [10],
    last: [3],
  })
})

test('a channel can be named, given a unit and limits, and exported as CSV', async () => {
  const gateway = await provisioned(site, 'CSV')
  const ts = Date.UTC(2026, 0, 2, 3, 4, 5, 6)
  await mosquittoPub(gateway, { message: JSON.stringify({ ts, values: { note: '=1+1', level: 5 } }) })
  // What was acknowledged is on disk; that there is a new channel is told a moment later.
  const level = await eventually(
    async () =>
      (await json('/api/v1/channels?gateway=CSV')).channels.find(
        (channel: { key: string }) => channel.key === 'level',
      ),
    'the channel',
  )
  const changed = await site.local.send('PATCH', `/api/v1/channels/${level.id}`, {
    name: 'Tank level',
    unit: '%',
    lowLimit: 10,
    highLimit: 90,
  })
  expect(changed.json).toMatchObject({
    name: 'Tank level',
    unit: '%',
    lowLimit: 10,
    highLimit: 90,
    key: 'level',
  })
  expect(
    (await site.local.send('PATCH', `/api/v1/channels/${level.id}`, { lowLimit: 90, highLimit: 10 })).json
      .code,
  ).toBe('channel_limits_invalid')
  const csv = await site.local.get(`/api/v1/telemetry/export?gateway=CSV&from=${ts}&to=${ts + 1}`)
  expect(csv.headers['content-type']).toContain('text/csv')
  expect(csv.text.split('\r\n')).toEqual([
    'gateway,channel,unit,time,value,quality',
    'CSV,level,%,2026-01-02T03:04:05.006Z,5,0',
    "CSV,note,,2026-01-02T03:04:05.006Z,'=1+1,0",
    '',
  ])
})
