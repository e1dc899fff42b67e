import { ExpectedError } from '#contract/errors.ts'

const QUARTER = 15 * 60_000

/**
 * How far a time zone is ahead of UTC at an instant (UTC ms), in ms. Zones change their offset only at whole quarters
 * of an hour UTC, so one answer serves as long.
 * @throws ExpectedError `time_zone_unknown`
 */
export function zoneOffset(zone: string): (utc: number) => number {
  const format = formatOf(zone)
  let quarter = Number.NaN
  let offset = 0
  return (utc) => {
    const at = Math.floor(utc / QUARTER)
    if (at !== quarter) {
      quarter = at
      const parts = Object.fromEntries(
        format.formatToParts(at * QUARTER).map(({ type, value }) => [type, Number(value)]),
      )
      const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts
      offset = Date.UTC(year, month - 1, day, hour, minute, second) - at * QUARTER
    }
    return offset
  }
}

/**
 * The instant (UTC ms) of a wall clock's time, given as if it were UTC. Of the hour that a clock shows twice the
 * first one; a time that it skips is taken by the offset before.
 */
export function fromLocal(local: number, offsetAt: (utc: number) => number): number {
  const before = local - offsetAt(local - 24 * 3_600_000)
  if (before + offsetAt(before) === local) return before
  const after = local - offsetAt(local + 24 * 3_600_000)
  return after + offsetAt(after) === local ? after : before
}

function formatOf(zone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
  } catch (error) {
    throw new ExpectedError('time_zone_unknown', { zone }, { cause: error })
  }
}
