import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '#tests/fixtures/eventually.ts'
import { isLetIn, send, withCertificate, withPassword } from '#tests/fixtures/mqtt-listener.ts'
import { startSite, type TestSite } from '#tests/fixtures/site.ts'
import { millwright } from '../cli/command.ts'

let site: TestSite
let ca: string
let ports: { passwordMqtts: number }
/** An API key that may do what these need, as scripts of the reference systems hold one. */
let key: string

beforeAll(async () => {
  site = await startSite({ mqttListeners: { passwordMqtts: 0 } })
  ca = join(site.dataDir, 'ca.crt')
  await writeFile(ca, (await site.local.get('/pki/ca.crt')).text)
  const { tenants, mqttListeners } = (await site.local.get('/api/v1/site')).json
  ports = mqttListeners
  await site.local.send('PATCH', `/api/v1/tenants/${tenants[0].id}`, { passwordGateways: true })
  const scopes = ['claims:accept', 'gateways:write', 'gateways:read', 'certificates:write', 'telemetry:read']
  key = (await site.local.post('/api/v1/api-keys', { name: 'script', scopes })).json.secret
})
afterAll(() => site.stop())

interface Answer {
  status: number
  // oxlint-disable-next-line typescript/no-explicit-any -- tests read what they expect and fail where it is not there
  json: any
  text: string
}

const run = promisify(execFile)

/** A box asks with `curl`, on the listener for boxes, trusting the CA that was burned into it. */
async function curl(path: string, ...more: string[]): Promise<Answer> {
  const url = new URL(path, site.addresses.deviceHttps[0]).href
  const args = ['-sS', '--cacert', ca, '-w', '\n%{http_code}', ...more, url]
  const { stdout } = await run('curl', args)
  const end = stdout.lastIndexOf('\n')
  const text = stdout.slice(0, end)
  return { status: Number(stdout.slice(end + 1)), text, json: text.startsWith('{') ? JSON.parse(text) : null }
}

function post(path: string, body: unknown, ...more: string[]): Promise<Answer> {
  return curl(path, '-H', 'Content-Type: application/json', '-d', JSON.stringify(body), ...more)
}

/** A script asks the site for people. */
async function ask(method: string, path: string, body?: unknown, scheme = 'Bearer') {
  return site.browser.send(method, path, body, { authorization: `${scheme} ${key}` })
}

const BOOTSTRAP = '/api/v1/gateways/bootstrap'
const bearer = (secret: string) => ['-H', `Authorization: Bearer ${secret}`]

async function storedOf(gateway: string, channel: string, value: number): Promise<void> {
  await eventually(async () => {
    const { json } = await site.local.get(`/api/v1/channels?gateway=${gateway}`)
    return json.channels?.some(
      (one: { key: string; latest: { value: number } | null }) =>
        one.key === channel && one.latest?.value === value,
    )
  }, `a reading of ${gateway}`)
}

const openWindow = () => site.local.post('/api/v1/claims/windows', { minutes: 5 })
const closeWindow = () => site.local.post('/api/v1/claims/windows/close', {})

test('from an unknown box to a stored reading: it knocks, is claimed, fetches its certificate and connects', async () => {
  const mac = '24:0a:c4:00:00:01'
  const knocked = await post(BOOTSTRAP, { mac_address: mac, chip: 'ESP32-S3', firmware: '1.2.0' })
  expect(knocked.status).toBe(202)
  expect(knocked.json).toMatchObject({ state: 'waiting', poll_interval: 30 })
  const { poll_secret: secret, activation_token: token } = knocked.json
  const poll = () => post(BOOTSTRAP, {}, ...bearer(secret))
  expect((await poll()).json).toMatchObject({ state: 'waiting' })
  expect((await poll()).json).not.toHaveProperty('poll_secret')
  expect((await curl(`${BOOTSTRAP}/credential`, ...bearer(secret))).status).toBe(410)

  const { knocks } = (await ask('GET', '/api/v1/claims')).json
  expect(knocks[0]).toMatchObject({
    mac,
    manufacturer: 'Espressif Inc.',
    chip: 'ESP32-S3',
    address: '127.0.0.1',
    unproven: false,
    flagged: false,
    state: 'waiting',
  })
  const claimed = await ask('POST', '/api/v1/claims/accept', { token, code: 'ZT-1', name: 'First' })
  expect([claimed.status, claimed.json.state, claimed.json.platform]).toEqual([201, 'claimed', 'ESP32-S3'])
  // The token claims once, and fetches nothing.
  expect((await ask('POST', '/api/v1/claims/accept', { token })).json.code).toBe('activation_token_invalid')
  expect((await curl(`${BOOTSTRAP}/credential`, ...bearer(token))).status).toBe(410)

  const told = await poll()
  expect([told.status, told.json.state]).toEqual([200, 'claimed'])
  const fetched = await curl(told.json.credential_url, ...bearer(secret))
  expect(fetched.json).toMatchObject({
    code: 'ZT-1',
    mqtt_client_id: '240ac4000001',
    credential: 'certificate',
  })
  // As often as it asks: its answer may be lost.
  const again = (await curl(told.json.credential_url, ...bearer(secret))).json
  expect(again.private_key_pem).toBe(fetched.json.private_key_pem)
  const dir = site.dataDir
  await writeFile(join(dir, 'zt.crt'), again.certificate_pem)
  await writeFile(join(dir, 'zt.key'), again.private_key_pem)
  const access = withCertificate(again.mqtt_port, ca, join(dir, 'zt.crt'), join(dir, 'zt.key'))
  expect(
    await send(access, again.mqtt_topic, ['{"values":{"temperature":21.5}}'], ['-i', again.mqtt_client_id]),
  ).toBe(0)
  await storedOf('ZT-1', 'temperature', 21.5)
  // Its first session ended the hand-over: the key is nowhere any more.
  await eventually(
    async () => (await curl(told.json.credential_url, ...bearer(secret))).status === 410,
    'the end',
  )
  expect((await poll()).status).toBe(410)
  expect((await site.local.get('/api/v1/audit?action=credential.fetch')).json.entries).toHaveLength(2)
})

test('a box that asks for a secret confirms that it has it', async () => {
  const knocked = await post(BOOTSTRAP, { label: 'ESM-A1B2C3', credential: 'secret' })
  const secret = knocked.json.poll_secret
  expect((await ask('POST', '/api/v1/claims/accept', { label: 'esm-a1b2c3' })).status).toBe(201)
  const { json } = await curl(`${BOOTSTRAP}/credential`, ...bearer(secret))
  expect(json).toMatchObject({ certificate_pem: null, credential: 'secret', mqtt_port: ports.passwordMqtts })
  const access = withPassword(ports.passwordMqtts, ca, json.mqtt_username, json.mqtt_password)
  for (const status of [200, 200])
    expect((await post(`${BOOTSTRAP}/received`, {}, ...bearer(secret))).status).toBe(status)
  expect((await curl(`${BOOTSTRAP}/credential`, ...bearer(secret))).status).toBe(410)
  expect(await send(access, json.mqtt_topic, ['{"values":{"level":7}}'], ['-i', json.mqtt_client_id])).toBe(0)
  await storedOf('ESM-A1B2C3', 'level', 7)
})

describe('a box of reference system 000', () => {
  const label = '8f8835f1-70c3-4cbd-b4c0-9acb6826c641'
  const bootstrap = (...more: string[]) => curl(`/api/devices/bootstrap?device_label=${label}`, ...more)

  test('is not heard outside of a claim window', async () => {
    expect(await bootstrap()).toMatchObject({ status: 202, json: { status: 'unclaimed', poll_interval: 30 } })
    expect((await ask('POST', '/api/devices/claim', { device_label: label })).status).toBe(404)
  })

  test('polls, is claimed, fetches its secret once and publishes under its label', async () => {
    await openWindow()
    expect((await bootstrap()).status).toBe(202)
    expect((await bootstrap()).status).toBe(202)
    const claimed = await ask('POST', '/api/devices/claim', { device_label: label })
    expect(claimed.json).toEqual({ device_id: expect.any(String), message: 'Claimed' })
    const told = await bootstrap()
    expect(told.json).toEqual({
      status: 'claimed',
      secret_url: expect.stringMatching(/^\/api\/devices\/secret\?token=/),
    })
    // From elsewhere in the network nobody is served.
    expect((await curl(told.json.secret_url, '--interface', '127.0.0.2')).status).toBe(404)
    expect((await bootstrap('--interface', '127.0.0.2')).json.status).toBe('unclaimed')
    const fetched = await curl(told.json.secret_url)
    expect(fetched.json.device_secret).toMatch(/^[0-9a-f]{64}$/)
    expect((await curl(told.json.secret_url)).status).toBe(404)
    await closeWindow()
    const { device_secret: secret, tenant_id: tenant } = fetched.json
    const access = withPassword(ports.passwordMqtts, ca, label, secret)
    const topic = `tenants/${tenant}/devices/${label}/telemetry/slot/0`
    expect(await send(access, topic, ['{"value": 42.5}'])).toBe(0)
    await storedOf(label.toUpperCase(), 'slot/0', 42.5)
  })

  test('leaves its tenant', async () => {
    const left = await ask('POST', `/api/devices/${label}/unclaim`)
    expect(left.json).toMatchObject({ status: 'unclaimed' })
    expect((await site.local.get(`/api/v1/gateways/${left.json.device_id}`)).json.state).toBe('unclaimed')
  })
})

describe('a box of reference system 001', () => {
  const mac = 'a4:cf:12:00:00:01'
  const account = { conta_id: 1, codigo: 'GW001', nome: 'Gateway Sede' }

  test('is told what is wrong in its own words', async () => {
    expect(await post(`${BOOTSTRAP}/`, { mac_address: 'no' })).toMatchObject({
      status: 400,
      json: { error: 'MAC address inválido' },
    })
    expect((await post(`${BOOTSTRAP}/`, { mac_address: mac })).status).toBe(503)
    const refused = await ask(
      'POST',
      '/api/v1/gateways/ativar/',
      { activation_token: 'x', ...account },
      'Token',
    )
    expect(refused).toMatchObject({ status: 400, json: { error: 'Token inválido ou expirado' } })
  })

  test('knocks, is activated with its token, downloads its certificate and publishes', async () => {
    await openWindow()
    const knocked = await post(`${BOOTSTRAP}/`, { mac_address: mac })
    expect(knocked).toMatchObject({ status: 200, json: { expires_in: 86_400 } })
    const { activation_token, qr_code_url, activation_url } = knocked.json
    expect(activation_url).toMatch(/^https:\/\/.*\/claims#token=mwa_/)
    const qr = await curl(qr_code_url.replace(/^https:\/\/[^/]+/, ''))
    expect(qr.text).toMatch(/^<svg/)
    const activated = await ask('POST', '/api/v1/gateways/ativar/', { activation_token, ...account }, 'Token')
    expect(activated.status).toBe(201)
    const { download_url } = activated.json
    expect((await curl(download_url, '--interface', '127.0.0.2')).status).toBe(404)
    expect((await post(`${BOOTSTRAP}/`, { mac_address: mac })).json).toMatchObject({
      status: 'claimed',
      download_url,
    })
    const { json } = await curl(download_url)
    expect(json.mqtt_topic).toBe(`tds_new/devices/${mac}/telemetry`)
    const dir = site.dataDir
    await writeFile(join(dir, 'tds.crt'), json.certificate_pem)
    await writeFile(join(dir, 'tds.key'), json.private_key_pem)
    const access = withCertificate(json.mqtt_port, ca, join(dir, 'tds.crt'), join(dir, 'tds.key'))
    const message = JSON.stringify({ timestamp: Date.now(), valor: 3.5, unidade: 'bar', gateway_mac: mac })
    expect(await send(access, json.mqtt_topic, [message], ['-i', mac])).toBe(0)
    await storedOf('GW001', 'value', 3.5)
    await closeWindow()
  })

  test('its scripts provision with their own fields, and read what is wrong', async () => {
    const provision = (body: object) => ask('POST', '/api/v1/gateways/provision/', body, 'Token')
    const made = await provision({ mac_address: 'a4:cf:12:00:00:02', ...account, codigo: 'GW002' })
    expect(made.status).toBe(201)
    expect(Object.keys(made.json).toSorted()).toEqual(
      [
        'gateway_id',
        'certificate_pem',
        'private_key_pem',
        'ca_pem',
        'expires_at',
        'serial_number',
        'mqtt_broker',
        'mqtt_port',
        'mqtt_topic',
      ].toSorted(),
    )
    const zip = await ask('GET', `/api/v1/gateways/${made.json.gateway_id}/certificados/`, undefined, 'Token')
    expect([zip.status, zip.headers['content-disposition']]).toEqual([
      200,
      'attachment; filename="a4-cf-12-00-00-02_certificados.zip"',
    ])
    expect((await provision({ mac_address: 'x', ...account, codigo: 'GW003' })).json).toMatchObject({
      mac_address: ['MAC inválido. Use formato aa:bb:cc:dd:ee:ff'],
    })
    expect(await provision({ mac_address: 'a4:cf:12:00:00:02', ...account, codigo: 'GW003' })).toMatchObject({
      status: 400,
      json: { non_field_errors: ['MAC já cadastrado nesta conta'] },
    })
    expect(
      (await provision({ mac_address: 'a4:cf:12:00:00:03', ...account, conta_id: 'nobody', codigo: 'GW003' }))
        .json,
    ).toMatchObject({ conta_id: ['Conta inválida ou inativa'] })
  })
})

test('a box that leaves its tenant leaves its readings there, and brings the next one none', async () => {
  const mac = '24:0a:c4:00:00:01'
  const { tenants } = (await site.local.get('/api/v1/tenants')).json
  const { id: south } = await site.engine.createTenant({ slug: 'south', name: 'South' })
  const scopes = ['claims:accept', 'gateways:read', 'telemetry:read']
  const keyOf = async (tenant: string) =>
    (await site.local.post('/api/v1/api-keys', { name: tenant, scopes, tenant })).json.secret
  const keys = { north: await keyOf(tenants[0].id), south: await keyOf(south) }
  const as = async (who: keyof typeof keys, path: string, body?: unknown) =>
    site.browser.send(body === undefined ? 'GET' : 'POST', path, body, {
      authorization: `Bearer ${keys[who]}`,
    })
  const { id } = (await as('north', '/api/v1/gateways/ZT-1')).json

  const knocked = (await post(BOOTSTRAP, { mac_address: mac })).json
  // Of another tenant: it is not told whose it is.
  const taken = await as('south', '/api/v1/claims/accept', { token: knocked.activation_token, code: 'S-1' })
  expect([taken.status, taken.json.code, taken.text.includes('ZT-1')]).toEqual([409, 'mac_taken', false])
  expect((await site.local.post('/api/v1/gateways/ZT-1/unclaim', { reason: 'sold' })).json).toMatchObject({
    state: 'unclaimed',
    group: null,
    owner: null,
  })
  const claimed = await as('south', '/api/v1/claims/accept', { token: knocked.activation_token, code: 'S-1' })
  expect(claimed.json).toMatchObject({ id, code: 'S-1', name: 'S-1', lastSeenAt: null, state: 'claimed' })

  const before = withCertificate(0, ca, join(site.dataDir, 'zt.crt'), join(site.dataDir, 'zt.key'))
  const made = (await curl(`${BOOTSTRAP}/credential`, ...bearer(knocked.poll_secret))).json
  const message = ['{"values":{"temperature":99}}']
  const options = ['-i', made.mqtt_client_id]
  expect(await isLetIn({ ...before, port: made.mqtt_port })).toBe(false)
  await writeFile(join(site.dataDir, 's.crt'), made.certificate_pem)
  await writeFile(join(site.dataDir, 's.key'), made.private_key_pem)
  const access = withCertificate(made.mqtt_port, ca, join(site.dataDir, 's.crt'), join(site.dataDir, 's.key'))
  expect(await send(access, made.mqtt_topic, message, options)).toBe(0)
  await storedOf('S-1', 'temperature', 99)

  const check = async () => {
    const { channels } = (await as('north', '/api/v1/channels')).json
    const kept = channels.find(({ gatewayId }: { gatewayId: string }) => gatewayId === id)
    expect(kept).toMatchObject({ gatewayCode: 'ZT-1', key: 'temperature', latest: { value: 21.5 } })
    const trend = await as('north', `/api/v1/telemetry/query?channel=${kept.id}&from=0`)
    expect(trend.json.readings.map(({ value }: { value: number }) => value)).toEqual([21.5])
    expect((await as('north', `/api/v1/gateways/${id}`)).status).toBe(404)
    const theirs = (await as('south', '/api/v1/channels')).json.channels
    expect(theirs).toMatchObject([{ gatewayCode: 'S-1', latest: { value: 99 } }])
    expect((await as('south', `/api/v1/telemetry/query?channel=${kept.id}&from=0`)).status).toBe(404)
    const { events } = (await as('south', '/api/v1/gateways/S-1/history')).json
    expect(events.some(({ value }: { value: string }) => value === 'unclaimed')).toBe(false)
  }
  await check()
  // The next start knows no more and no less.
  await site.engine.stop()
  site = await startSite({ dataDir: site.dataDir, mqttListeners: { passwordMqtts: 0 } })
  await check()
})

test('boxes are claimed in bulk, and the command line does all of it', async () => {
  const cli = async (...args: string[]) => millwright([...args, '--data', site.dataDir])
  const south = ['--tenant', 'south']
  const macs = Array.from({ length: 12 }, (_, n) => `24:0a:c4:00:01:${(n + 16).toString(16)}`)
  for (const mac of macs) await site.browser.post(BOOTSTRAP, { mac_address: mac, credential: 'secret' })
  // Two under one name: a person chooses. The one from elsewhere above is the only one of its name by now.
  await site.browser.post(BOOTSTRAP, { mac_address: macs[0] })
  expect((await cli('claims', 'window', 'open', '--minutes', '5', ...south)).stdout).toMatch(
    /^The claim window of South/,
  )
  const listed = await cli('claims', 'list', '--search', macs[1] ?? '')
  expect(listed.stdout).toContain('Espressif')
  expect((await cli('claims', 'dismiss', macs[11] ?? '')).code).toBe(0)
  const one = await cli('claims', 'accept', macs[10] ?? '', '--code', 'B7', ...south)
  expect([one.code, one.stdout]).toEqual([0, expect.stringMatching(/B7/)])
  const many = await cli('claims', 'accept-all', '--code', 'B{n:02}', ...south)
  expect([many.code, many.stdout]).toEqual([1, '10 of 12 boxes are claimed, 2 are not\n'])
  const { gateways } = (await site.local.get('/api/v1/gateways?tenant=south&search=B')).json
  const codes = gateways.map(({ code }: { code: string }) => code)
  expect(codes).toEqual(['B08', 'B09', 'B10', 'B11', 'B12', 'B13', 'B14', 'B15', 'B16', 'B17', 'B7'])
  const { jobs } = (await site.local.get('/api/v1/jobs?kind=claims.accept')).json
  expect(jobs[0]).toMatchObject({
    state: 'done',
    result: { boxes: 12, claimed: 10, failed: 2, failures: [{ error: 'claim_ambiguous' }, {}] },
  })
  const report = await site.local.get(`/api/v1/jobs/${jobs[0].id}/file`)
  expect(report.text.split('\r\n')).toHaveLength(14)
  expect((await cli('gateways', 'unclaim', 'B7')).stdout).toMatch(/is unclaimed/)
})

test('what is sent there is bounded, and answered without a word about how', async () => {
  const big = await post(BOOTSTRAP, { mac_address: '24:0a:c4:00:00:09', chip: 'x'.repeat(5_000) })
  expect([big.status, big.json.code]).toEqual([413, 'body_too_large'])
  const bad: unknown[] = [
    {},
    { mac_address: 'ff:ff:ff:ff:ff:ff' },
    { label: 'a b' },
    { label: 'x', chip: 'a\u0000b' },
    [],
    'x',
  ]
  for (const body of bad) {
    const { status, text } = await post(BOOTSTRAP, body)
    expect([status, /at .*\.ts|node:/.test(text)]).toEqual([400, false])
  }
  expect((await curl(BOOTSTRAP, '-d', '{', '-H', 'Content-Type: application/json')).json.code).toBe(
    'json_invalid',
  )
  expect((await curl(BOOTSTRAP, '-d', 'a=b')).status).toBe(415)
})
