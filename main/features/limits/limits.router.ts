import type { Procedures } from '#features/access/index.ts'
import type { FleetService } from '#features/fleet/index.ts'
import type { TenantsService } from '#features/tenants/index.ts'
import type { LimitsService } from './limits.service.ts'

export function createLimitsRouter(
  { limits }: Procedures,
  { service, fleet, tenants }: { service: LimitsService; fleet: FleetService; tenants: TenantsService },
) {
  return {
    usage: limits.usage.handler(async ({ input, context }) =>
      service.usage(await tenants.resolve(context.scope, input.tenant)),
    ),
    limited: limits.limited.handler(async ({ input, context }) => {
      const { gateway, tenant, from, limit } = input
      const tenantId = tenant === undefined ? null : await fleet.tenantId(context.scope, tenant)
      const gatewayId =
        gateway === undefined ? null : (await fleet.find(context.scope, { gateway, tenant })).id
      return {
        limited: await service.limitedGateways(context.scope, {
          gatewayId,
          tenantId,
          from: from?.getTime() ?? 0,
          limit,
        }),
      }
    }),
  }
}
