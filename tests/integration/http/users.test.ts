import { afterAll, beforeAll, expect, test } from 'vitest'
import type { HttpAnswer } from '#tests/fixtures/http-client.ts'
import { startSite, type TestSite } from '#tests/fixtures/site.ts'
import { totpCode } from '#tests/fixtures/totp.ts'
import { apiOver, first, openSocket, People } from './people.ts'

const CHOSEN = 'fog over the Recife 8'

let site: TestSite
let people: People
let north: string
let south: string
let admin: string
let southAdmin: string

beforeAll(async () => {
  site = await startSite()
  people = await People.of(site)
  north = (await site.local.get('/api/v1/tenants')).json.tenants[0].id
  south = (await site.engine.createTenant({ slug: 'south', name: 'South' })).id
  admin = await people.cookie(await people.add('tenant_admin', north))
  southAdmin = await people.cookie(await people.add('tenant_admin', south))
})
afterAll(async () => {
  await people.close()
  await site.stop()
})

const as = (cookie: string) => {
  const send = (method: string, path: string, body?: unknown) =>
    site.browser.send(method, `/api/v1${path}`, body, { cookie })
  return {
    get: (path: string) => send('GET', path),
    post: (path: string, body: unknown = {}) => send('POST', path, body),
    put: (path: string, body: unknown) => send('PUT', path, body),
    patch: (path: string, body: unknown) => send('PATCH', path, body),
    delete: (path: string) => send('DELETE', path),
  }
}
const signIn = (email: string, password: string) =>
  site.browser.post('/api/v1/auth/session', { email, password })
const cookieOf = (answer: HttpAnswer) => answer.headers['set-cookie']?.[0]?.split(';')[0] ?? ''
const tokenOf = (invited: HttpAnswer): string => invited.json.entry.link.split('#')[1]
const accept = (token: string, password = CHOSEN) =>
  site.browser.post('/api/v1/invitations/accept', { token, name: 'Caro', password })

let number = 0
/** Somebody who was invited by a link, took it, and is signed in. */
async function newcomer(input: object = {}, by = admin) {
  const email = `caro${++number}@plant.example`
  const invited = await as(by).post('/users', { email, ...input })
  expect(invited.status).toBe(201)
  expect((await accept(tokenOf(invited))).json).toEqual({ email })
  return { id: invited.json.user.id as string, email, cookie: cookieOf(await signIn(email, CHOSEN)) }
}

test('a person is invited by a link, chooses a password, and has the rights of the role', async () => {
  const invited = await as(admin).post('/users', {
    email: ' New@Plant.example',
    name: 'N.',
    role: 'operator',
  })
  expect(invited.status).toBe(201)
  expect(invited.json.user).toMatchObject({
    email: 'new@plant.example',
    state: 'invited',
    memberships: [{ roleId: 'operator', reach: 'tenant', invited: true }],
  })
  expect(invited.json.entry.link).toMatch(/^https:\/\/[^/]+\/invitation#[\w-]{43}$/)
  const token = tokenOf(invited)
  const shown = await site.browser.post('/api/v1/invitations/show', { token })
  expect(shown.json).toMatchObject({ kind: 'invite', siteName: 'Plant 1', maskedEmail: 'n…@plant.example' })
  expect((await accept(token, 'password1234')).json).toMatchObject({ code: 'password_too_common' })
  expect((await accept(token)).status).toBe(200)
  expect((await accept(token)).json).toMatchObject({ status: 410, code: 'invitation_used' })
  const me = await as(cookieOf(await signIn('NEW@plant.example', CHOSEN))).get('/auth/me')
  expect(me.json).toMatchObject({ name: 'Caro', role: 'operator', tenantId: north, reach: 'tenant' })
})

test('a one-time password signs in once to choose another one', async () => {
  const invited = await as(admin).post('/users', { email: 'once@plant.example', how: 'one_time_password' })
  const { oneTimePassword, link } = invited.json.entry
  expect(link).toBeNull()
  const session = await signIn('once@plant.example', oneTimePassword)
  expect(session.json).toMatchObject({ pending: 'password', permissions: [] })
  const mine = as(cookieOf(session))
  expect((await mine.get('/gateways')).json).toMatchObject({ code: 'account_pending' })
  expect(
    (await mine.post('/account/password', { current: oneTimePassword, password: CHOSEN })).status,
  ).toBeLessThan(300)
  expect((await as(cookieOf(await signIn('once@plant.example', CHOSEN))).get('/gateways')).status).toBe(200)
})

test('who is suspended is out at once, on every transport, and in again afterwards', async () => {
  const { id, email, cookie } = await newcomer()
  const { socket } = await openSocket(site, { cookie })
  const closed = new Promise((resolve) => socket.on('close', resolve))
  expect((await as(admin).post(`/users/${id}/suspend`, { reason: 'left' })).json).toMatchObject({
    state: 'suspended',
    sessions: 0,
  })
  await closed
  expect((await as(cookie).get('/auth/me')).status).toBe(401)
  expect((await signIn(email, CHOSEN)).json).toMatchObject({ code: 'wrong_credentials' })
  await as(admin).post(`/users/${id}/resume`)
  expect((await signIn(email, CHOSEN)).status).toBe(200)
})

test('rights that are changed or taken count from the next call', async () => {
  const { id, cookie } = await newcomer({ role: 'operator' })
  const rename = () => as(cookie).patch('/gateways/none', { name: 'x' })
  expect((await rename()).json).toMatchObject({ code: 'not_found' })
  await as(admin).put(`/users/${id}/memberships/${north}`, { role: 'viewer' })
  expect((await rename()).json).toMatchObject({ code: 'forbidden' })
  expect((await as(admin).delete(`/users/${id}/memberships/${north}`)).status).toBe(204)
  expect((await as(cookie).get('/auth/me')).status).toBe(401)
  expect((await as(admin).get(`/users/${id}`)).status).toBe(404)
})

test('a reset ends sessions; the link gives the password anew', async () => {
  const { id, email, cookie } = await newcomer()
  const { json } = await as(admin).post(`/users/${id}/reset`)
  expect((await as(cookie).get('/auth/me')).status).toBe(401)
  expect((await signIn(email, CHOSEN)).status).toBe(401)
  expect((await accept(json.entry.link.split('#')[1], 'another Recife fog 9')).status).toBe(200)
  expect((await signIn(email, 'another Recife fog 9')).status).toBe(200)
})

test('a lock is shown, and ended by an administrator', async () => {
  const { id, email } = await newcomer()
  for (let tries = 0; tries < 5; tries += 1) await signIn(email, 'wrong')
  expect((await signIn(email, CHOSEN)).json).toMatchObject({ code: 'account_locked' })
  const { json } = await as(admin).get(`/users/${id}`)
  expect(new Date(json.lockedUntil).getTime()).toBeGreaterThan(Date.now())
  expect((await as(admin).post(`/users/${id}/unlock`)).json).toMatchObject({ lockedUntil: null })
  expect((await signIn(email, CHOSEN)).status).toBe(200)
})

test('a one-time password that nobody used within 72 hours opens nothing', async () => {
  const invited = await as(admin).post('/users', { email: 'late@plant.example', how: 'one_time_password' })
  const { oneTimePassword, expiresAt } = invited.json.entry
  expect(new Date(expiresAt).getTime() - Date.now()).toBeGreaterThan(71 * 3_600_000)
  const passwordChangedAt = Date.now() - 73 * 3_600_000
  await people.db
    .updateTable('users')
    .set({ passwordChangedAt })
    .where('id', '=', invited.json.user.id)
    .execute()
  expect((await signIn('late@plant.example', oneTimePassword)).json).toMatchObject({
    code: 'wrong_credentials',
  })
})

test('a lost second factor is removed with its seed', async () => {
  const { id, cookie } = await newcomer()
  const begun = await as(cookie).post('/account/second-factor', { password: CHOSEN })
  const code = totpCode(begun.json.secret)
  expect((await as(cookie).post('/account/second-factor/confirm', { code })).status).toBe(200)
  expect((await as(admin).get(`/users/${id}`)).json).toMatchObject({ secondFactor: true })
  const seeds = () => people.db.selectFrom('sealedSecrets').select('id').execute()
  const before = (await seeds()).length
  expect((await as(admin).delete(`/users/${id}/second-factor`)).json).toMatchObject({
    secondFactor: false,
    sessions: 0,
  })
  expect(await seeds()).toHaveLength(before - 1)
  expect((await as(cookie).get('/auth/me')).status).toBe(401)
  expect((await as(admin).delete(`/users/${id}/second-factor`)).json).toMatchObject({
    code: 'user_state_conflict',
  })
})

test('of two tenants neither finds out about the people of the other, nor gets at them', async () => {
  const { id, email } = await newcomer({}, southAdmin)
  expect((await as(admin).get('/users?search=caro')).text).not.toContain(email)
  for (const path of [`/users/${id}/suspend`, `/users/${id}/reset`])
    expect((await as(admin).post(path)).json).toMatchObject({ status: 404, code: 'not_found' })
  const known = await as(admin).post('/users', { email, name: 'N.' })
  const fresh = await as(admin).post('/users', { email: 'fresh@plant.example', name: 'N.' })
  const shape = ({ status, json: { user, entry } }: HttpAnswer) => ({
    status,
    user: { ...user, id: '', email: '', createdAt: '', linkExpiresAt: '' },
    entry: { ...entry, link: entry.link.length, expiresAt: '' },
  })
  expect(shape(known)).toEqual(shape(fresh))
  // What it would take to find out is the person's own link, and is in the audit.
  expect((await accept(tokenOf(known), 'a guess of Ana 77')).json).toMatchObject({
    code: 'invitation_needs_sign_in',
  })
  const taken = await as(cookieOf(await signIn(email, CHOSEN))).post('/invitations/join', {
    token: tokenOf(known),
  })
  expect(taken.json).toMatchObject({ tenantId: north })
  expect((await as(admin).get(`/users/${id}`)).json).toMatchObject({
    name: 'Caro',
    state: 'active',
    manageable: false,
  })
})

test('roles: made of what one has, given, changed for all at once, and not deleted while somebody has them', async () => {
  const own = as(admin)
  const made = await own.post('/roles', { name: 'Auditor', permissions: ['audit:read', 'users:read'] })
  expect(made.json).toMatchObject({ name: 'Auditor', people: 0, secondFactor: false })
  const { cookie } = await newcomer({ role: made.json.id })
  expect((await as(cookie).get('/users')).status).toBe(200)
  expect((await as(cookie).get('/gateways')).json).toMatchObject({ code: 'forbidden' })
  await own.patch(`/roles/${made.json.id}`, { permissions: ['gateways:read'] })
  expect((await as(cookie).get('/users')).json).toMatchObject({ code: 'forbidden' })
  expect((await as(cookie).get('/gateways')).status).toBe(200)
  expect((await own.delete(`/roles/${made.json.id}`)).json).toMatchObject({
    code: 'role_in_use',
    data: { people: 1 },
  })
  expect((await own.post('/roles', { name: 'x', permissions: ['site:write'] })).json).toMatchObject({
    code: 'rights_beyond',
  })
  await own.patch(`/roles/${made.json.id}`, { secondFactor: true })
  expect((await as(cookie).get('/auth/me')).json).toMatchObject({ pending: 'second_factor', permissions: [] })
})

test.each(['/users/{id}', '/users/{id}/memberships/{tenant}'])(
  'deleted by %s, a person takes their MQTT credentials along, and their gateway belongs to nobody for everyone who asks',
  async (path) => {
    const { id, cookie } = await newcomer({ role: 'tenant_admin' })
    const code = `OWNED-${++number}`
    const own = as(admin)
    const provisioned = await own.post('/gateways/provision', { code, name: code })
    expect(provisioned.status).toBe(201)
    expect((await own.post(`/gateways/${code}/place`, { owner: id })).json.owner).toMatchObject({ id })
    const { mqttUser } = (await as(cookie).post('/auth/mqtt-credentials')).json
    const client = await people.db
      .selectFrom('mqttClients')
      .select('id')
      .where('username', '=', mqttUser)
      .executeTakeFirstOrThrow()
    const rotated = await as(cookie).post(`/mqtt-clients/${client.id}/rotate`, { credentials: 'certificate' })
    expect(rotated.status).toBe(200)
    const certificate = people.db.selectFrom('certificates').select(['id', 'state', 'revocationReason'])
    const { id: certificateId } = await certificate
      .where('mqttClientId', '=', client.id)
      .executeTakeFirstOrThrow()
    const deleted = await own.delete(path.replace('{id}', id).replace('{tenant}', north))
    expect(deleted.status).toBe(204)
    expect((await own.get(`/users/${id}`)).json.code).toBe('not_found')
    expect((await own.get(`/gateways/${code}`)).json).toMatchObject({ owner: null })
    const socket = await openSocket(site, {
      cookie: admin,
      origin: new URL(site.addresses.http ?? '').origin,
    })
    const fleet = await first(await apiOver(socket.socket).gateways.watch())
    socket.socket.close()
    expect(fleet.rows.find((row) => row.code === code)).toMatchObject({ ownerUserId: null })
    expect(
      await certificate.where('certificates.id', '=', certificateId).executeTakeFirstOrThrow(),
    ).toMatchObject({ state: 'revoked', revocationReason: 'cessationOfOperation' })
    expect((await own.get('/mqtt-clients')).text).not.toContain(mqttUser)
  },
)

test('what was done and refused is in the audit, without a secret', async () => {
  const invited = await as(admin).post('/users', { email: 'seen@plant.example', how: 'one_time_password' })
  const { id } = invited.json.user
  await as(southAdmin).post(`/users/${id}/suspend`)
  const entries = await people.db
    .selectFrom('auditEntries')
    .leftJoin('auditSubjects', 'auditSubjects.seq', 'auditEntries.seq')
    .select(['action', 'outcome', 'errorCode', 'auditEntries.details', 'auditSubjects.details as personal'])
    .where('objectId', '=', id)
    .orderBy('auditEntries.seq')
    .execute()
  expect(entries.map(({ action, outcome, errorCode }) => [action, outcome, errorCode])).toEqual([
    ['user.invite', 'done', null],
    ['user.suspend', 'failed', 'not_found'],
  ])
  expect(entries[0]?.personal).toContain('seen@plant.example')
  expect(entries[0]?.details).not.toContain('seen@')
  expect(JSON.stringify(entries)).not.toContain(invited.json.entry.oneTimePassword)
})
