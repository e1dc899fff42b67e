import { describe, expect, it } from 'vitest'
import { type BucketRows, emptyRows, foldReading, shiftedRows } from './bucket-rows.ts'
import type { ChartChannel } from './chart-channel.ts'
import { columnsOf } from './columns.ts'
import { annotationsNear } from './overlay-annotations.ts'
import { readoutLines } from './readout-lines.ts'
import { areSingle } from './statistics.ts'

function rows(width: number, ...readings: [number, number | boolean][]): BucketRows {
  const made = emptyRows()
  for (const [ts, value] of readings) foldReading(made, width, ts, value)
  return made
}
const channel = (id: string, kind: ChartChannel['kind'] = 'number'): ChartChannel => ({
  id,
  name: id,
  unit: 'bar',
  kind,
  lowLimit: null,
  highLimit: null,
  color: 0,
})
const window = { from: 0, to: 1_000 }

describe('values at the cursor', () => {
  it('are those of the bucket under it, with what they spread over', () => {
    const data = new Map([['a', rows(10, [100, 4], [102, 6], [200, 9])]])
    const [line] = readoutLines(105, [channel('a')], data, window)
    expect(line).toMatchObject({ value: 5, min: 4, max: 6, before: null })
    expect(readoutLines(150, [channel('a')], data, window)[0]?.value).toBeNull()
    expect(readoutLines(205, [channel('a')], data, window)[0]).toMatchObject({ value: 9, min: null })
  })

  it('hold between single readings that are drawn as steps, but not over a gap', () => {
    const data = new Map([['a', rows(1, [100, 4], [200, 6], [300, 8], [400, 9], [2_000, 1], [2_100, 2])]])
    const at = (ts: number) => readoutLines(ts, [channel('a')], data, { from: 0, to: 2_200 })[0]?.value
    expect([at(190), at(210), at(399), at(500), at(1_200)]).toEqual([4, 6, 8, null, null])
  })

  it('come with what they are compared with', () => {
    const now = new Map([['a', rows(10, [500, 8])]])
    const earlier = new Map([['a', shiftedRows(rows(10, [100, 5]), 400)]])
    expect(readoutLines(505, [channel('a')], now, window, earlier)[0]).toMatchObject({ value: 8, before: 5 })
  })

  it('hold their state until the next one', () => {
    const data = new Map([['a', rows(10, [100, true], [300, false])]])
    const state = (ts: number) => readoutLines(ts, [channel('a', 'boolean')], data, window)[0]?.state
    expect([state(50), state(299), state(900)]).toEqual([undefined, 'true', 'false'])
  })
})

it('lays what is compared behind the channels, as one line each', () => {
  const columns = columnsOf([rows(10, [0, 1], [10, 2])], window, undefined, [rows(10, [0, 5], [10, 7])])
  expect(columns).toEqual([
    [5, 15],
    [1, 2],
    [1, 2],
    [1, 2],
    [5, 7],
  ])
})

it('tells single readings from buckets of many', () => {
  const single = rows(10, [0, 1], [20, 2], [40, 3])
  expect(areSingle(single, window, 10)).toBe(true)
  expect(areSingle(single, window, 2)).toBe(false)
  expect(areSingle(rows(10, [0, 1], [2, 2]), window, 10)).toBe(false)
  expect(areSingle(single, { from: 500, to: 600 }, 10)).toBe(false)
})

it('finds annotations at a time and over it', () => {
  const point = { id: 'p', text: '', from: 100, to: 100 }
  const span = { id: 's', text: '', from: 200, to: 400 }
  const near = (ts: number) => annotationsNear([point, span], ts, 10).map(({ id }) => id)
  expect([near(95), near(150), near(300), near(405), near(411)]).toEqual([['p'], [], ['s'], ['s'], []])
})
