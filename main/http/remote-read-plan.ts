import type { ReadQuery } from './remote-read-messages.ts'

/** Prometheus looks so far back for the value of an instant, ms: its `--query.lookback-delta` where left out. */
const LOOKBACK = 5 * 60_000
/** Up to this step single readings are given, ms. */
const RAW_STEP = 60_000
/** Spans of a span of readings that a function looks at, so that a rate has several points. */
const SPANS_A_RANGE = 10
const EDGES_MAX = 10_000

/** What stands for the readings of a span. */
export type Column = 'last' | 'min' | 'max' | 'timeAverage'

/**
 * `raw`: single readings. `spans`: of each span from one edge to the next one value, at its end; of these only every
 * `stride`-th span counts, from the first on.
 */
export type ReadPlan = { kind: 'raw' } | { kind: 'spans'; edges: number[]; stride: 1 | 2; column: Column }

/** Functions over a range that a value for each span can answer. */
const columns: Record<string, Column> = {
  rate: 'last',
  increase: 'last',
  delta: 'last',
  deriv: 'last',
  last_over_time: 'last',
  max_over_time: 'max',
  min_over_time: 'min',
  avg_over_time: 'timeAverage',
}

/**
 * How to read a query, by the hints of its step: whatever is shown once in more than a minute needs no single readings.
 * An instant wants the last value of the five minutes before it, so that exactly these are asked for; a function over
 * a range wants a few values in each range.
 */
export function planOf({ startTimestampMs, endTimestampMs, hints }: ReadQuery): ReadPlan {
  const raw: ReadPlan = { kind: 'raw' }
  if (hints === null || hints.stepMs <= RAW_STEP) return raw
  const { stepMs, func, rangeMs } = hints
  if (rangeMs > 0) {
    const column = Object.hasOwn(columns, func) ? columns[func] : undefined
    const width = Math.floor(Math.min(stepMs, rangeMs / SPANS_A_RANGE))
    if (column === undefined || width <= RAW_STEP) return raw
    const spans = equalSpans(startTimestampMs, endTimestampMs, width)
    return spans === null ? raw : { kind: 'spans', edges: spans, stride: 1, column }
  }
  if (func === 'timestamp') return raw
  if (stepMs <= LOOKBACK) {
    const spans = equalSpans(startTimestampMs, endTimestampMs, stepMs)
    return spans === null ? raw : { kind: 'spans', edges: spans, stride: 1, column: 'last' }
  }
  const edges = lookbacks(startTimestampMs, endTimestampMs, stepMs)
  return edges === null ? raw : { kind: 'spans', edges, stride: 2, column: 'last' }
}

/** On whole widths, so that the store answers from its rollups. */
function equalSpans(start: number, end: number, width: number): number[] | null {
  const first = Math.floor(start / width) * width
  if ((end - first) / width > EDGES_MAX - 2) return null
  const spans = Math.floor((end - first) / width) + 1
  return Array.from({ length: spans + 1 }, (_, index) => first + index * width)
}

/**
 * The five minutes before each instant of the query. Its start is the first instant less the look-back, and one ms
 * more since Prometheus 3; null where that gives no whole second, since then the look-back is another.
 */
function lookbacks(start: number, end: number, step: number): number[] | null {
  const first = start + LOOKBACK - (modulo(start, 1_000) === 1 ? 1 : 0)
  if (modulo(first, 1_000) !== 0 || first > end || (2 * (end - first)) / step > EDGES_MAX - 2) return null
  const edges: number[] = []
  for (let instant = first; instant <= end; instant += step) edges.push(instant - LOOKBACK, instant)
  return edges
}

function modulo(value: number, by: number): number {
  return ((value % by) + by) % by
}
