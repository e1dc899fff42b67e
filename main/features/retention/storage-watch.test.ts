import { tmpdir } from 'node:os'
import { beforeEach, expect, test } from 'vitest'
import type { StorageEvent, StorageReport } from '#platform/historian/historian.ts'
import { createLog } from '#platform/log/log.ts'
import { StorageWatch } from './storage-watch.ts'

const MINUTE = 60_000
const clock = { time: Date.UTC(2026, 10, 21), now: () => clock.time }
let report: StorageReport
let budgetBytes: number | null
let arrived: number
let recorded: StorageEvent[]
let watch: StorageWatch

beforeEach(() => {
  clock.time = Date.UTC(2026, 10, 21)
  budgetBytes = null
  arrived = 0
  recorded = []
  report = {
    files: [
      {
        month: '2026-11',
        retentionClass: 'standard',
        bytes: 4_000_000,
        readings: 2_000_000,
        blocks: 9,
        series: 1,
        expiresAt: Date.UTC(2027, 11, 1),
        damagedBlocks: 0,
      },
    ],
    totalBytes: 8_000_000,
    hotRows: 10,
    unfoldedRows: 20,
    lastDay: { readings: 0, bytes: 0 },
    budgetBytes: null,
  }
  watch = new StorageWatch({
    clock,
    log: createLog({ level: 'silent' }),
    dataDir: tmpdir(),
    historian: { storage: async () => report },
    recorder: { record: (event) => recorded.push(event) },
    choices: () => ({
      classes: [{ id: 'standard', name: 'Standard', days: 365, evictable: false }],
      defaultClass: 'standard',
      byTenant: new Map(),
      mostDays: new Map(),
      budgetBytes,
    }),
    arrived: () => arrived,
  })
})

/** Measured anew: what was just measured is otherwise given again. */
async function look(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 5))
  watch.start()
  await expect.poll(() => watch.forecast()).not.toBeNull()
  await new Promise((resolve) => setTimeout(resolve, 5))
  watch.stop()
}

test('a store that has room is no trouble, and the unfolded readings are told', async () => {
  await look()
  expect(watch.troubles()).toEqual([])
  expect(await watch.show()).toMatchObject({ unfoldedReadings: 30, totalBytes: 8_000_000, budgetBytes: null })
})

test('readings that arrive make the forecast, from ten minutes on', async () => {
  await look()
  expect(watch.forecast()?.bytesPerDay).toBeNull()
  clock.time += 20 * MINUTE
  arrived = 20 * 60 * 500
  await look()
  expect(watch.forecast()).toMatchObject({ readingsPerDay: 500 * 86_400, bytesPerDay: 2 * 500 * 86_400 })
})

test('from four fifths of the budget on there is a warning, and it keeps its time', async () => {
  budgetBytes = 10_000_000
  await look()
  const since = clock.time
  expect(watch.troubles()).toEqual([{ kind: 'budget_near', since, count: 80, detail: null }])
  clock.time += 5 * MINUTE
  await look()
  expect(watch.troubles()[0]?.since).toBe(since)
  report = { ...report, totalBytes: 10_500_000 }
  await look()
  expect(watch.troubles()).toMatchObject([{ kind: 'budget_used_up', count: 105 }])
})

test('a fold that fails is a trouble until it works again, and damaged blocks for a day', async () => {
  for (const from of [0, 1, 2])
    watch.happened({ type: 'blockDamaged', file: 'f', seriesId: 1, from, to: from + 1, cause: 'checksum' })
  watch.happened({ type: 'foldFailed', code: 'disk_full', cause: 'no space' })
  await look()
  expect(watch.troubles()).toMatchObject([
    { kind: 'fold_failed', detail: 'no space' },
    { kind: 'blocks_damaged', count: 3 },
  ])
  clock.time += 25 * 60 * MINUTE
  watch.happened({ type: 'foldRecovered' })
  await look()
  expect(watch.troubles()).toEqual([])
  expect(recorded.map(({ type }) => type).slice(2)).toEqual(['blockDamaged', 'foldFailed', 'foldRecovered'])
})

test('a disk that is full within 30 days is a warning; retention that holds it is none', async () => {
  await look()
  clock.time += 20 * MINUTE
  arrived = 1e15 / 3
  await look()
  expect(watch.forecast()?.daysLeft).toBe(0)
  expect(watch.troubles()).toEqual([])
  clock.time += 40 * MINUTE
  // More than any disk holds in a month.
  arrived = 1e15
  await look()
  expect(watch.troubles()).toMatchObject([{ kind: 'disk_short' }])
})
