import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openSiteDb } from '#platform/db/site-db.ts'
import { gatewayInScope, seesGateway, type TenantScope } from './scope.ts'

const tenants = ['north', 'south']
const groups = ['hall', 'line', 'yard']
const people = ['ana', 'bo']

const gateways = fc.array(
  fc.record({
    tenantId: fc.constantFrom(...tenants),
    groupId: fc.constantFrom(...groups, null),
    ownerUserId: fc.constantFrom(...people, null),
  }),
  { maxLength: 12 },
)
const scopes: fc.Arbitrary<TenantScope> = fc.oneof(
  fc.constant({ all: true as const }),
  fc.record({
    all: fc.constant(false as const),
    tenantId: fc.constantFrom(...tenants, ''),
    within: fc.option(
      fc.record({
        groupIds: fc.subarray(groups).map((ids) => new Set(ids)),
        ownerUserId: fc.constantFrom(...people, null),
      }),
    ),
  }),
)

test('what the store finds in a scope is what memory finds, whatever the scope', async () => {
  const db = await openSiteDb(':memory:')
  for (const id of tenants)
    await db.insertInto('tenants').values({ id, slug: id, name: id, state: 'active', createdAt: 1 }).execute()
  for (const id of people)
    await db
      .insertInto('users')
      .values({ id, email: id, name: id, passwordHash: null, siteAdmin: 0, state: 'active', createdAt: 1 })
      .execute()
  for (const id of groups)
    await db
      .insertInto('groups')
      .values({ id, tenantId: 'north', parentId: null, name: id, createdAt: 1 })
      .execute()
  await fc.assert(
    fc.asyncProperty(gateways, scopes, async (all, scope) => {
      await db.deleteFrom('gateways').execute()
      const rows = all.map((one, n) => ({ id: `g${n}`, ...one }))
      for (const { id, ...belonging } of rows)
        await db.insertInto('gateways').values(row(id, belonging)).execute()
      const found = await db
        .selectFrom('gateways')
        .select('id')
        .where(gatewayInScope(scope))
        .orderBy('id')
        .execute()
      const expected = rows.filter((one) => seesGateway(scope, one)).map(({ id }) => id)
      expect(found.map(({ id }) => id)).toEqual(expected.toSorted())
    }),
    { numRuns: 60 },
  )
  await db.destroy()
})

test.each<[string, Partial<{ tenantId: string; groupId: string; ownerUserId: string }>, boolean]>([
  ['in the group', { groupId: 'line' }, true],
  ['in another group', { groupId: 'yard' }, false],
  ['in no group', {}, false],
  ['their own, in no group', { ownerUserId: 'ana' }, true],
  ['of somebody else', { ownerUserId: 'bo' }, false],
  ['in a group of that id of another tenant', { tenantId: 'south', groupId: 'line' }, false],
  ['their own of before, now of another tenant', { tenantId: 'south', ownerUserId: 'ana' }, false],
])('whose rights end at a group, of a gateway %s', (_which, given, isSeen) => {
  const scope = {
    all: false as const,
    tenantId: 'north',
    within: { groupIds: new Set(['line']), ownerUserId: 'ana' },
  }
  expect(seesGateway(scope, { tenantId: 'north', groupId: null, ownerUserId: null, ...given })).toBe(isSeen)
})

function row(
  id: string,
  belonging: { tenantId: string; groupId: string | null; ownerUserId: string | null },
) {
  const unknown = {
    mac: null,
    platform: null,
    hardwareRevision: null,
    firmwareVersion: null,
    assignmentId: null,
  }
  const never = { claimedAt: null, activatedAt: null, lastSeenAt: null, deletedAt: null }
  const rest = {
    code: id,
    label: id,
    name: id,
    maxDevices: 8,
    dialect: 'canonical',
    metadata: '{}',
    createdAt: 1,
  }
  return { id, ...belonging, ...unknown, ...never, ...rest, state: 'active' as const }
}
