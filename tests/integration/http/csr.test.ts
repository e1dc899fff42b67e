import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '#tests/fixtures/eventually.ts'
import { type HttpClient, httpClient } from '#tests/fixtures/http-client.ts'
import { ADMIN, PASSWORD, startSite, type TestSite } from '#tests/fixtures/site.ts'
import { People } from './people.ts'

const run = promisify(execFile)
let site: TestSite
let people: People
let devices: HttpClient
let dir: string
let env: Record<string, string>

beforeAll(async () => {
  site = await startSite()
  people = await People.of(site)
  dir = await mkdtemp(join(tmpdir(), 'mw-csr-'))
  const [origin = ''] = site.addresses.deviceHttps
  const ca = (await site.browser.get('/pki/ca.crt')).text
  devices = httpClient({ url: origin, ca })
  await writeFile(join(dir, 'web-ca.crt'), site.addresses.webCaPem ?? '')
  const { json: tokens } = await site.browser.post('/api/v1/auth/login', { email: ADMIN, password: PASSWORD })
  env = {
    PATH: process.env['PATH'] ?? '',
    SITE: origin,
    UI: site.addresses.https[0] ?? '',
    BROKER: '127.0.0.1',
    PORT: new URL(site.addresses.mqtts[0] ?? '').port,
    DEVICE: 'grow-7',
    TOKEN: tokens.access_token,
  }
})
afterAll(async () => {
  await people.close()
  await site.stop()
  await rm(dir, { recursive: true, force: true })
})

async function shell(lines: string): Promise<string> {
  const { stdout } = await run('bash', ['-euo', 'pipefail', '-c', lines], { cwd: dir, env, timeout: 60_000 })
  return stdout
}
const json = async (path: string) => (await site.local.get(path)).json

/** A request by openssl, in base64 of DER. */
async function request(name: string, subject: string, more = ''): Promise<string> {
  await shell(`[ -f ${name}.key ] || openssl ecparam -name prime256v1 -genkey -noout -out ${name}.key
    openssl req -new -key ${name}.key -subj '${subject}' ${more} -outform DER -out ${name}.der
    openssl pkey -in ${name}.key -pubout -outform DER -out ${name}.pub`)
  return (await readFile(join(dir, `${name}.der`))).toString('base64')
}
const knock = (body: object) => devices.post('/api/v1/gateways/csr', body)

/** What the QR code of a box holds. */
async function codeOf(name: string, deviceId: string) {
  const publicKey = (await readFile(join(dir, `${name}.pub`))).toString('base64')
  const fingerprint = (await shell(`openssl dgst -sha256 -r ${name}.pub`)).slice(0, 64)
  return { deviceId, fingerprint, publicKey }
}

test('the lines of docs/csr.md take a box from unknown, by its QR code, to a stored reading', async () => {
  const page = await readFile('docs/csr.md', 'utf8')
  const blocks = [...page.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, lines]) => lines ?? '')
  expect(blocks).toHaveLength(5)
  const bound = await shell(blocks.slice(0, 4).join('\n'))
  expect(bound).toContain('"status":"pending"')
  expect(bound).toContain('client.crt: OK')
  const state = async () => {
    const { gateways } = await json('/api/v1/gateways?search=grow-7')
    return gateways[0]
  }
  const isActive = async () => (await state()).bindState === 'bound' && (await state()).state === 'active'
  await eventually(isActive, 'bound and active after its answer')
  expect(await state()).toMatchObject({ dialect: 'direction', credential: 'both', label: 'GROW-7' })
  await shell(`${blocks[3]?.split('\n').slice(0, 2).join('\n')}\n${blocks[4]}`)
  const { id } = await state()
  const { readings } = await json(
    `/api/v1/telemetry/query?gateway=${id}&channel=${encodeURIComponent('climate/temperature')}`,
  )
  expect(readings).toMatchObject([{ value: 21.4 }])
  const { entries } = await json('/api/v1/audit?limit=100')
  const actions = entries.map(({ action }: { action: string }) => action)
  for (const expected of ['gateway.bind', 'gateway.bind_answer', 'credential.fetch'])
    expect(actions).toContain(expected)
})

test('a request that is refused says why, and is in the audit; what is too large is not read', async () => {
  const refused = async (body: object) => {
    const { status, json: answer } = await knock(body)
    return [status, answer.code, answer.data?.reason]
  }
  const csr = await request('bad', '/CN=grow-bad')
  expect(await refused({ csr, device_id: 'grow-8' })).toEqual([400, 'csr_refused', 'name_foreign'])
  const changed = Buffer.from(csr, 'base64')
  changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1
  const forged = { csr: changed.toString('base64'), device_id: 'grow-bad' }
  expect(await refused(forged)).toEqual([400, 'csr_refused', 'signature_wrong'])
  const authority = await request('bad', '/CN=grow-bad', '-addext basicConstraints=CA:TRUE')
  expect(await refused({ csr: authority })).toEqual([400, 'csr_refused', 'asks_too_much'])
  expect(await refused({ csr: 'x'.repeat(40_000) })).toEqual([400, 'csr_refused', 'too_large'])
  expect((await refused({ csr: 'A'.repeat(1_400_000) }))[0]).toBe(413)
  expect((await refused({ csr: 5 }))[1]).toBe('input_invalid')
  expect((await refused({ csr, device_id: 'a/+/#' }))[1]).toBe('input_invalid')
  expect((await refused({ csr, mac_address: 'nonsense' }))[1]).toBe('mac_invalid')
  const { entries } = await json('/api/v1/audit?limit=100')
  expect(entries).toContainEqual(
    expect.objectContaining({
      action: 'gateway.csr',
      outcome: 'refused',
      details: expect.objectContaining({ reason: 'asks_too_much' }),
    }),
  )
})

test('who lost the poll secret proves the key, and whoever only saw the request gets nothing', async () => {
  const csr = await request('lost', '/CN=grow-lost')
  const first = (await knock({ csr })).json
  expect(first).toMatchObject({ state: 'waiting', poll_secret: expect.stringMatching(/^mwp_/) })
  const again = (await knock({ csr })).json
  expect(again).toMatchObject({ state: 'waiting', fingerprint: first.fingerprint })
  expect(again).not.toHaveProperty('poll_secret')
  expect(again).not.toHaveProperty('activation_token')
  const config = `[req]\ndistinguished_name=dn\nattributes=a\nprompt=no\n[dn]\nCN=grow-lost\n[a]\nchallengePassword=${again.challenge}\n`
  await writeFile(join(dir, 'proof.cnf'), config)
  await shell('openssl req -new -key lost.key -config proof.cnf -outform DER -out proof.der')
  const proof = (await readFile(join(dir, 'proof.der'))).toString('base64')
  const proved = (await knock({ csr: proof })).json
  expect(proved.poll_secret).toMatch(/^mwp_/)
  // Seen by somebody and sent again, it gives nothing more.
  expect((await knock({ csr: proof })).json).not.toHaveProperty('poll_secret')
  const poll = (secret: string) =>
    devices.post('/api/v1/gateways/bootstrap', undefined, { authorization: `Bearer ${secret}` })
  expect((await poll(proved.poll_secret)).status).toBe(202)
  expect((await poll(first.poll_secret)).status).toBe(410)
})

test('a box is bound to who has its code, once; any other code is refused in one way', async () => {
  const { tenants } = await json('/api/v1/tenants')
  const owner = await people.add('operator', tenants[0].id)
  const headers = { cookie: await people.cookie(owner), origin: new URL(site.addresses.http ?? '').origin }
  const csr = await request('grow-9', '/CN=grow-9')
  await knock({ csr, device_id: 'grow-9' })
  const code = await codeOf('grow-9', 'grow-9')
  const bind = (body: object, as: Record<string, string> = headers) =>
    site.browser.post('/devices/bind', body, as)
  await request('other', '/CN=other')
  const other = await codeOf('other', 'grow-9')
  const wrong = [
    { ...code, deviceId: 'grow-0' },
    { ...code, fingerprint: other.fingerprint },
    { ...code, publicKey: other.publicKey },
    other,
  ]
  for (const body of wrong) {
    const { status, json: answer } = await bind(body)
    expect([status, answer.statusCode, answer.error, answer.code]).toEqual([
      404,
      404,
      'Not Found',
      'bind_refused',
    ])
  }
  expect((await bind({ deviceId: 'grow-9' })).json).toMatchObject({ statusCode: 400, error: 'Bad Request' })
  expect((await bind(code, {})).status).toBe(401)
  const viewer = await people.add('viewer', tenants[0].id)
  const asViewer = { ...headers, cookie: await people.cookie(viewer) }
  expect((await bind(code, asViewer)).json).toMatchObject({ statusCode: 403 })
  const answers = await Promise.all([bind(code), bind(code), bind(code)])
  expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 409, 409])
  const bound = answers.find(({ status }) => status === 201)?.json
  expect(bound).toMatchObject({ deviceId: 'grow-9', status: 'pending', ownerType: 'user', ownerId: owner.id })
  const gateway = await json(`/api/v1/gateways/${bound.id}`)
  expect(gateway).toMatchObject({ owner: { id: owner.id }, bindState: 'pending', state: 'claimed' })
  expect((await site.local.post(`/api/v1/gateways/${bound.id}/bind/resend`, {})).json.code).toBe(
    'bind_conflict',
  )
  const { commands } = await json(`/api/v1/gateways/${bound.id}/commands`)
  expect(commands).toMatchObject([{ name: 'bind', purpose: 'bind', state: 'queued' }])
})

test('a box that was signed ahead waits to be bound by the fingerprint of its certificate', async () => {
  const csr = await request('ahead', '/CN=grow-10')
  const made = await site.local.post('/api/v1/gateways/sign-csr', {
    csr,
    code: 'GW010',
    device_id: 'grow-10',
    bind: true,
  })
  expect(made.status).toBe(201)
  await writeFile(join(dir, 'ahead.crt'), made.json.certificate_pem)
  const fingerprint = await shell('openssl x509 -in ahead.crt -outform DER | openssl dgst -sha256 -r')
  expect(made.json.qr).toMatchObject({ deviceId: 'grow-10', fingerprint: fingerprint.slice(0, 64) })
  const early = await site.local.post('/api/v1/gateways/GW010/bind/resend', {})
  expect(early.json).toMatchObject({ code: 'bind_conflict', data: { state: 'not bound by anybody yet' } })
  const wrong = { ...made.json.qr, fingerprint: '0'.repeat(64) }
  expect((await site.local.post('/api/v1/gateways/bind', wrong)).json.code).toBe('bind_refused')
  const bound = await site.local.post('/api/v1/gateways/bind', made.json.qr)
  expect([bound.status, bound.json.bindState]).toEqual([201, 'pending'])
  expect((await site.local.post('/api/v1/gateways/bind', made.json.qr)).json.code).toBe('bind_conflict')
  // The key is one gateway's: nobody else enrolls with it.
  const stolen = await site.local.post('/api/v1/gateways/sign-csr', {
    csr: await request('ahead', '/CN=GW011'),
    code: 'GW011',
  })
  expect(stolen.json).toMatchObject({ code: 'csr_refused', data: { reason: 'key_taken' } })
  const knocked = await knock({ csr: await request('ahead', '/'), device_id: 'grow-11' })
  expect(knocked.json).toMatchObject({ code: 'csr_refused', data: { reason: 'key_taken' } })
})
