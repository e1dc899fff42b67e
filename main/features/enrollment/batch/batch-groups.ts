import { GROUP_DEPTH } from '#contract/api/groups.ts'
import type { TenantScope } from '#features/access/index.ts'
import { type GroupTree, seesGroup } from '#features/tenants/index.ts'

/** A path as groups are compared by it. */
export function groupKey(path: string): string {
  return path
    .split('/')
    .map((name) => name.trim().normalize('NFC').toLocaleLowerCase('en'))
    .join('/')
}

/** Groups of a tenant by id and by the path that the scope sees, for thousands of look-ups. */
export class BatchGroups {
  readonly #ids = new Map<string, string>()
  readonly #isWhole: boolean

  constructor(tree: GroupTree, scope: TenantScope, tenantId: string) {
    this.#isWhole = scope.all || scope.within === null
    for (const group of tree.ofTenant(tenantId)) {
      if (!seesGroup(scope, group)) continue
      this.#ids.set(group.id, group.id)
      this.#ids.set(groupKey(tree.namesTo(group.id, scope).join('/')), group.id)
    }
  }

  /** Id or path. */
  find(reference: string): string | undefined {
    return this.#ids.get(reference) ?? this.#ids.get(groupKey(reference))
  }

  /** What would have to be made for a path to be there, from the top; null where it cannot be. */
  missing(path: string): string[] | null {
    const names = path.split('/').map((name) => name.trim().normalize('NFC'))
    if (names.length > GROUP_DEPTH || names.some((name) => name === '' || name.length > 100)) return null
    const there = names.findLastIndex((_, at) => this.find(names.slice(0, at + 1).join('/')) !== undefined)
    // Whose rights end at some groups makes none beside them.
    if (there === -1 && !this.#isWhole) return null
    return names.slice(there + 1).map((_, at) => names.slice(0, there + 2 + at).join('/'))
  }
}
