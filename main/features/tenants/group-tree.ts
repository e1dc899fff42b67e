import type { Selectable } from 'kysely'
import { isWhole, type TenantScope } from '#features/access/index.ts'
import type { GroupTable } from '#platform/db/people-schema.ts'

export type GroupRow = Selectable<GroupTable>

/**
 * The groups of all tenants, in memory: rights inherit downwards, so each call of a person whose rights end at some
 * groups asks what lies below these.
 */
export class GroupTree {
  #groups = new Map<string, GroupRow>()
  #children = new Map<string, string[]>()

  /** Takes what is stored, whole. */
  replace(rows: readonly GroupRow[]): void {
    this.#groups = new Map(rows.map((row) => [row.id, row]))
    this.#children = new Map()
    for (const { id, parentId } of rows) {
      if (parentId === null) continue
      const siblings = this.#children.get(parentId)
      if (siblings) siblings.push(id)
      else this.#children.set(parentId, [id])
    }
  }

  get(id: string): GroupRow | undefined {
    return this.#groups.get(id)
  }

  ofTenant(tenantId: string): GroupRow[] {
    return [...this.#groups.values()].filter((group) => group.tenantId === tenantId)
  }

  all(): GroupRow[] {
    return [...this.#groups.values()]
  }

  childrenOf(id: string): readonly string[] {
    return this.#children.get(id) ?? []
  }

  /** These groups and all below them; those that are not there are left out. */
  below(ids: Iterable<string>): Set<string> {
    const found = new Set<string>()
    const open = [...ids]
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      if (found.has(id) || !this.#groups.has(id)) continue
      found.add(id)
      open.push(...(this.#children.get(id) ?? []))
    }
    return found
  }

  /** The group and those above it, itself first; none for null. */
  pathOf(id: string | null): string[] {
    const path: string[] = []
    for (let at = id; at !== null; at = this.#groups.get(at)?.parentId ?? null) {
      // A damaged store may hold a circle.
      if (!this.#groups.has(at) || path.includes(at)) break
      path.push(at)
    }
    return path
  }

  /** Names from the top that the scope sees down to the group's own. */
  namesTo(id: string, scope: TenantScope): string[] {
    return this.pathOf(id)
      .map((at) => this.#groups.get(at))
      .filter((group) => group !== undefined && seesGroup(scope, group))
      .map((group) => group?.name ?? '')
      .reverse()
  }

  /** Levels from this group down to the lowest below it: 1 where there is none below. */
  height(id: string): number {
    const seen = new Set<string>()
    const heightOf = (at: string): number => {
      if (seen.has(at)) return 0
      seen.add(at)
      return 1 + Math.max(0, ...this.childrenOf(at).map(heightOf))
    }
    return heightOf(id)
  }
}

/** Whether a group is in scope: all of a tenant's, or those that somebody's rights end at, with all below them. */
export function seesGroup(scope: TenantScope, group: { id: string; tenantId: string }): boolean {
  if (scope.all) return true
  if (scope.tenantId !== group.tenantId) return false
  return isWhole(scope) || (scope.within?.groupIds.has(group.id) ?? false)
}
