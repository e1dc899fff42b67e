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
    throw new ExpectedError('range_invalid', { cause: 'a time is neither ISO 8601 nor ms since 1970' })
  if (from >= to) throw new ExpectedError('range_invalid', { cause: 'it ends before it begins' })
  if (from < 0 || to > LATEST)
    throw new ExpectedError('range_invalid', {
      cause: 'times are ms since 1970 or ISO 8601, before the year 2200',
    })
}

function readInstant(instant: number | string): number {
  return typeof instant === 'number' ? instant : Date.parse(instant)
}
