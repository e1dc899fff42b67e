export {
  type Actor,
  anonymous,
  auditActor,
  localSiteAdmin,
  permissionsOf,
  scopeOf,
  type TenantScope,
} from './actor.ts'
export { createProcedures, type Procedures, requireAccess } from './procedure.ts'
export type { RequestContext, SessionCarrier } from './request-context.ts'
