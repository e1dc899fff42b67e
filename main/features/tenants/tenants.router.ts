import type { Procedures } from '#features/access/index.ts'
import type { TenantChanges } from './tenant-changes.service.ts'
import type { TenantDetailsReader } from './tenant-details.ts'
import type { TenantRow } from './tenants.repository.ts'
import type { TenantsService } from './tenants.service.ts'

export function createTenantsRouter(
  { tenants }: Procedures,
  {
    service,
    changes,
    details,
  }: { service: TenantsService; changes: TenantChanges; details: TenantDetailsReader },
) {
  const view = async (tenant: TenantRow) => {
    const [shown] = await details.of([tenant])
    if (shown === undefined) throw new Error('one tenant gives one view')
    return shown
  }
  return {
    list: tenants.list.handler(async ({ context }) => {
      const rows = await service.list(context.scope)
      return {
        tenants: rows.map(({ id, slug, name, state, createdAt }) => ({
          id,
          slug,
          name,
          state,
          createdAt: new Date(createdAt),
        })),
      }
    }),
    details: tenants.details.handler(async ({ context }) => ({
      tenants: await details.of(await service.list(context.scope)),
    })),
    show: tenants.show.handler(async ({ input, context }) =>
      view(await service.resolve(context.scope, input.tenant)),
    ),
    create: tenants.create.handler(async ({ input, context }) =>
      view(await changes.create(input, context.audit)),
    ),
    update: tenants.update.handler(async ({ input, context }) =>
      view(await changes.update(context, input, context.audit)),
    ),
    limit: tenants.limit.handler(async ({ input, context }) =>
      view(await changes.limit(context.scope, input, context.audit)),
    ),
    suspend: tenants.suspend.handler(async ({ input, context }) =>
      view(await changes.suspend(context.scope, input, context.audit)),
    ),
    resume: tenants.resume.handler(async ({ input, context }) =>
      view(await changes.resume(context.scope, input, context.audit)),
    ),
  }
}
