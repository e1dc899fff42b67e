import { useFleet } from '#renderer/api/fleet-store.ts'
import { useSite } from '#renderer/api/use-session.ts'
import type { TrendChannel } from './use-trend-channels.ts'

/** The slug of the tenant that all of these channels belong to, for those who see several; null where it is not one. */
export function useLikelyTenant(channels: readonly TrendChannel[]): string | null {
  const { byId } = useFleet()
  const tenants = useSite()?.tenants ?? []
  const ids = new Set(channels.flatMap(({ gatewayId }) => byId.get(gatewayId)?.tenantId ?? []))
  const [id] = ids
  return ids.size === 1 ? (tenants.find((tenant) => tenant.id === id)?.slug ?? null) : null
}
