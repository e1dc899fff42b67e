import { rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, expect, test } from 'vitest'
import { createEngine, type Engine } from '#engine/create-engine.ts'
import { httpClient } from '#tests/fixtures/http-client.ts'
import { ADMIN, PASSWORD, startSite, temporaryFolder } from '#tests/fixtures/site.ts'

const silent = pino({ level: 'silent' })
const ports = { http: 0, https: 0, deviceHttps: 0, mqtts: 0 }
const answers = {
  siteName: 'Plant 1',
  admin: { email: ADMIN, password: PASSWORD },
  addresses: ['127.0.0.1'],
  names: [],
}

let cleanUp: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const step of cleanUp.reverse()) await step()
  cleanUp = []
})

async function freshEngine(): Promise<{ engine: Engine; dataDir: string }> {
  const dataDir = await temporaryFolder()
  const engine = createEngine({ dataDir, host: 'site', ports, log: silent })
  await engine.start()
  cleanUp.push(
    () => rm(dataDir, { recursive: true, force: true }),
    () => engine.stop(),
  )
  return { engine, dataDir }
}

test('a fresh site wants the code from the console, and nothing else of it answers', async () => {
  const { engine } = await freshEngine()
  const browser = httpClient({ url: engine.addresses.http ?? '' })
  expect((await browser.get('/api/v1/setup')).json).toMatchObject({ done: false, codeRequired: true })
  expect((await browser.get('/api/v1/gateways')).json).toMatchObject({ status: 409, code: 'setup_required' })
  expect((await browser.get('/pki/ca.crt')).status).toBe(404)
  expect(
    (await browser.post('/api/v1/setup', { ...answers, code: '0000-0000-0000-0000' })).json,
  ).toMatchObject({ status: 403, code: 'setup_code_wrong' })
  expect(engine.addresses.setupCode).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}$/)
})

test('with the code the site is made while it runs: CA, certificates, sign-in, broker', async () => {
  const { engine } = await freshEngine()
  const browser = httpClient({ url: engine.addresses.http ?? '' })
  const code = (engine.addresses.setupCode ?? '').toLowerCase()
  const made = await browser.post('/api/v1/setup', { ...answers, code })
  expect(made.json).toMatchObject({
    siteName: 'Plant 1',
    recoveryCode: expect.stringMatching(/^[0-9A-Z-]{30,}$/),
  })
  expect((await browser.post('/api/v1/setup', { ...answers, code })).json).toMatchObject({
    status: 409,
    code: 'setup_done',
  })
  expect((await browser.post('/api/v1/auth/session', { email: ADMIN, password: PASSWORD })).status).toBe(200)
  expect((await browser.get('/pki/ca.crt')).text).toContain('BEGIN CERTIFICATE')
  expect(engine.addresses.mqtts[0]).toMatch(/^mqtts:\/\/127\.0\.0\.1:\d+$/)
  // The HTTPS listener now shows the site's own certificate, signed by the web CA that anyone may fetch.
  const ca = (await browser.get('/pki/web-ca.crt')).text
  const secure = httpClient({ url: engine.addresses.https[0] ?? '', ca })
  expect((await secure.get('/health/ready')).json).toMatchObject({ ready: true })
})

test.each([
  ['a short password', { admin: { email: ADMIN, password: 'short' } }, 'password_too_short'],
  ['a known password', { admin: { email: ADMIN, password: 'Password-123456' } }, 'password_too_common'],
  [
    'the name of the site as password',
    { admin: { email: ADMIN, password: '!!!!!plant1plant1'.slice(0, 0) + 'millwright-1234' } },
    'password_too_common',
  ],
  ['no e-mail address', { admin: { email: 'me', password: PASSWORD } }, 'email_invalid'],
  ['no address', { addresses: ['plant'] }, 'address_invalid'],
])('%s is refused, and the site can still be set up', async (_name, change, code) => {
  const { engine } = await freshEngine()
  const local = httpClient({ socketPath: engine.addresses.socket ?? '' })
  expect((await local.post('/api/v1/setup', { ...answers, ...change, code: '' })).json).toMatchObject({
    code,
  })
  expect((await local.post('/api/v1/setup', { ...answers, code: '' })).status).toBe(200)
})

test('guessing the code is slowed down', async () => {
  const { engine } = await freshEngine()
  const browser = httpClient({ url: engine.addresses.http ?? '' })
  const guess = () => browser.post('/api/v1/setup', { ...answers, code: 'AAAA-AAAA-AAAA-AAAA' })
  const codes: string[] = []
  for (let i = 0; i < 7; i++) codes.push((await guess()).json.code)
  expect(codes.slice(0, 5)).toEqual(Array(5).fill('setup_code_wrong'))
  expect(codes.slice(5)).toContain('too_many_requests')
})

test('a second engine on the same folder is told who has it', async () => {
  const site = await startSite()
  cleanUp.push(() => site.stop())
  const second = createEngine({ dataDir: site.dataDir, host: 'site', ports, log: silent })
  await expect(second.start()).rejects.toMatchObject({
    code: 'data_in_use',
    data: { pid: process.pid, url: site.addresses.https[0] },
  })
  // The first one still answers, and its run file is still there.
  expect((await site.local.get('/api/v1/status')).status).toBe(200)
})

test('a taken port is named with the flag that changes it', async () => {
  const site = await startSite()
  cleanUp.push(() => site.stop())
  const dataDir = await temporaryFolder()
  cleanUp.push(() => rm(dataDir, { recursive: true, force: true }))
  const https = Number(new URL(site.addresses.https[0] ?? '').port)
  const second = createEngine({ dataDir, host: 'site', ports: { ...ports, https }, log: silent })
  await expect(second.start()).rejects.toMatchObject({
    code: 'port_in_use',
    data: { port: https, flag: '--https' },
  })
})

test('what was set up is there after a restart, with the same CA and people', async () => {
  const site = await startSite()
  const ca = (await site.browser.get('/pki/ca.crt')).text
  await site.local.post('/api/v1/gateways/provision', {
    mac_address: 'aa:bb:cc:00:00:01',
    code: 'GW001',
    name: 'x',
  })
  await site.engine.stop()
  const again = await startSite({ dataDir: site.dataDir })
  cleanUp.push(() => again.stop())
  expect((await again.browser.get('/pki/ca.crt')).text).toBe(ca)
  expect((await again.local.get('/api/v1/gateways/GW001')).json).toMatchObject({
    code: 'GW001',
    state: 'claimed',
  })
  expect(
    (await again.browser.post('/api/v1/auth/session', { email: ADMIN, password: PASSWORD })).status,
  ).toBe(200)
})

test('a port in use at set-up does not cost the recovery code, and says what is in the way', async () => {
  const other = createServer()
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  cleanUp.push(() => new Promise((resolve) => other.close(resolve)))
  const { port } = other.address() as { port: number }
  const dataDir = await temporaryFolder()
  cleanUp.push(() => rm(dataDir, { recursive: true, force: true }))
  const engine = createEngine({ dataDir, host: 'site', ports: { ...ports, mqtts: port }, log: silent })
  await engine.start()
  cleanUp.push(() => engine.stop())
  const local = httpClient({ socketPath: engine.addresses.socket ?? '' })
  const made = await local.post('/api/v1/setup', { ...answers, code: '' })
  expect(made.status).toBe(200)
  expect(made.json.recoveryCode).toMatch(/^[0-9A-Z-]{30,}$/)
  expect(made.json.startFailure).toContain(String(port))
  expect((await local.get('/health/ready')).json).toMatchObject({ ready: false })
  await engine.stop()
  const again = await startSite({ dataDir })
  expect((await again.local.get('/health/ready')).json).toMatchObject({ ready: true })
  await again.engine.stop()
})

test('a damaged store is named and left as it is', async () => {
  const dataDir = await temporaryFolder()
  cleanUp.push(() => rm(dataDir, { recursive: true, force: true }))
  const file = join(dataDir, 'site.sqlite')
  await writeFile(file, 'no database, or no longer one'.repeat(500))
  const engine = createEngine({ dataDir, host: 'site', ports, log: silent })
  await expect(engine.start()).rejects.toMatchObject({ code: 'data_damaged', data: { file } })
})
