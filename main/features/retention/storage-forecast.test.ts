import { expect, test } from 'vitest'
import type { StoredFile } from '#platform/historian/historian.ts'
import { type ForecastInput, forecastStorage, growthOf } from './storage-forecast.ts'

const DAY = 24 * 60 * 60_000
const GB = 1e9
const now = Date.UTC(2026, 10, 21)

const classes = [
  { id: 'standard', name: 'Standard', days: 365, evictable: false },
  { id: 'month', name: 'Month', days: 30, evictable: true },
  { id: 'ever', name: 'For ever', days: null, evictable: false },
]

function file(month: string, retentionClass: string, bytes: number, days: number | null): StoredFile {
  const [year = 0, number = 0] = month.split('-').map(Number)
  const end = Date.UTC(year, number, 1)
  return {
    month,
    retentionClass,
    bytes,
    readings: bytes / 2,
    blocks: 1,
    series: 1,
    expiresAt: days === null ? null : end + days * DAY,
    damagedBlocks: 0,
  }
}

const input = (changes: Partial<ForecastInput>): ForecastInput => ({
  now,
  files: [],
  totalBytes: 0,
  diskFreeBytes: 100 * GB,
  budgetBytes: null,
  classes,
  defaultClass: 'standard',
  growth: { readingsPerDay: 5e7, bytesPerReading: 2 },
  ...changes,
})

test('nothing is foretold while nothing was folded or nothing arrives', () => {
  const unknown = {
    daysLeft: null,
    limit: 'disk',
    steadyBytes: null,
    bytesPerDay: null,
    readingsPerDay: null,
  }
  expect(forecastStorage(input({ growth: null }))).toEqual(unknown)
  expect(forecastStorage(input({ growth: { readingsPerDay: 0, bytesPerReading: 2 } }))).toEqual(unknown)
})

test('500 channels at one reading a second: retention holds a year and its last month on the disk', () => {
  const { steadyBytes, daysLeft, bytesPerDay } = forecastStorage(
    input({ growth: { readingsPerDay: 500 * 86_400, bytesPerReading: 1.8 } }),
  )
  expect(bytesPerDay).toBeCloseTo(77.76e6)
  // A month goes when its last day is a year old, so at the largest there are 365 days and a month of 31.
  expect(steadyBytes).toBeCloseTo(396 * 77.76e6, -9)
  expect(steadyBytes).toBeGreaterThanOrEqual(395 * 77.76e6)
  expect(steadyBytes).toBeLessThanOrEqual(398 * 77.76e6)
  expect(daysLeft).toBeNull()
})

test('a disk that is too small is full before retention takes anything', () => {
  // 0.1 GB a day into 20 GB.
  expect(forecastStorage(input({ diskFreeBytes: 20 * GB }))).toMatchObject({ daysLeft: 199, limit: 'disk' })
  expect(forecastStorage(input({ diskFreeBytes: 0 })).daysLeft).toBe(0)
})

test('what retention takes on the way makes room', () => {
  const files = [file('2025-11', 'standard', 15 * GB, 365), file('2026-11', 'standard', GB, 365)]
  const without = forecastStorage(input({ diskFreeBytes: 5 * GB, totalBytes: 16 * GB }))
  const withFiles = forecastStorage(input({ diskFreeBytes: 5 * GB, totalBytes: 16 * GB, files }))
  expect(without.daysLeft).toBe(49)
  expect(withFiles.daysLeft).toBe(199)
})

test('a file that should be gone already is not there for ever', () => {
  const files = [file('2024-01', 'standard', 90 * GB, 365)]
  const { steadyBytes } = forecastStorage(input({ totalBytes: 90 * GB, files }))
  expect(steadyBytes).toBeLessThan(40 * GB)
})

test('a budget smaller than the disk is what counts', () => {
  const forecast = forecastStorage(input({ budgetBytes: 10 * GB }))
  expect(forecast).toMatchObject({ daysLeft: 99, limit: 'budget' })
  expect(forecastStorage(input({ budgetBytes: 1_000 * GB })).limit).toBe('disk')
  expect(forecastStorage(input({ budgetBytes: 50 * GB })).daysLeft).toBeNull()
})

test('for ever fills any disk, and never settles', () => {
  const forecast = forecastStorage(input({ defaultClass: 'ever' }))
  expect(forecast).toMatchObject({ daysLeft: 999, steadyBytes: null })
})

test('classes share what comes in as they do in the newest month', () => {
  const files = [
    file('2026-10', 'standard', 9 * GB, 365),
    file('2026-11', 'standard', GB, 365),
    file('2026-11', 'month', 3 * GB, 30),
  ]
  const { steadyBytes } = forecastStorage(input({ files, totalBytes: 13 * GB }))
  // A quarter of 0.1 GB for 396 days, three quarters for 61 or 62.
  expect(steadyBytes).toBeGreaterThan((0.025 * 395 + 0.075 * 60) * GB)
  expect(steadyBytes).toBeLessThan((0.025 * 398 + 0.075 * 63) * GB)
})

test('a day is as many readings as arrive now, each as large as the files grew by', () => {
  const arrivals = { readings: 6_000, ms: 600_000 }
  const lastDay = { readings: 1e6, bytes: 9e6 }
  const files = [file('2026-11', 'standard', 4e9, 365), file('2026-12', 'standard', 3e6, 365)]
  const before = [{ ...file('2026-11', 'standard', 4e9, 365), readings: 2e9 - 1e6, bytes: 4e9 - 1.5e6 }]
  // 1.5 MB in 1 million readings, and 3 MB in 1.5 million of the new month.
  expect(growthOf({ files, before, lastDay, arrivals })).toEqual({
    readingsPerDay: 864_000,
    bytesPerReading: 4.5e6 / 2.5e6,
  })
  // Nothing is to be learned of a file that was made smaller: then all of it counts.
  const larger = [{ ...file('2026-11', 'standard', 9e9, 365), readings: 2e9 }]
  expect(
    growthOf({ files: [file('2026-11', 'standard', 4e9, 365)], before: larger, lastDay, arrivals }),
  ).toEqual({
    readingsPerDay: 864_000,
    bytesPerReading: 2,
  })
})

test('a young store is judged by what was folded, and by nothing while that is too little', () => {
  const arrivals = { readings: 600, ms: 600_000 }
  const files = [file('2026-11', 'standard', 300_000, 365)]
  const folded = { readings: 50_000, bytes: 100_000 }
  expect(growthOf({ files, before: null, lastDay: folded, arrivals })).toEqual({
    readingsPerDay: 86_400,
    bytesPerReading: 2.4,
  })
  const little = { readings: 10, bytes: 900 }
  expect(growthOf({ files, before: null, lastDay: little, arrivals })?.bytesPerReading).toBe(2)
  expect(growthOf({ files: [], before: null, lastDay: little, arrivals })).toBeNull()
  expect(growthOf({ files, before: null, lastDay: folded, arrivals: null })).toBeNull()
})
