import { statfs } from 'node:fs/promises'
import type { Overview } from '#contract/api/overview.ts'
import type { Pulse } from '#contract/api/site.ts'
import { isWhole, type TenantScope } from '#features/access/index.ts'
import type { FleetState } from '#features/fleet/index.ts'
import type { StorageTrouble, StorageWatch } from '#features/retention/index.ts'
import type { TelemetryService } from '#features/telemetry/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { Historian } from '#platform/historian/historian.ts'
import type { Log } from '#platform/log/log.ts'

const warned = new Set<StorageTrouble['kind']>(['disk_short', 'budget_near', 'budget_used_up'])

export interface VitalsDependencies {
  clock: Clock
  log: Log
  dataDir: string
  historian: Historian
  telemetry: TelemetryService
  state: FleetState
  broker: { stats(): Promise<{ readingsDropped: number }> }
  storage: Pick<StorageWatch, 'forecast' | 'troubles'>
  /** The link to the cloud; null where the site has not joined one. */
  cloud(): Pulse['cloud']
}

/** What the status bar and the Overview show of the engine itself, measured every few seconds. */
export class SiteVitals {
  readonly #dependencies: VitalsDependencies
  #timer: NodeJS.Timeout | null = null
  #disk = { usedBytes: 0, freeBytes: 0, totalBytes: 0 }
  #dropped = 0
  #stall: { since: number; cause: string } | null = null
  #ticks = 0

  constructor(dependencies: VitalsDependencies) {
    this.#dependencies = dependencies
  }

  async start(): Promise<void> {
    await this.#measure()
    this.#timer = setInterval(() => this.#tick(), 1_000)
  }

  stop(): void {
    if (this.#timer) clearInterval(this.#timer)
  }

  /** The store cannot write: readings are refused, not lost. */
  stalled(cause: string): void {
    this.#stall ??= { since: this.#dependencies.clock.now(), cause }
  }

  recovered(): void {
    this.#stall = null
  }

  stall(): { since: number; cause: string } | null {
    return this.#stall
  }

  /** The disk is the machine's; the rate is the scope's own. */
  read(scope: TenantScope): { ingest: Overview['ingest']; disk: Overview['disk'] } {
    return {
      ingest: this.#ingest(scope),
      disk: { ...this.#disk, horizon: this.#horizon() },
    }
  }

  /** Whose rights end within a tenant is told of the gateways they see, whose rates have no history. */
  #ingest(scope: TenantScope): Overview['ingest'] {
    const { telemetry, state } = this.#dependencies
    const dropped = this.#dropped
    if (!isWhole(scope)) return { perSecond: rateOf(state.rows(scope)), trend: [], dropped }
    const meter = telemetry.meter(scope)
    return { perSecond: meter.perSecond(), trend: meter.trend(), dropped }
  }

  pulse(scope: TenantScope): Pulse {
    const { clock, telemetry, state, cloud } = this.#dependencies
    const rows = state.rows(scope)
    return {
      now: clock.now(),
      gateways: rows.length,
      online: rows.filter((row) => row.online).length,
      readingsPerSecond: this.#ingest(scope).perSecond,
      readingsTotal: isWhole(scope) ? telemetry.meter(scope).total : 0,
      dropped: this.#dropped,
      store: this.#stall ? 'stalled' : 'running',
      // Names files and disks of the machine.
      storeCause: scope.all ? (this.#stall?.cause ?? null) : null,
      storeBytes: this.#disk.usedBytes,
      diskFreeBytes: this.#disk.freeBytes,
      diskTotalBytes: this.#disk.totalBytes,
      diskHorizon: this.#horizon(),
      cloud: scope.all ? cloud() : null,
    }
  }

  #tick(): void {
    const { telemetry, state, clock, log } = this.#dependencies
    telemetry.tick()
    state.rollRates(clock.now())
    if (++this.#ticks % 5 === 0)
      this.#measure().catch((err: unknown) => log.warn({ err }, 'the disk could not be measured'))
  }

  async #measure(): Promise<void> {
    const { dataDir, historian, broker } = this.#dependencies
    const [disk, store, mqtt] = await Promise.all([statfs(dataDir), historian.stats(), broker.stats()])
    this.#disk = {
      usedBytes: store.fileBytes,
      freeBytes: disk.bavail * disk.bsize,
      totalBytes: disk.blocks * disk.bsize,
    }
    this.#dropped = mqtt.readingsDropped
  }

  #horizon(): Overview['disk']['horizon'] {
    const { storage } = this.#dependencies
    const { daysLeft = null, limit = 'disk', steadyBytes = null } = storage.forecast() ?? {}
    const isShort = storage.troubles().some(({ kind }) => warned.has(kind))
    return { daysLeft, limit, steadyBytes, isShort }
  }
}

function rateOf(rows: readonly { rate: number }[]): number {
  return rows.reduce((sum, { rate }) => sum + rate, 0)
}
