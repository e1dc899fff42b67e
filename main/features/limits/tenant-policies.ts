import { defaultQuotas, hourOf } from '#contract/model/quota.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'
import { messagesOf, tenantQuotas } from './limits.repository.ts'

/** What the broker must know of a tenant. The engine hands it on. */
interface TenantPolicy {
  tenantId: string
  state: 'active' | 'suspended'
  /** Whether its gateways may come with a secret and no certificate. */
  passwordGateways: boolean
  messagesPerHour: number
  messagesPerSecond: number | null
  burst: number | null
  gatewayMessagesPerSecond: number | null
  gatewayBurst: number | null
  messagesThisHour?: number
}

export function tenantPolicyOf(tenant: {
  id: string
  state: 'active' | 'suspended'
  passwordGateways: 0 | 1
  messagesPerHour: number | null
  messagesPerSecond: number | null
  burst: number | null
  gatewayMessagesPerSecond: number | null
  gatewayBurst: number | null
}): TenantPolicy {
  const { id, state, messagesPerSecond, burst, gatewayMessagesPerSecond, gatewayBurst } = tenant
  const messagesPerHour = tenant.messagesPerHour ?? defaultQuotas.messagesPerHour
  return {
    tenantId: id,
    state,
    passwordGateways: tenant.passwordGateways === 1,
    messagesPerHour,
    messagesPerSecond,
    burst,
    gatewayMessagesPerSecond,
    gatewayBurst,
  }
}

/** Every tenant, with what it has sent in the hour of `now`: a restart gives no fresh quota. */
export async function allTenantPolicies(db: SiteDb | SiteTrx, now: number): Promise<TenantPolicy[]> {
  const used = await messagesOf(db, hourOf(now))
  return (await tenantQuotas(db)).map((tenant) => ({
    ...tenantPolicyOf(tenant),
    messagesThisHour: used.get(tenant.id) ?? 0,
  }))
}
