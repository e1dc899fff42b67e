import { expect, test } from 'vitest'
import { cellGrid, cellOf, cellRange } from './bucket-cells.ts'
import { LocalStore } from '../testing/local-store.ts'
import type { ModelRow } from '../testing/store-model.ts'
import { tempFolder } from '../testing/temp-folder.ts'

const HOUR = 3_600_000
const START = 1_780_000_000_000

function row(ts: number, value: number): ModelRow {
  return { channel: 'flow', kind: 'number', ts: START + ts, value, quality: 0 }
}

test('cells cover a range without gap or overlap, and every time finds its cell', () => {
  for (const [length, count] of [
    [1, 1],
    [10, 3],
    [7, 10],
    [86_400_000, 1_000],
    [86_399_999, 7],
    [900_001, 1],
  ] as const) {
    const grid = cellGrid({ from: START, to: START + length, count })
    let end = START
    for (let cell = 0; cell < grid.cells; cell++) {
      const range = cellRange(grid, cell)
      expect(range.start).toBe(end)
      if (range.end === range.start) continue
      expect(cellOf(grid, range.start)).toBe(cell)
      expect(cellOf(grid, range.end - 1)).toBe(cell)
      expect(range.end - range.start).toBeLessThanOrEqual(300_000)
      end = range.end
    }
    expect(end).toBe(START + length)
  }
})

test('a bucket of years is read in many slices, across gaps, while rows settle between them', () => {
  const store = new LocalStore(tempFolder()).open()
  const rows: ModelRow[] = []
  for (let at = 0; at < 20_000; at++) rows.push(row(at * HOUR, at % 100))
  store.write(rows)
  store.settleAll()
  // Corrections of what is settled, and late readings between: both still hot when the query starts.
  store.write([row(0, 1_000), row(HOUR * 19_999, -5), row(HOUR / 2, 7)])
  let slices = 0
  const chart = store.buckets('flow', { from: START, to: START + 200_000 * HOUR, count: 1 }, () => {
    slices += 1
    store.settle(2)
  })
  const sum = rows.reduce((total, { value }) => total + Number(value), 0) - 0 + 1_000 - 99 - 5 + 7
  expect(chart).toMatchObject({
    count: [20_001],
    min: [-5],
    max: [1_000],
    sum: [sum],
    first: [1_000],
    last: [-5],
  })
  expect(slices).toBeGreaterThan(10)
  store.close()
})

test('a chart sorts nothing: its statements run along the keys', () => {
  const store = new LocalStore(tempFolder()).open()
  store.write(Array.from({ length: 5_000 }, (_, at) => row(at * 1_000, at)))
  store.settleAll()
  const plan = store.chartPlan()
  expect(plan.join('\n')).toContain('PRIMARY KEY (series=? AND ts>? AND ts<?)')
  expect(plan.join('\n')).not.toContain('TEMP B-TREE')
  store.close()
})
