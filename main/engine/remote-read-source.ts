import type { TenantScope } from '#features/access/index.ts'
import type { ReadSource } from '#http/remote-read-series.ts'
import type { EngineCore } from './engine-core.ts'
import type { SiteServices } from './site-services.ts'

/** The channels that Prometheus may read: all with numbers, as far as a caller sees. */
export async function remoteReadSource(
  scope: TenantScope,
  { core, services }: { core: EngineCore; services: SiteServices },
): Promise<ReadSource> {
  const { registry, telemetry, historian } = services
  const tenants = new Map((await core.tenants.list(scope)).map(({ id, slug }) => [id, slug]))
  const channels = registry.all(scope).flatMap((channel) => {
    const { seriesId, tenantId, kind, key } = channel.row
    if (kind === 'text') return []
    const { gatewayCode, name, unit } = telemetry.view(channel)
    const tenant = tenants.get(tenantId) ?? ''
    return [{ seriesId, tenant, gateway: gatewayCode, channel: key, unit: unit ?? '', name }]
  })
  return { historian, channels, now: core.clock.now() }
}
