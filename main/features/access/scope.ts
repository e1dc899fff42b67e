import { type RawBuilder, type SqlBool, sql } from 'kysely'

/**
 * What an actor may see: the whole site, one tenant, or a part of one. Repositories take it explicitly, and what is out
 * of scope does not exist for the caller.
 */
export type TenantScope = { all: true } | { all: false; tenantId: string; within: Within | null }

/** The part of a tenant: gateways in these groups (all below them is listed too), and those of this owner. */
export interface Within {
  groupIds: ReadonlySet<string>
  ownerUserId: string | null
}

/** Whose a gateway is. */
export interface Belonging {
  tenantId: string
  groupId: string | null
  ownerUserId: string | null
}

export function wholeTenant(tenantId: string): TenantScope {
  return { all: false, tenantId, within: null }
}

/** Whether something of a tenant as such is in scope. */
export function seesTenant(scope: TenantScope, tenantId: string | null): boolean {
  return scope.all || scope.tenantId === tenantId
}

/** Whether a gateway, or what belongs to it, is in scope. */
export function seesGateway(scope: TenantScope, { tenantId, groupId, ownerUserId }: Belonging): boolean {
  if (scope.all) return true
  if (scope.tenantId !== tenantId) return false
  const { within } = scope
  if (within === null) return true
  if (groupId !== null && within.groupIds.has(groupId)) return true
  return ownerUserId !== null && within.ownerUserId === ownerUserId
}

/** Whether the scope is a whole tenant or more. */
export function isWhole(scope: TenantScope): boolean {
  return scope.all || scope.within === null
}

/** The same as `seesGateway`, as a condition on the table `gateways`. */
export function gatewayInScope(scope: TenantScope): RawBuilder<SqlBool> {
  if (scope.all) return sql`true`
  const ofTenant = sql<SqlBool>`gateways.tenantId = ${scope.tenantId}`
  if (scope.within === null) return ofTenant
  const { groupIds, ownerUserId } = scope.within
  return sql`(${ofTenant} and (gateways.groupId in (${sql.join([...groupIds])}) or gateways.ownerUserId = ${ownerUserId}))`
}
