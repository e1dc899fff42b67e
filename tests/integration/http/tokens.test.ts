import { createHmac, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { httpClient } from '#tests/fixtures/http-client.ts'
import { ADMIN, PASSWORD, startSite, type TestSite } from '#tests/fixtures/site.ts'
import { apiOver, first, openSocket, People } from './people.ts'

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

const login = (asked: object = {}) =>
  site.browser.post('/api/v1/auth/login', { email: ADMIN, password: PASSWORD, ...asked })
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const refresh = (token: string) => site.browser.post('/api/v1/auth/refresh', { refresh_token: token })
const verify = async (token: string) => (await site.browser.get('/api/v1/auth/verify', bearer(token))).status

test('an access token opens REST and RPC, and says for how long', async () => {
  const { status, json, headers } = await login()
  expect(status).toBe(200)
  expect(headers['set-cookie']).toBeUndefined()
  expect(json).toMatchObject({
    token_type: 'Bearer',
    expires_in: 3_600,
    refresh_expires_in: 2_592_000,
    user: { email: ADMIN, ofSite: true, pending: null },
  })
  const me = await site.browser.get('/api/v1/auth/me', bearer(json.access_token))
  expect(me.json).toMatchObject({ kind: 'person', email: ADMIN })
  const made = await site.browser.post(
    '/api/v1/gateways/provision',
    { code: 'TOKEN-1', name: 'By token' },
    bearer(json.access_token),
  )
  expect(made.status).toBe(201)
  const rpc = await site.browser.post('/rpc/auth/me', {}, bearer(json.access_token))
  expect(rpc.json.json).toMatchObject({ email: ADMIN })
  const file = await site.browser.get('/api/v1/telemetry/export?gateway=TOKEN-1', bearer(json.access_token))
  expect([file.status, file.json?.code]).not.toContain('not_signed_in')
})

test('a refresh token is good for one refresh; shown again it ends the session, and the audit says so', async () => {
  const { json } = await login()
  const second = (await refresh(json.refresh_token)).json
  expect(second).toMatchObject({ token_type: 'Bearer', user: { email: ADMIN } })
  const third = (await refresh(second.refresh_token)).json
  expect(await verify(third.access_token)).toBe(200)
  expect(await verify(json.access_token)).toBe(200)
  const replayed = await refresh(json.refresh_token)
  expect(replayed.json).toMatchObject({ status: 401, code: 'refresh_token_refused' })
  for (const token of [json, second, third]) expect(await verify(token.access_token)).toBe(401)
  expect((await refresh(third.refresh_token)).status).toBe(401)
  const entry = await people.db
    .selectFrom('auditEntries')
    .select(['outcome', 'errorCode', 'objectKind', 'details'])
    .where('action', '=', 'auth.refresh_reuse')
    .executeTakeFirstOrThrow()
  expect(entry).toMatchObject({ outcome: 'refused', errorCode: 'refresh_token_refused', objectKind: 'user' })
  expect(entry.details).not.toContain(json.refresh_token)
  const tried = people.db.selectFrom('auditEntries').select('outcome').where('action', '=', 'auth.refresh')
  // The second use of the last one, whose session was gone; those that went well have no entry.
  expect(await tried.execute()).toEqual([{ outcome: 'failed' }])
})

test('of many refreshes at once with one token exactly one wins', async () => {
  const { json } = await login()
  const answers = await Promise.all(Array.from({ length: 8 }, () => refresh(json.refresh_token)))
  expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, ...Array(7).fill(401)])
})

test.each(['', 'x', 'mwr_', `mwr_${'A'.repeat(43)}`, 'é'.repeat(90), '\u0000', 'a'.repeat(10_000)])(
  'a refresh token that is none is refused (%#)',
  async (token) => {
    const { status, json } = await refresh(token)
    expect([400, 401]).toContain(status)
    expect(['input_invalid', 'refresh_token_refused']).toContain(json.code)
  },
)

test('signing out counts at once, by the access token or by the refresh token', async () => {
  const [one, two] = [(await login()).json, (await login()).json]
  expect((await site.browser.post('/api/v1/auth/logout', undefined, bearer(one.access_token))).status).toBe(
    204,
  )
  expect(await verify(one.access_token)).toBe(401)
  expect((await refresh(one.refresh_token)).status).toBe(401)
  expect(await verify(two.access_token)).toBe(200)
  const body = { refresh_token: two.refresh_token }
  expect((await site.browser.post('/api/v1/auth/logout', body)).status).toBe(204)
  expect(await verify(two.access_token)).toBe(401)
  // Again, as nobody: nothing to end, and nothing to learn.
  expect((await site.browser.post('/api/v1/auth/logout', body)).status).toBe(204)
})

test('a suspended person is out at once, tokens and all', async () => {
  const { id } = (await login()).json.user
  const { json } = await login()
  const suspend = (state: 'active' | 'suspended') =>
    people.db.updateTable('users').set({ state }).where('id', '=', id).execute()
  await suspend('suspended')
  expect(await verify(json.access_token)).toBe(401)
  expect((await refresh(json.refresh_token)).status).toBe(401)
  await suspend('active')
  expect(await verify(json.access_token)).toBe(200)
  expect((await refresh(json.refresh_token)).status).toBe(200)
})

test('forged tokens open nothing', async () => {
  const { access_token: real } = (await login()).json
  const [header, payload] = real.split('.')
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const signed = (text: string, secret: Uint8Array) =>
    `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`
  const none = encode({ alg: 'none', typ: 'at+jwt' })
  for (const token of [
    `${none}.${payload}.`,
    `${none}.${payload}`,
    `${header}.${payload}.`,
    signed(`${header}.${payload}`, randomBytes(32)),
    signed(`${header}.${payload}`, Buffer.from('secret')),
    `${header}.${encode({ ...claims, sub: 'somebody' })}.${real.split('.')[2]}`,
    'Bearer',
    '..',
    'mwk_aaaaaaaa_',
    'x'.repeat(9_000),
  ])
    expect([token.slice(0, 20), await verify(token)]).toEqual([token.slice(0, 20), 401])
  expect(await verify(real)).toBe(200)
})

test('a cookie beside a token does not count, whatever the token is worth', async () => {
  const admin = await people.add('site_admin', null)
  const cookie = await people.cookie(admin)
  const both = { cookie, ...bearer('worth.less.token') }
  expect((await site.browser.get('/api/v1/auth/me', { cookie })).status).toBe(200)
  expect((await site.browser.get('/api/v1/auth/me', both)).status).toBe(401)
  // Another site's page cannot get past the check of the origin with a token of its own.
  const foreign = { ...both, origin: 'https://evil.example' }
  const body = { code: 'EVIL', name: 'Evil' }
  expect((await site.browser.post('/api/v1/gateways/provision', body, foreign)).json.code).toBe(
    'not_signed_in',
  )
  const { access_token } = (await login()).json
  const own = await site.browser.get('/api/v1/auth/me', { cookie, ...bearer(access_token) })
  expect(own.json).toMatchObject({ email: ADMIN })
})

test('a program without a page needs no origin, and its cookieless call is taken from anywhere', async () => {
  const { access_token } = (await login()).json
  const headers = { ...bearer(access_token), origin: 'https://dashboard.example' }
  const made = await site.browser.post('/api/v1/gateways/provision', { code: 'OR-1', name: 'x' }, headers)
  expect(made.status).toBe(201)
  expect(made.headers['access-control-allow-origin']).toBeUndefined()
})

test('verify answers a proxy: 200, 401, or 403 for a permission that is missing', async () => {
  const [tenant] = (await site.local.get('/api/v1/tenants')).json.tenants
  const viewer = await people.add('viewer', tenant.id)
  const cookie = await people.cookie(viewer)
  const ask = (query: string) => site.browser.get(`/api/v1/auth/verify${query}`, { cookie })
  expect((await ask('')).json).toEqual({
    active: true,
    kind: 'person',
    id: viewer.id,
    name: expect.any(String),
    tenantId: tenant.id,
  })
  expect((await ask('?permission=telemetry:read')).status).toBe(200)
  expect((await ask('?permission=gateways:write')).json).toMatchObject({ status: 403, code: 'forbidden' })
  expect((await ask('?permission=all')).json.code).toBe('input_invalid')
  expect((await site.browser.get('/api/v1/auth/verify')).status).toBe(401)
})

test('a program signs in to the tenant that it names, and only to its own', async () => {
  const { id } = await site.engine.createTenant({ slug: 'east', name: 'East' })
  expect((await login({ tenant: 'east' })).json.user).toMatchObject({ tenantId: id, reach: 'tenant' })
  const unknown = await login({ tenant: 'west' })
  expect(unknown.json).toMatchObject({ code: 'tenant_unknown' })
})

test('a WebSocket with a token streams, and ends with its session', async () => {
  const { access_token } = (await login()).json
  const { socket, refused } = await openSocket(site, {
    ...bearer(access_token),
    origin: 'https://dashboard.example',
  })
  expect(refused).toBeNull()
  const api = apiOver(socket)
  expect(await first(await api.site.watchPulse())).toMatchObject({ gateways: expect.any(Number) })
  const closed = new Promise<number>((resolve) => socket.on('close', resolve))
  await site.browser.post('/api/v1/auth/logout', undefined, bearer(access_token))
  expect(await closed).toBe(4401)
})

test('neither names nor passwords of a sign-in get into the audit or the store', async () => {
  await login({ email: `x"\r\nSet-Cookie: a=b@plant.example`, password: 'the secret that was typed' })
  const entries = await people.db.selectFrom('auditEntries').selectAll().execute()
  const text = JSON.stringify(entries)
  expect(text).not.toContain('the secret that was typed')
  expect(text).not.toContain('Set-Cookie')
  const sessions = JSON.stringify(await people.db.selectFrom('refreshTokens').selectAll().execute())
  expect(sessions).not.toContain('mwr_')
})

test('header values with line breaks, nulls and thousands of letters reach nothing', async () => {
  const answers = []
  for (const value of ['Bearer a\tb', 'Bearer  ', 'Bearer é', 'bearer', `Bearer ${'a'.repeat(12_000)}`])
    answers.push(
      (await site.browser.get('/api/v1/auth/me', { authorization: Buffer.from(value).toString('latin1') }))
        .status,
    )
  expect(answers).toEqual([401, 401, 401, 401, 401])
  const { status } = await httpClient({ url: site.addresses.http ?? '' }).get('/api/v1/auth/me', {
    'x-api-key': ['a', 'b'],
  })
  expect(status).toBe(401)
})

test('tokens of one tenant never act in another, whatever becomes of theirs', async () => {
  const north = (await site.local.get('/api/v1/tenants')).json.tenants[0].id
  const { id: south } = await site.engine.createTenant({ slug: 'second', name: 'Second' })
  const email = 'two@plant.example'
  const { id: ownId } = (await login()).json.user
  const { passwordHash } = await people.db
    .selectFrom('users')
    .select('passwordHash')
    .where('id', '=', ownId)
    .executeTakeFirstOrThrow()
  const { id: userId } = await people.add('viewer', north)
  await people.db.updateTable('users').set({ email, passwordHash }).where('id', '=', userId).execute()
  await people.db
    .insertInto('memberships')
    .values({ userId, tenantId: south, roleId: 'viewer', reach: 'tenant', createdAt: Date.now() + 1_000 })
    .execute()
  const chosen = (await login({ email, tenant: north })).json
  const first = (await login({ email })).json
  expect([chosen.user.tenantId, first.user.tenantId]).toEqual([north, north])
  await people.db.updateTable('tenants').set({ state: 'suspended' }).where('id', '=', north).execute()
  for (const { access_token, refresh_token } of [chosen, first]) {
    expect(await verify(access_token)).toBe(401)
    expect((await refresh(refresh_token)).status).toBe(401)
  }
  expect((await login({ email })).json.user.tenantId).toBe(south)
  await people.db.updateTable('tenants').set({ state: 'active' }).where('id', '=', north).execute()
  expect(await verify(chosen.access_token)).toBe(200)
})
