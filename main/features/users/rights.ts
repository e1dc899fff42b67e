import { ExpectedError } from '#contract/errors.ts'
import { type Permission, permissions } from '#contract/model/permission.ts'
import {
  type Actor,
  type Belonging,
  isOfSite,
  permissionsOf,
  requireReach,
  scopeOf,
  seesGateway,
  type TenantScope,
} from '#features/access/index.ts'

/** What somebody may pass on: all of it is theirs. */
export interface Giver {
  permissions: readonly Permission[]
  scope: TenantScope
  ofSite: boolean
}

/** What a membership gives. */
export interface Rights {
  tenantId: string
  permissions: readonly Permission[]
  reach: 'tenant' | 'groups' | 'own'
  groupIds: readonly string[]
  /** Gateways of this tenant that belong to whoever has it: any reach holds for these. */
  ownGateways?: readonly Belonging[]
}

export function giverOf(actor: Actor): Giver {
  return { permissions: permissionsOf(actor), scope: scopeOf(actor), ofSite: isOfSite(actor) }
}

/** What of these rights the giver does not hold: permissions, and `reach` where they go further. */
export function beyond(giver: Giver, rights: Rights): string[] {
  const missing: string[] = rights.permissions.filter((permission) => !giver.permissions.includes(permission))
  return isWithinReach(giver, rights) ? missing : [...missing, 'reach']
}

/** Nobody gives, takes or changes rights beyond their own. @throws ExpectedError `rights_beyond` */
export function requireWithin(giver: Giver, rights: Rights): void {
  const missing = beyond(giver, rights)
  if (missing.length > 0) throw new ExpectedError('rights_beyond', { beyond: missing.join(', ') })
}

/** Whether everything that a site administrator may do is the giver's too. */
export function isWholeSite({ ofSite, permissions: held }: Giver): boolean {
  return ofSite && permissions.every((permission) => held.includes(permission))
}

/** @throws ExpectedError `forbidden_reach`, `rights_beyond` */
export function requireWholeSite(actor: Actor): void {
  requireReach('site', actor)
  const held = permissionsOf(actor)
  const missing = permissions.filter((permission) => !held.includes(permission))
  if (missing.length > 0) throw new ExpectedError('rights_beyond', { beyond: missing.join(', ') })
}

function isWithinReach(
  { scope, ofSite }: Giver,
  { tenantId, reach, groupIds, ownGateways = [] }: Rights,
): boolean {
  if (ofSite || scope.all) return true
  if (scope.tenantId !== tenantId) return false
  const { within } = scope
  if (within === null) return true
  // Own gateways may lie anywhere in the tenant: who has that reach alone is not within some groups.
  return (
    reach === 'groups' &&
    groupIds.length > 0 &&
    groupIds.every((id) => within.groupIds.has(id)) &&
    ownGateways.every((gateway) => seesGateway(scope, gateway))
  )
}
