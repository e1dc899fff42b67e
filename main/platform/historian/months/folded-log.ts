import type { Statement } from 'better-sqlite3'
import { DAY, HOUR } from '../blocks/rollup-columns.ts'
import type { MonthDb } from './month-file.ts'

/** What was folded in one hour of the site's time. */
export interface FoldedHour {
  hour: number
  readings: number
  bytes: number
}

const PREFIX = 'folded/'

/** How much was folded when, in the last day: kept with what was folded, for the forecast of the disk. */
export class FoldedLog {
  private readonly find: Statement<[string], string>
  private readonly put: Statement<[string, string], never>
  private readonly all: Statement<[], { key: string; value: string }>
  private readonly remove: Statement<[string], never>

  constructor(db: MonthDb) {
    this.find = db.prepare<[string], string>('SELECT value FROM meta WHERE key = ?').pluck()
    this.put = db.prepare('INSERT OR REPLACE INTO meta VALUES (?, ?)')
    this.all = db.prepare(`SELECT key, value FROM meta WHERE key > '${PREFIX}' AND key < '${PREFIX}~'`)
    this.remove = db.prepare('DELETE FROM meta WHERE key = ?')
  }

  /** Call inside the transaction of the fold. */
  add(now: number, readings: number, bytes: number): void {
    const hour = Math.floor(now / HOUR) * HOUR
    const key = `${PREFIX}${hour}`
    const known = parse(this.find.get(key))
    if (!known)
      for (const past of this.entries()) if (isPast(past.hour, now)) this.remove.run(`${PREFIX}${past.hour}`)
    const sum = { readings: (known?.readings ?? 0) + readings, bytes: (known?.bytes ?? 0) + bytes }
    this.put.run(key, JSON.stringify(sum))
  }

  /** Of the last day, in no order. */
  recent(now: number): FoldedHour[] {
    return this.entries().filter(({ hour }) => !isPast(hour, now))
  }

  private entries(): FoldedHour[] {
    return this.all.all().map(({ key, value }) => ({
      hour: Number(key.slice(PREFIX.length)),
      readings: 0,
      bytes: 0,
      ...parse(value),
    }))
  }
}

/** Hours ahead of now are of a clock that was wrong. */
function isPast(hour: number, now: number): boolean {
  return hour <= now - DAY || hour > now
}

function parse(value: string | undefined): { readings: number; bytes: number } | null {
  return value === undefined ? null : (JSON.parse(value) as { readings: number; bytes: number })
}
