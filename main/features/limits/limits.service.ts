import type { LimitedHour, TenantUsage } from '#contract/api/limits.ts'
import { defaultQuotas, HOUR, hourOf } from '#contract/model/quota.ts'
import type { TenantScope } from '#features/access/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import { BatchedWrites } from '#platform/events/batched-writes.ts'
import type { Log } from '#platform/log/log.ts'
import {
  countGateway,
  countGateways,
  countTenant,
  listLimited,
  type TenantHour,
  trimUsage,
  usageOf,
} from './limits.repository.ts'

/** What the broker limited of one sender since it last told. */
export interface LimitedFact {
  gatewayId: string | null
  tenantId: string
  dropped: number
  delayed: number
  closed: number
}

export interface LimitsDependencies {
  db: SiteDb
  clock: Clock
  log: Log
  /** What was limited of a gateway is written. */
  changed(gatewayId: string): void
}

type Fact =
  | { kind: 'tenant'; hour: TenantHour }
  | {
      kind: 'gateway'
      hour: { gatewayId: string; hour: number; dropped: number; delayed: number; closed: number }
    }

/** Facts come by the second; they are on disk this much later, ms. */
const WRITE_DELAY = 500
const KEPT = 90 * 24 * HOUR
const SHOWN_HOURS = 24

/** Writes down what tenants send and what of it was limited, by the hour, and tells it. */
export class LimitsService {
  readonly #dependencies: LimitsDependencies
  readonly #writes: BatchedWrites<Fact>
  /** The hour in which old rows were last deleted. */
  #trimmedIn = 0

  constructor(dependencies: LimitsDependencies) {
    this.#dependencies = dependencies
    this.#writes = new BatchedWrites(
      (facts) => this.#write(facts),
      WRITE_DELAY,
      (err) => dependencies.log.error({ err }, 'what was limited could not be written'),
    )
  }

  stop(): Promise<void> {
    return this.#writes.flush()
  }

  limited({ at, counts }: { at: number; counts: readonly LimitedFact[] }): void {
    const hour = hourOf(at)
    for (const { gatewayId, tenantId, dropped, delayed, closed } of counts) {
      this.#writes.add({ kind: 'tenant', hour: { tenantId, hour, messages: 0, dropped, delayed, closed } })
      if (gatewayId !== null)
        this.#writes.add({ kind: 'gateway', hour: { gatewayId, hour, dropped, delayed, closed } })
    }
  }

  /** @param told `messages` are all of the hour so far */
  tenantMessages(told: { hour: number; counts: readonly { tenantId: string; messages: number }[] }): void {
    const { hour, counts } = told
    for (const { tenantId, messages } of counts)
      this.#writes.add({
        kind: 'tenant',
        hour: { tenantId, hour, messages, dropped: 0, delayed: 0, closed: 0 },
      })
  }

  async usage(tenant: {
    id: string
    messagesPerHour: number | null
    gatewayQuota: number | null
    storageDays: number | null
  }): Promise<TenantUsage> {
    const { db, clock } = this.#dependencies
    const now = hourOf(clock.now())
    const from = now - (SHOWN_HOURS - 1) * HOUR
    const rows = new Map((await usageOf(db, tenant.id, from)).map((row) => [row.hour, row]))
    const hours = Array.from({ length: SHOWN_HOURS }, (_, index) => {
      const hour = from + index * HOUR
      const { messages, dropped, delayed, closed } = rows.get(hour) ?? nothing
      return { at: new Date(hour), messages, dropped, delayed, closed }
    })
    const { messages, dropped, delayed, closed } = rows.get(now) ?? nothing
    return {
      tenantId: tenant.id,
      hour: {
        at: new Date(now),
        endsAt: new Date(now + HOUR),
        messagesPerHour: tenant.messagesPerHour ?? defaultQuotas.messagesPerHour,
        messages,
        dropped,
        delayed,
        closed,
      },
      hours,
      gateways: {
        count: await countGateways(db, tenant.id),
        quota: tenant.gatewayQuota ?? defaultQuotas.gateways,
      },
      storageDays: tenant.storageDays,
    }
  }

  async limitedGateways(
    scope: TenantScope,
    filter: { gatewayId: string | null; tenantId: string | null; from: number; limit: number },
  ): Promise<LimitedHour[]> {
    // An hour that began before counts as well, for part of it is asked for.
    const from = hourOf(filter.from)
    const rows = await listLimited(this.#dependencies.db, scope, { ...filter, from })
    return rows.map(({ gatewayId, code, name, tenantId, hour, dropped, delayed, closed }) => ({
      gatewayId,
      gatewayCode: code,
      gatewayName: name,
      tenantId,
      at: new Date(hour),
      dropped,
      delayed,
      closed,
    }))
  }

  async #write(facts: Fact[]): Promise<void> {
    const { db, clock, changed } = this.#dependencies
    const hour = hourOf(clock.now())
    await db.transaction().execute(async (trx) => {
      for (const fact of facts)
        await (fact.kind === 'tenant' ? countTenant(trx, fact.hour) : countGateway(trx, fact.hour))
      if (this.#trimmedIn !== hour) await trimUsage(trx, hour - KEPT)
    })
    this.#trimmedIn = hour
    const gateways = facts.flatMap((fact) => (fact.kind === 'gateway' ? [fact.hour.gatewayId] : []))
    for (const gatewayId of new Set(gateways)) changed(gatewayId)
  }
}

const nothing = { messages: 0, dropped: 0, delayed: 0, closed: 0 }
