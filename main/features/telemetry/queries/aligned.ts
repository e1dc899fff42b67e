import type { Reading, ReadingValue } from '#contract/model/reading.ts'
import type { Aligned, AlignedColumn, Buckets, Quantity } from '#contract/model/telemetry-query.ts'

const numberColumns = ['count', 'min', 'max', 'avg', 'timeAverage', 'sum'] as const
const valueColumns = ['first', 'last'] as const
/** A calculated value is one number a span: how many there were, and their sum, say nothing. */
const calculatedColumns = new Set<string>(['min', 'max', 'avg', 'timeAverage', 'last'])

/** Buckets of several channels on one axis: every span in which any of them has some. */
export function alignBuckets(
  series: { quantity: Quantity; isCalculated: boolean; buckets: Buckets }[],
): Aligned {
  const { ts, rowOf } = axisOf(series.map(({ buckets }) => buckets.ts))
  const columns = series.map(({ quantity, isCalculated, buckets }): AlignedColumn => {
    const column: AlignedColumn = { ...quantity }
    const isWanted = (name: string) => !isCalculated || calculatedColumns.has(name)
    // Of texts there are counts and ends, and no numbers.
    const has = (values: unknown[]) => values.length === buckets.ts.length
    for (const name of numberColumns)
      if (isWanted(name) && has(buckets[name]))
        column[name] = spread(buckets.ts, buckets[name], ts.length, rowOf)
    for (const name of valueColumns)
      if (isWanted(name) && has(buckets[name]))
        column[name] = spread<ReadingValue>(buckets.ts, buckets[name], ts.length, rowOf)
    return column
  })
  return { ts, columns }
}

/** Single readings on one axis. `descending`: newest first. */
export function alignReadings(
  series: { quantity: Quantity; readings: Reading[] }[],
  order: 'ascending' | 'descending',
): Aligned {
  const times = series.map(({ readings }) => readings.map(({ ts }) => ts))
  const { ts, rowOf } = axisOf(times, order)
  const columns = series.map(({ quantity, readings }, index) => {
    const at = times[index] ?? []
    const values = readings.map(({ value }) => value)
    const quality = readings.map((reading) => reading.quality)
    return {
      ...quantity,
      values: spread(at, values, ts.length, rowOf),
      quality: spread(at, quality, ts.length, rowOf),
    }
  })
  return { ts, columns }
}

function axisOf(
  times: number[][],
  order: 'ascending' | 'descending' = 'ascending',
): { ts: number[]; rowOf: Map<number, number> } {
  const sign = order === 'ascending' ? 1 : -1
  const ts = [...new Set(times.flat())].sort((a, b) => sign * (a - b))
  return { ts, rowOf: new Map(ts.map((time, row) => [time, row])) }
}

function spread<T>(times: number[], values: T[], length: number, rowOf: Map<number, number>): (T | null)[] {
  const column = new Array<T | null>(length).fill(null)
  for (const [index, time] of times.entries()) {
    const row = rowOf.get(time)
    const value = values[index]
    // A bucket of stray texts alone has no numbers.
    if (row !== undefined && value !== undefined && !Number.isNaN(value)) column[row] = value
  }
  return column
}
