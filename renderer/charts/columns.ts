import { type BucketRows, gapsOf, lowerBound } from './bucket-rows.ts'
import type { TimeWindow } from './time-range.ts'

/** What uPlot draws: times, then average, minimum and maximum of each channel. Null breaks a line, undefined does not. */
export type Columns = [x: number[], ...values: (number | null | undefined)[][]]

/**
 * Lays the buckets of several channels on one time axis, each at the middle of its bucket, with a break at every
 * gap; the one that is still filling stands at `now` (ms). Only what `window` shows is laid out, with one bucket more on either side so that lines run to the edge.
 */
export function columnsOf(
  channels: readonly BucketRows[],
  window: TimeWindow,
  now = Number.POSITIVE_INFINITY,
): Columns {
  const places = new Set<number>()
  const points: { x: number[]; rows: (number | null)[] }[] = []
  for (const rows of channels) {
    const start = Math.max(0, lowerBound(rows.ts, window.from) - 1)
    const end = Math.min(rows.ts.length, lowerBound(rows.ts, window.to) + 1)
    const gapEnds = new Set(gapsOf(rows).map((gap) => gap.to))
    const own = { x: [] as number[], rows: [] as (number | null)[] }
    for (let row = start; row < end; row++) {
      const at = rows.ts[row] as number
      const middle = middleOf(rows, row, now)
      const previous = own.x.at(-1)
      if (gapEnds.has(at) && previous !== undefined) {
        own.x.push((previous + middle) / 2)
        own.rows.push(null)
      }
      own.x.push(middle)
      own.rows.push(row)
    }
    for (const x of own.x) places.add(x)
    points.push(own)
  }
  const x = [...places].sort((a, b) => a - b)
  const columns: Columns = [x]
  channels.forEach((rows, channel) => {
    const average = new Array<number | null | undefined>(x.length)
    const least = new Array<number | null | undefined>(x.length)
    const most = new Array<number | null | undefined>(x.length)
    const own = points[channel] as (typeof points)[number]
    let place = 0
    own.x.forEach((at, point) => {
      while ((x[place] as number) < at) place++
      const row = own.rows[point] as number | null
      average[place] =
        row === null ? null : (rows.sum[row] as number) / Math.max(1, rows.count[row] as number)
      least[place] = row === null ? null : (rows.min[row] as number)
      most[place] = row === null ? null : (rows.max[row] as number)
    })
    columns.push(average, least, most)
  })
  return columns
}

/** Where a bucket is drawn: at its middle, never after `now`, ms. */
export function middleOf(rows: BucketRows, row: number, now: number): number {
  const at = rows.ts[row] as number
  return Math.max(at, Math.min(at + (rows.width[row] as number) / 2, now))
}
