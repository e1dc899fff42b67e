import { afterAll, beforeAll, expect, test } from 'vitest'
import { contract } from '#contract/contract.ts'
import { ADMIN, PASSWORD, startSite, type TestSite } from '#tests/fixtures/site.ts'

let site: TestSite
beforeAll(async () => {
  site = await startSite()
})
afterAll(() => site.stop())

interface Rest {
  name: string
  method: string
  path: string
  access: string
}

/** Every procedure that REST offers, from the contract itself. */
function restProcedures(): Rest[] {
  return Object.entries(contract).flatMap(([feature, procedures]) =>
    Object.entries(procedures).flatMap(([name, procedure]) => {
      const { route, meta } = procedure['~orpc']
      return route.path
        ? [
            {
              name: `${feature}.${name}`,
              method: route.method ?? 'POST',
              path: route.path,
              access: meta.access,
            },
          ]
        : []
    }),
  )
}

async function signIn(email = ADMIN, password = PASSWORD): Promise<string> {
  const answer = await site.browser.post('/api/v1/auth/session', { email, password })
  expect(answer.status).toBe(200)
  return answer.headers['set-cookie']?.[0]?.split(';')[0] ?? ''
}

test('every procedure that is not public refuses who has not signed in', async () => {
  const guarded = restProcedures().filter(({ access }) => access !== 'public')
  expect(guarded.length).toBeGreaterThan(15)
  for (const { name, method, path } of guarded) {
    const answer = await site.browser.send(
      method,
      `/api/v1${path.replace(/\{\w+\}/g, 'x')}`,
      method === 'GET' ? undefined : {},
    )
    expect([name, answer.status, answer.json?.code]).toEqual([name, 401, 'not_signed_in'])
  }
})

test('the export outside the contract refuses as well', async () => {
  expect((await site.browser.get('/api/v1/telemetry/export?gateway=GW001')).status).toBe(401)
})

test('signing in sets a cookie that only this host gets, and signing out ends it', async () => {
  const answer = await site.browser.post('/api/v1/auth/session', {
    email: ` ${ADMIN.toUpperCase()}`,
    password: PASSWORD,
  })
  expect(answer.json).toMatchObject({ email: ADMIN, role: 'site_admin', tenantId: null })
  const header = answer.headers['set-cookie']?.[0] ?? ''
  expect(header).toMatch(/^__Host-millwright=[\w-]{43}; .*Path=\/.*HttpOnly.*Secure.*SameSite=Strict/)
  const cookie = header.split(';')[0] ?? ''
  expect((await site.browser.get('/api/v1/auth/me', { cookie })).json).toMatchObject({ email: ADMIN })
  expect((await site.browser.send('DELETE', '/api/v1/auth/session', undefined, { cookie })).status).toBe(204)
  expect((await site.browser.get('/api/v1/auth/me', { cookie })).status).toBe(401)
})

test('a wrong password and an unknown address read the same', async () => {
  const wrong = await site.browser.post('/api/v1/auth/session', {
    email: ADMIN,
    password: 'not the password',
  })
  const unknown = await site.browser.post('/api/v1/auth/session', {
    email: 'nobody@plant.example',
    password: 'not the password',
  })
  expect([wrong.status, wrong.json.code, wrong.json.message]).toEqual([
    unknown.status,
    unknown.json.code,
    unknown.json.message,
  ])
  expect(wrong.json.code).toBe('wrong_credentials')
})

test('five failures lock the account for a while, and say until when', async () => {
  const locked = await startSite()
  try {
    for (let i = 0; i < 5; i++)
      await locked.browser.post('/api/v1/auth/session', { email: ADMIN, password: 'not the password' })
    const answer = await locked.browser.post('/api/v1/auth/session', { email: ADMIN, password: PASSWORD })
    expect(answer.json).toMatchObject({ status: 429, code: 'account_locked' })
    expect(Date.parse(answer.json.data.until)).toBeGreaterThan(Date.now())
    for (let i = 0; i < 20; i++)
      await locked.browser.post('/api/v1/auth/session', { email: `${i}@x.example`, password: 'x' })
    expect(
      (await locked.browser.post('/api/v1/auth/session', { email: 'z@x.example', password: 'x' })).json.code,
    ).toBe('too_many_requests')
  } finally {
    await locked.stop()
  }
})

test('a write from another origin is refused, and so is a name that is not ours', async () => {
  const { host } = new URL(site.addresses.http ?? '')
  const body = { email: ADMIN, password: PASSWORD }
  const foreign = await site.browser.post('/api/v1/auth/session', body, { origin: 'https://evil.example' })
  expect(foreign.json).toMatchObject({ status: 403, code: 'origin_refused' })
  const sibling = await site.browser.post('/api/v1/auth/session', body, { origin: `http://localhost:1` })
  expect(sibling.json.code).toBe('origin_refused')
  const own = await site.browser.post('/api/v1/auth/session', body, { origin: `http://${host}` })
  expect(own.status).toBe(200)
  const rebound = await site.browser.get('/api/v1/setup', { host: 'evil.example' })
  expect(rebound.json).toMatchObject({ status: 421, code: 'host_refused' })
})

test('bodies that are not what they should be name what is wrong', async () => {
  const cookie = await signIn()
  const send = (body: unknown, headers = {}) =>
    site.browser.post('/api/v1/gateways/provision', body, { cookie, ...headers })
  expect((await send('{"code":')).json).toMatchObject({ status: 400, code: 'json_invalid' })
  expect((await send('x=1', { 'content-type': 'text/plain' })).json).toMatchObject({
    status: 415,
    code: 'media_type_unsupported',
  })
  expect((await send({ code: 'GW001', name: 'x'.repeat(1_100_000) })).json).toMatchObject({
    status: 413,
    code: 'body_too_large',
  })
  const missing = await send({ code: 'bad code!' })
  expect(missing.json.code).toBe('input_invalid')
  expect(missing.json.message).toMatch(/code: .*letters.*name: /s)
})

test('the API describes itself, and health needs no session', async () => {
  const description = (await site.browser.get('/api/openapi.json')).json
  expect(description.openapi).toMatch(/^3\.1/)
  expect(Object.keys(description.paths)).toEqual(
    expect.arrayContaining(['/gateways/provision', '/telemetry/query', '/auth/session']),
  )
  expect((await site.browser.get('/health/live')).json).toEqual({ live: true })
  expect((await site.browser.get('/health/ready')).json).toMatchObject({ ready: true })
  expect((await site.browser.get('/metrics')).text).toMatch(/^millwright_readings_committed_total \d+$/m)
  expect((await site.browser.get('/api/docs')).text).not.toMatch(/https?:\/\//)
})

test('pages of the API carry a strict policy and no script from elsewhere', async () => {
  const { headers } = await site.browser.get('/api/docs')
  expect(headers['content-security-policy']).toContain("default-src 'self'")
  expect(headers['content-security-policy']).toContain("frame-ancestors 'none'")
  expect(headers['content-security-policy']).not.toContain("script-src 'unsafe-inline'")
  expect(headers['permissions-policy']).toMatch(/^camera=\(self\), microphone=\(\)/)
  expect(headers['x-content-type-options']).toBe('nosniff')
  expect(headers['strict-transport-security']).toBeUndefined()
})

test('many tries at once are counted one by one, and a name that belongs to nobody is locked alike', async () => {
  const locked = await startSite()
  try {
    const tries = async (email: string) => {
      const answers = await Promise.all(
        Array.from({ length: 8 }, () =>
          locked.browser.post('/api/v1/auth/session', { email, password: 'not the password' }),
        ),
      )
      return answers.map(({ json }) => String(json.code)).toSorted((a, b) => (a < b ? -1 : 1))
    }
    const expected = [...Array(3).fill('account_locked'), ...Array(5).fill('wrong_credentials')]
    expect(await tries(ADMIN)).toEqual(expected)
    expect(await tries('nobody@plant.example')).toEqual(expected)
  } finally {
    await locked.stop()
  }
})
