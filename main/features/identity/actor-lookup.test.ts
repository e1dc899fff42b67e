import { beforeEach, expect, test } from 'vitest'
import { type Actor, permissionsOf, scopeOf, seesGateway } from '#features/access/index.ts'
import { TenantsService } from '#features/tenants/index.ts'
import { openSiteDb, type SiteDb } from '#platform/db/site-db.ts'
import { ActorLookup } from './actor-lookup.ts'

let db: SiteDb
let lookup: ActorLookup
let tenants: TenantsService

beforeEach(async () => {
  db = await openSiteDb(':memory:')
  tenants = new TenantsService(db, { now: () => 1 })
  lookup = new ActorLookup({ db, tenants })
  for (const id of ['north', 'south'])
    await db.insertInto('tenants').values({ id, slug: id, name: id, state: 'active', createdAt: 1 }).execute()
  for (const [id, parentId] of [
    ['hall', null],
    ['line', 'hall'],
    ['yard', null],
  ] as const)
    await db
      .insertInto('groups')
      .values({ id, tenantId: 'north', parentId, name: id, createdAt: 1 })
      .execute()
  await tenants.loadGroups()
  return () => db.destroy()
})

async function user(id: string, given: { siteAdmin?: 1; state?: 'suspended'; mustChangePassword?: 1 } = {}) {
  await db
    .insertInto('users')
    .values({
      id,
      email: id,
      name: id,
      passwordHash: '',
      siteAdmin: 0,
      state: 'active',
      createdAt: 1,
      ...given,
    })
    .execute()
}

async function member(
  userId: string,
  tenantId: string,
  roleId: string,
  reach: 'tenant' | 'groups' | 'own' = 'tenant',
  groups: string[] = [],
) {
  await db.insertInto('memberships').values({ userId, tenantId, roleId, reach, createdAt: 1 }).execute()
  for (const groupId of groups)
    await db.insertInto('membershipGroups').values({ userId, tenantId, groupId }).execute()
}

const at = (userId: string, tenantId: string | null = null): Promise<Actor> =>
  lookup.person({ sessionId: 's', userId, tenantId, isSignOn: false })
const gateway = (groupId: string | null, ownerUserId: string | null = null) => ({
  tenantId: 'north',
  groupId,
  ownerUserId,
})

test('a site administrator sees everything, or the tenant that they chose to look at', async () => {
  await user('root', { siteAdmin: 1 })
  expect(scopeOf(await at('root'))).toEqual({ all: true })
  const inNorth = await at('root', 'north')
  expect(scopeOf(inNorth)).toEqual({ all: false, tenantId: 'north', within: null })
  expect(permissionsOf(inNorth)).toContain('site:write')
})

test('rights follow the membership of the chosen tenant', async () => {
  await user('ana')
  await member('ana', 'north', 'operator')
  await member('ana', 'south', 'viewer')
  expect(await at('ana')).toMatchObject({ tenantId: 'north', roleId: 'operator' })
  expect(await at('ana', 'south')).toMatchObject({ tenantId: 'south', roleId: 'viewer' })
  expect(permissionsOf(await at('ana', 'south'))).not.toContain('gateways:write')
})

test('a tenant of which nobody made them a member is not theirs to choose', async () => {
  await user('ana')
  await member('ana', 'north', 'viewer')
  expect(await at('ana', 'south')).toEqual({ kind: 'anonymous' })
})

test('what was opened for one tenant acts in no other when that is suspended; only who chose none goes on elsewhere', async () => {
  await user('ana')
  await member('ana', 'north', 'operator')
  await member('ana', 'south', 'viewer')
  await db.updateTable('tenants').set({ state: 'suspended' }).where('id', '=', 'north').execute()
  expect(await at('ana', 'north')).toEqual({ kind: 'anonymous' })
  expect(await at('ana')).toMatchObject({ tenantId: 'south', roleId: 'viewer' })
})

test('rights in a group hold below it, and for own gateways, and end there', async () => {
  await user('ana')
  await member('ana', 'north', 'operator', 'groups', ['hall'])
  const scope = scopeOf(await at('ana'))
  expect(
    [gateway('hall'), gateway('line'), gateway(null, 'ana')].every((one) => seesGateway(scope, one)),
  ).toBe(true)
  expect([gateway('yard'), gateway(null), gateway(null, 'bo')].some((one) => seesGateway(scope, one))).toBe(
    false,
  )
})

test('a person whose only group is gone sees nothing of the tenant', async () => {
  await user('ana')
  await member('ana', 'north', 'operator', 'groups', ['line'])
  await db.deleteFrom('groups').where('id', '=', 'line').execute()
  await tenants.loadGroups()
  expect(seesGateway(scopeOf(await at('ana')), gateway('hall'))).toBe(false)
})

test.each(['account', 'tenant', 'membership'] as const)(
  'without the %s nobody is signed in',
  async (what) => {
    await user('ana')
    await member('ana', 'north', 'viewer')
    if (what === 'account') await db.updateTable('users').set({ state: 'suspended' }).execute()
    if (what === 'tenant') await db.updateTable('tenants').set({ state: 'suspended' }).execute()
    if (what === 'membership') await db.deleteFrom('memberships').execute()
    expect(await at('ana')).toEqual({ kind: 'anonymous' })
  },
)

test('an own role is made of what it names, but never of rights over the site', async () => {
  const permissions = JSON.stringify(['telemetry:read', 'site:write', 'no:such'])
  await db
    .insertInto('roles')
    .values({ id: 'own', tenantId: 'north', name: 'Own', permissions, createdAt: 1 })
    .execute()
  await user('ana')
  await member('ana', 'north', 'own')
  expect(permissionsOf(await at('ana'))).toEqual(['telemetry:read'])
})

test('what stands between a person and their rights takes all of them', async () => {
  await user('ana', { mustChangePassword: 1 })
  await member('ana', 'north', 'operator')
  expect(await at('ana')).toMatchObject({ pending: 'password' })
  await db.updateTable('users').set({ mustChangePassword: 0 }).execute()
  await db.updateTable('roles').set({ secondFactor: 1 }).where('id', '=', 'operator').execute()
  const actor = await at('ana')
  expect(actor).toMatchObject({ pending: 'second_factor' })
  expect(permissionsOf(actor)).toEqual([])
  expect(seesGateway(scopeOf(actor), gateway('hall'))).toBe(false)
  const signedOn = await lookup.person({ sessionId: 's', userId: 'ana', tenantId: null, isSignOn: true })
  expect(signedOn).toMatchObject({ pending: null })
  await db
    .insertInto('secondFactors')
    .values({ userId: 'ana', sealedSecretId: 'x', confirmedAt: 2, createdAt: 1 })
    .execute()
  expect(await at('ana')).toMatchObject({ pending: null })
})
