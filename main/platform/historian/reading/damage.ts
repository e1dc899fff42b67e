import { join } from 'node:path'
import type { TimeSpan } from '../historian.ts'
import { MONTHS_FOLDER, type MonthName } from '../months/month-file.ts'

/** A block, or a whole file, that could not be read. */
export interface DamageNotice {
  /** Its path in the store's folder. */
  file: string
  seriesId: number
  from: number
  to: number
  cause: string
}

const KNOWN_MAX = 10_000

/** Tells of each damaged span once, however many queries meet it. */
export class DamageNotices {
  private readonly tell: (notice: DamageNotice) => void
  private readonly known = new Set<string>()

  constructor(tell: (notice: DamageNotice) => void) {
    this.tell = tell
  }

  add(notice: DamageNotice): void {
    const key = `${notice.file} ${notice.seriesId} ${notice.from}`
    if (this.known.has(key)) return
    if (this.known.size >= KNOWN_MAX) this.known.clear()
    this.known.add(key)
    this.tell(notice)
  }
}

/** What one query could not read of one series. */
export class Damage {
  private readonly notices: DamageNotices
  readonly series: number
  /** Whoever asks would rather wait for a file that is about to be replaced than do without it. */
  readonly isPatient: boolean
  private readonly range: TimeSpan
  private readonly found: TimeSpan[] = []

  constructor(notices: DamageNotices, series: number, range: TimeSpan, isPatient = false) {
    this.notices = notices
    this.series = series
    this.range = range
    this.isPatient = isPatient
  }

  /** [from, to) of it cannot be read. `untold`: whoever found it first has told the engine. */
  add({ month, retentionClass }: MonthName, from: number, to: number, cause: string | null): void {
    const file = join(MONTHS_FOLDER, `${month}.${retentionClass}.sqlite`)
    if (cause !== null) this.notices.add({ file, seriesId: this.series, from, to, cause })
    const span = { from: Math.max(from, this.range.from), to: Math.min(to, this.range.to) }
    if (span.from < span.to) this.found.push(span)
  }

  /** Within [from, to), in order of time; what touches is one span. */
  spans({ from, to }: TimeSpan = this.range): TimeSpan[] {
    const joined: TimeSpan[] = []
    for (const span of this.found.toSorted((a, b) => a.from - b.from)) {
      const clipped = { from: Math.max(from, span.from), to: Math.min(to, span.to) }
      if (clipped.from >= clipped.to) continue
      const last = joined.at(-1)
      if (last && clipped.from <= last.to) last.to = Math.max(last.to, clipped.to)
      else joined.push(clipped)
    }
    return joined
  }
}
