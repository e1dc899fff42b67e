import type pg from 'pg'
import { beforeEach, expect, test } from 'vitest'
import type { FleetSite } from './fleet-site.ts'
import { fleetWorld } from './fleet-world.ts'

/** Trees of groups that several people change at the same time: every move is right where it is made. */
const world = fleetWorld()
let admin: pg.Client
let a: FleetSite
let b: FleetSite
beforeEach(() => {
  ;({ admin, a, b } = world)
})

/** Two groups at the top of one tenant, and one in which the second is. */
async function threeGroups() {
  const tenant = await world.sharedTenant()
  const home = await a.addGroup(tenant, 'Home')
  const one = await a.addGroup(tenant, 'One')
  const two = await a.addGroup(tenant, 'Two', home)
  await a.exchange()
  await b.exchange()
  return { tenant, home, one, two }
}

async function parents(ids: string[]) {
  const there = await admin.query('SELECT id, parent_id FROM millwright.groups WHERE id = ANY ($1)', [ids])
  const inCloud = new Map(there.rows.map((row) => [row.id, row.parent_id]))
  const at = (site: FleetSite) => Promise.all(ids.map(async (id) => (await site.group(id))?.parentId))
  return { cloud: ids.map((id) => inCloud.get(id)), a: await at(a), b: await at(b) }
}

test('two groups that two sites move into each other: the move that comes second is undone, and told at both', async () => {
  const { home, one, two } = await threeGroups()
  await a.moveGroup(one, two)
  b.clock.ahead = 5_000
  await b.moveGroup(two, one)
  await b.db.updateTable('groups').set({ name: 'Two of B' }).where('id', '=', two).execute()
  for (const site of [a, b, a])
    expect((await site.exchange()).refused + (await site.deadLetters()).length).toBe(0)
  const agreed = [two, home]
  expect(await parents([one, two])).toEqual({ cloud: agreed, a: agreed, b: agreed })
  expect(await a.group(two)).toMatchObject({ name: 'Two of B' })
  for (const site of [a, b])
    expect(await site.fleet.conflicts({ limit: 10 })).toEqual([
      expect.objectContaining({
        entityId: two,
        field: 'parent_id',
        kept: JSON.stringify(home),
        other: JSON.stringify(one),
      }),
    ])
  for (const site of [a, b, a, b]) expect(await site.exchange()).toMatchObject({ sent: 0, applied: 0 })
  const [conflict] = await b.fleet.conflicts({ limit: 10 })
  const useOther = () => b.fleet.useOther(conflict?.id ?? '', { byName: 'Ann' })
  await expect(useOther()).rejects.toMatchObject({ code: 'group_circular' })
  await b.moveGroup(one, null)
  await useOther()
  await b.exchange()
  await a.exchange()
  expect(await parents([one, two])).toEqual({ cloud: [null, one], a: [null, one], b: [null, one] })
})

test('a group that is moved here while the other one’s move comes down', async () => {
  const { tenant, home, one, two } = await threeGroups()
  await a.moveGroup(one, two)
  await a.db.updateTable('tenants').set({ name: 'Acme 2' }).where('id', '=', tenant).execute()
  await a.exchange()
  const moves: Promise<void>[] = []
  b.onApply = () => {
    if (moves.length === 0) moves.push(b.moveGroup(two, one))
  }
  await b.exchange()
  await Promise.all(moves)
  await b.exchange()
  const agreed = [two, home]
  expect(await parents([one, two])).toEqual({ cloud: agreed, a: agreed, b: agreed })
  expect(await b.deadLetters()).toEqual([])
  expect(await b.fleet.conflicts({ limit: 10 })).toHaveLength(1)
})

test('by SQL, too, no group gets into itself; and one move may make room for another', async () => {
  const { one, two } = await threeGroups()
  const move = (client: pg.Client, id: string, parent: string | null) =>
    client.query('UPDATE millwright.groups SET parent_id = $2 WHERE id = $1', [id, parent])
  const other = await world.cloud.connect()
  await admin.query('BEGIN')
  await move(admin, one, two)
  const second = move(other, two, one).then(
    () => 'moved',
    (error: { code?: string }) => error.code,
  )
  await admin.query('COMMIT')
  expect(await second).toBe('23514')
  await other.query(
    'UPDATE millwright.groups SET parent_id = CASE id WHEN $1 THEN NULL ELSE $1 END WHERE id IN ($1, $2)',
    [one, two],
  )
  await other.end()
  await b.exchange()
  await b.moveGroup(two, null)
  await b.moveGroup(one, two)
  await b.exchange()
  await a.exchange()
  const agreed = [two, null]
  expect(await parents([one, two])).toEqual({ cloud: agreed, a: agreed, b: agreed })
  expect(await a.fleet.conflicts({ limit: 10 })).toEqual([])
})

test('what wins over a change of here, and needs what comes after it, is in effect in the end', async () => {
  const { tenant } = await threeGroups()
  const [first, next] = [await a.addGroup(tenant, 'First'), await a.addGroup(tenant, 'Next')]
  await a.exchange()
  await b.exchange()
  await b.db.updateTable('groups').set({ name: 'Mine' }).where('id', '=', first).execute()
  a.clock.ahead = 5_000
  for (const [id, name] of [
    [next, 'After'],
    [first, 'Next'],
  ] as const)
    await a.db.updateTable('groups').set({ name }).where('id', '=', id).execute()
  await a.exchange()
  expect(await b.exchange()).toMatchObject({ refused: 0 })
  expect([await b.group(first), await b.group(next)]).toMatchObject([{ name: 'Next' }, { name: 'After' }])
  expect(await b.exchange()).toMatchObject({ applied: 0 })
  expect(await b.waiting()).toBe(0)
})

test('a group whose place was deleted at another site comes there once it has another, with what is in it', async () => {
  const { tenant, home, two } = await threeGroups()
  const hall = await a.addGroup(tenant, 'Hall', two)
  const line = await a.addGroup(tenant, 'Line', hall)
  const short = await a.addGroup(tenant, 'Short', hall)
  await b.removeGroup(two)
  await a.exchange()
  await b.exchange()
  expect(new Set((await b.deadLetters()).map(({ entityId }) => entityId))).toEqual(
    new Set([hall, line, short]),
  )
  // Of what is deleted nothing is left to be decided.
  await a.removeGroup(short)
  for (const site of [a, b, b]) await site.exchange()
  expect(await b.deadLetters()).toEqual([])
  const agreed = [home, hall]
  expect(await parents([hall, line])).toEqual({ cloud: agreed, a: agreed, b: agreed })
})

test('a group that cannot go where it was, for that is deleted, goes to the top', async () => {
  const { home, one, two } = await threeGroups()
  await a.moveGroup(one, two)
  await b.moveGroup(home, one)
  await b.removeGroup(home)
  expect(await b.group(two)).toMatchObject({ parentId: one })
  for (const site of [a, b, a]) expect((await site.exchange()).refused).toBe(0)
  const agreed = [two, null]
  expect(await parents([one, two])).toEqual({ cloud: agreed, a: agreed, b: agreed })
  for (const site of [b, a]) await site.exchange()
  for (const site of [b, a]) expect(await site.exchange()).toMatchObject({ sent: 0, applied: 0 })
})
