import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { HttpAnswer } from '#tests/fixtures/http-client.ts'
import { ADMIN, PASSWORD, startSite, type TestSite } from '#tests/fixtures/site.ts'
import { totpCode } from '#tests/fixtures/totp.ts'
import { openSocket, People } from './people.ts'

const NEW_PASSWORD = 'second fog over Recife 8'

let site: TestSite
let people: People
let tenantId: string
let person: { id: string; email: string }

beforeAll(async () => {
  site = await startSite()
  people = await People.of(site)
  tenantId = (await site.local.get('/api/v1/tenants')).json.tenants[0].id
})
afterAll(async () => {
  await people.close()
  await site.stop()
})

beforeEach(async () => {
  const { id } = await people.add('operator', tenantId)
  person = { id, email: `${id}@plant.example` }
  const admin = await people.db
    .selectFrom('users')
    .select('passwordHash')
    .where('email', '=', ADMIN)
    .executeTakeFirstOrThrow()
  // The same hash, so the same password: only the site knows its pepper.
  await people.db.updateTable('users').set(admin).where('id', '=', id).execute()
})

function signIn(password = PASSWORD, code?: string): Promise<HttpAnswer> {
  return site.browser.post('/api/v1/auth/session', { email: person.email, password, ...(code && { code }) })
}

async function session(password = PASSWORD, code?: string) {
  const answer = await signIn(password, code)
  expect(answer.json).toMatchObject({ id: person.id })
  const cookie = answer.headers['set-cookie']?.[0]?.split(';')[0] ?? ''
  const call = (method: string, path: string, body?: unknown) =>
    site.browser.send(method, `/api/v1${path}`, body, { cookie })
  return {
    cookie,
    call,
    get: (path: string) => call('GET', path),
    post: (path: string, body?: unknown) => call('POST', path, body ?? {}),
  }
}

const auditActions = async () => {
  const rows = await people.db
    .selectFrom('auditEntries')
    .select(['action', 'outcome'])
    .where('actorId', '=', person.id)
    .orderBy('seq')
    .execute()
  return rows.map(({ action, outcome }) => `${action} ${outcome}`)
}

describe('a second factor', () => {
  /** Sets one up. @returns its secret and recovery codes */
  async function setUp(): Promise<{ secret: string; recoveryCodes: string[] }> {
    const { post } = await session()
    const { secret } = (await post('/account/second-factor', { password: PASSWORD })).json
    const confirmed = await post('/account/second-factor/confirm', { code: totpCode(secret) })
    return { secret, recoveryCodes: confirmed.json.recoveryCodes }
  }

  test('is asked for once it was confirmed, and each code counts once', async () => {
    const { secret } = await setUp()
    expect((await signIn()).json.code).toBe('second_factor_required')
    expect((await signIn(PASSWORD, '000000')).json.code).toBe('second_factor_wrong')
    // The code that confirmed it is used up.
    expect((await signIn(PASSWORD, totpCode(secret))).json.code).toBe('second_factor_wrong')
    const next = totpCode(secret, 1)
    expect((await signIn(PASSWORD, next)).status).toBe(200)
    expect((await signIn(PASSWORD, next)).json.code).toBe('second_factor_wrong')
  })

  test('tells nobody who does not know the password that it is there', async () => {
    await setUp()
    expect((await signIn('wrong rain in Campinas 7')).json.code).toBe('wrong_credentials')
    expect((await signIn('wrong rain in Campinas 7', '000000')).json.code).toBe('wrong_credentials')
  })

  test('is asked of programs too', async () => {
    const { recoveryCodes } = await setUp()
    const given = { email: person.email, password: PASSWORD }
    expect((await site.browser.post('/api/v1/auth/login', given)).json.code).toBe('second_factor_required')
    const answer = await site.browser.post('/api/v1/auth/login', { ...given, code: recoveryCodes[0] })
    expect(answer.json).toMatchObject({ token_type: 'Bearer', user: { id: person.id } })
  })

  test('wrong codes lock the account as wrong passwords do', async () => {
    const { recoveryCodes } = await setUp()
    for (let tries = 0; tries < 5; tries++) await signIn(PASSWORD, '000000')
    expect((await signIn(PASSWORD, recoveryCodes[0])).json.code).toBe('account_locked')
    await site.local.post(`/api/v1/users/${person.id}/unlock`)
  })

  test('a recovery code counts once, and new ones end the old', async () => {
    const { secret, recoveryCodes } = await setUp()
    const { get, post } = await session(PASSWORD, recoveryCodes[0])
    expect((await signIn(PASSWORD, recoveryCodes[0])).json.code).toBe('second_factor_wrong')
    expect((await get('/account')).json.secondFactor).toMatchObject({
      recoveryCodesLeft: 9,
      isRequired: false,
    })
    const code = totpCode(secret, 1)
    const renewed = await post('/account/second-factor/recovery-codes', { password: PASSWORD, code })
    expect(renewed.json.recoveryCodes).toHaveLength(10)
    expect((await signIn(PASSWORD, recoveryCodes[1])).json.code).toBe('second_factor_wrong')
    expect((await signIn(PASSWORD, renewed.json.recoveryCodes[0])).status).toBe(200)
  })

  test('goes with password and code, and not where a role asks for it', async () => {
    const { secret, recoveryCodes } = await setUp()
    const { post } = await session(PASSWORD, totpCode(secret, 1))
    const remove = (code: string | undefined, password = PASSWORD) =>
      post('/account/second-factor/remove', { password, code })
    expect((await remove('000000')).json.code).toBe('second_factor_wrong')
    expect((await remove(recoveryCodes[0], 'not it')).json.code).toBe('wrong_credentials')
    await requireFactor(1)
    expect((await remove(recoveryCodes[0])).json.code).toBe('second_factor_needed')
    await requireFactor(0)
    expect((await remove(recoveryCodes[0])).status).toBe(204)
    expect((await signIn()).status).toBe(200)
    expect(
      await people.db.selectFrom('recoveryCodes').selectAll().where('userId', '=', person.id).execute(),
    ).toEqual([])
  })

  test('that a role asks for comes before anything else', async () => {
    await requireFactor(1)
    const { get, post } = await session()
    expect((await get('/auth/me')).json).toMatchObject({ pending: 'second_factor', permissions: [] })
    expect((await get('/gateways')).json.code).toBe('account_pending')
    const { secret } = (await post('/account/second-factor', { password: PASSWORD })).json
    await post('/account/second-factor/confirm', { code: totpCode(secret) })
    expect((await get('/auth/me')).json.pending).toBeNull()
    expect((await get('/gateways')).status).toBe(200)
    await requireFactor(0)
  })

  test('a seed is shown once, needs the password, and is in no log', async () => {
    const { post } = await session()
    expect((await post('/account/second-factor', { password: 'not it' })).json.code).toBe('wrong_credentials')
    const { secret, uri } = (await post('/account/second-factor', { password: PASSWORD })).json
    expect(uri).toContain(`secret=${secret}`)
    const { recoveryCodes } = (await post('/account/second-factor/confirm', { code: totpCode(secret) })).json
    expect((await post('/account/second-factor', { password: PASSWORD })).json.code).toBe(
      'second_factor_present',
    )
    const written = JSON.stringify([
      await people.db.selectFrom('auditEntries').selectAll().execute(),
      await people.db.selectFrom('auditPersonal').selectAll().execute(),
      await people.db.selectFrom('auditSubjects').selectAll().execute(),
    ])
    for (const text of [secret, PASSWORD, ...recoveryCodes]) expect(written).not.toContain(text)
    expect(await auditActions()).toEqual(
      expect.arrayContaining([
        'account.begin_second_factor failed',
        'account.begin_second_factor done',
        'account.confirm_second_factor done',
      ]),
    )
  })

  const requireFactor = (secondFactor: 0 | 1) =>
    people.db.updateTable('roles').set({ secondFactor }).where('id', '=', 'operator').execute()
})

describe('the password', () => {
  test('is changed with the current one; every other session ends, tokens too', async () => {
    const other = await session()
    const tokens = (
      await site.browser.post('/api/v1/auth/login', { email: person.email, password: PASSWORD })
    ).json
    const { socket } = await openSocket(site, {
      cookie: other.cookie,
      origin: new URL(site.addresses.http ?? '').origin,
    })
    const closed = new Promise((resolve) => socket.on('close', resolve))
    const { get, post } = await session()
    const change = (current: string, password: string) => post('/account/password', { current, password })
    expect((await change('not it', NEW_PASSWORD)).json.code).toBe('wrong_credentials')
    expect((await change(PASSWORD, 'Password1234')).json.code).toBe('password_too_common')
    expect((await change(PASSWORD, 'qwertyuiop12')).json.code).toBe('password_too_weak')
    expect((await change(PASSWORD, PASSWORD)).json.code).toBe('password_same')
    expect((await change(PASSWORD, NEW_PASSWORD)).status).toBe(204)
    expect((await get('/auth/me')).status).toBe(200)
    expect((await other.get('/auth/me')).status).toBe(401)
    const bearer = { authorization: `Bearer ${tokens.access_token}` }
    expect((await site.browser.get('/api/v1/auth/me', bearer)).status).toBe(401)
    const refresh = { refresh_token: tokens.refresh_token }
    expect((await site.browser.post('/api/v1/auth/refresh', refresh)).status).toBe(401)
    await closed
    expect((await signIn()).json.code).toBe('wrong_credentials')
    expect((await signIn(NEW_PASSWORD)).status).toBe(200)
  })

  test('that somebody else gave is changed before anything else', async () => {
    await people.db
      .updateTable('users')
      .set({ mustChangePassword: 1, passwordChangedAt: Date.now() })
      .where('id', '=', person.id)
      .execute()
    const { get, post } = await session()
    expect((await get('/auth/me')).json).toMatchObject({ pending: 'password', permissions: [] })
    expect((await get('/gateways')).json).toMatchObject({
      code: 'account_pending',
      data: { need: 'password' },
    })
    expect((await post('/account/password', { current: PASSWORD, password: NEW_PASSWORD })).status).toBe(204)
    expect((await get('/gateways')).status).toBe(200)
  })
})

describe('the profile', () => {
  test('name and user name change freely; one signs in with the user name then', async () => {
    const { call } = await session()
    const username = `Kim.${person.id.slice(-6)}`
    const changed = await call('PATCH', '/account', { name: 'Kim Souza', username })
    expect(changed.json).toMatchObject({ name: 'Kim Souza', username: username.toLowerCase() })
    const answer = await site.browser.post('/api/v1/auth/session', {
      username: username.toUpperCase(),
      password: PASSWORD,
    })
    expect(answer.json).toMatchObject({ id: person.id })
    expect((await call('PATCH', '/account', { username: null })).json.username).toBeNull()
    expect((await call('PATCH', '/account', { name: 'Kim\nSouza' })).json.code).toBe('input_invalid')
    for (const bad of ['ab', 'has space', 'a@b.example', 'ünïcode', '-dash', 'x'.repeat(41)])
      expect((await call('PATCH', '/account', { username: bad })).json.code).toBe('username_invalid')
  })

  test('a new e-mail address needs the password; what is taken is not told for long', async () => {
    const { call } = await session()
    const email = ` New.${person.email.toUpperCase()} `
    expect((await call('PATCH', '/account', { email })).json.code).toBe('wrong_credentials')
    expect((await call('PATCH', '/account', { email, password: PASSWORD })).json.email).toBe(
      `new.${person.email}`,
    )
    // Nobody vouched for it: a sign-on provider's person of that address is somebody else until an administrator says.
    const row = await people.db
      .selectFrom('users')
      .select('emailOwn')
      .where('id', '=', person.id)
      .executeTakeFirst()
    expect(row).toEqual({ emailOwn: 1 })
    const taken = () => call('PATCH', '/account', { email: ADMIN, password: PASSWORD })
    for (let tries = 0; tries < 5; tries++) expect((await taken()).json.code).toBe('email_taken')
    expect((await taken()).json.code).toBe('too_many_requests')
  })

  test('is in the audit with before and after', async () => {
    const { call } = await session()
    await call('PATCH', '/account', { name: 'Another name' })
    expect(await auditActions()).toContain('account.update done')
    const told = await people.db.selectFrom('auditSubjects').selectAll().execute()
    expect(JSON.stringify(told)).toContain('Another name')
  })
})

describe('sessions', () => {
  test('are listed with where they are; one of them can be ended, not one of somebody else', async () => {
    const other = await session()
    const { get, call } = await session()
    const { sessions } = (await get('/account/sessions')).json
    expect(sessions).toHaveLength(2)
    expect(sessions.filter((one: { isThis: boolean }) => one.isThis)).toHaveLength(1)
    expect(sessions[0]).toMatchObject({ kind: 'browser', address: expect.stringContaining('127.0.0.1') })
    const elsewhere = sessions.find((one: { isThis: boolean }) => !one.isThis).id
    const admin = await people.add('site_admin', null)
    await people.cookie(admin)
    const foreign = await people.db
      .selectFrom('sessions')
      .select('id')
      .where('userId', '=', admin.id)
      .executeTakeFirstOrThrow()
    expect((await call('DELETE', `/account/sessions/${foreign.id}`)).json.code).toBe('not_found')
    expect((await call('DELETE', `/account/sessions/${elsewhere}`)).status).toBe(204)
    expect((await other.get('/auth/me')).status).toBe(401)
    expect((await get('/auth/me')).status).toBe(200)
  })

  test('end everywhere, this one too where asked', async () => {
    const [one, two] = [await session(), await session()]
    const { get, post } = await session()
    expect((await post('/account/sign-out-everywhere')).json).toEqual({ ended: 2 })
    expect([(await one.get('/auth/me')).status, (await two.get('/auth/me')).status]).toEqual([401, 401])
    expect((await post('/account/sign-out-everywhere', { thisToo: true })).json).toEqual({ ended: 1 })
    expect((await get('/auth/me')).status).toBe(401)
  })
})
