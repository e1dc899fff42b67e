export {
  type Actor,
  anonymous,
  auditActor,
  isOfSite,
  localSiteAdmin,
  type PersonActor,
  permissionsOf,
  scopeOf,
} from './actor.ts'
export { CallLimits, type LimitedCalls } from './call-limits.ts'
export { createProcedures, isRefusalCode, type Procedures, requireAccess, requireReach } from './procedure.ts'
export type { RequestContext, SessionCarrier } from './request-context.ts'
export {
  type Belonging,
  gatewayInScope,
  isWhole,
  seesGateway,
  seesTenant,
  type TenantScope,
  type Within,
  wholeTenant,
} from './scope.ts'
