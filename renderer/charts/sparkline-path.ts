import { type BucketRows, gapsOf, lowerBound } from './bucket-rows.ts'
import type { TimeWindow } from './time-range.ts'

export interface SparklineShape {
  /** SVG path of the line, with breaks at gaps. */
  path: string
  /** Where the last bucket stands, in the same units. */
  end: { x: number; y: number }
}

const PADDING = 3

/**
 * The averages of a window as an SVG path in a box of `width` x `height`, scaled to what it shows. A flat line runs
 * through the middle. Null where there is nothing to draw.
 */
export function sparklineShape(
  rows: BucketRows,
  window: TimeWindow,
  width: number,
  height: number,
): SparklineShape | null {
  const start = lowerBound(rows.ts, window.from)
  const stop = lowerBound(rows.ts, window.to)
  if (stop <= start) return null
  let min = Number.POSITIVE_INFINITY
  let max = Number.NEGATIVE_INFINITY
  const averages: number[] = []
  for (let row = start; row < stop; row++) {
    const average = (rows.sum[row] as number) / Math.max(1, rows.count[row] as number)
    averages.push(average)
    min = Math.min(min, average)
    max = Math.max(max, average)
  }
  const usable = height - 2 * PADDING
  const span = window.to - window.from
  const gapEnds = new Set(gapsOf(rows).map((gap) => gap.to))
  let path = ''
  let end = { x: 0, y: 0 }
  averages.forEach((average, index) => {
    const ts = rows.ts[start + index] as number
    const at = Math.min(window.to, ts + (rows.width[start + index] as number) / 2)
    const x = PADDING + ((at - window.from) / span) * (width - 2 * PADDING)
    const y = max > min ? PADDING + (1 - (average - min) / (max - min)) * usable : height / 2
    path += `${index === 0 || gapEnds.has(ts) ? 'M' : 'L'}${x.toFixed(1)},${y.toFixed(1)}`
    end = { x, y }
  })
  return { path, end }
}
