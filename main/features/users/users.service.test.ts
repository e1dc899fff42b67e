import { beforeEach, expect, test } from 'vitest'
import type { Actor } from '#features/access/index.ts'
import { openUserWorld, type UserWorld } from './users.fixture.ts'

let world: UserWorld
beforeEach(async () => {
  world = await openUserWorld()
  await world.add('root', { siteAdmin: 1 })
  await world.add('ana')
  await world.member('ana', 'north', 'tenant_admin')
  return () => world.db.destroy()
})

const code = (name: string) => expect.objectContaining({ code: name })
const draft = (actor: Actor) => world.draft(actor)
const names = async (actor: Actor, filter: object = {}) =>
  (await world.users.list(actor, { limit: 100, ...filter })).users.map(({ name }) => name)

async function crowd() {
  await world.add('hal')
  await world.member('hal', 'north', 'operator', 'groups', ['hall'])
  await world.add('lin')
  await world.member('lin', 'north', 'viewer', 'groups', ['line'])
  await world.add('yara')
  await world.member('yara', 'north', 'viewer', 'groups', ['line', 'yard'])
  await world.add('otto')
  await world.member('otto', 'north', 'viewer', 'own')
  await world.add('sue')
  await world.member('sue', 'south', 'viewer')
}

test('each sees the people of their part: the site, a tenant, or groups with all below them', async () => {
  await crowd()
  expect(await names(await world.as('root'))).toEqual(['ana', 'hal', 'lin', 'otto', 'root', 'sue', 'yara'])
  expect(await names(await world.as('root', 'south'))).toEqual(['sue'])
  expect(await names(await world.as('root'), { tenant: 'north', role: 'viewer' })).toEqual([
    'lin',
    'otto',
    'yara',
  ])
  expect(await names(await world.as('ana'))).toEqual(['ana', 'hal', 'lin', 'otto', 'yara'])
  expect(await names(await world.as('hal'))).toEqual(['hal', 'lin'])
  expect(await names(await world.as('lin'))).toEqual(['lin'])
  expect(await names(await world.as('otto'))).toEqual([])
  for (const userId of ['yara', 'ana', 'sue', 'root', 'nobody'])
    await expect(world.users.show(await world.as('hal'), userId)).rejects.toThrow(code('not_found'))
})

test('what a person is elsewhere is not told', async () => {
  await world.add('bo')
  await world.member('bo', 'north', 'viewer')
  await world.member('bo', 'south', 'tenant_admin')
  const north = await world.as('ana')
  const seen = await world.users.show(north, 'bo')
  expect(seen.memberships.map(({ tenantSlug }) => tenantSlug)).toEqual(['north'])
  expect(JSON.stringify(seen)).not.toContain('south')
  expect(seen.manageable).toBe(false)
  const { memberships } = await world.users.show(await world.as('root'), 'bo')
  expect(memberships.map(({ tenantSlug }) => tenantSlug)).toEqual(['north', 'south'])
})

test('filters and pages', async () => {
  await crowd()
  const root = await world.as('root')
  const first = await world.users.list(root, { limit: 3 })
  const rest = await world.users.list(root, { limit: 100, after: first.next ?? '' })
  expect([...first.users, ...rest.users].map(({ name }) => name)).toEqual(await names(root))
  expect(rest.next).toBeNull()
  await expect(world.users.list(root, { limit: 3, after: 'x' })).rejects.toThrow(code('cursor_invalid'))
  expect(await names(root, { search: 'HAL@' })).toEqual(['hal'])
  expect(await names(root, { search: '%' })).toEqual([])
  expect(await names(root, { role: 'site_admin' })).toEqual(['root'])
  expect(await names(await world.as('ana'), { role: 'site_admin' })).toEqual([])
  await world.users.suspend(root, 'lin', 'left', draft(root))
  expect(await names(root, { state: 'suspended' })).toEqual(['lin'])
  expect(await names(await world.as('ana'), { state: 'active' })).toEqual(['ana', 'hal', 'otto', 'yara'])
})

test('a person who is suspended has no rights and no sessions at once, and has them again afterwards', async () => {
  await crowd()
  const ana = await world.as('ana')
  await world.session('hal', 's1')
  await world.session('hal', 's2')
  const { state, sessions } = await world.users.suspend(ana, 'hal', 'left', draft(ana))
  expect([state, sessions]).toEqual(['suspended', 0])
  expect(world.ended.toSorted()).toEqual(['s1', 's2'])
  expect(world.changes).toEqual([{ userId: 'hal', what: 'suspended' }])
  expect(await world.as('hal')).toEqual({ kind: 'anonymous' })
  await expect(world.users.suspend(ana, 'hal', 'x', draft(ana))).rejects.toThrow(code('user_state_conflict'))
  await expect(world.users.reset(ana, 'hal', 'link', draft(ana))).rejects.toThrow(code('user_state_conflict'))
  await world.users.resume(ana, 'hal', draft(ana))
  expect(await world.as('hal')).toMatchObject({ id: 'hal' })
})

test('nobody does to an account what gives them rights beyond theirs, or takes them', async () => {
  await crowd()
  await world.member('sue', 'north', 'viewer')
  await world.member('root', 'north', 'viewer')
  const ana = await world.as('ana')
  for (const [userId, errors] of [
    // Rights in another tenant; the whole site; nothing that she sees.
    ['sue', 'account_beyond'],
    ['root', 'account_beyond'],
    ['nobody', 'not_found'],
  ] as const) {
    await expect(world.users.reset(ana, userId, 'link', draft(ana))).rejects.toThrow(code(errors))
    await expect(world.users.suspend(ana, userId, '', draft(ana))).rejects.toThrow(code(errors))
    await expect(world.users.removeSecondFactor(ana, userId, draft(ana))).rejects.toThrow(code(errors))
    await expect(world.users.update(ana, userId, { name: 'x' }, draft(ana))).rejects.toThrow(code(errors))
  }
  await expect(world.users.update(ana, 'hal', { siteAdmin: true }, draft(ana))).rejects.toThrow(
    code('forbidden_reach'),
  )
  // What she gave she may take: the account stays with the other tenant.
  await world.users.delete(ana, 'sue', draft(ana))
  expect(await world.as('sue')).toMatchObject({ tenantId: 'south' })
  await expect(world.users.show(ana, 'sue')).rejects.toThrow(code('not_found'))
})

test('nobody takes rights beyond theirs: neither of a person nor out of a role', async () => {
  const ana = await world.as('ana')
  const input = { name: 'Staff office', permissions: ['users:read', 'users:write', 'roles:write'] as const }
  const office = await world.roles.create(ana, { ...input, secondFactor: false }, draft(ana))
  const mighty = await world.roles.create(
    ana,
    { name: 'Mighty', permissions: ['gateways:write'], secondFactor: false },
    draft(ana),
  )
  await world.add('bo')
  await world.member('bo', 'north', office.id)
  const bo = await world.as('bo')
  const less = { tenant: 'north', role: office.id, reach: 'tenant' as const, groups: [] }
  for (const act of [
    () => world.memberships.set(bo, 'ana', less, draft(bo)),
    () => world.memberships.remove(bo, 'ana', 'north', draft(bo)),
    () => world.users.delete(bo, 'ana', draft(bo)),
    () => world.roles.update(bo, mighty.id, { permissions: [] }, draft(bo)),
    () => world.roles.delete(bo, mighty.id, draft(bo)),
  ])
    await expect(act()).rejects.toThrow(code('rights_beyond'))
  await expect(world.users.suspend(bo, 'ana', '', draft(bo))).rejects.toThrow(code('account_beyond'))
})

test('whose own gateways lie elsewhere is beyond who administers some groups', async () => {
  await crowd()
  const hall = { role: 'viewer', reach: 'groups' as const, groups: ['line'] }
  await world.add('chief')
  await world.member('chief', 'north', 'tenant_admin', 'groups', ['hall'])
  await world.gateway('in-line', { tenantId: 'north', groupId: 'line', ownerUserId: 'lin' })
  await world.gateway('in-south', { tenantId: 'south', groupId: 'dock', ownerUserId: 'lin' })
  const chief = await world.as('chief')
  expect(await world.users.show(chief, 'lin')).toMatchObject({ manageable: true })
  await world.gateway('in-yard', { tenantId: 'north', groupId: 'yard', ownerUserId: 'lin' })
  expect(await world.users.show(chief, 'lin')).toMatchObject({ manageable: false })
  for (const act of [
    () => world.users.reset(chief, 'lin', 'link', draft(chief)),
    () => world.users.suspend(chief, 'lin', '', draft(chief)),
    () => world.users.update(chief, 'lin', { name: 'x' }, draft(chief)),
  ])
    await expect(act()).rejects.toThrow(code('account_beyond'))
  const email = 'lin@plant.example'
  const invite = () =>
    world.memberships.invite(
      chief,
      { ...hall, email, siteAdmin: false, how: 'one_time_password' },
      draft(chief),
    )
  // Who has not signed in yet would get a new password by another invitation.
  await world.db
    .updateTable('users')
    .set({ mustChangePassword: 1, lastLoginAt: null })
    .where('id', '=', 'lin')
    .execute()
  for (const act of [
    invite,
    () => world.users.reset(chief, 'lin', 'link', draft(chief)),
    () => world.memberships.set(chief, 'lin', { ...hall, tenant: 'north' }, draft(chief)),
    () => world.memberships.remove(chief, 'lin', 'north', draft(chief)),
    () => world.users.delete(chief, 'lin', draft(chief)),
  ])
    await expect(act()).rejects.toMatchObject({
      code: expect.stringMatching(/^(account|rights)_beyond$/),
    })
  // A membership over some groups would give them what lies elsewhere.
  await world.db.deleteFrom('memberships').where('userId', '=', 'lin').execute()
  await expect(invite()).rejects.toThrow(code('rights_beyond'))
  expect(await world.users.show(await world.as('ana'), 'hal')).toMatchObject({ manageable: true })
})

test.each(['account', 'membership'] as const)(
  'a person who is deleted by their %s leaves nothing that opens',
  async (by) => {
    await crowd()
    const ana = await world.as('ana')
    await world.session('hal', 's1')
    await world.gateway('g1', { tenantId: 'north', groupId: 'hall', ownerUserId: 'hal' })
    await world.db
      .insertInto('mqttClients')
      .values({
        id: 'c1',
        tenantId: 'north',
        ownerUserId: 'hal',
        name: 'c1',
        username: 'c1',
        rights: 'both',
        topics: '[]',
        prefix: 'users/c1',
        state: 'active',
        createdAt: 1,
      })
      .execute()
    const seed = { id: 'seed', purpose: 'second-factor', box: new Uint8Array(1), createdAt: 1 }
    await world.db.insertInto('sealedSecrets').values(seed).execute()
    await world.db
      .insertInto('secondFactors')
      .values({ userId: 'hal', sealedSecretId: 'seed', createdAt: 1 })
      .execute()
    if (by === 'account') await world.users.delete(ana, 'hal', draft(ana))
    else await world.memberships.remove(ana, 'hal', 'north', draft(ana))
    expect(world.ended).toEqual(['s1'])
    expect(world.revoked).toEqual(['c1'])
    expect(world.ownerless).toEqual(['g1'])
    expect(world.changes).toEqual([{ userId: 'hal', what: 'deleted' }])
    expect(await world.db.selectFrom('sealedSecrets').select('id').execute()).toEqual([])
  },
)

test.each(['delete', 'remove'] as const)(
  'who stays in another tenant owns nothing in the one they left (%s)',
  async (how) => {
    await crowd()
    await world.member('sue', 'north', 'viewer')
    await world.gateway('g-north', { tenantId: 'north', ownerUserId: 'sue' })
    await world.gateway('g-south', { tenantId: 'south', ownerUserId: 'sue' })
    const ana = await world.as('ana')
    if (how === 'delete') await world.users.delete(ana, 'sue', draft(ana))
    else await world.memberships.remove(ana, 'sue', 'north', draft(ana))
    const owners = await world.db.selectFrom('gateways').select(['id', 'ownerUserId']).orderBy('id').execute()
    expect(owners).toEqual([
      { id: 'g-north', ownerUserId: null },
      { id: 'g-south', ownerUserId: 'sue' },
    ])
    expect([world.ownerless, world.ended]).toEqual([['g-north'], []])
  },
)

test('one does not suspend, reset or delete oneself', async () => {
  const ana = await world.as('ana')
  await expect(world.users.suspend(ana, 'ana', '', draft(ana))).rejects.toThrow(code('not_yourself'))
  await expect(world.users.reset(ana, 'ana', 'link', draft(ana))).rejects.toThrow(code('not_yourself'))
  await expect(world.users.delete(ana, 'ana', draft(ana))).rejects.toThrow(code('not_yourself'))
  await expect(world.memberships.remove(ana, 'ana', 'north', draft(ana))).rejects.toThrow(
    code('not_yourself'),
  )
})

test('the last administrator of the site stays one, whoever asks', async () => {
  const root = await world.as('root')
  const local = await world.as('local')
  await expect(world.users.update(root, 'root', { siteAdmin: false }, draft(root))).rejects.toThrow(
    code('last_site_admin'),
  )
  for (const act of [
    () => world.users.update(local, 'root', { siteAdmin: false }, draft(local)),
    () => world.users.suspend(local, 'root', '', draft(local)),
    () => world.users.delete(local, 'root', draft(local)),
  ])
    await expect(act()).rejects.toThrow(code('last_site_admin'))
  // One who was only invited, or is suspended, cannot take over.
  await world.memberships.invite(
    root,
    { email: 'chief@plant.example', siteAdmin: true, how: 'link' },
    draft(root),
  )
  await expect(world.users.suspend(local, 'root', '', draft(local))).rejects.toThrow(code('last_site_admin'))
  await world.users.update(root, 'ana', { siteAdmin: true }, draft(root))
  expect(await world.users.update(root, 'root', { siteAdmin: false }, draft(root))).toMatchObject({
    siteAdmin: false,
  })
  await expect(world.users.delete(local, 'ana', draft(local))).rejects.toThrow(code('last_site_admin'))
})

test('a role that people have is not deleted, and says of how many', async () => {
  const ana = await world.as('ana')
  const role = await world.roles.create(
    ana,
    { name: 'Auditor', permissions: ['audit:read', 'users:read'], secondFactor: false },
    draft(ana),
  )
  await world.add('bo')
  await world.member('bo', 'north', role.id)
  await expect(world.roles.delete(ana, role.id, draft(ana))).rejects.toThrow(
    expect.objectContaining({ code: 'role_in_use', data: { name: 'Auditor', people: 1 } }),
  )
  await world.memberships.set(
    ana,
    'bo',
    { tenant: 'north', role: 'viewer', reach: 'tenant', groups: [] },
    draft(ana),
  )
  await world.roles.delete(ana, role.id, draft(ana))
})

test('names of roles are unique in the tenant, and nobody passes for a built-in one', async () => {
  const ana = await world.as('ana')
  const make = (name: string) =>
    world.roles.create(ana, { name, permissions: [], secondFactor: false }, draft(ana))
  await make('Shift')
  for (const name of ['shift', 'ＳＨＩＦＴ', 'viewer', 'Tenant admin', 'site_admin'])
    await expect(make(name)).rejects.toThrow(code('role_name_taken'))
  await world.add('bo')
  await world.member('bo', 'south', 'tenant_admin')
  const bo = await world.as('bo')
  await world.roles.create(bo, { name: 'Shift', permissions: [], secondFactor: false }, draft(bo))
})

test('a role of another tenant does not exist, and built-in ones change in one point only, by the site', async () => {
  const ana = await world.as('ana')
  const root = await world.as('root')
  await world.add('bo')
  await world.member('bo', 'south', 'tenant_admin')
  const bo = await world.as('bo')
  const role = await world.roles.create(
    bo,
    { name: 'Shift', permissions: [], secondFactor: false },
    draft(bo),
  )
  await expect(world.roles.update(ana, role.id, { name: 'x' }, draft(ana))).rejects.toThrow(code('not_found'))
  await expect(world.roles.delete(ana, role.id, draft(ana))).rejects.toThrow(code('not_found'))
  const asRole = { tenant: 'north', role: role.id, reach: 'tenant' as const, groups: [] }
  await expect(world.memberships.set(ana, 'ana', asRole, draft(ana))).rejects.toThrow(code('not_found'))
  await expect(world.roles.update(root, 'viewer', { name: 'x' }, draft(root))).rejects.toThrow(
    code('role_built_in'),
  )
  await expect(world.roles.update(ana, 'viewer', { secondFactor: true }, draft(ana))).rejects.toThrow(
    code('forbidden_reach'),
  )
  expect(await world.roles.update(root, 'viewer', { secondFactor: true }, draft(root))).toMatchObject({
    secondFactor: true,
  })
  await expect(
    world.roles.create(
      root,
      { tenant: 'north', name: 'x', permissions: ['site:write'], secondFactor: false },
      draft(root),
    ),
  ).rejects.toThrow(code('rights_beyond'))
})
