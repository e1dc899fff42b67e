import type { TenantDetails } from '#contract/api/tenants.ts'
import { defaultQuotas, hourOf } from '#contract/model/quota.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import type { GroupTree } from './group-tree.ts'
import * as repository from './tenants.repository.ts'

export interface TenantDetailsDependencies {
  db: SiteDb
  clock: Clock
  groups: GroupTree
  /** Whether gateways with a secret have a door to come by. */
  passwordListenerOpen(): boolean
}

/** Tenants with what they may use and what they use of it. */
export class TenantDetailsReader {
  readonly #db: SiteDb
  readonly #clock: Clock
  readonly #groups: GroupTree
  readonly #passwordListenerOpen: () => boolean

  constructor({ db, clock, groups, passwordListenerOpen }: TenantDetailsDependencies) {
    this.#db = db
    this.#clock = clock
    this.#groups = groups
    this.#passwordListenerOpen = passwordListenerOpen
  }

  /** In the order given. */
  async of(tenants: readonly repository.TenantRow[]): Promise<TenantDetails[]> {
    const [gateways, people, messages, secrets] = await Promise.all([
      repository.gatewayCounts(this.#db),
      repository.peopleCounts(this.#db),
      repository.messagesIn(this.#db, hourOf(this.#clock.now())),
      repository.secretGatewayCounts(this.#db),
    ])
    return tenants.map((tenant) => ({
      id: tenant.id,
      slug: tenant.slug,
      name: tenant.name,
      state: tenant.state,
      createdAt: new Date(tenant.createdAt),
      suspendedAt: dateOrNull(tenant.suspendedAt),
      suspendReason: tenant.suspendReason,
      quotas: quotasOf(tenant),
      allowed: {
        gateways: tenant.gatewayQuota ?? defaultQuotas.gateways,
        messagesPerHour: tenant.messagesPerHour ?? defaultQuotas.messagesPerHour,
      },
      usage: {
        gateways: gateways.get(tenant.id) ?? 0,
        messagesThisHour: messages.get(tenant.id) ?? 0,
        groups: this.#groups.ofTenant(tenant.id).length,
        people: people.get(tenant.id) ?? 0,
      },
      deletionAt: dateOrNull(tenant.deletionAt),
      passwordGateways: {
        allowed: tenant.passwordGateways === 1,
        count: secrets.get(tenant.id) ?? 0,
        listenerOpen: this.#passwordListenerOpen(),
      },
    }))
  }
}

/** As the contract names what is set of a tenant's quotas. */
export function quotasOf(tenant: repository.TenantRow): TenantDetails['quotas'] {
  const { messagesPerHour, messagesPerSecond, burst, gatewayMessagesPerSecond, gatewayBurst, storageDays } =
    tenant
  return {
    gateways: tenant.gatewayQuota,
    messagesPerHour,
    messagesPerSecond,
    burst,
    gatewayMessagesPerSecond,
    gatewayBurst,
    storageDays,
  }
}

function dateOrNull(ms: number | null): Date | null {
  return ms === null ? null : new Date(ms)
}
