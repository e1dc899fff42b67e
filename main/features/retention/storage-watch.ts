import { statfs } from 'node:fs/promises'
import type { Storage } from '#contract/api/retention.ts'
import {
  BUDGET_WARNING_SHARE,
  HORIZON_WARNING_DAYS,
  type StorageForecast,
} from '#contract/model/retention.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { Historian, StorageEvent, StorageReport } from '#platform/historian/historian.ts'
import type { Log } from '#platform/log/log.ts'
import type { PolicyChoices } from './retention-policy.ts'
import { forecastStorage, growthOf } from './storage-forecast.ts'
import type { StorageRecorder } from './storage-recorder.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE
/** Less than this says little of a day. */
const TELLING = 10 * MINUTE
/** A gateway that was away for a week sends it in minutes: before this nobody is warned of the disk. */
const WORTH_A_WARNING = 60 * MINUTE
/** Whoever asks gets an answer of at most this age, ms. */
const FRESH = 2_000

export interface StorageWatchDependencies {
  clock: Clock
  log: Log
  dataDir: string
  historian: Pick<Historian, 'storage'>
  recorder: Pick<StorageRecorder, 'record'>
  choices(): PolicyChoices
  /** Readings that arrived since the start; imports do not count. */
  arrived(): number
}

/** What is wrong with the store now, and since when. */
export interface StorageTrouble {
  kind: 'disk_short' | 'budget_near' | 'budget_used_up' | 'blocks_damaged' | 'fold_failed'
  since: number
  /** Days left, percent of the budget, or damaged blocks. */
  count: number
  detail: string | null
}

/** Looks at the store's files once a minute: what they take, how long the disk lasts, what is wrong. */
export class StorageWatch {
  readonly #dependencies: StorageWatchDependencies
  #timer: NodeJS.Timeout | null = null
  #measured: { report: StorageReport; disk: { free: number; total: number }; at: number } | null = null
  #measuring: Promise<void> | null = null
  #measuredTick = Number.NEGATIVE_INFINITY
  /** Every ten minutes, for a day. */
  #samples: { at: number; readings: number; files: StorageReport['files'] }[] = []
  #foldFailed: { code: string; cause: string } | null = null
  /** Blocks found damaged in the last day: older ones are known, and stay in their month's line. */
  #damaged: number[] = []
  #troubles: StorageTrouble[] = []
  #forecast: StorageForecast | null = null

  constructor(dependencies: StorageWatchDependencies) {
    this.#dependencies = dependencies
  }

  /** Once the historian runs. */
  start(): void {
    void this.#look()
    this.#timer = setInterval(() => void this.#look(), MINUTE)
  }

  stop(): void {
    if (this.#timer) clearInterval(this.#timer)
    this.#timer = null
  }

  /** Files as they were last looked at. */
  files(): StorageReport['files'] {
    return this.#measured?.report.files ?? []
  }

  /** Files as they are now, not as a look that is under way finds them. */
  async measureFiles(): Promise<StorageReport['files']> {
    return (await this.#dependencies.historian.storage()).files
  }

  /** Null until it was looked at once. */
  forecast(): StorageForecast | null {
    return this.#forecast
  }

  /** Worst first. */
  troubles(): readonly StorageTrouble[] {
    return this.#troubles
  }

  /** Measured anew, unless that was just done. */
  async show(): Promise<Storage> {
    if (performance.now() - this.#measuredTick > FRESH) await this.#measure()
    const measured = this.#measured
    const forecast = this.#forecast
    if (measured === null || forecast === null) throw new Error('the store was not looked at yet')
    const { report, disk, at } = measured
    return {
      measuredAt: at,
      files: report.files.toSorted((a, b) =>
        a.month < b.month ? 1 : a.month > b.month ? -1 : a.retentionClass < b.retentionClass ? -1 : 1,
      ),
      totalBytes: report.totalBytes,
      unfoldedReadings: report.hotRows + report.unfoldedRows,
      diskFreeBytes: disk.free,
      diskTotalBytes: disk.total,
      budgetBytes: this.#dependencies.choices().budgetBytes,
      forecast,
    }
  }

  async #look(): Promise<void> {
    try {
      await this.#measure()
    } catch (err) {
      this.#dependencies.log.warn({ err }, 'the files of the store could not be looked at')
    }
  }

  #measure(): Promise<void> {
    this.#measuring ??= this.#read().finally(() => {
      this.#measuring = null
    })
    return this.#measuring
  }

  async #read(): Promise<void> {
    const { historian, dataDir, clock } = this.#dependencies
    const [report, disk] = await Promise.all([historian.storage(), statfs(dataDir)])
    this.#measured = {
      report,
      disk: { free: disk.bavail * disk.bsize, total: disk.blocks * disk.bsize },
      at: clock.now(),
    }
    this.#measuredTick = performance.now()
    this.#judge()
  }

  #judge(): void {
    const measured = this.#measured
    if (measured === null) return
    const { clock, choices } = this.#dependencies
    const { report, disk } = measured
    const { classes, defaultClass, budgetBytes } = choices()
    const now = clock.now()
    const { files, totalBytes, lastDay } = report
    const { earlier, arrivals } = this.#since(now, files)
    const growth = growthOf({ files, before: earlier, lastDay, arrivals })
    this.#forecast = forecastStorage({
      now,
      files,
      totalBytes,
      diskFreeBytes: disk.free,
      budgetBytes,
      classes,
      defaultClass,
      growth,
    })
    this.#damaged = this.#damaged.filter((at) => now - at < DAY && now >= at)
    const damaged = this.#damaged.length
    const foldFailed = this.#foldFailed
    const isTelling = (arrivals?.ms ?? 0) >= WORTH_A_WARNING
    const forecast = isTelling ? this.#forecast : { ...this.#forecast, daysLeft: null }
    const found = troublesOf({ report, budgetBytes, forecast, foldFailed, damaged })
    const before = new Map(this.#troubles.map(({ kind, since }) => [kind, since]))
    this.#troubles = found.map((trouble) => ({ ...trouble, since: before.get(trouble.kind) ?? now }))
  }

  /** What arrived in the last day, or since the start, and the files of then. The clock may jump: then it begins anew. */
  #since(
    now: number,
    files: StorageReport['files'],
  ): { earlier: StorageReport['files'] | null; arrivals: { readings: number; ms: number } | null } {
    const readings = this.#dependencies.arrived()
    const last = this.#samples.at(-1)
    if (last !== undefined && (now < last.at || now > last.at + DAY)) this.#samples = []
    if (last === undefined || this.#samples.length === 0 || now - last.at >= TELLING)
      this.#samples = [...this.#samples.filter(({ at }) => now - at <= DAY), { at: now, readings, files }]
    const first = this.#samples[0]
    if (first === undefined || now - first.at < TELLING) return { earlier: null, arrivals: null }
    return { earlier: first.files, arrivals: { readings: readings - first.readings, ms: now - first.at } }
  }

  /** The historian tells. */
  happened(event: StorageEvent): void {
    this.#dependencies.recorder.record(event)
    if (event.type === 'foldFailed') this.#foldFailed = { code: event.code, cause: event.cause }
    if (event.type === 'foldRecovered') this.#foldFailed = null
    if (event.type === 'blockDamaged') this.#damaged.push(this.#dependencies.clock.now())
    // Its files are not what they were, or something is to be told.
    if (this.#timer !== null) void this.#look()
  }
}

function troublesOf(of: {
  report: StorageReport
  budgetBytes: number | null
  forecast: StorageForecast
  foldFailed: { code: string; cause: string } | null
  damaged: number
}): Omit<StorageTrouble, 'since'>[] {
  const { report, budgetBytes, forecast, foldFailed, damaged } = of
  const found: Omit<StorageTrouble, 'since'>[] = []
  if (foldFailed) found.push({ kind: 'fold_failed', count: 1, detail: foldFailed.cause })
  if (damaged > 0) found.push({ kind: 'blocks_damaged', count: damaged, detail: null })
  const share = budgetBytes === null ? 0 : report.totalBytes / budgetBytes
  const percent = Math.floor(share * 100)
  if (share >= 1) found.push({ kind: 'budget_used_up', count: percent, detail: null })
  else if (share >= BUDGET_WARNING_SHARE) found.push({ kind: 'budget_near', count: percent, detail: null })
  const { daysLeft, limit } = forecast
  // With a budget that is nearly used up the same would be said twice.
  if (
    daysLeft !== null &&
    daysLeft < HORIZON_WARNING_DAYS &&
    !(limit === 'budget' && share >= BUDGET_WARNING_SHARE)
  )
    found.push({
      kind: limit === 'disk' ? 'disk_short' : 'budget_near',
      count: limit === 'disk' ? daysLeft : percent,
      detail: null,
    })
  return found
}
