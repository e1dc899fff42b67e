import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { RetentionClass, StorageForecast } from '#contract/model/retention.ts'
import { forecastStorage, growthOf } from '#features/retention/storage-forecast.ts'
import type { StorageEvent, StorageReport } from '#platform/historian/historian.ts'
import { openStoreForReading } from '#platform/historian/ingest/store-file.ts'
import { FoldPolicy } from '#platform/historian/months/fold-policy.ts'
import { monthFile, openMonth } from '#platform/historian/months/month-file.ts'
import { SettledRows } from '#platform/historian/months/settled-rows.ts'
import { StorageReports } from '#platform/historian/months/storage-report.ts'
import { verifyStore } from '#platform/historian/months/verify.ts'
import { LocalStore } from '#platform/historian/testing/local-store.ts'
import { plantOf, rowsOf, Unreliable } from './simulated-plant.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const isLong = process.env['MILLWRIGHT_LONG'] === '1'

/** Over the end of a month and the days after it: so that what a day and a week keep goes while it is looked at. */
const FROM = isLong ? Date.UTC(2026, 0, 10) : Date.UTC(2026, 0, 26)
const DAYS = isLong ? 31 : 15
/** Day of the first look: everything has found its size by then. */
const FIRST_LOOK = isLong ? 5 : 3
const EVERY = isLong ? 10_000 : 60_000
const plant = plantOf(isLong ? 6 : 1)
/** Of what is foretold. Pages that are not full yet count for much where there is little in them. */
const TOLERANCE = isLong ? 0.15 : 0.5

const classes: RetentionClass[] = [
  { id: 'standard', name: 'Standard', days: 365, evictable: false },
  { id: 'week', name: 'Week', days: 7, evictable: false },
  { id: 'day', name: 'Day', days: 1, evictable: false },
]

let dir: string
let store: LocalStore
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'mw-soak-'))
  store = new LocalStore(dir)
  store.now = FROM
  store.open()
})
afterEach(() => {
  store.close()
  rmSync(dir, { recursive: true, force: true })
})

test('a simulated month: memory stays flat, the disk does as the forecast says, retention is exact', async () => {
  const unreliable = new Unreliable()
  const gone: { at: number; event: StorageEvent }[] = []
  let before: StorageReport | null = null
  let first: { report: StorageReport; forecast: StorageForecast; memory: number; at: number } | null = null
  const end = FROM + DAYS * DAY
  for (let hour = FROM; hour < end; hour += HOUR) {
    for (let from = hour; from < hour + HOUR; from += HOUR / 6) {
      store.now = from + HOUR / 6
      store.write(unreliable.send(rowsOf(plant, { from, to: store.now, every: EVERY }), from === hour))
    }
    store.settleAll()
    // The checkpointer's work, which the parts without threads do not have.
    store.store.pragma('wal_checkpoint(TRUNCATE)')
    if (hour === FROM) setClasses()
    // When the folder looks: the hour before is due.
    store.now = hour + HOUR + 1
    expect(store.fold()).toBeNull()
    store.files.closeIdle()
    for (const event of store.events.splice(0)) gone.push({ at: store.now, event })
    if (hour === FROM + (FIRST_LOOK - 1) * DAY) before = reportNow()
    if (hour === FROM + FIRST_LOOK * DAY) {
      const report = reportNow()
      first = { report, forecast: forecastOf(report, before), memory: memoryNow(), at: store.now }
    }
  }
  if (first === null) throw new Error('there was no first look')

  const last = reportNow()
  const retired = gone.flatMap(({ at, event }) => (event.type === 'monthRetired' ? [{ at, event }] : []))
  expect(gone).toHaveLength(retired.length)

  // Exactly when its last day is older than its class keeps, at the next look, and nothing else ever.
  expect(retired.map(({ at, event }) => [event.month, event.retentionClass, event.cause, at])).toEqual([
    ['2026-01', 'day', 'retention', Date.UTC(2026, 1, 2) + 1 + lookAfter(Date.UTC(2026, 1, 2))],
    ['2026-01', 'week', 'retention', Date.UTC(2026, 1, 8) + 1 + lookAfter(Date.UTC(2026, 1, 8))],
  ])
  expect(readdirSync(join(dir, 'months')).filter((name) => name.endsWith('.sqlite'))).toEqual([
    '2026-01.standard.sqlite',
    '2026-02.day.sqlite',
    '2026-02.standard.sqlite',
    '2026-02.week.sqlite',
  ])

  // What grew, with what was deleted on the way, against what was foretold after five days.
  const deleted = retired.reduce((sum, { event }) => sum + event.bytes, 0)
  // The pages with which a month's file begins are there before it holds anything: three began after the first look.
  const begun = 3 * emptyMonthBytes()
  const grown = last.totalBytes + deleted - first.report.totalBytes - begun
  const foretold = (first.forecast.bytesPerDay ?? 0) * ((store.now - first.at) / DAY)
  expect(grown / foretold).toBeGreaterThan(1 - TOLERANCE)
  expect(grown / foretold).toBeLessThan(1 + TOLERANCE)

  const memory = memoryNow()
  expect(memory - first.memory).toBeLessThan(8 * 1_048_576)

  countEverything(end)
  expect((await verifyStore(dir)).findings).toEqual([])
})

/** Each look is a millisecond after the hour: the first one after `at` that is later than it. */
function lookAfter(at: number): number {
  return Math.ceil((at - FROM) / HOUR) * HOUR + FROM - at
}

function emptyMonthBytes(): number {
  const elsewhere = mkdtempSync(join(tmpdir(), 'mw-soak-'))
  const name = { month: '2026-01', retentionClass: 'standard' }
  openMonth(elsewhere, name).close()
  const { size } = statSync(monthFile(elsewhere, name))
  rmSync(elsewhere, { recursive: true })
  return size
}

function setClasses(): void {
  const bySeries = new Map<number, string>()
  for (const { name, channels, retentionClass } of plant)
    for (let one = 0; one < channels; one++) bySeries.set(store.seriesId(`${name}/${one}`), retentionClass)
  store.setRetention({ classes, defaultClass: 'standard', bySeries, budgetBytes: null })
}

function policy(): FoldPolicy {
  return new FoldPolicy({ classes, defaultClass: 'standard', bySeries: new Map(), budgetBytes: null })
}

function reportNow(): StorageReport {
  const reading = openStoreForReading(dir)
  try {
    const clock = { now: () => store.now }
    return new StorageReports(dir, new SettledRows(reading), clock).report(policy())
  } finally {
    reading.close()
  }
}

function forecastOf(report: StorageReport, before: StorageReport | null): StorageForecast {
  const channels = plant.reduce((sum, kind) => sum + kind.channels, 0)
  const arrivals = { readings: (channels * DAY) / EVERY, ms: DAY }
  return forecastStorage({
    now: store.now,
    files: report.files,
    totalBytes: report.totalBytes,
    diskFreeBytes: 1e12,
    budgetBytes: null,
    classes,
    defaultClass: 'standard',
    growth: growthOf({
      files: report.files,
      before: before?.files ?? null,
      lastDay: report.lastDay,
      arrivals,
    }),
  })
}

/** Bytes that are really in use: what is garbage is collected first. */
function memoryNow(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  collect()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

/** Every reading that retention has left is there once. */
function countEverything(end: number): void {
  const january = Date.UTC(2026, 1, 1)
  for (const { name, channels, retentionClass } of plant) {
    for (let one = 0; one < channels; one++) {
      const seriesIds = [store.seriesId(`${name}/${one}`)]
      const [buckets] = store.ask('buckets', { seriesIds, from: FROM, to: end, count: DAYS })
      const counted = buckets?.count.reduce((sum, count) => sum + count, 0) ?? 0
      const since = retentionClass === 'standard' ? FROM : january
      // Late ones of the last hour are still on their way.
      const expected = (end - since) / EVERY
      expect(counted).toBeGreaterThanOrEqual(expected - HOUR / EVERY)
      expect(counted).toBeLessThanOrEqual(expected)
    }
  }
}
