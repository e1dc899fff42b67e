import type { ReadingValue, ValueKind } from '#contract/model/reading.ts'
import type { BucketRows } from './bucket-rows.ts'
import type { TimeWindow } from './time-range.ts'

/** A span of one state; null where a bucket saw several. */
export interface StateSpan extends TimeWindow {
  state: string | null
}

/** The state's name: booleans arrive as 0 and 1 from the store, as they are from the live tail. */
export function stateName(kind: ValueKind, value: ReadingValue): string {
  if (kind === 'boolean') return value === true || value === 1 || value === 'true' ? 'true' : 'false'
  return String(value)
}

/** Text and boolean channels as spans: each state holds until the next reading, the last one until the window's end. */
export function stateSpans(rows: BucketRows, kind: ValueKind, window: TimeWindow): StateSpan[] {
  const spans: StateSpan[] = []
  for (let row = 0; row < rows.ts.length; row++) {
    const from = rows.ts[row] as number
    const next = rows.ts[row + 1] ?? Math.max(window.to, from)
    const first = stateName(kind, rows.first[row] as ReadingValue)
    const last = stateName(kind, rows.last[row] as ReadingValue)
    const end = from + (rows.width[row] as number)
    const mixed = first !== last
    if (mixed) push(spans, { from, to: Math.min(end, next), state: null })
    const start = mixed ? Math.min(end, next) : from
    if (next > start) push(spans, { from: start, to: next, state: last })
  }
  return spans
    .filter((span) => span.to > window.from && span.from < window.to)
    .map((span) => ({ ...span, from: Math.max(span.from, window.from), to: Math.min(span.to, window.to) }))
}

function push(spans: StateSpan[], span: StateSpan): void {
  const last = spans.at(-1)
  if (last !== undefined && last.state === span.state && last.to === span.from) last.to = span.to
  else spans.push(span)
}
