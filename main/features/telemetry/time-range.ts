import * as z from 'zod'
import { ExpectedError } from '#contract/errors.ts'

const DAY = 24 * 60 * 60_000
/** Year 2200: later times are slips of the keyboard or of units. */
const LATEST = 7_258_118_400_000

/** [from, to) in ms; the day before `to` where `from` is left out, until now where `to` is. @throws ExpectedError `range_invalid` */
export function readRange(
  range: { from?: number | string | undefined; to?: number | string | undefined },
  now: number,
): { from: number; to: number } {
  const to = range.to === undefined ? now + 1 : readInstant(range.to)
  const from = range.from === undefined ? to - DAY : readInstant(range.from)
  checkRange(from, to)
  return { from, to }
}

/** @throws ExpectedError `range_invalid` */
export function checkRange(from: number, to: number): void {
  if (Number.isNaN(from) || Number.isNaN(to))
    throw new ExpectedError('range_invalid', {
      cause: 'a time is neither ISO 8601 with its zone nor ms since 1970',
    })
  if (from >= to) throw new ExpectedError('range_invalid', { cause: 'it ends before it begins' })
  if (from < 0 || to > LATEST)
    throw new ExpectedError('range_invalid', {
      cause: 'times are ms since 1970 or ISO 8601, before the year 2200',
    })
}

/** Without its zone a time would be that of whatever the server stands in. */
const IsoSchema = z.iso.datetime({ offset: true })

function readInstant(instant: number | string): number {
  if (typeof instant === 'number') return instant
  return IsoSchema.safeParse(instant).success ? Date.parse(instant) : Number.NaN
}
