import { expect, test } from 'vitest'
import { LocalStore } from '../testing/local-store.ts'
import { type ModelRow, StoreModel } from '../testing/store-model.ts'
import { tempFolder } from '../testing/temp-folder.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const START = Date.UTC(2026, 4, 31)

function row(ts: number, value: number): ModelRow {
  return { channel: 'flow', kind: 'number', ts: START + ts, value, quality: 0 }
}

function opened(): LocalStore {
  const store = new LocalStore(tempFolder())
  store.now = START + 400 * DAY
  return store.open()
}

test('a bucket of years is read in many slices, across gaps, while rows settle and fold between them', () => {
  const store = opened()
  const rows: ModelRow[] = []
  for (let at = 0; at < 1_000; at++) rows.push(row(at * HOUR, at % 100))
  store.write(rows)
  store.settleAll()
  // Corrections of what is settled, and late readings between: both still hot when the query starts.
  store.write([row(0, 1_000), row(HOUR * 999, -5), row(HOUR / 2, 7)])
  let slices = 0
  const chart = store.buckets('flow', { from: START, to: START + 200_000 * HOUR, count: 1 }, () => {
    slices += 1
    store.settle(2)
    if (slices === 20) expect(store.fold()).toBe(null)
  })
  const sum = rows.reduce((total, { value }) => total + Number(value), 0) - 0 + 1_000 - 99 - 5 + 7
  expect(chart).toMatchObject({
    count: [1_001],
    min: [-5],
    max: [1_000],
    sum: [sum],
    first: [1_000],
    last: [-5],
    damaged: [],
  })
  expect(slices).toBeGreaterThan(10)
  store.close()
})

/** Three days at one reading a minute, folded; the values tell where they came from. */
function threeDays(): { store: LocalStore; model: StoreModel } {
  const store = opened()
  const model = new StoreModel()
  const rows = Array.from({ length: 3 * 24 * 60 }, (_, at) => row(at * 60_000, Math.sin(at) * 100))
  store.write(rows)
  model.write(rows)
  store.settleAll()
  expect(store.fold()).toBe(null)
  return { store, model }
}

/** Tells what a chart reads, by damaging the rest: a block that is not read does no harm. */
function damageBlocks(store: LocalStore): void {
  store.files.get({ month: '2026-05', retentionClass: 'standard' }).db.exec('UPDATE blocks SET crc = crc + 1')
  store.files.get({ month: '2026-06', retentionClass: 'standard' }).db.exec('UPDATE blocks SET crc = crc + 1')
}

test('buckets on the edges of minutes are read from rollups alone', () => {
  const { store, model } = threeDays()
  damageBlocks(store)
  for (const spans of [
    { from: START, to: START + 3 * DAY, count: 3 },
    { from: START, to: START + 3 * DAY, count: 72 },
    { from: START + 10 * 60_000, to: START + DAY, count: 143 },
    { edges: [START, START + HOUR, START + DAY + 30 * 60_000, START + 3 * DAY] },
  ]) {
    const chart = store.buckets('flow', spans)
    const expected = model.buckets('flow', spans, store.now)
    expect(chart.damaged).toEqual([])
    expect(chart.ts).toEqual(expected.ts)
    expect(chart.count).toEqual(expected.count)
    expect(chart.min).toEqual(expected.min)
    expect(chart.last).toEqual(expected.last)
    chart.timeAverage.forEach((average, at) => expect(average).toBeCloseTo(expected.timeAverage[at] ?? 0, 9))
  }
  store.close()
})

test('a bucket whose edge cuts a minute reads that hour, and a damaged rollup is made up for by blocks', () => {
  const { store, model } = threeDays()
  const spans = { from: START + 1, to: START + 3 * DAY + 1, count: 3 }
  const months = ['2026-05', '2026-06'].map(
    (month) => store.files.get({ month, retentionClass: 'standard' }).db,
  )
  for (const db of months) db.exec('UPDATE rollups SET data = zeroblob(20)')
  const chart = store.buckets('flow', spans)
  expect(chart.count).toEqual(model.buckets('flow', spans, store.now).count)
  expect(chart.damaged).toEqual([])
  // Now neither can be read: the answer says so.
  damageBlocks(store)
  const empty = store.buckets('flow', spans)
  expect(empty.count).toEqual([])
  expect(empty.damaged).toEqual([{ from: START + 1, to: START + 3 * DAY }])
  store.close()
})

test('a day whose blocks are taken apart lets others run after each of them, and what they fold stays apart', () => {
  const { store, model } = threeDays()
  // Each hour's edge cuts a minute.
  const spans = { from: START + 1, to: START + DAY + 1, count: 24 }
  const expected = model.buckets('flow', spans, store.now)
  const late = row(DAY - 1, 1_000)
  let slices = 0
  const chart = store.buckets('flow', spans, () => {
    slices += 1
    if (slices !== 5) return
    store.write([late])
    store.settleAll()
    expect(store.fold()).toBe(null)
  })
  expect(slices).toBeGreaterThan(24)
  expect(chart.ts).toEqual(expected.ts)
  expect(chart.count.slice(0, -1)).toEqual(expected.count.slice(0, -1))
  expect(chart.min.slice(0, -1)).toEqual(expected.min.slice(0, -1))
  model.write([late])
  expect(store.buckets('flow', spans).count).toEqual(model.buckets('flow', spans, store.now).count)
  store.close()
})

test('hours of a day that lie in the files of two classes come in order of time', () => {
  const store = opened()
  const model = new StoreModel()
  const classes = ['a', 'b'].map((id) => ({ id, days: null, evictable: false }))
  // The later hours are folded first, and to the file that is listed last or first.
  for (const hour of [3, 1, 2, 0, 5, 4]) {
    const defaultClass = hour % 2 === 0 ? 'a' : 'b'
    store.setRetention({ classes, defaultClass, bySeries: new Map(), budgetBytes: null })
    const rows = Array.from({ length: 60 }, (_, at) => row(hour * HOUR + at * 60_000, hour * 100 + at))
    store.write(rows)
    model.write(rows)
    store.settleAll()
    expect(store.fold()).toBe(null)
  }
  const expected = model.readings('flow').map(({ ts, value }) => [ts, value])
  for (const order of ['ascending', 'descending'] as const) {
    const { readings } = store.page('flow', { from: START, to: START + DAY, order, limit: 1_000 })
    const found = readings.map(({ ts, value }) => [ts, value])
    expect(order === 'ascending' ? found : found.reverse()).toEqual(expected)
  }
  for (const width of [MINUTE, 10 * MINUTE, HOUR]) {
    const spans = { from: START, to: START + 6 * HOUR, count: (6 * HOUR) / width }
    const { ts, first, sum } = store.buckets('flow', spans)
    const of = model.buckets('flow', spans, store.now)
    expect({ ts, first, sum }).toEqual({ ts: of.ts, first: of.first, sum: of.sum })
  }
  store.close()
})

test('numbers at the ends of float64 stay finite', () => {
  const store = opened()
  const most = Number.MAX_VALUE
  store.write([
    row(0, most),
    row(1, most),
    row(2, most),
    row(HOUR, -most),
    row(HOUR + 1, most),
    row(HOUR + 2, -most),
  ])
  const check = (): void => {
    const chart = store.buckets('flow', { from: START, to: START + 2 * HOUR, count: 2 })
    expect(chart.sum[0]).toBe(most)
    expect(chart.avg[0]).toBe(most)
    expect(chart.timeAverage[0]).toBe(most)
    for (const column of [chart.sum, chart.avg, chart.timeAverage]) {
      expect(column.every((number) => Number.isFinite(number))).toBe(true)
    }
  }
  check()
  store.settleAll()
  expect(store.fold()).toBe(null)
  check()
  store.close()
})
