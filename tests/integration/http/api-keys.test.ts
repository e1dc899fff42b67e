import { afterAll, beforeAll, expect, test } from 'vitest'
import { permissions, rolePermissions, sitePermissions } from '#contract/model/permission.ts'
import { startSite, type TestSite } from '#tests/fixtures/site.ts'
import { type Api, apiOver, first, openSocket, People, type Person } from './people.ts'

let site: TestSite
let people: People
let north: string
let south: string
let admin: Person
let api: Api
beforeAll(async () => {
  site = await startSite()
  people = await People.of(site)
  north = (await site.local.get('/api/v1/tenants')).json.tenants[0].id
  south = (await site.engine.createTenant({ slug: 'south', name: 'South' })).id
  for (const [code, tenant] of [
    ['N-1', north],
    ['S-1', south],
  ])
    await site.local.post('/api/v1/gateways/provision', { code, name: code, tenant })
  admin = await people.add('tenant_admin', north)
  api = await people.api(admin)
})
afterAll(async () => {
  await people?.close()
  await site?.stop()
})

const bearer = (key: string) => ({ authorization: `Bearer ${key}` })
const codesSeen = async (key: string) =>
  (await site.browser.get('/api/v1/gateways', bearer(key))).json.gateways.map(
    ({ code }: { code: string }) => code,
  )
const me = (key: string) => site.browser.get('/api/v1/auth/me', bearer(key))
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'done',
    (error: { code: string }) => error.code,
  )

test('a key is shown once, opens what it is made for, and says what it is', async () => {
  const { key, secret } = await api.apiKeys.create({ name: ' Historian export ', scopes: ['gateways:read'] })
  expect(secret).toMatch(/^mwk_[a-z0-9]{8}_[\w-]{43}$/)
  expect(key).toMatchObject({
    name: 'Historian export',
    prefix: secret.slice(0, 12),
    scopes: ['gateways:read'],
    reach: 'tenant',
    tenant: { id: north },
    createdBy: { id: admin.id },
    lastUsedAt: null,
    state: 'active',
  })
  const year = 365 * 86_400_000
  expect(key.expiresAt?.getTime()).toBe(key.createdAt.getTime() + year)
  expect(await codesSeen(secret)).toEqual(['N-1'])
  expect((await site.browser.get('/api/v1/gateways', { 'x-api-key': secret })).status).toBe(200)
  expect((await me(secret)).json).toMatchObject({
    kind: 'api_key',
    id: key.id,
    permissions: ['gateways:read'],
    reach: 'tenant',
    tenantId: north,
  })
  const refused = await site.browser.post(
    '/api/v1/gateways/provision',
    { code: 'X', name: 'X' },
    bearer(secret),
  )
  expect(refused.json).toMatchObject({ status: 403, code: 'forbidden' })
  const listed = (await api.apiKeys.list({})).keys.find(({ id }) => id === key.id)
  expect(listed?.lastUsedAddress).toBe('127.0.0.1')
  expect(JSON.stringify(await api.apiKeys.list({}))).not.toContain(secret.slice(13))
  const stored = JSON.stringify(await people.db.selectFrom('apiKeys').selectAll().execute())
  expect(stored).not.toContain(secret.slice(13))
  const audited = JSON.stringify(await people.db.selectFrom('auditEntries').selectAll().execute())
  expect(audited).toContain(key.prefix)
  expect(audited).not.toContain(secret.slice(13))
})

test('nobody gives a key what they do not have', async () => {
  const asked = { name: 'k', scopes: ['gateways:read' as const] }
  expect(await codeOf(api.apiKeys.create({ ...asked, scopes: ['gateways:read', 'site:write'] }))).toBe(
    'rights_beyond',
  )
  expect(await codeOf(api.apiKeys.create({ ...asked, reach: 'site' }))).toBe('forbidden_reach')
  expect(await codeOf(api.apiKeys.create({ ...asked, tenant: south }))).toBe('tenant_unknown')
  expect(await codeOf(api.apiKeys.create({ ...asked, tenant: 'south' }))).toBe('tenant_unknown')
  const viewer = await people.api(await people.add('viewer', north))
  expect(await codeOf(viewer.apiKeys.create(asked))).toBe('forbidden')
  expect(await codeOf(viewer.apiKeys.list({}))).toBe('forbidden')
  // A tenant's key never has rights over the site, not even from who has them.
  const site_ = await people.api(await people.add('site_admin', null))
  expect(await codeOf(site_.apiKeys.create({ ...asked, tenant: south, scopes: ['site:write'] }))).toBe(
    'rights_beyond',
  )
  const { secret } = await site_.apiKeys.create({
    name: 'all',
    scopes: [...permissions],
    expiresInDays: null,
  })
  expect((await me(secret)).json).toMatchObject({ reach: 'site', ofSite: true, tenantId: null })
  expect((await codesSeen(secret)).toSorted()).toEqual(['N-1', 'S-1'])
})

test('a key is about no person, and about no account', async () => {
  const { secret } = await api.apiKeys.create({ name: 'k', scopes: ['gateways:read'] })
  const answer = await site.browser.post('/api/v1/auth/tenant', { tenant: north }, bearer(secret))
  expect(answer.json).toMatchObject({ status: 403, code: 'not_a_person' })
})

test('a key that makes keys gives them no more than it has, and no longer', async () => {
  const made = await api.apiKeys.create({
    name: 'maker',
    scopes: ['api-keys:write', 'gateways:read'],
    expiresInDays: 10,
  })
  const create = (asked: object) =>
    site.browser.post(
      '/api/v1/api-keys',
      { name: 'child', scopes: ['gateways:read'], ...asked },
      bearer(made.secret),
    )
  expect((await create({ expiresInDays: 9 })).status).toBe(201)
  for (const more of [
    { expiresInDays: 11 },
    { expiresInDays: null },
    {},
    { expiresInDays: 5, scopes: ['telemetry:read'] },
  ])
    expect((await create(more)).json).toMatchObject({ status: 403, code: 'rights_beyond' })
  expect((await create({ expiresInDays: 5, reach: 'site' })).json.code).toBe('forbidden_reach')
})

test('revoked, expired or of a suspended tenant: it opens nothing', async () => {
  const [revoked, expired, cutOff] = await Promise.all(
    ['revoked', 'expired', 'cut off'].map((name) => api.apiKeys.create({ name, scopes: ['gateways:read'] })),
  )
  if (!revoked || !expired || !cutOff) throw new Error('three were made')
  for (const { secret } of [revoked, expired, cutOff]) expect((await me(secret)).status).toBe(200)
  expect(await api.apiKeys.revoke({ key: revoked.key.prefix })).toMatchObject({ state: 'revoked' })
  expect((await me(revoked.secret)).status).toBe(401)
  await people.db
    .updateTable('apiKeys')
    .set({ expiresAt: Date.now() - 1 })
    .where('id', '=', expired.key.id)
    .execute()
  expect((await me(expired.secret)).status).toBe(401)
  const state = (to: 'active' | 'suspended') =>
    people.db.updateTable('tenants').set({ state: to }).where('id', '=', north).execute()
  await state('suspended')
  expect((await me(cutOff.secret)).status).toBe(401)
  await state('active')
  expect((await me(cutOff.secret)).status).toBe(200)
  expect(new Set((await api.apiKeys.list({})).keys.map((key) => key.state))).toEqual(
    new Set(['active', 'expired', 'revoked']),
  )
})

test("another tenant's keys do not exist", async () => {
  const local = (
    await site.local.post('/api/v1/api-keys', {
      name: 'south',
      scopes: ['gateways:read'],
      tenant: 'south',
    })
  ).json
  expect(await codesSeen(local.secret)).toEqual(['S-1'])
  expect((await api.apiKeys.list({})).keys.map(({ id }) => id)).not.toContain(local.key.id)
  for (const reference of [local.key.id, local.key.prefix]) {
    expect(await codeOf(api.apiKeys.revoke({ key: reference }))).toBe('not_found')
    expect(await codeOf(api.apiKeys.rename({ key: reference, name: 'mine' }))).toBe('not_found')
  }
  const renamed = await site.local.send('PATCH', `/api/v1/api-keys/${local.key.prefix}`, { name: 'South 2' })
  expect(renamed.json).toMatchObject({ name: 'South 2' })
})

test('a key of a group sees what is in it and below it, and nothing else', async () => {
  const made = async (name: string, parent: string | null) => {
    const body = { name, parent, tenant: north }
    return (await site.local.post('/api/v1/groups', body)).json.id as string
  }
  const building = await made('Building', null)
  const line = await made('Line', building)
  for (const [code, group] of [
    ['B-1', building],
    ['L-1', line],
  ]) {
    await site.local.post('/api/v1/gateways/provision', { code, name: code, tenant: north })
    await people.db
      .updateTable('gateways')
      .set({ groupId: group })
      .where('code', '=', code ?? '')
      .execute()
  }
  const ofBuilding = await api.apiKeys.create({ name: 'b', scopes: ['gateways:read'], group: building })
  const ofLine = await api.apiKeys.create({ name: 'l', scopes: ['gateways:read'], group: 'Building/Line' })
  expect(ofLine.key).toMatchObject({ reach: 'group', group: { id: line, name: 'Line' } })
  // Rights are read from the store; the list of gateways lives in memory and may be behind what this test wrote.
  expect((await me(ofBuilding.secret)).json.reach).toBe('groups')
  const limited = await people.add('tenant_admin', north)
  await people.db
    .updateTable('memberships')
    .set({ reach: 'groups' })
    .where('userId', '=', limited.id)
    .execute()
  const membership = { userId: limited.id, tenantId: north, groupId: line }
  await people.db.insertInto('membershipGroups').values(membership).execute()
  const theirs = await people.api(limited)
  expect((await theirs.apiKeys.list({})).keys.map(({ id }) => id)).toEqual([ofLine.key.id])
  expect(await codeOf(theirs.apiKeys.create({ name: 'x', scopes: ['gateways:read'], group: building }))).toBe(
    'not_found',
  )
  expect(await codeOf(theirs.apiKeys.create({ name: 'x', scopes: ['gateways:read'], reach: 'tenant' }))).toBe(
    'forbidden_reach',
  )
  expect((await theirs.apiKeys.create({ name: 'x', scopes: ['gateways:read'], group: line })).key.reach).toBe(
    'group',
  )
})

test("a person's own key may at most what they may now, and nothing once they are in another tenant alone", async () => {
  const maker = await people.add('tenant_admin', north)
  const scopes = ['gateways:read' as const, 'gateways:write' as const]
  const theirs = await people.api(maker)
  const { key, secret } = await theirs.apiKeys.create({ name: 'mine', scopes, reach: 'own' })
  expect((await me(secret)).json).toMatchObject({ permissions: scopes, reach: 'own' })
  const listed = async () => (await api.apiKeys.list({})).keys.find(({ id }) => id === key.id)
  const ofMaker = people.db.updateTable('memberships').where('userId', '=', maker.id)
  await ofMaker.set({ roleId: 'viewer' }).execute()
  expect((await me(secret)).json.permissions).toEqual(['gateways:read'])
  expect(await listed()).toMatchObject({ state: 'active', scopes: ['gateways:read'] })
  const made = await site.browser.post('/api/v1/gateways/provision', { code: 'X', name: 'X' }, bearer(secret))
  expect(made.json).toMatchObject({ status: 403, code: 'forbidden' })
  await people.db.updateTable('users').set({ mustChangePassword: 1 }).where('id', '=', maker.id).execute()
  expect((await me(secret)).status).toBe(401)
  await people.db.updateTable('users').set({ mustChangePassword: 0 }).where('id', '=', maker.id).execute()
  expect((await me(secret)).status).toBe(200)
  await ofMaker.set({ tenantId: south }).execute()
  expect((await me(secret)).status).toBe(401)
  expect(await listed()).toMatchObject({ state: 'cut_off' })
})

test('what is no key of ours is nobody', async () => {
  const { secret } = await api.apiKeys.create({ name: 'k', scopes: ['gateways:read'] })
  const other = secret.slice(0, -1) + (secret.endsWith('A') ? 'B' : 'A')
  for (const wrong of [
    other,
    secret.slice(0, 12),
    `${secret}=`,
    secret.toUpperCase(),
    'mwk_',
    `mwk_${'%00'.repeat(9)}`,
  ])
    expect([wrong, (await me(wrong)).status]).toEqual([wrong, 401])
})

test('a key streams over a WebSocket, and is cut off when it is revoked', async () => {
  const { key, secret } = await api.apiKeys.create({ name: 'wall', scopes: ['gateways:read'] })
  const { socket } = await openSocket(site, bearer(secret))
  const wall = apiOver(socket)
  expect(await first(await wall.site.watchPulse())).toMatchObject({ gateways: expect.any(Number) })
  const again = await wall.site.watchPulse()
  await api.apiKeys.revoke({ key: key.id })
  const ended = (async () => {
    for await (const _pulse of again) continue
  })()
  expect(await codeOf(ended)).toBe('not_signed_in')
  socket.close()
})

test('every right of a tenant can be given to a key, one by one', async () => {
  expect(rolePermissions.tenant_admin).not.toEqual(expect.arrayContaining([...sitePermissions]))
  for (const permission of rolePermissions.tenant_admin) {
    const { secret } = await api.apiKeys.create({ name: permission, scopes: [permission] })
    const allowed = await site.browser.get(`/api/v1/auth/verify?permission=${permission}`, bearer(secret))
    const other = permission === 'users:read' ? 'roles:write' : 'users:read'
    const refused = await site.browser.get(`/api/v1/auth/verify?permission=${other}`, bearer(secret))
    expect([permission, allowed.status, refused.status]).toEqual([permission, 200, 403])
  }
})
