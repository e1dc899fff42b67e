import { type RawBuilder, type SqlBool, sql } from 'kysely'
import { gatewayInScope, type TenantScope } from '#features/access/index.ts'

/** As a condition on `benchRuns`: runs of a tenant; for whose rights end at some groups, those that make gateways there. */
export function runInScope(scope: TenantScope): RawBuilder<SqlBool> {
  if (scope.all) return sql`true`
  const ofTenant = sql<SqlBool>`benchRuns.tenantId = ${scope.tenantId}`
  if (scope.within === null) return ofTenant
  return sql`(${ofTenant} and benchRuns.groupId in (${sql.join([...scope.within.groupIds])}))`
}

/**
 * As a condition on `flashJobs`: jobs of a tenant; for whose rights end at some groups, those of runs and gateways there, and of
 * single boards that are no gateways.
 */
export function jobInScope(scope: TenantScope): RawBuilder<SqlBool> {
  if (scope.all) return sql`true`
  const ofTenant = sql<SqlBool>`flashJobs.tenantId = ${scope.tenantId}`
  if (scope.within === null) return ofTenant
  const run = sql<SqlBool>`exists (select 1 from benchRuns where benchRuns.id = flashJobs.runId and ${runInScope(scope)})`
  const gateway = sql<SqlBool>`exists (select 1 from gateways where gateways.id = flashJobs.gatewayId and ${gatewayInScope(scope)})`
  const nobodys = sql<SqlBool>`(flashJobs.runId is null and flashJobs.gatewayId is null)`
  return sql`(${ofTenant} and (${run} or ${gateway} or ${nobodys}))`
}
