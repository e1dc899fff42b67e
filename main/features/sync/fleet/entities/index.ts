import type { Entity, EntityName } from '../entity.ts'
import type { GatewayAccess } from '../gateway-access.ts'
import { gatewaysWith } from './gateways.ts'
import { groups } from './groups.ts'
import { assignments, certificates, channels } from './records.ts'
import { tenants } from './tenants.ts'
import { users } from './users.ts'

/** In the order in which they are sent and taken: what others refer to comes first. */
export type Entities = ReadonlyMap<EntityName, Entity>

export function entitiesWith(access: GatewayAccess): Entities {
  const all = [tenants, groups, users, gatewaysWith(access), assignments, channels, certificates]
  return new Map(all.map((entity) => [entity.name, entity]))
}
