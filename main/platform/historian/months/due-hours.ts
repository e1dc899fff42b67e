import { HOUR, MINUTE } from '../blocks/rollup-columns.ts'
import type { QuietHours } from './quiet-hours.ts'
import type { SettledRows } from './settled-rows.ts'

/** An hour of a series with rows that are due to be folded. */
export interface DueHour {
  series: number
  from: number
}

/** ms after its end until an hour is folded: what comes a little late would write it twice. */
const HOUR_WAIT = 10 * MINUTE
/** Rows of an hour ahead of now before it is folded, so that a gateway in the future fills nothing. */
const AHEAD_ROWS = 256
/** Hours of one plan, which bounds its memory. */
const PLAN_HOURS = 4_096
/** Look-ups of some microseconds between two yields. */
const LOOKUPS = 500
/** `2026-11` has four digits of year: readings outside of these years stay where they are. */
const FIRST_TS = Date.parse('0001-01-01T00:00:00Z')
const END_TS = Date.parse('9999-12-31T00:00:00Z')

export interface Look {
  /** The site's time. */
  now: number
  /** Whether hours ahead of now are looked at. */
  ahead: boolean
  /** null: hours that are still being filled are due too. */
  quiet: QuietHours | null
}

/** Goes through the settled rows, series by series and hour by hour, without reading them. */
export class DueHours {
  private readonly source: SettledRows
  private readonly look: Look
  private readonly seq: number
  private series: number | null
  private next = FIRST_TS

  constructor(source: SettledRows, look: Look) {
    this.source = source
    this.look = look
    this.seq = source.settledSeq()
    this.series = source.seriesAfter(-1)
  }

  get done(): boolean {
    return this.series === null
  }

  /** The next due hours in order of (series, time); there may be none although it is not done. */
  *plan(): Generator<void, DueHour[]> {
    const { now, ahead } = this.look
    const due: DueHour[] = []
    let lookups = 0
    while (this.series !== null && due.length < PLAN_HOURS) {
      if (++lookups % LOOKUPS === 0) yield
      const ts = this.source.timeFrom(this.series, this.next)
      const hour = ts === null ? END_TS : Math.floor(ts / HOUR) * HOUR
      if (hour >= END_TS || (hour > now && !ahead)) {
        this.series = this.source.seriesAfter(this.series)
        this.next = FIRST_TS
        continue
      }
      this.next = hour + HOUR
      if (this.isDue(this.series, hour)) due.push({ series: this.series, from: hour })
    }
    return due
  }

  private isDue(series: number, hour: number): boolean {
    const { now, quiet } = this.look
    if (hour <= now) {
      if (hour + HOUR + HOUR_WAIT > now) return false
      if (quiet === null) return true
      const lastTs = this.source.timeBefore(series, hour, hour + HOUR) ?? hour
      return quiet.isQuiet(series, hour, lastTs, now)
    }
    return this.source.count(series, hour, hour + HOUR, this.seq, AHEAD_ROWS) === AHEAD_ROWS
  }
}
