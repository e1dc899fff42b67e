import { HOUR, MINUTE } from '../blocks/rollup-columns.ts'
import type { QuietHours } from './quiet-hours.ts'
import { type SettledRows, SourceUnreadable } from './settled-rows.ts'

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
  /** Told of what cannot be read; that hour, or the rest of its series, is left out. */
  failed: (error: SourceUnreadable) => void
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
    this.series = this.seriesAfter(-1)
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
      const hour = this.nextHour(this.series)
      if (hour >= END_TS || (hour > now && !ahead)) {
        this.series = this.seriesAfter(this.series)
        this.next = FIRST_TS
        continue
      }
      this.next = hour + HOUR
      const { series } = this
      if (this.readable(() => this.isDue(series, hour)) === true) due.push({ series, from: hour })
    }
    return due
  }

  private seriesAfter(series: number): number | null {
    const next = this.readable(() => this.source.seriesAfter(series))
    return next === undefined ? this.source.knownAfter(series) : next
  }

  private nextHour(series: number): number {
    const ts = this.readable(() => this.source.timeFrom(series, this.next)) ?? null
    return ts === null ? END_TS : Math.floor(ts / HOUR) * HOUR
  }

  /** undefined: it lies on a damaged page. */
  private readable<Result>(look: () => Result): Result | undefined {
    try {
      return look()
    } catch (error) {
      if (!(error instanceof SourceUnreadable)) throw error
      this.look.failed(error)
      return undefined
    }
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
