import { AHEAD_TOLERANCE, EARLIEST_TS, Quality } from '#contract/model/quality.ts'

/** Whether a gateway's time can be used at all: missing, or before 2020, means that it has no clock. */
export function isDated(ts: number | null): ts is number {
  return ts !== null && ts >= EARLIEST_TS
}

/** The quality of a reading by its own time: more than ten minutes ahead of the site is kept, but flagged. */
export function qualityAt(ts: number, now: number): number {
  return ts > now + AHEAD_TOLERANCE ? Quality.ahead : Quality.good
}
