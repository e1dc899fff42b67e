import { afterAll, beforeAll, expect, test } from 'vitest'
import { contract } from '#contract/contract.ts'
import { httpClient } from '#tests/fixtures/http-client.ts'
import { ADMIN, PASSWORD, startSite, type TestSite } from '#tests/fixtures/site.ts'
import { People } from './people.ts'

const long = process.env['MILLWRIGHT_LONG'] === '1'
const ATTEMPTS = long ? 100_000 : 2_000
const ATTACKERS = 50
const AT_ONCE = 100

let site: TestSite
let people: People
beforeAll(async () => {
  site = await startSite()
  people = await People.of(site)
})
afterAll(async () => {
  await people?.close()
  await site?.stop()
})

const from = (localAddress: string) => httpClient({ url: site.addresses.http ?? '', localAddress })
const signIn = (client: ReturnType<typeof httpClient>, email: string, password: string) =>
  client.post('/api/v1/auth/session', { email, password })

test(`${ATTEMPTS} attempts from ${ATTACKERS} addresses keep nobody out and fill nothing`, async () => {
  const attackers = Array.from({ length: ATTACKERS }, (_, i) => from(`127.0.1.${i + 1}`))
  const before = process.memoryUsage().rss
  const codes = new Map<string, number>()
  let sent = 0
  const attack = async () => {
    while (sent < ATTEMPTS) {
      const n = sent++
      const client = attackers[n % ATTACKERS]
      // The administrator's own address, and names that nobody has.
      const email = n % 2 === 0 ? ADMIN : `user-${n}@plant.example`
      if (!client) throw new Error('no attacker')
      const { json } = await signIn(client, email, `guess ${n} of a password`)
      codes.set(json.code, (codes.get(json.code) ?? 0) + 1)
    }
  }
  const storm = Promise.all(Array.from({ length: AT_ONCE }, attack))
  const kept: number[] = []
  for (let i = 0; i < 3; i++) {
    kept.push((await signIn(from('127.0.0.1'), ADMIN, PASSWORD)).status)
    kept.push((await from('127.0.0.1').get('/health/ready')).status)
  }
  await storm
  expect(kept).toEqual(Array(6).fill(200))
  expect((await signIn(from('127.0.0.1'), ADMIN, PASSWORD)).status).toBe(200)
  expect([...codes.keys()].toSorted()).toEqual(
    expect.arrayContaining(['too_many_requests', 'wrong_credentials']),
  )
  // Each address has its twenty guesses, however many it makes.
  expect(codes.get('wrong_credentials')).toBeLessThanOrEqual(ATTACKERS * 20)
  expect((process.memoryUsage().rss - before) / 2 ** 20).toBeLessThan(300)
  const entries = await people.db
    .selectFrom('auditEntries')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('action', '=', 'auth.login')
    .executeTakeFirstOrThrow()
  expect(entries.count).toBeLessThan(ATTACKERS * 60)
  const metrics = (await from('127.0.0.1').get('/metrics')).text
  const limited = Number(/^millwright_http_limited_total\{by="sign_in"\} (\d+)$/m.exec(metrics)?.[1])
  expect(limited).toBeGreaterThan(0)
})

test('one caller too fast is told so, and others are not; the limit is a setting that counts at once', async () => {
  const [tenant] = (await site.local.get('/api/v1/tenants')).json.tenants
  const limits = (await site.local.get('/api/v1/site/http-limits')).json
  expect(limits).toEqual({ addressPerMinute: 6_000, callsPerSecond: 100, callBurst: 1_000 })
  await site.local.send('PUT', '/api/v1/site/http-limits', { ...limits, callsPerSecond: 1, callBurst: 10 })
  const make = async () =>
    (
      await site.local.post('/api/v1/api-keys', {
        name: 'fast',
        scopes: ['gateways:read'],
        tenant: tenant.id,
      })
    ).json.secret
  const [fast, other] = [await make(), await make()]
  const call = async (key: string) =>
    (await site.browser.get('/api/v1/gateways', { authorization: `Bearer ${key}` })).json
  const answers = []
  for (let i = 0; i < 20; i++) answers.push((await call(fast)).code ?? 'ok')
  expect(answers.slice(0, 10)).toEqual(Array(10).fill('ok'))
  expect(answers.slice(12)).toContain('too_many_requests')
  expect((await call(other)).code).toBeUndefined()
  const exported = await site.browser.get('/api/v1/telemetry/export?gateway=x', { 'x-api-key': fast })
  expect(exported.json.code).toBe('too_many_requests')
  await site.local.send('PUT', '/api/v1/site/http-limits', limits)
  const wrong = await site.local.send('PUT', '/api/v1/site/http-limits', { ...limits, callBurst: 0 })
  expect(wrong.json.code).toBe('input_invalid')
  const { details } = await people.db
    .selectFrom('auditEntries')
    .select('details')
    .where('action', '=', 'site.http_limits')
    .orderBy('seq', 'desc')
    .where('outcome', '=', 'done')
    .executeTakeFirstOrThrow()
  expect(JSON.parse(details)).toMatchObject({ before: { callBurst: 10 }, after: limits })
})

/** Every write of REST, with a cookie that is good. */
const writes = Object.entries(contract).flatMap(([feature, procedures]) =>
  Object.entries(procedures).flatMap(([name, procedure]) => {
    const { method = 'POST', path } = procedure['~orpc'].route
    return path !== undefined && method !== 'GET'
      ? [{ name: `${feature}.${name}`, method, path: `/api/v1${path.replace(/\{\w+\}/g, 'x')}` }]
      : []
  }),
)

test("another site's page with the person's own cookie can write nothing", async () => {
  const cookie = await people.cookie(await people.add('site_admin', null))
  expect(writes.length).toBeGreaterThan(30)
  const foreign = [
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site' },
    { origin: 'https://evil.example', authorization: 'Basic YTpi' },
    { origin: 'https://evil.example', 'x-api-key': '' },
  ]
  for (const { name, method, path } of writes) {
    for (const headers of foreign) {
      const { json } = await site.browser.send(method, path, {}, { cookie, ...headers })
      expect([name, headers, json?.code]).toEqual([name, headers, 'origin_refused'])
    }
  }
  // The files beside the contract, and RPC.
  for (const path of ['/api/v1/telemetry/import', '/api/v1/prometheus/read', '/rpc/gateways/provision']) {
    const { json } = await site.browser.post(path, {}, { cookie, origin: 'https://evil.example' })
    expect([path, json?.code]).toEqual([path, 'origin_refused'])
  }
})

test('cookies that are forged, cut or expired are nobody', async () => {
  const person = await people.add('site_admin', null)
  const good = await people.cookie(person)
  const me = async (cookie: string) => (await site.browser.get('/api/v1/auth/me', { cookie })).status
  expect(await me(good)).toBe(200)
  for (const cookie of [
    good.slice(0, -1),
    `${good}A`,
    good.replace('__Host-', ''),
    '__Host-millwright=',
    `__Host-millwright=${'A'.repeat(43)}`,
    `__Host-millwright=${'A'.repeat(9_000)}`,
    '__Host-millwright=%00%ff',
    "__Host-millwright=' or 1=1 --",
  ])
    expect([cookie.slice(0, 40), await me(cookie)]).toEqual([cookie.slice(0, 40), 401])
  await people.db
    .updateTable('sessions')
    .set({ expiresAt: Date.now() - 1 })
    .where('userId', '=', person.id)
    .execute()
  expect(await me(good)).toBe(401)
})
