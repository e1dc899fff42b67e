import { ExpectedError } from '#contract/errors.ts'
import { CELLS_MAX, SPANS_MAX } from '#contract/model/telemetry-query.ts'
import { type CalendarInterval, type PlantCalendar, spanEdges } from '#platform/calendar/calendar-spans.ts'
import type { Spans } from '#platform/historian/historian.ts'

const DAY = 86_400_000
const units = { s: 1_000, m: 60_000, h: 3_600_000 } as const

export interface QuerySpans {
  spans: Spans
  /** Of an interval these are its outer edges. */
  from: number
  to: number
  /** Where an interval was asked for. */
  edges: number[] | null
}

export interface SpansInput {
  from: number
  to: number
  buckets?: number | undefined
  interval?: string | undefined
}

/**
 * The spans that a query asks for; null: none, it wants single readings.
 * @param columns how many channels share them
 * @throws ExpectedError `range_invalid`: both kinds of spans, or too many of them
 */
export function spansOf(
  input: SpansInput,
  calendar: PlantCalendar,
  columns: number,
  most = SPANS_MAX,
): QuerySpans | null {
  const { from, to, buckets, interval } = input
  const limit = Math.min(most, Math.floor(CELLS_MAX / columns))
  if (buckets !== undefined && interval !== undefined) refuse('give buckets or an interval, not both')
  if (buckets !== undefined) {
    if (buckets > limit) refuse(`at most ${limit} buckets of ${columns} channels at once`)
    return { spans: { from, to, count: buckets }, from, to, edges: null }
  }
  if (interval === undefined) return null
  const edges = spanEdges(calendar, readInterval(interval), { from, to }, limit)
  if (edges === null)
    refuse(`it has more than ${limit} spans of ${interval}: take longer ones, or a shorter range`)
  return { spans: { edges }, from: edges[0] ?? from, to: edges.at(-1) ?? to, edges }
}

/** `5m`, `hour`, `shift`, … @throws ExpectedError `range_invalid` */
export function readInterval(text: string): CalendarInterval {
  switch (text) {
    case 'hour':
      return { ms: units.h }
    case '1d':
      return { unit: 'day' }
    case 'shift':
    case 'day':
    case 'week':
    case 'month':
    case 'year':
      return { unit: text }
    default: {
      const [, count = '', unit = 's'] = /^(\d+)([smh])$/.exec(text) ?? []
      const ms = Number(count) * units[unit as keyof typeof units]
      if (!(ms > 0) || DAY % ms !== 0) refuse(`${text} does not divide a day`)
      return ms === DAY ? { unit: 'day' } : { ms }
    }
  }
}

function refuse(cause: string): never {
  throw new ExpectedError('range_invalid', { cause })
}
