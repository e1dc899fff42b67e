import {
  type Actor,
  auditActor,
  localSiteAdmin,
  permissionsOf,
  scopeOf,
  wholeTenant,
} from '#features/access/index.ts'
import type { ApiKeysService } from '#features/api-keys/index.ts'
import type { FlowCaller } from '#features/flashing/index.ts'
import { ActorLookup } from '#features/identity/index.ts'
import type { TenantsService } from '#features/tenants/index.ts'
import type { SiteDb } from '#platform/db/site-db.ts'

/** Who began what goes on by itself: with the rights of now. */
export function flashingCallers({
  db,
  tenants,
  apiKeys,
}: {
  db: SiteDb
  tenants: TenantsService
  apiKeys: Pick<ApiKeysService, 'actorOf'>
}) {
  const people = new ActorLookup({ db, tenants })
  const actorOf = async (id: string, tenantId: string): Promise<Actor> => {
    const person = await people.person({ sessionId: '', userId: id, tenantId, isSignOn: true })
    return person.kind === 'anonymous' ? apiKeys.actorOf(id) : person
  }
  return {
    /** Null where they may flash in the tenant no more. */
    callerOf: async (of: {
      id: string | null
      name: string
      tenantId: string
    }): Promise<FlowCaller | null> => {
      // Whoever owns the machine has no id; nor has a person who was erased.
      if (of.id === null)
        return of.name === auditActor(localSiteAdmin).name
          ? { actor: localSiteAdmin, scope: wholeTenant(of.tenantId) }
          : null
      const actor = await actorOf(of.id, of.tenantId)
      if (!permissionsOf(actor).includes('gateways:flash')) return null
      const scope = scopeOf(actor)
      if (scope.all) return { actor, scope: wholeTenant(of.tenantId) }
      return scope.tenantId === of.tenantId ? { actor, scope } : null
    },
  }
}
