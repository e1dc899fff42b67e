import { ExpectedError } from '#contract/errors.ts'
import type { Channel } from '#contract/model/channel.ts'
import { type CommittedBatch, ROW_WIDTH } from '#contract/model/reading-batch.ts'
import { type TenantScope, wholeTenant } from '#features/access/index.ts'
import type { AuditDraft, AuditService } from '#features/audit/index.ts'
import type { FleetService, FleetState } from '#features/fleet/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import { Topic } from '#platform/events/topic.ts'
import type { Historian } from '#platform/historian/historian.ts'
import type { Log } from '#platform/log/log.ts'
import type { ChannelRegistry, LiveChannel } from './channel-registry.ts'
import { updateChannel } from './channels.repository.ts'
import { IngestMeter } from './ingest-meter.ts'
import { ReadingWatchers, readingAt, supersedes } from './live-readings.ts'

export interface TelemetryDependencies {
  db: SiteDb
  clock: Clock
  log: Log
  audit: AuditService
  historian: Historian
  registry: ChannelRegistry
  fleet: FleetService
  state: FleetState
  /** @throws ExpectedError `not_found` */
  retentionClassMustExist(id: string): void
}

/** Readings on their way from the store to whoever looks, and channels as people name them. */
export class TelemetryService {
  readonly #dependencies: TelemetryDependencies
  readonly watchers = new ReadingWatchers()
  readonly #siteMeter = new IngestMeter()
  readonly #tenantMeters = new Map<string, IngestMeter>()
  readonly #importing = new Map<string, number>()
  /** A gateway has a channel that was not there before, or one was renamed. */
  readonly channelsChanged: Topic<{ gatewayId: string }>

  constructor(dependencies: TelemetryDependencies) {
    this.#dependencies = dependencies
    const { log } = dependencies
    this.channelsChanged = new Topic((err) => log.error({ err }, 'a change of channels was not followed'))
  }

  /** What a scope may know of the rate: a tenant its own, counted since the start. */
  meter(scope: TenantScope): IngestMeter {
    if (scope.all) return this.#siteMeter
    const known = this.#tenantMeters.get(scope.tenantId)
    if (known) return known
    const meter = new IngestMeter()
    this.#tenantMeters.set(scope.tenantId, meter)
    return meter
  }

  /** A tenant is gone for good, with its channels. */
  forgetTenant(tenantId: string): void {
    for (const gatewayId of this.#dependencies.registry.forgetTenant(tenantId)) this.#shown.delete(gatewayId)
    this.#tenantMeters.delete(tenantId)
  }

  /** Call it once a second. */
  tick(): void {
    this.#siteMeter.tick()
    for (const meter of this.#tenantMeters.values()) meter.tick()
  }

  /** Catches up with the store, then follows every commit. */
  async start(): Promise<void> {
    const { historian, registry, log } = this.#dependencies
    historian.onCommitted((batch) => this.#committed(batch))
    await registry.start(await historian.series())
    for (const { seriesId, ts, value, quality, seq } of await historian.latest()) {
      const channel = registry.bySeries(seriesId)
      if (channel) this.#take(channel, { ts, value, quality, seq })
    }
    const { lastSeq } = await historian.stats()
    this.#siteMeter.total = Math.max(this.#siteMeter.total, lastSeq)
    log.debug({ readings: lastSeq }, 'telemetry follows the store')
  }

  #committed(batch: CommittedBatch): void {
    const { clock, registry, state } = this.#dependencies
    if (batch.newSeries.length > 0) this.#addSeries(batch)
    const now = clock.now()
    const rows = batch.rows.length / ROW_WIDTH
    const counts = new Map<string, { tenantId: string; readings: number }>()
    for (let r = 0; r < rows; r++) {
      const channel = registry.bySeries(batch.rows[r * ROW_WIDTH] ?? -1)
      if (!channel) continue
      const reading = readingAt(batch, r)
      if (supersedes(reading, channel.latest)) this.#take(channel, reading)
      for (const watcher of this.watchers.of(channel.row.seriesId) ?? []) watcher.offer(channel, reading)
      const { gatewayId, tenantId } = channel.row
      const count = counts.get(gatewayId)
      if (count) count.readings++
      else counts.set(gatewayId, { tenantId, readings: 1 })
    }
    let arrived = rows
    for (const [gatewayId, { tenantId, readings }] of counts) {
      const imported = this.#takeImported(gatewayId, readings)
      arrived -= imported
      const own = readings - imported
      this.meter(wholeTenant(tenantId)).add(own)
      state.heard(gatewayId, own > 0 ? now : null, own, this.#shownOf(gatewayId))
    }
    this.#siteMeter.add(arrived)
  }

  /** Readings of a gateway that are about to be imported: they are stored and shown, but did not arrive just now. */
  expectImport(gatewayId: string, readings: number): void {
    this.#importing.set(gatewayId, (this.#importing.get(gatewayId) ?? 0) + readings)
  }

  /** The import failed: what arrives from now on is the gateway's own. */
  importFailed(gatewayId: string): void {
    this.#importing.delete(gatewayId)
  }

  #takeImported(gatewayId: string, readings: number): number {
    const expected = this.#importing.get(gatewayId) ?? 0
    const imported = Math.min(expected, readings)
    if (imported === expected) this.#importing.delete(gatewayId)
    else this.#importing.set(gatewayId, expected - imported)
    return imported
  }

  #addSeries(batch: CommittedBatch): void {
    const { registry, log } = this.#dependencies
    registry
      .add(batch.newSeries)
      .catch((err: unknown) =>
        log.error({ err }, 'new channels could not be stored; the next start adds them'),
      )
    const gateways = new Set(
      batch.newSeries.flatMap(({ seriesId }) => registry.bySeries(seriesId)?.row.gatewayId ?? []),
    )
    for (const gatewayId of gateways) this.channelsChanged.emit({ gatewayId })
  }

  /** What a list shows of each gateway: the newest reading of its first channel with numbers. */
  readonly #shown = new Map<
    string,
    {
      assignmentId: string
      channelId: string
      name: string
      unit: string | null
      value: number | boolean | string
      ts: number
    }
  >()

  #take(channel: LiveChannel, reading: NonNullable<LiveChannel['latest']>): void {
    channel.latest = reading
    const { id, gatewayId, assignmentId, name, key, unit, kind } = channel.row
    const newest = this.#shown.get(gatewayId)
    // Ids of assignments are in order of time: what one before it measured is another tenant's, perhaps.
    if (newest && newest.assignmentId > assignmentId) return
    const shown = newest?.assignmentId === assignmentId ? newest : undefined
    if (shown && shown.channelId !== id && kind !== 'number') return
    if (shown && shown.channelId !== id && reading.ts < shown.ts + 60_000) return
    this.#shown.set(gatewayId, {
      assignmentId,
      channelId: id,
      name: name ?? key,
      unit,
      value: reading.value,
      ts: reading.ts,
    })
  }

  /** Puts the newest readings into the fleet's rows, once, at start. */
  showLatest(): void {
    const { state } = this.#dependencies
    for (const [gatewayId, { ts }] of this.#shown)
      state.heard(gatewayId, state.row(gatewayId)?.lastSeenAt ?? ts, 0, this.#shownOf(gatewayId))
  }

  #shownOf(gatewayId: string) {
    const shown = this.#shown.get(gatewayId)
    return shown && this.#dependencies.state.isOpen(shown.assignmentId) ? shown : null
  }

  /** @throws ExpectedError `not_found`, also out of scope */
  channel(scope: TenantScope, id: string): LiveChannel {
    const channel = this.#dependencies.registry.byId(scope, id)
    if (!channel) throw new ExpectedError('not_found', { what: 'channel', id })
    return channel
  }

  /** Whether a channel is there for somebody of this scope now. */
  sees(scope: TenantScope, id: string): boolean {
    return this.#dependencies.registry.byId(scope, id) !== undefined
  }

  async channels(
    scope: TenantScope,
    reference: { gateway?: string | undefined; tenant?: string | undefined },
  ): Promise<LiveChannel[]> {
    const { registry, fleet } = this.#dependencies
    const { gateway, tenant } = reference
    if (gateway !== undefined) {
      const { id } = await fleet.find(scope, { gateway, tenant })
      // A gateway may have channels of an assignment before, whose readings stay with that tenant.
      return registry.ofGateway(scope, id)
    }
    const tenantId = tenant === undefined ? null : await fleet.tenantId(scope, tenant)
    return registry.all(scope).filter(({ row }) => tenantId === null || row.tenantId === tenantId)
  }

  /** The tenant that a reference is about; null: it names none, and the scope has several. @throws ExpectedError `not_found`, `tenant_unknown` */
  async tenantOf(
    scope: TenantScope,
    reference: { gateway?: string | undefined; tenant?: string | undefined },
  ): Promise<string | null> {
    const { fleet } = this.#dependencies
    const { gateway, tenant } = reference
    if (tenant !== undefined) return fleet.tenantId(scope, tenant)
    if (gateway !== undefined) return (await fleet.find(scope, { gateway })).tenantId
    return scope.all ? null : scope.tenantId
  }

  /** One channel of a gateway by key, name or id; the only one where none is named. @throws ExpectedError `not_found` */
  async channelOf(
    scope: TenantScope,
    reference: { gateway: string; tenant?: string | undefined; channel?: string | undefined },
  ): Promise<LiveChannel> {
    const channels = await this.channels(scope, reference)
    const { channel } = reference
    const found =
      channel === undefined
        ? channels.length === 1 && channels[0]
        : (channels.find(({ row }) => row.key === channel || row.id === channel) ??
          channels.find(({ row }) => row.name === channel))
    if (found) return found
    const known = channels.map(({ row }) => row.key).join(', ') || 'none yet'
    throw new ExpectedError('not_found', {
      what: 'channel',
      id: `${channel ?? '(say which)'} of ${reference.gateway}; it has ${known}`,
    })
  }

  async update(
    scope: TenantScope,
    id: string,
    changes: {
      name?: string | null | undefined
      unit?: string | null | undefined
      lowLimit?: number | null | undefined
      highLimit?: number | null | undefined
      retentionClass?: string | null | undefined
    },
    audit: AuditDraft,
  ): Promise<LiveChannel> {
    const { db, audit: log } = this.#dependencies
    const channel = this.channel(scope, id)
    const { name, unit, lowLimit, highLimit, retentionClass } = channel.row
    const before = { name, unit, lowLimit, highLimit, retentionClass }
    if (changes.retentionClass) this.#dependencies.retentionClassMustExist(changes.retentionClass)
    const after = {
      name: changes.name === undefined ? name : changes.name || null,
      unit: changes.unit === undefined ? unit : changes.unit || null,
      lowLimit: changes.lowLimit === undefined ? lowLimit : changes.lowLimit,
      highLimit: changes.highLimit === undefined ? highLimit : changes.highLimit,
      retentionClass: changes.retentionClass === undefined ? retentionClass : changes.retentionClass,
    }
    if (after.lowLimit !== null && after.highLimit !== null && after.lowLimit >= after.highLimit) {
      throw new ExpectedError('channel_limits_invalid', { low: after.lowLimit, high: after.highLimit })
    }
    await db.transaction().execute(async (trx) => {
      await updateChannel(trx, id, after)
      await log.recordIn(trx, audit.about('channel', id, channel.row.tenantId, { before, after }))
    })
    channel.row = { ...channel.row, ...after }
    if (channel.latest && this.#shown.get(channel.row.gatewayId)?.channelId === id)
      this.#take(channel, channel.latest)
    this.channelsChanged.emit({ gatewayId: channel.row.gatewayId })
    return channel
  }

  view({ row, latest }: LiveChannel): Channel {
    return {
      id: row.id,
      gatewayId: row.gatewayId,
      gatewayCode: this.#dependencies.state.gatewayOfAssignment(row.assignmentId)?.code ?? '',
      key: row.key,
      name: row.name ?? row.key,
      unit: row.unit,
      kind: row.kind,
      lowLimit: row.lowLimit,
      highLimit: row.highLimit,
      retentionClass: row.retentionClass,
      latest,
    }
  }
}
