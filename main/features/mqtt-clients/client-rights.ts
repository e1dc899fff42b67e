import type { MqttRights } from '#contract/api/mqtt-clients.ts'
import { ExpectedError } from '#contract/errors.ts'
import type { Permission } from '#contract/model/permission.ts'
import { type Actor, isWhole, permissionsOf, type TenantScope } from '#features/access/index.ts'

/** Whose an MQTT client is, as it is stored. */
export interface ClientBelonging {
  tenantId: string
  groupId: string | null
  ownerUserId: string | null
}

/** Whether somebody who sees `scope` may see a client: it reaches no further than they do. */
export function seesClient(scope: TenantScope, { tenantId, groupId, ownerUserId }: ClientBelonging): boolean {
  if (scope.all) return true
  if (tenantId !== scope.tenantId) return false
  const { within } = scope
  if (within === null) return true
  if (groupId !== null) return within.groupIds.has(groupId)
  return ownerUserId !== null && ownerUserId === within.ownerUserId
}

/** Nobody gives more than they have. @throws ExpectedError `forbidden_reach`, `not_found` */
export function requireReaches(scope: TenantScope, client: ClientBelonging): void {
  if (seesClient(scope, client)) return
  if (client.groupId === null && !isWhole(scope))
    throw new ExpectedError('forbidden_reach', { reach: 'tenant' })
  throw new ExpectedError('not_found', { what: 'group', id: client.groupId ?? '' })
}

/** What a person must hold to do the same over the API. */
const heldFor: Record<MqttRights, readonly Permission[]> = {
  read: ['telemetry:read'],
  write: ['gateways:command'],
  both: ['telemetry:read', 'gateways:command'],
}

/** What somebody with these permissions may do over MQTT; null: nothing. */
export function rightsWith(held: readonly Permission[]): MqttRights | null {
  return (['both', 'read', 'write'] as const).find((rights) => holds(held, rights)) ?? null
}

/** Who gives a client its rights, or gets hold of its credentials, has them. @throws ExpectedError `rights_beyond` */
export function requireRights(actor: Actor, rights: MqttRights): void {
  const held = permissionsOf(actor)
  if (holds(held, rights)) return
  const beyond = heldFor[rights].filter((permission) => !held.includes(permission))
  throw new ExpectedError('rights_beyond', { beyond: beyond.join(', ') })
}

function holds(held: readonly Permission[], rights: MqttRights): boolean {
  return heldFor[rights].every((permission) => held.includes(permission))
}
