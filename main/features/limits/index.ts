export { createLimitsRouter } from './limits.router.ts'
export { LimitsService } from './limits.service.ts'
export { allTenantPolicies, tenantPolicyOf } from './tenant-policies.ts'
