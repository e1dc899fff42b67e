import type { TapOwner, TapReach, TapSender } from '#contract/model/tapped.ts'
import { seesGateway, type TenantScope } from '#features/access/index.ts'
import type { GatewayOf } from './topics-port.ts'

/** Whether a topic is in scope. What a gateway sent for another tenant than it has now is nobody's any more. */
export function seesTopic(scope: TenantScope, owner: TapOwner, gateway: GatewayOf): boolean {
  switch (owner.kind) {
    case 'shared':
      return true
    case 'space':
      return owner.reaches.some((reach) => seesReach(scope, owner.tenantId, reach))
    case 'gateway': {
      const row = gateway(owner.gatewayId)
      return row !== undefined && row.tenantId === owner.tenantId && seesGateway(scope, row)
    }
  }
}

/** Whether an MQTT client is in scope: it reaches no further. */
export function seesReach(scope: TenantScope, tenantId: string, reach: TapReach): boolean {
  if (scope.all) return true
  if (scope.tenantId !== tenantId) return false
  const { within } = scope
  if (within === null) return true
  const { groupIds, ownerUserId } = reach
  if (groupIds === null && ownerUserId === null) return false
  if (ownerUserId !== null && ownerUserId !== within.ownerUserId) return false
  return (groupIds ?? []).every((id) => within.groupIds.has(id))
}

/** Who published, as far as somebody in this scope may know. */
export function senderFor(scope: TenantScope, sender: TapSender | null, gateway: GatewayOf) {
  switch (sender?.kind) {
    case undefined:
      return { kind: 'unknown', id: null, name: null } as const
    case 'site':
      return { kind: 'site', id: null, name: null } as const
    case 'client': {
      const isSeen = seesReach(scope, sender.tenantId, sender.reach)
      return {
        kind: 'client',
        id: isSeen ? sender.id : null,
        name: isSeen ? sender.username : null,
      } as const
    }
    case 'gateway': {
      const row = gateway(sender.id)
      const seen = row !== undefined && seesGateway(scope, row) ? row : null
      return { kind: 'gateway', id: seen?.id ?? null, name: seen?.code ?? null } as const
    }
  }
}

/** The scope as the broker understands it. */
export function tapScope(scope: TenantScope): { tenantId: string | null; reach: TapReach } {
  if (scope.all) return { tenantId: null, reach: { groupIds: null, ownerUserId: null } }
  const { tenantId, within } = scope
  const reach =
    within === null
      ? { groupIds: null, ownerUserId: null }
      : { groupIds: [...within.groupIds], ownerUserId: within.ownerUserId }
  return { tenantId, reach }
}

/** The scope, narrowed to a tenant in it. */
export function narrowed(scope: TenantScope, tenantId: string): TenantScope {
  return { all: false, tenantId, within: scope.all ? null : scope.within }
}
