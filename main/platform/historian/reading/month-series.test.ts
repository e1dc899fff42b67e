import { utimesSync } from 'node:fs'
import { expect, test } from 'vitest'
import { monthFile } from '../months/month-file.ts'
import { FOLD_START, folded, foldStore, inMonth, rowsOf, SEPTEMBER } from '../testing/fold-store.ts'
import type { LocalStore } from '../testing/local-store.ts'
import { stampOf } from './month-series.ts'

const DAY = 86_400_000
const AUGUST = { month: '2026-08', retentionClass: 'standard' }
const all = {
  from: FOLD_START - 20 * DAY,
  to: FOLD_START + 20 * DAY,
  order: 'ascending',
  limit: 1_000,
} as const
const lateRow = rowsOf('newer', 1, { from: -DAY })

/** One channel in August and September, and a newer one that begins in September. */
function twoMonths(): LocalStore {
  const store = foldStore()
  folded(store, rowsOf('flow', 10, { from: -2 * DAY }), rowsOf('flow', 10), rowsOf('newer', 10))
  rest(store)
  return store
}

/** As if August's file had been copied together, and not been written for a day. */
function rest(store: LocalStore): void {
  store.files.closeAll()
  const time = (Date.now() - DAY) / 1_000
  utimesSync(monthFile(store.dir, AUGUST), time, time)
}

test('a file of months before a channel began is not opened for it again', () => {
  const store = twoMonths()
  expect(store.page('newer', all)).toMatchObject({ damaged: [], readings: { length: 10 } })
  // From now on, for a while, whoever wants to open it is told that it cannot be read.
  store.release(AUGUST)
  expect(store.page('flow', all).damaged).toEqual([{ from: all.from, to: FOLD_START }])
  expect(store.page('newer', all)).toMatchObject({ damaged: [], readings: { length: 10 } })
  expect(store.buckets('newer', { from: all.from, to: all.to, count: 40 })).toMatchObject({
    count: [10],
    damaged: [],
  })
  store.close()
})

test('late readings of a newer channel are met as soon as they are in the file', () => {
  const store = twoMonths()
  expect(store.page('newer', all).readings.length).toBe(10)
  store.write(lateRow)
  store.settleAll()
  // At each step of the fold they are in one place at least.
  expect(store.fold(() => expect(store.page('newer', all).readings.length).toBe(11))).toBe(null)
  expect(store.page('newer', all).readings.length).toBe(11)
  rest(store)
  expect(store.page('newer', all).readings.length).toBe(11)
  store.close()
})

test('what the file keeps of a channel that has no blocks in it is found', () => {
  const store = twoMonths()
  folded(store, lateRow)
  inMonth(store, AUGUST, (db) => {
    db.exec(
      `INSERT INTO damaged SELECT *, 'a test', 0 FROM blocks WHERE series = ${store.seriesId('newer')};
       DELETE FROM blocks WHERE series = ${store.seriesId('newer')};
       DELETE FROM rollups WHERE series = ${store.seriesId('newer')}`,
    )
  })
  rest(store)
  for (let look = 0; look < 2; look++) {
    expect(store.page('newer', all).damaged).toEqual([
      { from: FOLD_START - DAY, to: FOLD_START - DAY + 3_600_000 },
    ])
  }
  store.close()
})

test('a file that is being written, or was a moment ago, or is not there, has no stamp', () => {
  const store = twoMonths()
  const file = monthFile(store.dir, AUGUST)
  const stamp = stampOf(file)
  expect(stamp).toEqual(expect.any(String))
  const { db } = store.files.get(AUGUST)
  db.exec(`INSERT INTO corrections VALUES (99, ${FOLD_START}, 1, 1, 0)`)
  expect(stampOf(file)).toBe(null)
  db.pragma('wal_checkpoint(TRUNCATE)')
  expect(stampOf(file)).toBe(null)
  rest(store)
  expect(stampOf(file)).not.toBe(stamp)
  expect(stampOf(monthFile(store.dir, { ...SEPTEMBER, month: '2025-01' }))).toBe(null)
  store.close()
})
