import type { ApiKeyReach } from '#contract/api/api-keys.ts'
import { ExpectedError } from '#contract/errors.ts'
import { type Permission, permissions, sitePermissions } from '#contract/model/permission.ts'
import {
  type Actor,
  isOfSite,
  isWhole,
  permissionsOf,
  scopeOf,
  type TenantScope,
  wholeTenant,
} from '#features/access/index.ts'
import type { GroupTree } from '#features/tenants/index.ts'

/** Whose a key is, as it is stored. */
export interface KeyBelonging {
  tenantId: string | null
  groupId: string | null
  ownerUserId: string | null
}

export function reachOfKey({ tenantId, groupId, ownerUserId }: KeyBelonging): ApiKeyReach {
  if (tenantId === null) return 'site'
  if (groupId !== null) return 'group'
  return ownerUserId === null ? 'tenant' : 'own'
}

/** What a key sees, with the groups as they are now. */
export function scopeOfKey({ tenantId, groupId, ownerUserId }: KeyBelonging, groups: GroupTree): TenantScope {
  if (tenantId === null) return { all: true }
  if (groupId === null && ownerUserId === null) return wholeTenant(tenantId)
  return {
    all: false,
    tenantId,
    within: { groupIds: groups.below(groupId === null ? [] : [groupId]), ownerUserId },
  }
}

/** What a key is made of. Rights over the site are in no tenant's key, whatever a store says. */
export function permissionsOfKey(key: KeyBelonging & { scopes: string }): readonly Permission[] {
  const named = JSON.parse(key.scopes) as string[]
  return permissions.filter(
    (permission) =>
      named.includes(permission) && (key.tenantId === null || !sitePermissions.includes(permission)),
  )
}

/** Whether somebody who sees `scope` may see a key: it reaches no further than they do. */
export function seesKey(scope: TenantScope, { tenantId, groupId, ownerUserId }: KeyBelonging): boolean {
  if (scope.all) return true
  if (tenantId !== scope.tenantId) return false
  const { within } = scope
  if (within === null) return true
  if (groupId !== null) return within.groupIds.has(groupId)
  return ownerUserId !== null && ownerUserId === within.ownerUserId
}

/**
 * Nobody gives what they do not have.
 * @throws ExpectedError `rights_beyond`, `forbidden_reach`
 */
export function requireHolds(actor: Actor, asked: readonly Permission[], key: KeyBelonging): void {
  const held = permissionsOf(actor)
  const missing = asked.filter((permission) => !held.includes(permission))
  if (missing.length > 0) throw new ExpectedError('rights_beyond', { beyond: missing.join(', ') })
  const ofSite = asked.filter((permission) => sitePermissions.includes(permission))
  if (key.tenantId !== null && ofSite.length > 0)
    throw new ExpectedError('rights_beyond', { beyond: ofSite.join(', ') })
  const scope = scopeOf(actor)
  switch (reachOfKey(key)) {
    case 'site':
      if (!isOfSite(actor)) throw new ExpectedError('forbidden_reach', { reach: 'site' })
      return
    case 'tenant':
      if (!isWhole(scope)) throw new ExpectedError('forbidden_reach', { reach: 'tenant' })
      return
    case 'group':
    case 'own':
      if (!seesKey(scope, key)) throw new ExpectedError('not_found', { what: 'group', id: key.groupId ?? '' })
  }
}
