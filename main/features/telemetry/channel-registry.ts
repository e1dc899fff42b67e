import type { Reading } from '#contract/model/reading.ts'
import type { SeriesInfo } from '#contract/model/reading-batch.ts'
import { type Belonging, isWhole, seesGateway, seesTenant, type TenantScope } from '#features/access/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import { uuid7 } from '#platform/ids/uuid7.ts'
import { allChannels, type ChannelRow, insertChannels } from './channels.repository.ts'

/** A channel as it lives in memory: what is stored of it, and its newest reading. */
export interface LiveChannel {
  row: ChannelRow
  latest: Reading | null
}

/** Whose readings these are: the gateway that an assignment belongs to. */
export type AssignmentOwner = (assignmentId: string) => { id: string; tenantId: string } | undefined

/**
 * The channels of the site. They appear by themselves: the historian makes a series in the transaction of its
 * first reading, and this registry follows, at start too, so that a crash between the two loses nothing.
 */
export class ChannelRegistry {
  readonly #db: SiteDb
  readonly #clock: Clock
  readonly #owner: AssignmentOwner
  readonly #gateway: (id: string) => Belonging | undefined
  readonly #bySeries = new Map<number, LiveChannel>()
  readonly #byId = new Map<string, LiveChannel>()
  readonly #byGateway = new Map<string, LiveChannel[]>()
  /** In memory and not yet stored, for the disk was full: tried again with the next ones. */
  #unstored: ChannelRow[] = []

  constructor(dependencies: {
    db: SiteDb
    clock: Clock
    owner: AssignmentOwner
    gateway(id: string): Belonging | undefined
  }) {
    this.#gateway = dependencies.gateway
    this.#db = dependencies.db
    this.#clock = dependencies.clock
    this.#owner = dependencies.owner
  }

  /** Loads what is stored and adds what the historian knows beyond it. */
  async start(series: SeriesInfo[]): Promise<void> {
    for (const row of await allChannels(this.#db)) this.#keep(row)
    await this.add(series)
  }

  /** Takes in new series: in memory at once, so that their readings show, and into the store. */
  async add(series: SeriesInfo[]): Promise<void> {
    const rows = series.flatMap((info) => this.#rowFor(info) ?? [])
    for (const row of rows) this.#keep(row)
    this.#unstored.push(...rows)
    const unstored = this.#unstored
    if (unstored.length === 0) return
    this.#unstored = []
    try {
      await this.#db.transaction().execute((trx) => insertChannels(trx, unstored))
    } catch (error) {
      this.#unstored.unshift(...unstored)
      throw error
    }
  }

  #rowFor(info: SeriesInfo): ChannelRow | undefined {
    const owner = this.#owner(info.assignmentId)
    if (!owner || this.#bySeries.has(info.seriesId)) return undefined
    const now = this.#clock.now()
    return {
      id: uuid7(now),
      seriesId: info.seriesId,
      assignmentId: info.assignmentId,
      gatewayId: owner.id,
      tenantId: owner.tenantId,
      key: info.channel,
      name: null,
      unit: info.unit,
      kind: info.kind,
      lowLimit: null,
      highLimit: null,
      createdAt: now,
      retentionClass: null,
    }
  }

  #keep(row: ChannelRow): void {
    const channel: LiveChannel = { row, latest: null }
    this.#bySeries.set(row.seriesId, channel)
    this.#byId.set(row.id, channel)
    const siblings = this.#byGateway.get(row.gatewayId)
    if (siblings) siblings.push(channel)
    else this.#byGateway.set(row.gatewayId, [channel])
  }

  /** Its channels are gone for good. @returns whose they were */
  forgetTenant(tenantId: string): Set<string> {
    const gatewayIds = new Set<string>()
    for (const { row } of this.all({ all: true })) {
      if (row.tenantId !== tenantId) continue
      gatewayIds.add(row.gatewayId)
      this.#bySeries.delete(row.seriesId)
      this.#byId.delete(row.id)
    }
    for (const id of gatewayIds) {
      const others = (this.#byGateway.get(id) ?? []).filter(({ row }) => row.tenantId !== tenantId)
      if (others.length > 0) this.#byGateway.set(id, others)
      else this.#byGateway.delete(id)
    }
    this.#unstored = this.#unstored.filter((row) => row.tenantId !== tenantId)
    return gatewayIds
  }

  /** A channel stays with the tenant of its assignment; within the tenant it is seen by whoever sees its gateway. */
  #isIn(scope: TenantScope, { row }: LiveChannel): boolean {
    if (!seesTenant(scope, row.tenantId)) return false
    if (isWhole(scope)) return true
    const gateway = this.#gateway(row.gatewayId)
    return gateway !== undefined && seesGateway(scope, gateway)
  }

  bySeries(seriesId: number): LiveChannel | undefined {
    return this.#bySeries.get(seriesId)
  }

  byId(scope: TenantScope, id: string): LiveChannel | undefined {
    const channel = this.#byId.get(id)
    return channel && this.#isIn(scope, channel) ? channel : undefined
  }

  /** In order of their keys; of the same key that of the newest assignment first. */
  ofGateway(scope: TenantScope, gatewayId: string): LiveChannel[] {
    return (this.#byGateway.get(gatewayId) ?? [])
      .filter((channel) => this.#isIn(scope, channel))
      .toSorted(byKey)
  }

  all(scope: TenantScope): LiveChannel[] {
    return [...this.#byId.values()].filter((channel) => this.#isIn(scope, channel))
  }
}

function byKey({ row: a }: LiveChannel, { row: b }: LiveChannel): number {
  if (a.key !== b.key) return a.key < b.key ? -1 : 1
  return a.assignmentId > b.assignmentId ? -1 : 1
}
