import type { ReadingValue } from '#contract/model/reading.ts'
import { type BucketRows, lowerBound } from './bucket-rows.ts'
import type { TimeWindow } from './time-range.ts'

export interface Statistics {
  min: number
  max: number
  /** Weighted by the readings behind each bucket. */
  average: number
  count: number
  first: ReadingValue
  last: ReadingValue
  /** ms, start of the bucket with the last value. */
  lastTs: number
}

/** Statistics of the buckets that start inside the window; null where there are none. */
export function statisticsOf(rows: BucketRows, window: TimeWindow): Statistics | null {
  const start = lowerBound(rows.ts, window.from)
  const end = lowerBound(rows.ts, window.to)
  if (end <= start) return null
  let min = Number.POSITIVE_INFINITY
  let max = Number.NEGATIVE_INFINITY
  let sum = 0
  let count = 0
  for (let row = start; row < end; row++) {
    min = Math.min(min, rows.min[row] as number)
    max = Math.max(max, rows.max[row] as number)
    sum += rows.sum[row] as number
    count += rows.count[row] as number
  }
  return {
    min,
    max,
    average: sum / Math.max(1, count),
    count,
    first: rows.first[start] as ReadingValue,
    last: rows.last[end - 1] as ReadingValue,
    lastTs: rows.ts[end - 1] as number,
  }
}

/** Whether the window shows single readings, `most` of them at most: then they can be told apart on a screen. */
export function areSingle(rows: BucketRows, { from, to }: TimeWindow, most: number): boolean {
  const start = lowerBound(rows.ts, from)
  const end = lowerBound(rows.ts, to)
  if (end - start > most || end <= start) return false
  for (let row = start; row < end; row++) if ((rows.count[row] as number) > 1) return false
  return true
}

/** The row whose bucket holds `at`, or the nearest within `reach` ms; -1 where there is none. */
export function rowAt(rows: BucketRows, at: number, reach: number): number {
  const after = lowerBound(rows.ts, at)
  let best = -1
  let distance = reach
  for (const row of [after - 1, after]) {
    if (row < 0 || row >= rows.ts.length) continue
    const middle = (rows.ts[row] as number) + (rows.width[row] as number) / 2
    const away = Math.max(0, Math.abs(middle - at) - (rows.width[row] as number) / 2)
    if (away <= distance) {
      distance = away
      best = row
    }
  }
  return best
}
