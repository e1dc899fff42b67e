import type { TenantPolicy } from '#broker/limits/tenant-policy.ts'
import type { BrokerOptions, Identity, MqttClientIdentity, PolicyChange } from '#broker/port.ts'
import { assertNever } from '#contract/errors.ts'
import type { DialectDefinition } from '#contract/model/dialect.ts'
import { hourOf } from '#contract/model/quota.ts'

/** What the worker was told of who may connect: its successor starts with it. */
export class PolicySnapshot {
  private readonly identities = new Map<string, Identity>()
  private readonly clients = new Map<string, MqttClientIdentity>()
  private readonly tenants = new Map<string, TenantPolicy>()
  private readonly dialects = new Map<string, DialectDefinition>()
  /** What tenants have used of the newest hour that was told of. */
  private used = { hour: 0, messages: new Map<string, number>() }
  private readonly now: () => number

  constructor(now: () => number) {
    this.now = now
  }

  start({ identities, clients = [], tenants = [], dialects = [] }: BrokerOptions): void {
    for (const dialect of dialects) this.dialects.set(dialect.name, dialect)
    for (const identity of identities) this.identities.set(identity.gatewayId, identity)
    for (const client of clients) this.clients.set(client.clientId, client)
    const hour = hourOf(this.now())
    for (const tenant of tenants) {
      this.tenants.set(tenant.tenantId, tenant)
      this.counted(hour, [{ tenantId: tenant.tenantId, messages: tenant.messagesThisHour ?? 0 }])
    }
  }

  /** @param counts all messages of the hour so far */
  counted(hour: number, counts: readonly { tenantId: string; messages: number }[]): void {
    if (hour < this.used.hour) return
    if (hour > this.used.hour) this.used = { hour, messages: new Map() }
    for (const { tenantId, messages } of counts) this.used.messages.set(tenantId, messages)
  }

  apply(change: PolicyChange): void {
    switch (change.op) {
      case 'put':
        this.identities.set(change.identity.gatewayId, change.identity)
        return
      case 'remove':
        this.identities.delete(change.gatewayId)
        return
      case 'put_client':
        this.clients.set(change.client.clientId, change.client)
        return
      case 'remove_client':
        this.clients.delete(change.clientId)
        return
      case 'put_tenant':
        this.tenants.set(change.tenant.tenantId, change.tenant)
        return
      case 'remove_tenant':
        this.tenants.delete(change.tenantId)
        return
      case 'put_dialect':
        this.dialects.set(change.dialect.name, change.dialect)
        return
      case 'remove_dialect':
        this.dialects.delete(change.name)
        return
      default:
        assertNever(change)
    }
  }

  get all(): Required<Pick<BrokerOptions, 'identities' | 'clients' | 'tenants' | 'dialects'>> {
    return {
      dialects: [...this.dialects.values()],
      identities: [...this.identities.values()],
      clients: [...this.clients.values()],
      tenants: Array.from(this.tenants.values(), (tenant) => ({
        ...tenant,
        messagesThisHour: this.usedBy(tenant),
      })),
    }
  }

  private usedBy({ tenantId }: TenantPolicy): number {
    return this.used.hour === hourOf(this.now()) ? (this.used.messages.get(tenantId) ?? 0) : 0
  }
}
