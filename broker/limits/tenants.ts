import type { MessageRate } from '#broker/dialects/message-rates.ts'
import { HourQuota } from './hour-quota.ts'
import type { TenantPolicy } from './tenant-policy.ts'
import { TokenBucket } from './token-bucket.ts'

/** Seconds of the sustained rate that may come at once, where no burst was chosen. */
const BURST_SECONDS = 5

/** One tenant's policy and what it has used. */
export class Tenant {
  policy: TenantPolicy
  readonly quota: HourQuota
  /** Of all its senders together. */
  bucket: TokenBucket | null = null
  /** Of each of its gateways; null: by its dialect. */
  gatewayRate: MessageRate | null = null

  constructor(policy: TenantPolicy, now: number) {
    this.policy = policy
    this.quota = new HourQuota(now, policy.messagesThisHour ?? 0)
    this.update(policy, now)
  }

  update(policy: TenantPolicy, now: number): void {
    this.policy = policy
    const rate = chosenRate(policy.messagesPerSecond, policy.burst)
    if (rate === null || this.bucket === null) this.bucket = rate && new TokenBucket(rate)
    else this.bucket.change(rate, now)
    this.gatewayRate = chosenRate(policy.gatewayMessagesPerSecond, policy.gatewayBurst)
  }

  isUsedUp(now: number): boolean {
    return this.quota.isUsedUp(now, this.policy.messagesPerHour)
  }
}

/** The tenants that the engine told of. One that it did not is not limited. */
export class Tenants {
  private readonly byId = new Map<string, Tenant>()
  private readonly now: () => number

  constructor(now: () => number) {
    this.now = now
  }

  /** What was counted stays counted. */
  put(policy: TenantPolicy): void {
    const known = this.byId.get(policy.tenantId)
    if (known) known.update(policy, this.now())
    else this.byId.set(policy.tenantId, new Tenant(policy, this.now()))
  }

  remove(tenantId: string): void {
    this.byId.delete(tenantId)
  }

  find(tenantId: string): Tenant | undefined {
    return this.byId.get(tenantId)
  }

  isSuspended(tenantId: string): boolean {
    return this.byId.get(tenantId)?.policy.state === 'suspended'
  }

  /** Not in a tenant that the broker was not told of. */
  allowsPasswordGateways(tenantId: string): boolean {
    return this.byId.get(tenantId)?.policy.passwordGateways ?? false
  }

  isUsedUp(tenantId: string): boolean {
    return this.byId.get(tenantId)?.isUsedUp(this.now()) ?? false
  }

  all(): Iterable<Tenant> {
    return this.byId.values()
  }
}

function chosenRate(perSecond: number | null, burst: number | null): MessageRate | null {
  if (perSecond === null) return null
  return { perSecond, burst: Math.max(1, burst ?? perSecond * BURST_SECONDS) }
}
