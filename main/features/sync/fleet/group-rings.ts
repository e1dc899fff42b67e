import { stampsOf } from './cloud-rows.ts'
import type { CloudSql } from './cloud-sql.ts'
import { type CloudRow, DELETED, type LocalObject } from './entity.ts'
import type { Stamped } from './merge-field.ts'
import type { ObjectPlan } from './plan-object.ts'

/**
 * Two groups that are moved into each other, one at each of two sites: each move is right by itself, both together cut the
 * groups off from the tree. The cloud decides: of the move that reaches it second its tree stays as it is, and that is told as
 * a conflict. Where the group's place was deleted, it goes to the top.
 */

const PARENT = 'parent_id'

interface SentGroup {
  item: { key: Record<string, string>; local: LocalObject | undefined }
  row: CloudRow | null
  plan: ObjectPlan | null
}

/** Until the transaction ends nobody else changes the trees of these groups' tenants. */
export async function holdTrees(sql: CloudSql, items: readonly SentGroup['item'][]): Promise<void> {
  const tenants = new Set(items.flatMap(({ local }) => (local ? [local.columns['tenant_id']] : [])))
  await sql.query(
    'SELECT id FROM millwright.tenants WHERE id = ANY ($1::uuid[]) ORDER BY id FOR NO KEY UPDATE',
    [[...tenants]],
  )
}

/** Takes moves that would make a ring of what the cloud has by then out of the plans. */
export async function breakRings(sql: CloudSql, groups: readonly SentGroup[]): Promise<void> {
  const moved = groups.flatMap(({ item, row, plan }) => {
    const to = plan?.write.get(PARENT)
    return row && plan && to ? [{ id: item.key['id'] ?? '', row, plan, to }] : []
  })
  if (moved.length === 0) return
  const made = groups.flatMap(({ item, row }) =>
    row === null && item.local ? [[item.key['id'] ?? '', textOf(item.local.columns[PARENT])] as const] : [],
  )
  const wanted = [...moved.flatMap(({ to, row }) => [to.value, row[PARENT]]), ...made.map(([, to]) => to)]
  const above = await readAbove(sql, wanted)
  const tree = new Map([...above.map(({ id, parent }) => [id, parent] as const), ...made])
  const living = new Set(above.flatMap(({ id, isDeleted }) => (isDeleted ? [] : [id])))
  for (const { item, plan } of groups)
    if (plan?.write.get(DELETED)?.value === true) living.delete(item.key['id'] ?? '')
  // One may make room for another.
  for (let left = moved; ; ) {
    const circular = left.filter(({ id, to }) => {
      const parent = textOf(to.value)
      if (isAbove(tree, id, parent)) return true
      tree.set(id, parent)
      return false
    })
    if (circular.length === left.length) {
      for (const { row, plan, to } of circular) stay(plan, { row, lost: to, living })
      return
    }
    left = circular
  }
}

/** These groups and all above them. */
async function readAbove(
  sql: CloudSql,
  ids: readonly unknown[],
): Promise<{ id: string; parent: string | null; isDeleted: boolean }[]> {
  const { rows } = await sql.query<{ id: string; parent: string | null; isDeleted: boolean }>(
    `WITH RECURSIVE above AS (
       SELECT id, parent_id, deleted_at FROM millwright.groups WHERE id = ANY ($1::uuid[])
       UNION SELECT g.id, g.parent_id, g.deleted_at FROM millwright.groups AS g JOIN above ON g.id = above.parent_id)
     SELECT id, parent_id AS parent, deleted_at IS NOT NULL AS "isDeleted" FROM above`,
    [ids.filter((id) => id !== null)],
  )
  return rows
}

function isAbove(tree: ReadonlyMap<string, string | null>, id: string, from: string | null): boolean {
  const seen = new Set<string>()
  for (let at = from; at !== null && !seen.has(at); at = tree.get(at) ?? null) {
    if (at === id) return true
    seen.add(at)
  }
  return false
}

function stay(
  plan: ObjectPlan,
  { row, lost, living }: { row: CloudRow; lost: Stamped; living: ReadonlySet<string> },
): void {
  const before = textOf(row[PARENT])
  const there = { value: before, stamp: stampsOf(row)[PARENT] ?? '' }
  const isPlace = before === null || living.has(before)
  const kept = isPlace ? there : { value: null, stamp: lost.stamp }
  plan.agree.delete(PARENT)
  plan.apply.set(PARENT, kept)
  if (isPlace) plan.write.delete(PARENT)
  else plan.write.set(PARENT, kept)
  const others = plan.conflicts.filter(({ field }) => field !== PARENT)
  plan.conflicts = [...others, { field: PARENT, kept: { ...kept, stamp: there.stamp }, lost }]
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}
