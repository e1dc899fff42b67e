import type { Statement } from 'better-sqlite3'
import { HALF_HOUR, MINUTE } from '../blocks/rollup-columns.ts'
import type { TimeSpan } from '../historian.ts'
import type { BlockRow, MonthDb } from '../months/month-file.ts'

export interface RollupRow {
  /** Start of the UTC day, ms. */
  day: number
  crc: number
  data: Buffer
}

export interface MonthCorrectionRow {
  ts: number
  replacedBy: number
  value: number | string
  flags: number
}

/** No series of a file has a lower or a higher id. An empty file: infinite, the wrong way round. */
export interface SeriesRange {
  lowest: number
  highest: number
}

const BLOCKS =
  'SELECT id, series, startTs, endTs, count, firstTs, lastTs, min, max, sum, first, last, drops, toSeq, crc, data FROM blocks'

/** Both ends of each index that begins with the series: a page or two each. */
const SERIES_ENDS = [
  'blocks',
  `rollups WHERE level = ${MINUTE}`,
  `rollups WHERE level = ${HALF_HOUR}`,
  'corrections',
  'damaged',
].flatMap((rows) => [`SELECT min(series) FROM ${rows}`, `SELECT max(series) FROM ${rows}`])

type ByTime = Statement<[number, number], BlockRow>

/** What the reader asks a month file, as it is stored: nothing is checked or decoded. */
export class MonthReader {
  private readonly db: MonthDb
  private readonly upTo: ByTime
  private readonly following: Statement<[number, number, number], BlockRow>
  private readonly preceding: ByTime
  private readonly rollupDays: Statement<[number, number, number, number], RollupRow>
  private readonly damagedSpans: Statement<[number, number, number], TimeSpan>
  private readonly someDamaged: Statement<[]>
  private hasDamaged: boolean | null = null
  private readonly corrected: Statement<[number, number, number, number], MonthCorrectionRow>

  constructor(db: MonthDb) {
    this.db = db
    this.upTo = db.prepare(`${BLOCKS} WHERE series = ? AND startTs <= ? ORDER BY startTs DESC LIMIT 1`)
    this.following = db.prepare(
      `${BLOCKS} WHERE series = ? AND startTs > ? AND startTs < ? ORDER BY startTs LIMIT 1`,
    )
    this.preceding = db.prepare(`${BLOCKS} WHERE series = ? AND startTs < ? ORDER BY startTs DESC LIMIT 1`)
    this.rollupDays = db.prepare(
      'SELECT day, crc, data FROM rollups WHERE level = ? AND series = ? AND day >= ? AND day < ? ORDER BY day',
    )
    this.damagedSpans = db.prepare(
      'SELECT startTs AS "from", endTs AS "to" FROM damaged WHERE series = ? AND startTs < ? AND endTs > ?',
    )
    this.someDamaged = db.prepare('SELECT 1 FROM damaged LIMIT 1')
    this.corrected = db.prepare(
      `SELECT ts, replacedBy, value, flags FROM corrections
       WHERE series = ? AND ts >= ? AND ts < ? ORDER BY ts, replacedBy LIMIT ?`,
    )
  }

  /** The block that answers for `ts`. */
  blockAt(series: number, ts: number): BlockRow | undefined {
    const block = this.upTo.get(series, ts)
    return block && block.endTs > ts ? block : undefined
  }

  /** The first block that starts after `ts` and before `to`. */
  blockAfter(series: number, ts: number, to: number): BlockRow | undefined {
    return this.following.get(series, ts, to)
  }

  /** The last block that starts before `ts`. */
  blockBefore(series: number, ts: number): BlockRow | undefined {
    return this.preceding.get(series, ts)
  }

  /** Days that start in [from, to). */
  rollups(level: number, series: number, from: number, to: number): RollupRow[] {
    return this.rollupDays.all(level, series, from, to)
  }

  /** Spans whose block was found damaged and set aside; of nearly all files there are none. */
  damaged(series: number, from: number, to: number): TimeSpan[] {
    this.hasDamaged ??= this.someDamaged.get() !== undefined
    if (!this.hasDamaged) return []
    return this.damagedSpans.all(series, to, from)
  }

  /** Null where an id is no number: a row that was found damaged is kept as it was. */
  seriesRange(): SeriesRange | null {
    const ends = this.db.prepare(SERIES_ENDS.join(' UNION ALL ')).pluck().all()
    const ids = ends.filter((id) => id !== null)
    if (!ids.every((id) => typeof id === 'number')) return null
    return { lowest: Math.min(...ids), highest: Math.max(...ids) }
  }

  corrections(series: number, from: number, to: number, limit: number): MonthCorrectionRow[] {
    return this.corrected.all(series, from, to, limit)
  }

  /** Everything until `end` is read from one snapshot: a lock each, instead of one for each statement. */
  begin(): void {
    this.db.exec('BEGIN')
    this.hasDamaged = null
  }

  end(): void {
    if (this.db.inTransaction) this.db.exec('COMMIT')
  }

  close(): void {
    this.db.close()
  }
}
