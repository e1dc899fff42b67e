import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Permission, permissions, sitePermissions } from '#contract/model/permission.ts'
import { type Actor, permissionsOf, scopeOf, seesGateway } from '#features/access/index.ts'
import { openUserWorld, type UserWorld } from './users.fixture.ts'

/**
 * Whatever people try, in any order: nobody has more rights afterwards than they had or the one who acted has, and
 * somebody still administers the site.
 */
const people = ['root', 'chief', 'ana', 'hal', 'lin', 'otto', 'bo', 'sue'] as const
const tenants = ['north', 'south'] as const
const builtIn = ['tenant_admin', 'operator', 'viewer'] as const
/** Where a gateway may be. */
const places = [
  { tenantId: 'north', groupId: null },
  { tenantId: 'north', groupId: 'hall' },
  { tenantId: 'north', groupId: 'line' },
  { tenantId: 'north', groupId: 'yard' },
  { tenantId: 'south', groupId: null },
  { tenantId: 'south', groupId: 'dock' },
] as const

const person = fc.constantFrom(...people)
const some = fc.subarray(permissions.filter((one) => !sitePermissions.includes(one)))
const membership = fc.record({
  tenant: fc.constantFrom(...tenants),
  role: fc.oneof(fc.constantFrom(...builtIn), fc.constant('own')),
  reach: fc.constantFrom('tenant' as const, 'groups' as const, 'own' as const),
  groups: fc.subarray(['hall', 'line', 'yard', 'dock'], { minLength: 1 }),
})
const act = fc.oneof(
  fc.record({ kind: fc.constant('set' as const), target: person, membership }),
  fc.record({ kind: fc.constant('invite' as const), target: person, membership }),
  fc.record({ kind: fc.constant('remove' as const), target: person, tenant: fc.constantFrom(...tenants) }),
  fc.record({ kind: fc.constant('siteAdmin' as const), target: person, siteAdmin: fc.boolean() }),
  fc.record({ kind: fc.constant('suspend' as const), target: person }),
  fc.record({ kind: fc.constant('delete' as const), target: person }),
  fc.record({ kind: fc.constant('createRole' as const), permissions: some }),
  fc.record({ kind: fc.constant('updateRole' as const), permissions: some }),
)
type Act = typeof act extends fc.Arbitrary<infer Value> ? Value : never
const step = fc.record({ by: person, in: fc.option(fc.constantFrom(...tenants)), act })

test('nobody gives what they do not hold, in any order of changes', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({ permissions: some, steps: fc.array(step, { minLength: 1, maxLength: 12 }) }),
      async ({ permissions: given, steps }) => {
        const world = await populate(given)
        try {
          for (const { by, in: tenantId, act: tried } of steps) {
            const actor = await world.as(by, tenantId)
            const before = await rightsOfAll(world)
            const done = await attempt(world, actor, tried)
            const after = await rightsOfAll(world)
            const own = before.get(by) ?? new Set()
            for (const one of people)
              for (const right of after.get(one) ?? [])
                if (!before.get(one)?.has(right) && !own.has(right))
                  throw new Error(`${by} gave ${one} ${right}, which is not theirs: ${JSON.stringify(done)}`)
            const admins = await Promise.all(people.map((one) => world.as(one)))
            expect(admins.some((one) => one.kind === 'user' && one.siteAdmin)).toBe(true)
          }
        } finally {
          await world.db.destroy()
        }
      },
    ),
    { numRuns: 20 },
  )
}, 60_000)

async function populate(given: readonly Permission[]): Promise<UserWorld> {
  const world = await openUserWorld()
  for (const id of people) await world.add(id, { siteAdmin: id === 'root' || id === 'chief' ? 1 : 0 })
  for (const tenantId of tenants)
    await world.db
      .insertInto('roles')
      .values({
        id: `own ${tenantId}`,
        tenantId,
        name: 'Own',
        permissions: JSON.stringify(given),
        createdAt: 1,
      })
      .execute()
  await world.member('ana', 'north', 'tenant_admin')
  await world.member('hal', 'north', 'tenant_admin', 'groups', ['hall'])
  await world.member('lin', 'north', 'own north', 'groups', ['line'])
  await world.member('otto', 'north', 'tenant_admin', 'own')
  await world.member('bo', 'south', 'own south')
  await world.member('bo', 'north', 'viewer')
  await world.member('sue', 'south', 'tenant_admin')
  return world
}

/** What each may do where, their own gateways aside: `gateways:write north/hall`. */
async function rightsOfAll(world: UserWorld): Promise<Map<string, Set<string>>> {
  const all = new Map<string, Set<string>>()
  for (const id of people) {
    const rights = new Set<string>()
    const sights = [null, ...tenants].map((tenantId) => world.as(id, tenantId))
    for (const actor of await Promise.all(sights))
      for (const place of places)
        if (seesGateway(scopeOf(actor), { ...place, ownerUserId: null }))
          for (const permission of permissionsOf(actor))
            rights.add(`${permission} ${place.tenantId}/${place.groupId ?? ''}`)
    all.set(id, rights)
  }
  return all
}

async function attempt(world: UserWorld, actor: Actor, tried: Act): Promise<string> {
  const draft = world.draft(actor)
  try {
    switch (tried.kind) {
      case 'set':
        await world.memberships.set(actor, tried.target, inputOf(tried.membership), draft)
        break
      case 'invite': {
        const { secret } = (
          await world.memberships.invite(
            actor,
            {
              ...inputOf(tried.membership),
              email: `${tried.target}@plant.example`,
              siteAdmin: false,
              how: 'link',
            },
            draft,
          )
        ).entry
        const target = await world.as(tried.target)
        const from = { address: '-', userAgent: '-' }
        if (target.kind === 'user') await world.invitations.join(secret, target, from, draft)
        break
      }
      case 'remove':
        await world.memberships.remove(actor, tried.target, tried.tenant, draft)
        break
      case 'siteAdmin':
        await world.users.update(actor, tried.target, { siteAdmin: tried.siteAdmin }, draft)
        break
      case 'suspend':
        await world.users.suspend(actor, tried.target, undefined, draft)
        break
      case 'delete':
        await world.users.delete(actor, tried.target, draft)
        break
      case 'createRole':
        await world.roles.create(
          actor,
          { name: 'New', permissions: tried.permissions, secondFactor: false },
          draft,
        )
        break
      case 'updateRole': {
        const scope = scopeOf(actor)
        const id = `own ${scope.all ? 'north' : scope.tenantId}`
        await world.roles.update(actor, id, { permissions: tried.permissions }, draft)
      }
    }
    return `done: ${JSON.stringify(tried)}`
  } catch (error) {
    if (error instanceof Error && 'code' in error && 'status' in error) return `refused: ${error.message}`
    throw error
  }
}

function inputOf({
  tenant,
  role,
  reach,
  groups,
}: {
  tenant: string
  role: string
  reach: 'tenant' | 'groups' | 'own'
  groups: string[]
}) {
  return { tenant, role: role === 'own' ? `own ${tenant}` : role, reach, groups }
}
