import fc from 'fast-check'
import { expect, test } from 'vitest'
import { scopeOf, seesGateway, type TenantScope, wholeTenant } from '#features/access/index.ts'
import { AuditDraft, AuditService } from '#features/audit/index.ts'
import { ActorLookup } from '#features/identity/index.ts'
import { openSiteDb, type SiteDb } from '#platform/db/site-db.ts'
import { GroupsService } from './groups.service.ts'
import { TenantsService } from './tenants.service.ts'

/** The tree as one would draw it: name to the name above. Names are unique here, so that they stand for ids. */
type Drawing = Map<string, string | null>

const clock = { now: () => 1 }
const TENANT = 't'
const NAMES = ['a', 'b', 'c', 'd', 'e', 'f'] as const
const name = fc.constantFrom(...NAMES)
const parent = fc.option(name, { nil: null })

const change = fc.oneof(
  fc.record({ kind: fc.constant('create' as const), name, parent }),
  fc.record({ kind: fc.constant('move' as const), name, parent }),
  fc.record({ kind: fc.constant('remove' as const), name, up: fc.boolean() }),
)
type Change = typeof change extends fc.Arbitrary<infer T> ? T : never

const draft = () =>
  new AuditDraft({
    actor: { kind: 'local', id: null, name: 'x' },
    action: 'x',
    address: '',
    requestId: null,
  })

function above(tree: Drawing, group: string): string[] {
  const path: string[] = []
  for (let at: string | null = group; at !== null; at = tree.get(at) ?? null) path.push(at)
  return path
}

/** What a change makes of the drawing; null: it is to be refused. */
function drawn(tree: Drawing, change: Change): Drawing | null {
  const next = new Map(tree)
  if (change.kind === 'create') {
    if (tree.has(change.name) || (change.parent !== null && !tree.has(change.parent))) return null
    return next.set(change.name, change.parent)
  }
  if (!tree.has(change.name)) return null
  if (change.kind === 'move') {
    if (
      change.parent !== null &&
      (!tree.has(change.parent) || above(tree, change.parent).includes(change.name))
    )
      return null
    return next.set(change.name, change.parent)
  }
  const children = [...tree].filter(([, over]) => over === change.name).map(([child]) => child)
  if (!change.up && children.length > 0) return null
  for (const child of children) next.set(child, tree.get(change.name) ?? null)
  next.delete(change.name)
  return next
}

interface World {
  db: SiteDb
  tenants: TenantsService
  groups: GroupsService
  lookup: ActorLookup
  ids: Map<string, string>
}

async function world(): Promise<World> {
  const db = await openSiteDb(':memory:')
  const tenants = new TenantsService(db, clock)
  const audit = new AuditService(db, clock, () => new Uint8Array(32))
  const groups = new GroupsService({ db, clock, audit, tenants, regrouped: async () => undefined })
  await db
    .insertInto('tenants')
    .values({ id: TENANT, slug: 't', name: 't', state: 'active', createdAt: 1 })
    .execute()
  await db
    .insertInto('users')
    .values({
      id: 'ana',
      email: 'a',
      name: 'a',
      passwordHash: '',
      siteAdmin: 0,
      state: 'active',
      createdAt: 1,
    })
    .execute()
  await db
    .insertInto('memberships')
    .values({ userId: 'ana', tenantId: TENANT, roleId: 'tenant_admin', reach: 'groups', createdAt: 1 })
    .execute()
  return { db, tenants, groups, lookup: new ActorLookup({ db, tenants }), ids: new Map() }
}

async function apply({ groups, ids }: World, change: Change, scope: TenantScope): Promise<void> {
  const id = (group: string) => ids.get(group) ?? `no group ${group}`
  if (change.kind === 'create') {
    if (ids.has(change.name)) throw new Error('a name stands once here')
    const over = change.parent === null ? null : id(change.parent)
    ids.set(change.name, (await groups.create(scope, { parent: over, name: change.name }, draft())).id)
  } else if (change.kind === 'move') {
    const over = change.parent === null ? null : id(change.parent)
    await groups.move(scope, { group: id(change.name), parent: over }, draft())
  } else {
    const content = change.up ? 'to_parent' : 'refuse'
    await groups.remove(scope, { group: id(change.name), content }, draft())
    ids.delete(change.name)
  }
}

async function scopeOfAna({ lookup }: World): Promise<TenantScope> {
  return scopeOf(await lookup.person({ sessionId: 's', userId: 'ana', tenantId: null, isSignOn: false }))
}

test('whatever happens to a tree: what somebody sees is what lies below their groups, and no circle ever', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(change, { maxLength: 14 }), fc.uniqueArray(name), async (changes, wanted) => {
      const it = await world()
      let tree: Drawing = new Map()
      let rights = new Set<string>()
      for (const one of changes) {
        const next = drawn(tree, one)
        const done = await apply(it, one, wholeTenant(TENANT)).then(
          () => true,
          () => false,
        )
        expect([one, done]).toEqual([one, next !== null])
        if (next === null) continue
        tree = next
        rights = new Set([...rights].filter((group) => tree.has(group)))
        if (one.kind === 'create' && wanted.includes(one.name)) {
          const groupId = it.ids.get(one.name) ?? ''
          await it.db
            .insertInto('membershipGroups')
            .values({ userId: 'ana', tenantId: TENANT, groupId })
            .execute()
          rights.add(one.name)
        }
        const scope = await scopeOfAna(it)
        for (const group of NAMES) {
          const groupId = it.ids.get(group) ?? 'gone'
          const expected = tree.has(group) && above(tree, group).some((over) => rights.has(over))
          const seen = seesGateway(scope, { tenantId: TENANT, groupId, ownerUserId: null })
          expect([group, seen]).toEqual([group, expected])
        }
      }
      await it.db.destroy()
    }),
    { numRuns: 30 },
  )
})

test('who has rights over some groups never sees more by what they do to the tree', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(change, { minLength: 4, maxLength: 10 }),
      fc.array(change, { maxLength: 8 }),
      fc.uniqueArray(name, { minLength: 1, maxLength: 3 }),
      async (first, theirs, wanted) => {
        const it = await world()
        for (const one of first) await apply(it, one, wholeTenant(TENANT)).catch(() => undefined)
        const granted = wanted.flatMap((group) => it.ids.get(group) ?? [])
        for (const groupId of granted)
          await it.db
            .insertInto('membershipGroups')
            .values({ userId: 'ana', tenantId: TENANT, groupId })
            .execute()
        const before = await scopeOfAna(it)
        const foreign = [...it.ids.values()].filter((groupId) => !sees(before, groupId))
        for (const one of theirs) await apply(it, one, await scopeOfAna(it)).catch(() => undefined)
        const after = await scopeOfAna(it)
        for (const groupId of foreign) {
          expect(it.tenants.groups.get(groupId)).toBeDefined()
          expect(sees(after, groupId)).toBe(false)
        }
        await it.db.destroy()
      },
    ),
    { numRuns: 30 },
  )
})

function sees(scope: TenantScope, groupId: string): boolean {
  return seesGateway(scope, { tenantId: TENANT, groupId, ownerUserId: null })
}
