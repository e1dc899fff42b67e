import type { RetentionClass, StorageForecast } from '#contract/model/retention.ts'
import type { StoredFile } from '#platform/historian/historian.ts'

const DAY = 24 * 60 * 60_000
/** Beyond a century nothing is foretold. */
const HORIZON = 36_525
/** A little more than a year, in which months of every length come and go. */
const CYCLE = 400
/** Fewer readings than these tell little of what one takes. */
const TELLING_READINGS = 10_000
/** What pages and indexes add to blocks and rollups, more or less, where the files themselves tell too little. */
const PAGES = 1.2

export interface StoredGrowth {
  readingsPerDay: number
  bytesPerReading: number
}

export interface ForecastInput {
  /** ms. */
  now: number
  files: readonly StoredFile[]
  /** Everything in the store's folder, and what is free beside it. */
  totalBytes: number
  diskFreeBytes: number
  budgetBytes: number | null
  classes: readonly RetentionClass[]
  defaultClass: string
  /** Null: nothing to judge by yet. */
  growth: StoredGrowth | null
}

/**
 * Plays the coming years through day by day: each day adds what the last one did, split among the classes as the
 * newest month is; each file goes when its class says so.
 */
export function forecastStorage(input: ForecastInput): StorageForecast {
  const { totalBytes, diskFreeBytes, budgetBytes, growth } = input
  const disk = totalBytes + diskFreeBytes
  const limit = budgetBytes !== null && budgetBytes < disk ? 'budget' : 'disk'
  if (growth === null || growth.readingsPerDay === 0)
    return { bytesPerDay: null, readingsPerDay: null, daysLeft: null, limit, steadyBytes: null }
  const { readingsPerDay, bytesPerReading } = growth
  const bytesPerDay = readingsPerDay * bytesPerReading
  const played = play(input, bytesPerDay, limit === 'budget' ? (budgetBytes ?? disk) : disk)
  return { bytesPerDay, readingsPerDay, limit, ...played }
}

function play(
  { now, files, totalBytes, classes, defaultClass }: ForecastInput,
  bytesPerDay: number,
  capacity: number,
): { daysLeft: number | null; steadyBytes: number | null } {
  const dayOf = (at: number) => Math.max(0, Math.ceil((at - now) / DAY))
  /** Bytes that go, by day from now. */
  const gone = new Float64Array(HORIZON + 1)
  for (const { bytes, expiresAt } of files) {
    // What should be gone already goes within minutes.
    const day = expiresAt === null ? Number.POSITIVE_INFINITY : Math.max(1, dayOf(expiresAt))
    if (day <= HORIZON) gone[day] = (gone[day] ?? 0) + bytes
  }
  const shares = sharesOf(files, defaultClass)
  const kept = [...shares].map(([id, share]) => ({ share, days: daysOf(classes, id, defaultClass) }))
  const longest = kept.some(({ days }) => days === null)
    ? null
    : Math.max(...kept.map(({ days }) => days ?? 0))
  /** A cycle of months after everything of now has gone: from then on it stays as it is. */
  const settled = longest === null || longest > HORIZON - 2 * CYCLE ? null : longest + CYCLE
  const end = settled === null ? HORIZON : settled + CYCLE
  let used = totalBytes
  let daysLeft: number | null = used >= capacity ? 0 : null
  let steadyBytes: number | null = null
  let month = monthEnd(now)
  for (let day = 1; day <= end; day++) {
    used += bytesPerDay
    const at = now + (day - 0.5) * DAY
    if (at >= month) month = monthEnd(at)
    for (const { share, days } of kept) {
      if (days === null) continue
      const goes = Math.max(day, dayOf(month + days * DAY))
      if (goes <= HORIZON) gone[goes] = (gone[goes] ?? 0) + bytesPerDay * share
    }
    // A file goes after the day that made it largest.
    if (daysLeft === null && used >= capacity) daysLeft = day - 1
    if (settled !== null && day > settled) steadyBytes = Math.max(steadyBytes ?? 0, used)
    if (settled === null && daysLeft !== null) break
    used -= gone[day] ?? 0
  }
  return { daysLeft, steadyBytes }
}

/** How the classes share what comes in: as they do in the newest month. */
function sharesOf(files: readonly StoredFile[], defaultClass: string): Map<string, number> {
  const newest = files.reduce((last, { month }) => (month > last ? month : last), '')
  const own = files.filter(({ month, bytes }) => month === newest && bytes > 0)
  const all = own.reduce((sum, { bytes }) => sum + bytes, 0)
  if (all === 0) return new Map([[defaultClass, 1]])
  return new Map(own.map(({ retentionClass, bytes }) => [retentionClass, bytes / all]))
}

function daysOf(classes: readonly RetentionClass[], id: string, defaultClass: string): number | null {
  const found = classes.find((one) => one.id === id) ?? classes.find((one) => one.id === defaultClass)
  return found?.days ?? null
}

function monthEnd(at: number): number {
  const time = new Date(at)
  return Date.UTC(time.getUTCFullYear(), time.getUTCMonth() + 1, 1)
}

export interface GrowthInput {
  files: readonly StoredFile[]
  /** The same some hours ago; what the files grew by since then is the best measure. Null: not known. */
  before: readonly StoredFile[] | null
  /** Folded in the last 24 hours, and the bytes of its blocks and rollups. */
  lastDay: { readings: number; bytes: number }
  /** Readings that arrived, and in how many ms; null where that is too short a time. */
  arrivals: { readings: number; ms: number } | null
}

/**
 * What a day brings: as many readings as arrive now (not those that were imported), each as large as those that were
 * folded last. Null until there is something to judge by.
 */
export function growthOf({ arrivals, ...stored }: GrowthInput): StoredGrowth | null {
  const bytesPerReading = bytesPerReadingOf(stored)
  if (bytesPerReading === null || arrivals === null) return null
  return { readingsPerDay: (arrivals.readings / arrivals.ms) * DAY, bytesPerReading }
}

function bytesPerReadingOf({ files, before, lastDay }: Omit<GrowthInput, 'arrivals'>): number | null {
  const grown = before === null ? nothing : grownSince(before, files)
  if (grown.readings >= TELLING_READINGS * 10) return grown.bytes / grown.readings
  const all = grownSince([], files)
  // Of much, the first pages of each file count for little; of little they would count for too much.
  if (all.readings >= TELLING_READINGS * 100) return all.bytes / all.readings
  if (lastDay.readings >= TELLING_READINGS) return (lastDay.bytes / lastDay.readings) * PAGES
  return all.readings >= TELLING_READINGS ? all.bytes / all.readings : null
}

const nothing = { bytes: 0, readings: 0 }

/** Of files that have shrunk (`compact`) or gone there is nothing to learn. */
function grownSince(before: readonly StoredFile[], files: readonly StoredFile[]): typeof nothing {
  const keyOf = ({ month, retentionClass }: StoredFile) => `${month} ${retentionClass}`
  const known = new Map(before.map((file) => [keyOf(file), file]))
  return files.reduce((sum, file) => {
    const { bytes = 0, readings = 0 } = known.get(keyOf(file)) ?? {}
    if (file.bytes < bytes || file.readings < readings) return sum
    return { bytes: sum.bytes + file.bytes - bytes, readings: sum.readings + file.readings - readings }
  }, nothing)
}
