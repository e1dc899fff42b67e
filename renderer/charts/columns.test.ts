import { describe, expect, it } from 'vitest'
import { emptyRows, foldReading } from './bucket-rows.ts'
import { columnsOf } from './columns.ts'
import { sparklineShape } from './sparkline-path.ts'
import { stateSpans } from './state-strip.ts'
import { rowAt, statisticsOf } from './statistics.ts'

function rows(width: number, ...readings: [number, number | boolean | string][]) {
  const made = emptyRows()
  for (const [ts, value] of readings) foldReading(made, width, ts, value)
  return made
}

const everything = { from: 0, to: 1_000 }

describe('columns', () => {
  it('lays channels on one time axis without breaking a line where only the other has a bucket', () => {
    const columns = columnsOf([rows(10, [0, 1], [10, 2], [12, 4]), rows(20, [0, 5], [20, 6])], everything)
    expect(columns[0]).toEqual([5, 10, 15, 30])
    expect(columns[1]).toEqual([1, undefined, 3, undefined])
    expect(columns[2]).toEqual([1, undefined, 2, undefined])
    expect(columns[3]).toEqual([1, undefined, 4, undefined])
    expect(columns[4]).toEqual([undefined, 5, undefined, 6])
  })

  it('breaks the line in a gap', () => {
    const columns = columnsOf([rows(10, [0, 1], [10, 1], [20, 1], [100, 2])], everything)
    expect(columns[0]).toEqual([5, 15, 25, 65, 105])
    expect(columns[1]).toEqual([1, 1, 1, null, 2])
  })

  it('lays out what the window shows and one bucket more', () => {
    const columns = columnsOf([rows(10, [0, 1], [10, 1], [20, 1], [30, 2], [40, 2])], { from: 20, to: 30 })
    expect(columns[0]).toEqual([15, 25, 35])
  })

  it('draws the bucket that is still filling at now, not after it', () => {
    const made = rows(100, [0, 1], [100, 2])
    expect(columnsOf([made], everything, 120)[0]).toEqual([50, 120])
    expect(columnsOf([made], everything, 90)[0]).toEqual([50, 100])
  })

  it('is empty without data', () => {
    expect(columnsOf([emptyRows()], everything)).toEqual([[], [], [], []])
  })
})

describe('statistics', () => {
  it('weighs the average by readings and counts only the window', () => {
    const made = rows(10, [0, 100], [10, 1], [11, 1], [12, 1], [20, 5])
    expect(statisticsOf(made, { from: 10, to: 30 })).toEqual({
      min: 1,
      max: 5,
      average: 2,
      count: 4,
      first: 1,
      last: 5,
      lastTs: 20,
    })
    expect(statisticsOf(made, { from: 50, to: 60 })).toBeNull()
  })

  it('finds the bucket under the cursor, or the nearest in reach', () => {
    const made = rows(10, [0, 1], [10, 1], [100, 1])
    expect(rowAt(made, 14, 0)).toBe(1)
    expect(rowAt(made, 25, 10)).toBe(1)
    expect(rowAt(made, 60, 10)).toBe(-1)
    expect(rowAt(made, 96, 10)).toBe(2)
  })
})

describe('state strip', () => {
  it('holds each state until the next reading and the last until the end', () => {
    const spans = stateSpans(rows(10, [0, 'idle'], [10, 'idle'], [50, 'run']), 'text', { from: 5, to: 100 })
    expect(spans).toEqual([
      { from: 5, to: 50, state: 'idle' },
      { from: 50, to: 100, state: 'run' },
    ])
  })

  it('names booleans the same whether stored or live, and says where a bucket saw both', () => {
    const spans = stateSpans(rows(10, [0, 1], [20, true], [40, false], [45, true]), 'boolean', {
      from: 0,
      to: 60,
    })
    expect(spans).toEqual([
      { from: 0, to: 40, state: 'true' },
      { from: 40, to: 50, state: null },
      { from: 50, to: 60, state: 'true' },
    ])
  })
})

describe('sparkline', () => {
  it('scales to what it shows and breaks in a gap', () => {
    const shape = sparklineShape(rows(10, [0, 0], [10, 10], [20, 0], [90, 10]), { from: 0, to: 100 }, 106, 26)
    expect(shape?.path).toBe('M8.0,23.0L18.0,3.0L28.0,23.0M98.0,3.0')
    expect(shape?.end).toEqual({ x: 98, y: 3 })
  })

  it('draws a flat line through the middle and nothing from nothing', () => {
    expect(sparklineShape(rows(10, [0, 5], [10, 5]), { from: 0, to: 20 }, 20, 24)?.path).toContain(',12.0L')
    expect(sparklineShape(emptyRows(), { from: 0, to: 20 }, 20, 24)).toBeNull()
  })
})
