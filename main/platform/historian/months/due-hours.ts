import { HOUR, MINUTE } from '../blocks/rollup-columns.ts'
import type { SettledRows } from './settled-rows.ts'

/** An hour of a series with rows that are due to be folded. */
export interface DueHour {
  series: number
  from: number
}

/** ms after its end until an hour is folded: what comes a little late would write it twice. */
export const HOUR_WAIT = 10 * MINUTE
/** Rows of an hour ahead of now before it is folded, so that a gateway in the future fills nothing. */
const AHEAD_ROWS = 256
/** Hours of one plan, which bounds its memory. */
const PLAN_HOURS = 4_096
/** Look-ups of some microseconds between two yields. */
const LOOKUPS = 500
/** `2026-11` has four digits of year: readings outside of these years stay where they are. */
const FIRST_TS = Date.parse('0001-01-01T00:00:00Z')
const END_TS = Date.parse('9999-12-31T00:00:00Z')

/** Goes through the settled rows, series by series and hour by hour, without reading them. */
export class DueHours {
  private readonly source: SettledRows
  private readonly seq: number
  private series: number | null
  private next = FIRST_TS

  constructor(source: SettledRows) {
    this.source = source
    this.seq = source.settledSeq()
    this.series = source.seriesAfter(-1)
  }

  get done(): boolean {
    return this.series === null
  }

  /** The next due hours in order of (series, time); there may be none although it is not done. */
  *plan(now: number, lookAhead: boolean): Generator<void, DueHour[]> {
    const due: DueHour[] = []
    let lookups = 0
    while (this.series !== null && due.length < PLAN_HOURS) {
      if (++lookups % LOOKUPS === 0) yield
      const ts = this.source.timeFrom(this.series, this.next)
      const hour = ts === null ? END_TS : Math.floor(ts / HOUR) * HOUR
      if (hour >= END_TS || (hour > now && !lookAhead)) {
        this.series = this.source.seriesAfter(this.series)
        this.next = FIRST_TS
        continue
      }
      this.next = hour + HOUR
      if (this.isDue(this.series, hour, now)) due.push({ series: this.series, from: hour })
    }
    return due
  }

  private isDue(series: number, hour: number, now: number): boolean {
    if (hour <= now) return hour + HOUR + HOUR_WAIT <= now
    return this.source.count(series, hour, hour + HOUR, this.seq, AHEAD_ROWS) === AHEAD_ROWS
  }
}
