export { createTenantsRouter } from './tenants.router.ts'
export { slugOf, TenantsService } from './tenants.service.ts'
