import type { Group } from '#contract/api/groups.ts'
import type { TenantScope } from '#features/access/index.ts'
import type { GroupRow, GroupTree } from './group-tree.ts'

/**
 * Groups as a reader goes through a tree: each followed by those below it, names in order.
 *
 * @param seen those that the caller may see; with a group they always see all below it
 * @param gateways how many stand directly in each
 */
export function inTreeOrder(
  seen: readonly GroupRow[],
  tree: GroupTree,
  scope: TenantScope,
  gateways: ReadonlyMap<string, number>,
): Group[] {
  const ids = new Set(seen.map(({ id }) => id))
  const byParent = Map.groupBy(seen, ({ parentId }) =>
    parentId !== null && ids.has(parentId) ? parentId : null,
  )
  const ordered: Group[] = []
  const visit = (parentId: string | null, path: string[]): number => {
    let sum = 0
    for (const group of (byParent.get(parentId) ?? []).toSorted(byTenantAndName)) {
      const names = [...(parentId === null ? tree.namesTo(group.id, scope).slice(0, -1) : path), group.name]
      const own = gateways.get(group.id) ?? 0
      const { id, tenantId, name } = group
      const view: Group = { id, tenantId, parentId, name, path: names, gateways: { own, all: own } }
      ordered.push(view)
      view.gateways.all += visit(id, names)
      sum += view.gateways.all
    }
    return sum
  }
  visit(null, [])
  return ordered
}

function byTenantAndName(one: GroupRow, other: GroupRow): number {
  if (one.tenantId !== other.tenantId) return one.tenantId < other.tenantId ? -1 : 1
  return one.name.localeCompare(other.name, 'en', { numeric: true })
}
