import type { Procedures } from '#features/access/index.ts'
import type { TenantsService } from './tenants.service.ts'

export function createTenantsRouter({ tenants }: Procedures, service: TenantsService) {
  return {
    list: tenants.list.handler(async ({ context }) => {
      const rows = await service.list(context.scope)
      return {
        tenants: rows.map(({ id, slug, name, createdAt }) => ({
          id,
          slug,
          name,
          createdAt: new Date(createdAt),
        })),
      }
    }),
  }
}
