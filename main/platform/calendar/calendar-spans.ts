import type { TimeZone } from './time-zone.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

export interface PlantCalendar {
  timeZone: TimeZone
  /** Minutes after midnight, rising; none: a shift is a day. */
  shiftStarts: number[]
  /** 0 is Sunday. */
  weekStart: number
}

/** `ms`: equal spans of the wall clock, a divisor of a day. */
export type CalendarInterval = { ms: number } | { unit: 'shift' | 'day' | 'week' | 'month' | 'year' }

/**
 * The edges of the spans that hold [from, to): the first is at or before `from`, the last at or after `to`. Days have
 * 23 or 25 hours where the clock changes; spans of up to an hour are of equal length all the same, longer ones keep
 * to the wall clock.
 *
 * @returns one more edge than there are spans; null where there would be more than `most` spans
 */
export function spanEdges(
  calendar: PlantCalendar,
  interval: CalendarInterval,
  range: { from: number; to: number },
  most: number,
): number[] | null {
  const next =
    'ms' in interval && interval.ms <= HOUR
      ? shortSpans(calendar.timeZone, interval.ms, range.from)
      : longSpans(calendar, interval, range.from)
  const edges = [next()]
  while ((edges.at(-1) as number) < range.to) {
    if (edges.length > most) return null
    edges.push(next())
  }
  return edges
}

/** Spans of equal length that begin at whole ones of the local time, before a change of the clock and after it. */
function shortSpans(zone: TimeZone, ms: number, from: number): () => number {
  const isWhole = (instant: number) => modulo(zone.local(instant), ms) === 0
  const after = (edge: number) => {
    if (isWhole(edge + ms)) return edge + ms
    // The clock changes by less than a span: the next whole local time, however far that is.
    const following = zone.instant(Math.floor(zone.local(edge) / ms + 1) * ms)
    return following > edge ? following : edge + ms
  }
  let edge = Number.NaN
  return () => {
    edge = Number.isNaN(edge) ? from - modulo(zone.local(from), ms) : after(edge)
    return edge
  }
}

/** Spans that begin at certain local times, numbered: the n-th is found without those before it. */
function longSpans(calendar: PlantCalendar, interval: CalendarInterval, from: number): () => number {
  const { timeZone } = calendar
  const { startOf, indexOf } = unitOf(calendar, interval)
  let index = indexOf(timeZone.local(from)) + 1
  let upcoming = timeZone.instant(startOf(index))
  // Skipped and repeated hours may put the start on the other side.
  while (upcoming > from) upcoming = timeZone.instant(startOf(--index))
  let edge = Number.NEGATIVE_INFINITY
  return () => {
    // A start that the clock skips falls together with the next one.
    while (upcoming <= edge) upcoming = timeZone.instant(startOf(++index))
    edge = upcoming
    return edge
  }
}

interface Unit {
  startOf(index: number): number
  indexOf(local: number): number
}

function unitOf({ shiftStarts, weekStart }: PlantCalendar, interval: CalendarInterval): Unit {
  if ('ms' in interval) return equal(interval.ms, 0)
  switch (interval.unit) {
    case 'day':
      return equal(DAY, 0)
    case 'week':
      // 1970-01-01 was a Thursday.
      return equal(7 * DAY, (weekStart - 4) * DAY)
    case 'month':
      return months(1)
    case 'year':
      return months(12)
    case 'shift':
      return shiftStarts.length === 0 ? equal(DAY, 0) : shifts(shiftStarts)
  }
}

function equal(ms: number, origin: number): Unit {
  return {
    startOf: (index) => origin + index * ms,
    indexOf: (local) => Math.floor((local - origin) / ms),
  }
}

function months(count: number): Unit {
  return {
    startOf: (index) => Date.UTC(1970, index * count),
    indexOf: (local) => {
      const date = new Date(local)
      return Math.floor(((date.getUTCFullYear() - 1970) * 12 + date.getUTCMonth()) / count)
    },
  }
}

function shifts(starts: number[]): Unit {
  const startOf = (index: number) =>
    Math.floor(index / starts.length) * DAY + (starts[modulo(index, starts.length)] ?? 0) * MINUTE
  return {
    startOf,
    indexOf: (local) => {
      const first = Math.floor(local / DAY) * starts.length
      let index = first + starts.length - 1
      while (startOf(index) > local) index--
      return index
    },
  }
}

function modulo(value: number, by: number): number {
  return ((value % by) + by) % by
}
