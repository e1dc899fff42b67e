import { utimesSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { SinceQuery } from '../changes.ts'
import { compactStore } from '../months/compact.ts'
import { monthFile, VERSION_INDEX } from '../months/month-file.ts'
import { FOLD_START, flipBit, folded, foldStore, inMonth, rowsOf, SEPTEMBER } from '../testing/fold-store.ts'
import type { LocalStore } from '../testing/local-store.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const AUGUST = { month: '2026-08', retentionClass: 'standard' }

/** Seqs and texts of a page of the tail. */
function tail(store: LocalStore, after: number, limit = 100) {
  const { rows, count, texts, gapTo, lastSeq } = store.ask('tail', { after, limit })
  expect(rows.length).toBe(count * 5)
  const seqs = Array.from({ length: count }, (_, row) => rows[row * 5 + 4])
  return { rows, seqs, texts, gapTo, lastSeq }
}

/** Times (ms after FOLD_START) and versions. */
function since(store: LocalStore, query: SinceQuery) {
  const page = store.ask('since', query)
  if (page === null) return null
  const times = [...page.columns.ts].map((ts) => ts - FOLD_START)
  return { times, seqs: [...page.seqs], next: page.next, damaged: page.damaged }
}

/** As if a file had not been written for a day. */
function rest(store: LocalStore): void {
  store.files.closeAll()
  const time = (Date.now() - DAY) / 1_000
  for (const name of [AUGUST, SEPTEMBER]) utimesSync(monthFile(store.dir, name), time, time)
}

test('the tail gives every version as it came, and says what has left the hot table', () => {
  const store = foldStore()
  store.write(rowsOf('flow', 2, { value: (at) => -0.5 * at }))
  store.write(rowsOf('state', 1, { kind: 'text', value: () => 'idle' }))
  store.write(rowsOf('flow', 1, { value: () => 7 }))
  const page = tail(store, 0)
  const [flow, state] = [1, 2]
  expect(Array.from({ length: 4 }, (_, row) => Array.from(page.rows.slice(row * 5, row * 5 + 5)))).toEqual([
    [flow, FOLD_START, -0, 0, 1],
    [flow, FOLD_START + 1_000, -0.5, 0, 2],
    [state, FOLD_START, 0, 3 * 256, 3],
    [flow, FOLD_START, 7, 0, 4],
  ])
  expect(page).toMatchObject({ texts: ['idle'], gapTo: null, lastSeq: 4 })
  expect(tail(store, 1, 2)).toMatchObject({ seqs: [2, 3], gapTo: null, lastSeq: 4 })
  expect(tail(store, 4)).toMatchObject({ seqs: [], gapTo: null, lastSeq: 4 })
  // Copied, and not deleted yet: nothing has left.
  store.settle(4)
  expect(tail(store, 1)).toMatchObject({ seqs: [2, 3, 4], gapTo: null })
  store.settleAll()
  store.write(rowsOf('flow', 2, { from: 5_000 }))
  expect(tail(store, 1)).toMatchObject({ seqs: [5, 6], gapTo: 4, lastSeq: 6 })
  expect(tail(store, 4)).toMatchObject({ seqs: [5, 6], gapTo: null })
  store.restart()
  expect(tail(store, 0, 1)).toMatchObject({ seqs: [5], gapTo: 4, lastSeq: 6 })
  // What was erased is no gap, and its numbers are used up.
  store.erase(['flow'])
  expect(tail(store, 4)).toMatchObject({ seqs: [], gapTo: null, lastSeq: 6 })
  store.close()
})

test('a tail of long texts comes in short pages', () => {
  const store = foldStore()
  store.write(rowsOf('log', 4_700, { kind: 'text', value: (at) => `${at} ${'x'.repeat(1_000)}` }))
  const first = tail(store, 0, 65_536)
  expect(first.seqs.length).toBe(first.texts.length)
  expect(first.seqs.length).toBeLessThan(4_700)
  expect(tail(store, first.seqs.at(-1) ?? 0, 65_536).seqs.length).toBe(4_700 - first.seqs.length)
  // However long they are, there is one more than fits at the most.
  store.write(rowsOf('log', 40, { from: 1e9, kind: 'text', value: (at) => `${at} ${'x'.repeat(300_000)}` }))
  const long = tail(store, 4_700, 65_536)
  expect(long.seqs.length).toBe(14)
  expect(tail(store, 4_714, 65_536).seqs).toEqual(Array.from({ length: 14 }, (_, i) => 4_715 + i))
  store.close()
})

test('a page of the tail ends where rows leave the table while it is read', () => {
  const store = foldStore()
  store.write(rowsOf('flow', 20_000))
  let slices = 0
  const page = store.ask('tail', { after: 0, limit: 65_536 }, () => {
    slices += 1
    store.write(rowsOf('flow', 1, { from: 1e9 }))
  })
  expect(slices).toBeGreaterThan(0)
  expect(page.rows[page.count * 5 - 1]).toBe(page.count)
  expect(page.count).toBeGreaterThanOrEqual(20_000)
  expect(page.lastSeq).toBeGreaterThanOrEqual(page.count)
  const ended = store.ask('tail', { after: 0, limit: 65_536 }, () => {
    store.settleAll()
  })
  expect(ended.count).toBeLessThan(20_000)
  expect(ended.gapTo).toBe(null)
  expect(tail(store, ended.count)).toMatchObject({ gapTo: 20_000 + slices, seqs: [] })
  store.close()
})

test('what is newer than a version comes from all places, and blocks that are not are not even looked at', () => {
  const store = foldStore()
  folded(store, rowsOf('flow', 3, { every: HOUR }))
  folded(store, rowsOf('flow', 1, { from: DAY }))
  inMonth(store, SEPTEMBER, (db) => flipBit(db, 'blocks', `startTs = ${FOLD_START}`))
  store.write(rowsOf('flow', 1, { from: 2 * DAY }))
  store.settleAll()
  store.write([...rowsOf('flow', 1, { from: HOUR, value: () => 8 }), ...rowsOf('flow', 1, { from: 3 * DAY })])
  const of = (afterSeq: number, more: Partial<SinceQuery> = {}) =>
    since(store, { seriesId: 1, afterSeq, ...more })
  expect(of(3)).toEqual({
    times: [HOUR, DAY, 2 * DAY, 3 * DAY],
    seqs: [6, 4, 5, 7],
    next: null,
    damaged: [],
  })
  expect(of(4)).toMatchObject({ times: [HOUR, 2 * DAY, 3 * DAY], seqs: [6, 5, 7] })
  // The tail has these.
  expect(of(3, { upToSeq: 5 })).toMatchObject({ times: [DAY, 2 * DAY], seqs: [4, 5] })
  expect(of(5, { upToSeq: 6 })).toMatchObject({ times: [HOUR], seqs: [6] })
  // Also what has left the hot table; what is folded comes with its block.
  expect(of(3, { upToSeq: 4 })).toMatchObject({ times: [DAY], seqs: [4] })
  expect(store.ask('changed', { afterSeq: 4, upToSeq: 4 })).toEqual([])
  expect(store.ask('changed', { afterSeq: 5, upToSeq: 6 })).toEqual([1])
  expect(store.ask('changed', { afterSeq: 5, upToSeq: 6, fromTs: FOLD_START + DAY })).toEqual([])
  expect(of(3, { from: FOLD_START + DAY, to: FOLD_START + 2 * DAY })).toMatchObject({ times: [DAY] })
  expect(of(7)).toMatchObject({ times: [], next: null })
  // From the start: the damaged block is told, and the rest is there.
  expect(of(0)).toMatchObject({
    times: [HOUR, 2 * HOUR, DAY, 2 * DAY, 3 * DAY],
    damaged: [{ from: FOLD_START, to: FOLD_START + HOUR }],
  })
  expect(store.ask('changed', { afterSeq: 5 })).toEqual([1])
  expect(store.ask('changed', { afterSeq: 7 })).toEqual([])
  store.close()
})

test('files that have nothing new are not opened, until something is folded into them', () => {
  const store = foldStore()
  folded(store, rowsOf('flow', 20, { from: -2 * DAY }), rowsOf('pump', 5, { from: -2 * DAY }))
  folded(store, rowsOf('flow', 20))
  rest(store)
  expect(store.ask('changed', { afterSeq: 25 })).toEqual([1])
  // From now on, for a while, whoever wants to open it must wait.
  store.release(AUGUST)
  expect(since(store, { seriesId: 1, afterSeq: 25 })).toMatchObject({ times: { length: 20 }, next: null })
  expect(since(store, { seriesId: 1, afterSeq: 24 })).toBe(null)
  expect(store.ask('changed', { afterSeq: 25 })).toEqual([1])
  expect(store.ask('changed', { afterSeq: 24 })).toBe(null)
  store.restart()
  store.ask('changed', { afterSeq: 45 })
  folded(store, rowsOf('pump', 1, { from: -2 * DAY + 7 }))
  for (const rested of [false, true]) {
    if (rested) rest(store)
    expect(store.ask('changed', { afterSeq: 45 })).toEqual([2])
    expect(store.ask('changed', { afterSeq: 45, fromTs: FOLD_START })).toEqual([])
    // With the block that it is in.
    expect(since(store, { seriesId: 2, afterSeq: 45 })?.seqs).toEqual(Array<number>(6).fill(46))
  }
  store.close()
})

test('a file of before, without an index of versions, is read all the same, and has one once it is written to', () => {
  const store = foldStore()
  folded(store, rowsOf('flow', 100, { every: HOUR }), rowsOf('pump', 3))
  folded(store, rowsOf('flow', 2, { from: 200 * HOUR, every: HOUR }))
  inMonth(store, SEPTEMBER, (db) => db.exec(`DROP INDEX ${VERSION_INDEX}`))
  const answers = () => [
    ...[0, 50, 103, 105].map((afterSeq) => since(store, { seriesId: 1, afterSeq })),
    ...[0, 103, 105].map((afterSeq) => store.ask('changed', { afterSeq })),
  ]
  const before = answers()
  expect(before.slice(-3)).toEqual([[1, 2], [1], []])
  expect(before[2]).toMatchObject({ times: [200 * HOUR, 201 * HOUR], seqs: [104, 105] })
  const indexes = inMonth(store, SEPTEMBER, (db) =>
    db.prepare(`SELECT name FROM sqlite_schema WHERE name = '${VERSION_INDEX}'`).all(),
  )
  expect(indexes).toHaveLength(1)
  store.restart()
  expect(answers()).toEqual(before)
  store.close()
})

test('a block of a day is never newer than rows that wait to be folded into it', async () => {
  const store = foldStore()
  folded(store, rowsOf('flow', 24, { every: HOUR }))
  store.close()
  await compactStore(store.dir)
  store.open()
  // A correction in the second hour, then something in the first, which is folded alone: the second is being filled.
  store.write(rowsOf('flow', 1, { from: HOUR, value: () => 99 }))
  store.write(rowsOf('flow', 1, { from: 1_000 }))
  store.settleAll()
  expect(store.fold(undefined, false)).toBe(null)
  store.write(rowsOf('flow', 1, { from: HOUR + 1_000 }))
  store.settleAll()
  expect(store.fold(undefined, false)).toBe(null)
  const block = inMonth(store, SEPTEMBER, (db) =>
    db.prepare<[], { startTs: number; endTs: number; toSeq: number }>('SELECT * FROM blocks').all(),
  )
  expect(block).toMatchObject([{ startTs: FOLD_START, endTs: FOLD_START + DAY }])
  const waiting = store.store.prepare('SELECT min(seq) FROM readings').pluck().get() as number | null
  expect(block[0]?.toSeq).toBeGreaterThan(24)
  expect(block[0]?.toSeq).toBeLessThan(waiting ?? Infinity)
  store.close()
})

test('how many readings there are is counted by their blocks', () => {
  const store = foldStore()
  folded(store, rowsOf('flow', 4_000, { every: 60_000 }), rowsOf('pump', 7, { from: -2 * DAY }))
  store.write(rowsOf('flow', 5, { from: 10 * DAY }))
  store.settleAll()
  store.write(rowsOf('pump', 3, { from: 10 * DAY }))
  const [flow, pump, none] = store.ask('count', { seriesIds: [1, 2, 9] })
  expect([pump, none]).toEqual([10, 0])
  expect(flow).toBeGreaterThan(3_900)
  expect(flow).toBeLessThan(4_100)
  expect(store.ask('count', { seriesIds: [2, 1], from: FOLD_START + 9 * DAY })).toEqual([3, 5])
  store.close()
})
