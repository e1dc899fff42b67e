import { DAY } from './day-digest.ts'

/** Readings of one look at the most, and then those of the day that it ends in: some tenths of a second of the cloud. */
const LOOK = 100_000

/** Readings of a channel that the cloud has from a time on, up to `to`: where that look ended, a day's end or the end asked for. */
export interface OnlyThere {
  readings: number
  days: number
  to: number
}

/** What is counted: a channel by its number, times in ms, `from` inclusive, `to` exclusive. */
export interface ThereQuery {
  key: number
  from: number
  to: number
}

export type AskCloud = <T>(question: string, values: unknown[]) => Promise<T[]>

interface DayCount {
  day: number
  readings: number
}

const BY_DAY = `SELECT floor(extract(epoch FROM ts) / 86400)::integer AS day, count(*)::integer AS readings
  FROM (
    SELECT ts FROM millwright.readings
    WHERE channel_key = $1 AND ts >= to_timestamp($2::float8 / 1000) AND ts < to_timestamp($3::float8 / 1000)
    ORDER BY ts LIMIT $4
  ) look GROUP BY 1 ORDER BY 1`

/** Counts what the cloud has of a channel at times of which the site has nothing: whole days, as many as one look takes. */
export async function countOnlyThere(ask: AskCloud, { key, from, to }: ThereQuery): Promise<OnlyThere> {
  const days = await ask<DayCount>(BY_DAY, [key, from, to, LOOK])
  const readings = days.reduce((sum, day) => sum + day.readings, 0)
  const last = days.at(-1)
  if (last === undefined || readings < LOOK) return { readings, days: days.length, to }
  // The look ended somewhere in its last day.
  if (days.length > 1)
    return { readings: readings - last.readings, days: days.length - 1, to: last.day * DAY }
  const end = Math.min(to, (last.day + 1) * DAY)
  const [whole] = await ask<DayCount>(BY_DAY, [key, from, end, null])
  return { readings: whole?.readings ?? 0, days: 1, to: end }
}
