import { type BucketRows, gapsOf, lowerBound } from './bucket-rows.ts'
import type { TimeWindow } from './time-range.ts'

type Column = (number | null | undefined)[]

/**
 * What uPlot draws: times, then average, minimum and maximum of each channel, then the averages of what they are
 * compared with. Null breaks a line, undefined does not.
 */
export type Columns = [x: number[], ...values: Column[]]

/** Points of one line: where they stand, and the row behind each; -1 breaks the line. */
interface Points {
  x: number[]
  rows: number[]
}

/**
 * Lays the buckets of several channels on one time axis, each at the middle of its bucket, with a break at every
 * gap; the one that is still filling stands at `now` (ms). Only what `window` shows is laid out, with one bucket
 * more on either side so that lines run to the edge.
 */
export function columnsOf(
  channels: readonly BucketRows[],
  window: TimeWindow,
  now = Number.POSITIVE_INFINITY,
  compared: readonly BucketRows[] = [],
): Columns {
  const points = [...channels, ...compared].map((rows) => pointsOf(rows, window, now))
  const x = axisOf(points)
  const columns: Columns = [x]
  points.forEach((own, line) => {
    const isCompared = line >= channels.length
    const rows = (isCompared ? compared[line - channels.length] : channels[line]) as BucketRows
    const average = new Array<number | null | undefined>(x.length)
    const least: Column = isCompared ? [] : new Array<number | null | undefined>(x.length)
    const most: Column = isCompared ? [] : new Array<number | null | undefined>(x.length)
    let place = 0
    for (let point = 0; point < own.x.length; point++) {
      while ((x[place] as number) < (own.x[point] as number)) place++
      const row = own.rows[point] as number
      average[place] = row < 0 ? null : (rows.sum[row] as number) / Math.max(1, rows.count[row] as number)
      if (isCompared) continue
      least[place] = row < 0 ? null : (rows.min[row] as number)
      most[place] = row < 0 ? null : (rows.max[row] as number)
    }
    columns.push(average)
    if (!isCompared) columns.push(least, most)
  })
  return columns
}

function pointsOf(rows: BucketRows, window: TimeWindow, now: number): Points {
  const start = Math.max(0, lowerBound(rows.ts, window.from) - 1)
  const end = Math.min(rows.ts.length, lowerBound(rows.ts, window.to) + 1)
  const gaps = gapsOf(rows)
  let gap = 0
  const own: Points = { x: [], rows: [] }
  for (let row = start; row < end; row++) {
    const at = rows.ts[row] as number
    const middle = middleOf(rows, row, now)
    const previous = own.x.at(-1)
    while (gap < gaps.length && (gaps[gap] as TimeWindow).to < at) gap++
    if (gaps[gap]?.to === at && previous !== undefined) {
      own.x.push((previous + middle) / 2)
      own.rows.push(-1)
    }
    own.x.push(middle)
    own.rows.push(row)
  }
  return own
}

/** Every time that some line has a point at, in order. */
function axisOf(lines: readonly Points[]): number[] {
  const [first, ...others] = lines
  if (first === undefined) return []
  // Channels of one gateway have the same buckets more often than not.
  if (others.every(({ x }) => isSame(x, first.x))) return first.x
  const all = new Float64Array(lines.reduce((sum, { x }) => sum + x.length, 0))
  let filled = 0
  for (const { x } of lines) {
    all.set(x, filled)
    filled += x.length
  }
  all.sort()
  const axis: number[] = []
  for (const at of all) if (axis.at(-1) !== at) axis.push(at)
  return axis
}

function isSame(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((value, index) => value === b[index])
}

/** Where a bucket is drawn: at its middle, never after `now`, ms. */
export function middleOf(rows: BucketRows, row: number, now: number): number {
  const at = rows.ts[row] as number
  return Math.max(at, Math.min(at + (rows.width[row] as number) / 2, now))
}
