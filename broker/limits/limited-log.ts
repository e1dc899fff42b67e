import type { BrokerEvent } from '#broker/port.ts'
import type { Sender } from './message-limits.ts'
import type { LimitedCount } from './tenant-policy.ts'
import type { Tenants } from './tenants.ts'

const LIMITED_EVERY = 1_000
const MESSAGES_EVERY = 5_000

export type LimitedKind = 'dropped' | 'delayed' | 'closed'

/** What was limited, told once a second, and how many messages each tenant sent, told every few seconds. */
export class LimitedLog {
  /** Since the start. */
  readonly totals: Record<LimitedKind, number> = { dropped: 0, delayed: 0, closed: 0 }
  private readonly tenants: Tenants
  private readonly emit: (event: BrokerEvent) => void
  private readonly now: () => number
  private counts = new Map<string, LimitedCount>()
  private timers: NodeJS.Timeout[] = []

  constructor(tenants: Tenants, emit: (event: BrokerEvent) => void, now: () => number) {
    this.tenants = tenants
    this.emit = emit
    this.now = now
  }

  start(): void {
    this.timers = [
      setInterval(() => this.tellLimited(), LIMITED_EVERY).unref(),
      setInterval(() => this.tellMessages(), MESSAGES_EVERY).unref(),
    ]
  }

  /** Tells what was counted and not yet told. */
  stop(): void {
    for (const timer of this.timers) clearInterval(timer)
    this.tellLimited()
    this.tellMessages()
  }

  count({ kind: sender, id, identity }: Sender, kind: LimitedKind): void {
    this.totals[kind] += 1
    const { tenantId } = identity
    let counts = this.counts.get(id)
    // One that was moved meanwhile is counted for each tenant: what is told goes to the usage of both.
    if (counts && counts.tenantId !== tenantId) {
      this.tellLimited()
      counts = undefined
    }
    if (!counts) {
      const who = sender === 'client' ? { gatewayId: null, clientId: id } : { gatewayId: id, clientId: null }
      counts = { ...who, tenantId, dropped: 0, delayed: 0, closed: 0 }
      this.counts.set(id, counts)
    }
    counts[kind] += 1
  }

  private tellLimited(): void {
    if (this.counts.size === 0) return
    const counts = [...this.counts.values()]
    this.counts = new Map()
    this.emit({ type: 'limited', at: this.now(), counts })
  }

  private tellMessages(): void {
    const now = this.now()
    const byHour = new Map<number, { tenantId: string; messages: number }[]>()
    for (const { policy, quota } of this.tenants.all()) {
      for (const { hour, messages } of quota.news(now)) {
        const counts = byHour.get(hour) ?? []
        counts.push({ tenantId: policy.tenantId, messages })
        byHour.set(hour, counts)
      }
    }
    for (const [hour, counts] of byHour) this.emit({ type: 'tenantMessages', hour, counts })
  }
}
