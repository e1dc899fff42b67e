import { ExpectedError } from '#contract/errors.ts'
import type { TenantScope } from '#features/access/index.ts'
import type { SiteTrx } from '#platform/db/site-db.ts'
import { type GroupRow, seesGroup } from './group-tree.ts'
import type { TenantsService } from './tenants.service.ts'

/** A group's id, or its path of names; a path that several tenants have needs `tenant`. */
export interface GroupReference {
  group: string
  tenant?: string | undefined
}

/** @throws ExpectedError `not_found`, also where it is out of scope or ambiguous; `tenant_unknown` */
export async function findGroup(
  tenants: TenantsService,
  scope: TenantScope,
  { group: reference, tenant }: GroupReference,
): Promise<GroupRow> {
  const tenantId = tenant === undefined ? null : (await tenants.resolve(scope, tenant)).id
  const isMeant = (group: GroupRow) =>
    seesGroup(scope, group) && (tenantId === null || group.tenantId === tenantId)
  const byId = tenants.groups.get(reference)
  if (byId && isMeant(byId)) return byId
  const path = reference.split('/').map((name) => name.trim().normalize('NFC').toLocaleLowerCase('en'))
  const found = tenants.groups.all().filter((group) => {
    if (!isMeant(group) || group.name.toLocaleLowerCase('en') !== path.at(-1)) return false
    const names = tenants.groups.namesTo(group.id, scope).map((name) => name.toLocaleLowerCase('en'))
    return names.length === path.length && names.every((name, level) => name === path[level])
  })
  if (found.length > 1)
    throw new ExpectedError('not_found', {
      what: 'single group',
      id: `${reference}: several have this path, say which tenant`,
    })
  if (!found[0]) throw new ExpectedError('not_found', { what: 'group', id: reference })
  return found[0]
}

/**
 * Before something is put into a group that was found: it may be deleted by now, or what is put there be another
 * tenant's. @throws ExpectedError `not_found`
 */
export async function requireGroup(
  trx: SiteTrx,
  tenantId: string,
  groupId: string | null | undefined,
): Promise<void> {
  if (groupId === null || groupId === undefined) return
  const found = await trx
    .selectFrom('groups')
    .select('id')
    .where('id', '=', groupId)
    .where('tenantId', '=', tenantId)
    .executeTakeFirst()
  if (!found) throw new ExpectedError('not_found', { what: 'group', id: groupId })
}
