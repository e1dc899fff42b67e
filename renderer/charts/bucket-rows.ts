import type { Buckets } from '#contract/api/telemetry.ts'
import type { ReadingValue } from '#contract/model/reading.ts'
import type { TimeWindow } from './time-range.ts'

/** Buckets of one channel in the order of time, possibly of several widths. Columns of equal length. */
export interface BucketRows {
  /** ms, start of the bucket. */
  ts: number[]
  /** ms. */
  width: number[]
  count: number[]
  min: number[]
  max: number[]
  sum: number[]
  first: ReadingValue[]
  last: ReadingValue[]
}

/** What a chart needs of the store's buckets. */
export type ChartBuckets = Omit<Buckets, 'avg' | 'timeAverage'>

/** One answer of the store: buckets of all asked channels, on one grid, for one window. */
export interface Layer extends TimeWindow {
  width: number
  /** ms, when it was asked for: what arrived since is folded on top. */
  askedAt: number
  /** It reached now when it was asked for: live readings carry it on. */
  open: boolean
  channels: Map<string, BucketRows>
  /** Spans that the store could not read, by channel. */
  damaged: Map<string, readonly TimeWindow[]>
}

const steps = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000,
  600_000, 900_000, 1_800_000, 3_600_000, 7_200_000, 14_400_000, 21_600_000, 43_200_000, 86_400_000,
]

/** The bucket width, in ms and of a kind people say ("10 min"), that cuts `span` into at most `points`. */
export function bucketWidth(span: number, points: number): number {
  const least = span / points
  return steps.find((step) => step >= least) ?? Math.ceil(least / 86_400_000) * 86_400_000
}

/**
 * What to ask the store for, so that a pan or a small zoom has data before the answer to the next question: the
 * window with half of itself on either side, never past `now` plus one bucket, on a grid of whole widths.
 */
export function requestFor(
  window: TimeWindow,
  points: number,
  now: number,
): TimeWindow & { width: number; points: number } {
  const span = window.to - window.from
  const width = bucketWidth(span, points)
  const from = Math.floor((window.from - span / 2) / width) * width
  const to = Math.max(
    from + width,
    Math.ceil(Math.min(window.to + span / 2, Math.max(now, window.to)) / width) * width,
  )
  return { from, to, width, points: Math.round((to - from) / width) }
}

export function emptyRows(): BucketRows {
  return { ts: [], width: [], count: [], min: [], max: [], sum: [], first: [], last: [] }
}

export function rowsOf(buckets: ChartBuckets): BucketRows {
  return {
    ts: [...buckets.ts],
    width: buckets.ts.map(() => buckets.width),
    count: [...buckets.count],
    min: [...buckets.min],
    max: [...buckets.max],
    sum: [...buckets.sum],
    first: [...buckets.first],
    last: [...buckets.last],
  }
}

/** The rows of `outer` before and after, and those of `inner` between: whole columns at once, for layers have thousands. */
function joined(outer: BucketRows, before: number, inner: BucketRows, after: number): BucketRows {
  const column = <T>(of: readonly T[], between: readonly T[]): T[] =>
    of.slice(0, before).concat(between, of.slice(after))
  return {
    ts: column(outer.ts, inner.ts),
    width: column(outer.width, inner.width),
    count: column(outer.count, inner.count),
    min: column(outer.min, inner.min),
    max: column(outer.max, inner.max),
    sum: column(outer.sum, inner.sum),
    first: column(outer.first, inner.first),
    last: column(outer.last, inner.last),
  }
}

/** The same buckets `by` ms later, for a comparison on one axis; the other columns are shared. */
export function shiftedRows(rows: BucketRows, by: number): BucketRows {
  return { ...rows, ts: rows.ts.map((ts) => ts + by) }
}

/** The first row at or after `ts`. */
export function lowerBound(sorted: ArrayLike<number>, ts: number): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sorted[middle] as number) < ts) low = middle + 1
    else high = middle
  }
  return low
}

/** At most this many answers are kept to draw from while the next is on its way. */
const LAYERS = 4

/** The layers with `added` on top, without those that it covers as finely, the newest last. */
export function withLayer(layers: readonly Layer[], added: Layer): Layer[] {
  const kept = layers.filter(
    (layer) => layer.from < added.from || layer.to > added.to || layer.width < added.width,
  )
  return [...kept.slice(-(LAYERS - 1)), added]
}

/** One channel from all layers: the newest where it reaches, older ones around it. */
export function composed(layers: readonly Layer[], channelId: string): BucketRows {
  let rows = emptyRows()
  for (const layer of layers) {
    const over = layer.channels.get(channelId)
    if (over === undefined) continue
    if (rows.ts.length === 0) {
      rows = over
      continue
    }
    let before = lowerBound(rows.ts, layer.from)
    // A coarser bucket that reaches into the newer layer would count its readings twice.
    while (before > 0 && (rows.ts[before - 1] as number) + (rows.width[before - 1] as number) > layer.from)
      before--
    rows = joined(rows, before, over, lowerBound(rows.ts, layer.to))
  }
  return rows
}

/** Whether a layer has what `window` and a little around it needs, finely enough for `points` on screen. */
export function covers(layer: Layer, window: TimeWindow, points: number): boolean {
  const span = window.to - window.from
  const margin = span * 0.15
  const width = bucketWidth(span, points)
  if (layer.width > width || layer.width * 8 < width) return false
  // A live layer that grew to twice its size is asked for anew, so that it does not grow for ever.
  if (layer.from > window.from - margin || (layer.open && layer.from < window.from - span * 1.5)) return false
  return layer.open || layer.to >= window.to + margin
}

/** Folds a live reading into every layer that its time belongs to, in place. Says whether any changed. */
export function foldInto(
  layers: readonly Layer[],
  channelId: string,
  ts: number,
  value: ReadingValue,
): boolean {
  let changed = false
  for (const layer of layers) {
    if (ts < layer.from || (ts >= layer.to && !layer.open)) continue
    let rows = layer.channels.get(channelId)
    if (rows === undefined) {
      rows = emptyRows()
      layer.channels.set(channelId, rows)
    }
    foldReading(rows, layer.width, ts, value)
    layer.to = Math.max(layer.to, Math.floor(ts / layer.width) * layer.width + layer.width)
    changed = true
  }
  return changed
}

/**
 * Folds one live reading into the buckets of `width` (in place): as the newest bucket, or into the one that its
 * time belongs to. A reading that was already counted changes neither minimum, maximum nor last value.
 */
export function foldReading(rows: BucketRows, width: number, ts: number, value: ReadingValue): void {
  const start = Math.floor(ts / width) * width
  const number = typeof value === 'number' ? value : value === true ? 1 : 0
  let row = lowerBound(rows.ts, start)
  // A wider bucket of an older layer may hold this time.
  const before = row - 1
  if (
    rows.ts[row] !== start &&
    before >= 0 &&
    ts < (rows.ts[before] as number) + (rows.width[before] as number)
  )
    row = before
  else if (rows.ts[row] !== start) {
    rows.ts.splice(row, 0, start)
    rows.width.splice(row, 0, width)
    rows.count.splice(row, 0, 1)
    rows.min.splice(row, 0, number)
    rows.max.splice(row, 0, number)
    rows.sum.splice(row, 0, number)
    rows.first.splice(row, 0, value)
    rows.last.splice(row, 0, value)
    return
  }
  rows.count[row] = (rows.count[row] as number) + 1
  rows.min[row] = Math.min(rows.min[row] as number, number)
  rows.max[row] = Math.max(rows.max[row] as number, number)
  rows.sum[row] = (rows.sum[row] as number) + number
  rows.last[row] = value
}

/** So many distances on either side tell what is usual there: gateways change how often they send. */
const NEIGHBOURS = 8
const distances = new Float64Array(NEIGHBOURS)

/** The usual distance of up to eight neighbours before `row` (or after it); infinite where there are none. */
function usualDistance(rows: BucketRows, row: number, side: 'before' | 'after'): number {
  const start = side === 'before' ? Math.max(1, row - NEIGHBOURS) : row + 1
  const end = side === 'before' ? row : Math.min(rows.ts.length, row + 1 + NEIGHBOURS)
  let found = 0
  // Sorted as they come: this is asked for every bucket of channels that speak less often than buckets pass.
  for (let at = start; at < end; at++) {
    const distance = (rows.ts[at] as number) - (rows.ts[at - 1] as number)
    let place = found++
    while (place > 0 && (distances[place - 1] as number) > distance) {
      distances[place] = distances[place - 1] as number
      place--
    }
    distances[place] = distance
  }
  return found === 0 ? Number.POSITIVE_INFINITY : (distances[found >> 1] as number)
}

/**
 * The distance in ms beyond which two buckets are no neighbours. Where nearly every bucket holds readings, two empty
 * ones are a gap; where readings are rarer than buckets, four times their usual distance is.
 */
function threshold(usual: number, width: number): number {
  return usual <= width * 1.5 ? width * 2.5 : usual * 4
}

/** How long after its last bucket, in ms, a channel has gone silent; infinite where nothing tells how often it speaks. */
export function silenceThreshold(rows: BucketRows): number {
  const last = rows.ts.length - 1
  return last < 1
    ? Number.POSITIVE_INFINITY
    : threshold(usualDistance(rows, last + 1, 'before'), rows.width[last] as number)
}

/** Where a channel has no data: from the end of a bucket to the start of the next. */
export function gapsOf(rows: BucketRows): TimeWindow[] {
  const gaps: TimeWindow[] = []
  for (let row = 1; row < rows.ts.length; row++) {
    const before = rows.ts[row - 1] as number
    const distance = (rows.ts[row] as number) - before
    const width = Math.max(rows.width[row - 1] as number, rows.width[row] as number)
    if (distance <= width * 2.5) continue
    const usualBefore = usualDistance(rows, row, 'before')
    // Most often one side tells already that this is no gap.
    if (Number.isFinite(usualBefore) && distance <= threshold(usualBefore, width)) continue
    const usualAfter = usualDistance(rows, row, 'after')
    if (!Number.isFinite(usualBefore) && !Number.isFinite(usualAfter)) continue
    if (Number.isFinite(usualAfter) && distance <= threshold(usualAfter, width)) continue
    gaps.push({ from: before + (rows.width[row - 1] as number), to: before + distance })
  }
  return gaps
}
