import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { registrationLimits } from '#features/identity/registration.service.ts'
import { ADMIN, PASSWORD, startSite, type TestSite } from '#tests/fixtures/site.ts'
import { totpCode } from '#tests/fixtures/totp.ts'
import { apiOver, openSocket, People } from './people.ts'

const settings = {
  registration: { isOpen: false, role: 'viewer' },
  passwordClasses: false,
  idleLockMinutes: null,
}

let site: TestSite
let people: People
beforeAll(async () => {
  site = await startSite()
  people = await People.of(site)
})
afterEach(() => set({}))
afterAll(async () => {
  await people.close()
  await site.stop()
})

async function set(changes: object): Promise<void> {
  const answer = await site.local.send('PUT', '/api/v1/auth/settings', { ...settings, ...changes })
  expect(answer.status).toBe(200)
}

async function session(code?: string) {
  const answer = await site.browser.post('/api/v1/auth/session', {
    email: ADMIN,
    password: PASSWORD,
    ...(code && { code }),
  })
  expect(answer.status).toBe(200)
  const cookie = answer.headers['set-cookie']?.[0]?.split(';')[0] ?? ''
  const ask = (method: string, path: string, body?: unknown) =>
    site.browser.send(method, `/api/v1${path}`, body, { cookie })
  return {
    cookie,
    get: (path: string) => ask('GET', path),
    post: (path: string, body?: unknown) => ask('POST', path, body ?? {}),
  }
}

test('what a browser needs to know is public; how it is set is not', async () => {
  await set({ passwordClasses: true, idleLockMinutes: 5 })
  expect((await site.browser.get('/api/v1/auth/options')).json).toEqual({
    siteName: 'Plant 1',
    registration: false,
    passwordClasses: true,
    idleLockMinutes: 5,
  })
  expect((await site.browser.get('/api/v1/auth/settings')).json.code).toBe('not_signed_in')
})

describe('registration', () => {
  let made = 0
  const label = async () => {
    const code = `REG-${++made}`
    const mac = `aa:bb:cc:dd:00:${String(made).padStart(2, '0')}`
    const gateway = await site.local.post('/api/v1/gateways/provision', {
      code,
      name: code,
      mac_address: mac,
    })
    const row = await people.db
      .selectFrom('gateways')
      .selectAll()
      .where('id', '=', gateway.json.gateway_id)
      .executeTakeFirstOrThrow()
    return row.label
  }
  const asked = (deviceId: string, changes: object = {}) => ({
    username: `user${++made}`,
    email: `user${made}@home.example`,
    password: 'hail over Manaus 9',
    deviceId,
    ...changes,
  })
  const register = (body: object) => site.browser.post('/api/v1/auth/register', body)

  test('is closed unless a site administrator opens it', async () => {
    expect((await register(asked(await label()))).json.code).toBe('registration_closed')
  })

  test('with a label makes a user who sees their own gateway and nothing else', async () => {
    await set({ registration: { isOpen: true, role: 'operator' } })
    const own = await label()
    await label()
    const body = asked(own.toLowerCase())
    const answer = await register(body)
    expect(answer.status).toBe(201)
    expect(answer.json).toEqual({
      ok: true,
      message: 'Registration successful',
      userId: expect.any(String),
      deviceId: own,
      username: body.username,
    })
    const signedIn = await site.browser.post('/api/v1/auth/session', {
      username: body.username,
      password: body.password,
    })
    expect(signedIn.json).toMatchObject({ reach: 'own', roleName: 'operator' })
    const cookie = signedIn.headers['set-cookie']?.[0]?.split(';')[0] ?? ''
    const { gateways } = (await site.browser.get('/api/v1/gateways', { cookie })).json
    expect(gateways.map((one: { label: string }) => one.label)).toEqual([own])
    const assignment = await people.db
      .selectFrom('assignments')
      .innerJoin('gateways', 'gateways.assignmentId', 'assignments.id')
      .select(['assignments.ownerUserId', 'gateways.ownerUserId as owner'])
      .where('gateways.label', '=', own)
      .executeTakeFirstOrThrow()
    expect(assignment).toEqual({ ownerUserId: answer.json.userId, owner: answer.json.userId })
  })

  test('an unknown label, one that is taken and an e-mail address that is known read the same', async () => {
    await set({ registration: { isOpen: true, role: 'viewer' } })
    const taken = await label()
    expect((await register(asked(taken))).status).toBe(201)
    const free = await label()
    const answers = [
      await register(asked('ESP-FFFFFF')),
      await register(asked(taken)),
      await register(asked(free, { email: ADMIN.toUpperCase() })),
    ]
    const told = answers.map(({ status, json: { data, ...rest } }) => ({
      status,
      ...rest,
      data: { ...data, requestId: null },
    }))
    expect(told[0]).toMatchObject({ status: 409, code: 'registration_refused' })
    expect(told[1]).toEqual(told[0])
    expect(told[2]).toEqual(told[0])
    // Who holds the box may learn that a user name is used; who does not, may not.
    const { username } = await people.db
      .selectFrom('users')
      .select('username')
      .where('username', 'is not', null)
      .executeTakeFirstOrThrow()
    expect((await register(asked('ESP-FFFFFF', { username }))).json.code).toBe('registration_refused')
    expect((await register(asked(free, { username }))).json.code).toBe('username_taken')
  })

  test('is limited, and asks the classes of 003 where the site does', async () => {
    await set({ registration: { isOpen: true, role: 'viewer' }, passwordClasses: true })
    const small = asked(await label(), { password: 'hail over manaus 9' })
    expect((await register(small)).json.code).toBe('password_classes_missing')
    const codes: string[] = []
    for (let tries = 0; tries <= registrationLimits.network[0]; tries++)
      codes.push((await register(asked('ESP-FFFFFF', { password: 'Hail over Manaus 9' }))).json.code)
    expect(codes.at(-1)).toBe('too_many_requests')
  })
})

describe('the lock', () => {
  const idle = (ms: number) =>
    people.db
      .updateTable('sessions')
      .set({ activeAt: Date.now() - ms })
      .execute()

  test('a session that nobody was at answers nothing but who it is of, until the password is given', async () => {
    await set({ idleLockMinutes: 5 })
    const { get, post } = await session()
    await idle(4 * 60_000)
    expect((await get('/gateways')).status).toBe(200)
    await idle(5 * 60_000 + 1_000)
    expect((await get('/gateways')).json.code).toBe('session_locked')
    expect((await get('/account')).json.code).toBe('session_locked')
    expect((await get('/site')).json.code).toBe('session_locked')
    expect((await post('/account/active')).json.code).toBe('session_locked')
    expect((await get('/auth/me')).json).toMatchObject({
      email: ADMIN,
      pending: 'unlock',
      permissions: [],
      tenants: [],
    })
    expect((await post('/auth/unlock', { password: 'not it' })).json.code).toBe('wrong_credentials')
    expect((await get('/gateways')).json.code).toBe('session_locked')
    expect((await post('/auth/unlock', { password: PASSWORD })).json).toMatchObject({ pending: null })
    expect((await get('/gateways')).status).toBe(200)
  })

  test('being at it keeps it open', async () => {
    await set({ idleLockMinutes: 5 })
    const { get, post } = await session()
    await idle(4 * 60_000)
    expect((await post('/account/active')).status).toBe(204)
    const [row] = await people.db
      .selectFrom('sessions')
      .select('activeAt')
      .orderBy('activeAt', 'desc')
      .execute()
    expect(Date.now() - (row?.activeAt ?? 0)).toBeLessThan(60_000)
    expect((await get('/gateways')).status).toBe(200)
  })

  test('by hand it locks at once, also where the site has no idle time; being at it does not open it', async () => {
    const { get, post } = await session()
    expect((await post('/account/lock')).status).toBe(204)
    expect((await get('/gateways')).json.code).toBe('session_locked')
    expect((await post('/account/active')).json.code).toBe('session_locked')
    expect((await post('/auth/unlock', { password: PASSWORD })).status).toBe(200)
    expect((await get('/gateways')).status).toBe(200)
  })

  test('it ends streams of the session, and leaves its socket', async () => {
    const { cookie, post } = await session()
    const { socket } = await openSocket(site, { cookie, origin: new URL(site.addresses.http ?? '').origin })
    const api = apiOver(socket)
    const stream = await api.site.watchPulse()
    const ended = (async () => {
      for await (const _ of stream) void _
    })()
    await post('/account/lock')
    await expect(ended).rejects.toMatchObject({ code: 'session_locked' })
    await expect(api.gateways.list({})).rejects.toMatchObject({ code: 'session_locked' })
    await post('/auth/unlock', { password: PASSWORD })
    expect(await api.gateways.list({})).toMatchObject({ next: null })
    socket.close()
  })

  test('nobody can unlock without a session, and a signed-out one stays out', async () => {
    expect((await site.browser.post('/api/v1/auth/unlock', { password: PASSWORD })).json.code).toBe(
      'not_signed_in',
    )
    const { cookie, post } = await session()
    await post('/account/lock')
    expect((await site.browser.send('DELETE', '/api/v1/auth/session', undefined, { cookie })).status).toBe(
      204,
    )
    expect((await post('/auth/unlock', { password: PASSWORD })).json.code).toBe('not_signed_in')
  })

  test('asks for the second factor of those who have one', async () => {
    const { get, post } = await session()
    const { secret } = (await post('/account/second-factor', { password: PASSWORD })).json
    await post('/account/second-factor/confirm', { code: totpCode(secret) })
    await post('/account/lock')
    expect((await post('/auth/unlock', { password: PASSWORD })).json.code).toBe('second_factor_required')
    const code = totpCode(secret, 1)
    expect((await post('/auth/unlock', { password: PASSWORD, code })).status).toBe(200)
    expect((await get('/gateways')).status).toBe(200)
  })
})
