import type { SignOnMapping } from '#contract/api/sign-on.ts'

/** What a person's groups make them in one tenant. */
export interface MappedRight {
  tenantId: string
  roleId: string
  reach: SignOnMapping['reach']
  groupIds: readonly string[]
}

/**
 * The rights that a person's groups give. In each tenant the first line that matches decides role and reach; later
 * lines of the same role and reach `groups` add their groups to it.
 */
export function mappedRights(mappings: readonly SignOnMapping[], groups: readonly string[]): MappedRight[] {
  const held = new Set(groups)
  const rights = new Map<string, MappedRight>()
  for (const { group, tenantId, roleId, reach, groupIds } of mappings) {
    if (!held.has(group)) continue
    const first = rights.get(tenantId)
    if (first === undefined)
      rights.set(tenantId, { tenantId, roleId, reach, groupIds: [...new Set(groupIds)] })
    else if (first.reach === 'groups' && reach === 'groups' && first.roleId === roleId)
      rights.set(tenantId, { ...first, groupIds: [...new Set([...first.groupIds, ...groupIds])] })
  }
  return [...rights.values()]
}
