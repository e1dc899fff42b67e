import { expect, test } from 'vitest'
import { HOUR, MINUTE } from '../blocks/rollup-columns.ts'
import { FOLD_START, folded, foldStore, inMonth, rowsOf, SEPTEMBER } from '../testing/fold-store.ts'
import type { LocalStore } from '../testing/local-store.ts'
import { contentsOf } from '../testing/store-contents.ts'
import { listMonths } from './month-file.ts'
import { verifyStore } from './verify.ts'

interface Span {
  start: number
  end: number
  count: number
}

/** Blocks of all series, in ms after the start. */
function spansOf(store: LocalStore): Span[] {
  return inMonth(store, SEPTEMBER, (db) =>
    db
      .prepare<[number, number], Span>(
        'SELECT startTs - ? AS start, endTs - ? AS end, count FROM blocks ORDER BY series, startTs',
      )
      .all(FOLD_START, FOLD_START),
  )
}

const unfolded = (store: LocalStore): unknown =>
  store.store.prepare('SELECT count(*) FROM readings').pluck().get()

test('hours become blocks with rollups, and leave the settled rows', async () => {
  const store = foldStore()
  folded(store, rowsOf('flow', 5_000), rowsOf('note', 10, { kind: 'text', value: (at) => `n${at}` }))
  expect(unfolded(store)).toBe(0)
  expect(spansOf(store)).toEqual([
    { start: 0, end: HOUR, count: 3_600 },
    { start: HOUR, end: 2 * HOUR, count: 1_400 },
    { start: 0, end: HOUR, count: 10 },
  ])
  const rollups = inMonth(store, SEPTEMBER, (db) => db.prepare('SELECT level, series FROM rollups').all())
  expect(rollups, 'texts have none').toEqual([
    { level: MINUTE, series: 1 },
    { level: 30 * MINUTE, series: 1 },
  ])
  expect(contentsOf(store.dir, store.store, 1).map(({ value }) => value)).toEqual(
    rowsOf('flow', 5_000).map(({ value }) => value),
  )
  const { findings, readings } = await verifyStore(store.dir)
  expect([findings, readings]).toEqual([[], 5_010])
  store.close()
})

test('an hour is due ten minutes after its end; ahead of now only once it has many readings', () => {
  const store = foldStore()
  const months = (): number => listMonths(store.dir).length
  store.now = FOLD_START + HOUR + 10 * MINUTE - 1
  folded(store, rowsOf('flow', 10))
  expect(months()).toBe(0)
  store.now += 1
  folded(store)
  expect([months(), unfolded(store)]).toEqual([1, 0])
  const ahead = 40 * 24 * HOUR
  folded(store, rowsOf('flow', 255, { from: ahead }))
  expect(unfolded(store)).toBe(255)
  folded(store, rowsOf('flow', 1, { from: ahead + 30 * MINUTE }))
  expect([unfolded(store), months()]).toEqual([0, 2])
  store.close()
})

test('an hour that is still being filled waits, for an hour at the most', () => {
  const store = foldStore()
  const look = (): unknown => {
    store.settleAll()
    store.now += MINUTE
    store.fold(undefined, false)
    return unfolded(store)
  }
  store.write(rowsOf('flow', 60))
  expect(look()).toBe(60)
  store.write(rowsOf('flow', 60, { from: MINUTE }))
  expect(look()).toBe(120)
  expect(look(), 'nothing has come since').toBe(0)
  // A gateway two hours behind: a minute with each look.
  const left: unknown[] = []
  for (let minute = 0; minute < 62; minute++) {
    store.write(rowsOf('flow', 1, { from: 5 * HOUR + minute * 57_000 }))
    left.push(look())
  }
  expect(left.findIndex((rows) => rows === 0)).toBe(60)
  expect(look()).toBe(0)
  store.close()
})

test('a late reading rewrites the block of its hour and no other, a redelivery none', () => {
  const store = foldStore()
  folded(store, rowsOf('flow', 3 * 3_600))
  const blocks = (): unknown[] =>
    inMonth(store, SEPTEMBER, (db) => db.prepare('SELECT id, startTs, crc, toSeq FROM blocks').all())
  const before = blocks()
  folded(store, rowsOf('flow', 1, { from: HOUR + 500 }))
  const after = blocks()
  expect(after.map((block, at) => JSON.stringify(block) === JSON.stringify(before[at]))).toEqual([
    true,
    false,
    true,
  ])
  expect(spansOf(store)[1]).toEqual({ start: HOUR, end: 2 * HOUR, count: 3_601 })
  const data = () =>
    inMonth(store, SEPTEMBER, (db) => db.prepare('SELECT data FROM blocks ORDER BY id').pluck().all())
  const written = data()
  folded(store, rowsOf('flow', 100, { value: (at) => at / 4 }))
  expect(data(), 'the version alone has risen').toEqual(written)
  expect(blocks()[0]).toMatchObject({ toSeq: 3 * 3_600 + 101 })
  expect(unfolded(store)).toBe(0)
  store.close()
})

test('an hour with too many readings is cut at whole minutes, and late readings meet their part', async () => {
  const store = foldStore()
  folded(store, rowsOf('fast', 80_000, { every: 20 }), rowsOf('fast', 20, { from: 30 * MINUTE + 7 }))
  const spans = spansOf(store)
  expect(spans.map(({ count }) => count)).toEqual([63_000, 17_020])
  expect(spans.map(({ start, end }) => [start / MINUTE, end / MINUTE])).toEqual([
    [0, 21],
    [21, 60],
  ])
  folded(store, rowsOf('fast', 3, { from: 59 * MINUTE }))
  expect(spansOf(store).map(({ count }) => count)).toEqual([63_000, 17_023])
  const { findings, readings } = await verifyStore(store.dir)
  expect([findings, readings]).toEqual([[], 80_023])
  store.close()
})

test('an hour of long texts is cut too, however few they are', async () => {
  const store = foldStore()
  const value = (at: number): string => `${at} `.repeat(1_000).slice(0, 4_000)
  folded(store, rowsOf('log', 3_000, { kind: 'text', value, every: 1_000 }))
  expect(spansOf(store).map(({ count }) => count)).toEqual([1_020, 1_020, 960])
  expect(contentsOf(store.dir, store.store, 1).map((reading) => reading.value)).toEqual(
    Array.from({ length: 3_000 }, (_, at) => value(at)),
  )
  expect((await verifyStore(store.dir)).findings).toEqual([])
  store.close()
})

test('the series of another class go to files of their own; an hour stays in the file it is in', async () => {
  const store = foldStore()
  const classes = ['standard', 'long'].map((id) => ({ id, days: null, evictable: false }))
  folded(store, rowsOf('a', 10), rowsOf('b', 10))
  store.setRetention({
    classes,
    defaultClass: 'standard',
    bySeries: new Map([[1, 'long']]),
    budgetBytes: null,
  })
  folded(
    store,
    rowsOf('a', 10, { from: 500 }),
    rowsOf('a', 10, { from: HOUR }),
    rowsOf('b', 10, { from: HOUR }),
  )
  const readings = (retentionClass: string): unknown =>
    inMonth(store, { ...SEPTEMBER, retentionClass }, (db) =>
      db.prepare('SELECT series, sum(count) AS sum FROM blocks GROUP BY series').all(),
    )
  expect(readings('standard')).toEqual([
    { series: 1, sum: 20 },
    { series: 2, sum: 20 },
  ])
  expect(readings('long')).toEqual([{ series: 1, sum: 10 }])
  expect((await verifyStore(store.dir)).findings).toEqual([])
  store.close()
})

test('times that no month has stay where they are', () => {
  const store = foldStore()
  folded(
    store,
    [-9e15, 9e15, 253_402_300_800_000].map((ts) => ({
      channel: 'a',
      kind: 'number',
      ts,
      value: 1,
      quality: 0,
    })),
    rowsOf('a', 5),
  )
  expect(unfolded(store)).toBe(3)
  expect(contentsOf(store.dir, store.store, 1)).toHaveLength(8)
  store.close()
})

test('a correction that another one replaces while it is folded is noted all the same', () => {
  const store = foldStore()
  const reading = (at: number, value: number) => rowsOf('a', 1, { from: at, value: () => value })
  folded(store, reading(0, 1), reading(1, 1))
  store.write([...reading(0, 2), ...reading(1, 5)])
  store.settleAll()
  // Copied, and not marked as settled yet.
  store.write(reading(0, 3))
  store.settle(10)
  store.fold()
  store.settleAll()
  store.fold()
  const query = { seriesId: 1, from: FOLD_START, to: FOLD_START + 10 }
  const versions = store.ask('corrections', query).map(({ ts, value }) => [ts - FOLD_START, value])
  expect(versions).toEqual([
    [0, 1],
    [0, 2],
    [1, 1],
  ])
  store.close()
})
