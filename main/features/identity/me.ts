import type { Me } from '#contract/api/auth.ts'
import type { TenantRef } from '#contract/model/tenant-ref.ts'
import { type Actor, isOfSite, permissionsOf, scopeOf } from '#features/access/index.ts'

/** Who is signed in, as the contract gives it. */
export function meOf(actor: Actor, tenants: TenantRef[]): Me {
  const scope = scopeOf(actor)
  const isPerson = actor.kind === 'user'
  return {
    kind: isPerson ? 'person' : actor.kind === 'api_key' ? 'api_key' : 'local',
    id: isPerson || actor.kind === 'api_key' ? actor.id : null,
    name: actor.kind === 'anonymous' ? 'anonymous' : actor.name,
    email: isPerson ? actor.email : null,
    ofSite: isOfSite(actor),
    role: isPerson ? actor.roleId : actor.kind === 'local' ? 'site_admin' : null,
    roleName: isPerson ? actor.roleName : actor.kind === 'local' ? 'site_admin' : '',
    permissions: [...permissionsOf(actor)],
    reach: scope.all ? 'site' : reachOf(scope.within),
    tenantId: isPerson ? actor.tenantId : scope.all ? null : scope.tenantId || null,
    // What is locked shows whose it is, and no more.
    tenants: isPerson && actor.pending === 'unlock' ? [] : tenants,
    pending: isPerson ? actor.pending : null,
  }
}

function reachOf(within: { groupIds: ReadonlySet<string> } | null): Me['reach'] {
  if (within === null) return 'tenant'
  return within.groupIds.size > 0 ? 'groups' : 'own'
}
