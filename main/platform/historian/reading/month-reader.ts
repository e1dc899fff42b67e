import type { Statement } from 'better-sqlite3'
import { HALF_HOUR, MINUTE } from '../blocks/rollup-columns.ts'
import type { TimeSpan } from '../historian.ts'
import { type BlockRow, type MonthDb, VERSION_INDEX } from '../months/month-file.ts'

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

/** The newest version of what a file has of a series. */
interface SeriesVersion {
  series: number
  toSeq: number
}

/** More blocks than these are looked through in order of time, fewer are sorted. */
const FEW = 64

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

/** The series of `blocks`, one look each, with their newest version. */
const NEWEST = `
  WITH RECURSIVE found(series) AS (
    SELECT (SELECT min(series) FROM blocks WHERE series > ?)
    UNION ALL
    SELECT (SELECT min(series) FROM blocks WHERE series > found.series) FROM found WHERE series IS NOT NULL
  )
  SELECT series, (SELECT max(toSeq) FROM blocks WHERE blocks.series = found.series) AS toSeq
  FROM found WHERE series IS NOT NULL LIMIT ?`

type ByTime = Statement<[number, number], BlockRow>
type ByVersion = Statement<[number, number, number, number], BlockRow>

/** What the reader asks a month file, as it is stored: nothing is checked or decoded. */
export class MonthReader {
  private readonly db: MonthDb
  private readonly upTo: ByTime
  private readonly following: Statement<[number, number, number], BlockRow>
  private readonly preceding: ByTime
  private readonly rollupDays: Statement<[number, number, number, number], RollupRow>
  private readonly damagedSpans: Statement<[number, number, number, number], TimeSpan>
  private readonly someDamaged: Statement<[]>
  private hasDamaged: boolean | null = null
  /** Whether versions can be looked up; files of before cannot until they are written to. */
  readonly isIndexed: boolean
  private readonly newerByTime: ByVersion
  private readonly newerByVersion: ByVersion | null = null
  private readonly countNewer: Statement<[number, number, number], number> | null = null
  /** Prepared when somebody counts. */
  private blocksFrom: Statement<[number, number], number> | null = null
  private readingsFrom: Statement<[number, number, number, number], number> | null = null
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
      'SELECT startTs AS "from", endTs AS "to" FROM damaged WHERE series = ? AND startTs < ? AND endTs > ? AND toSeq > ?',
    )
    this.isIndexed = db.prepare('SELECT 1 FROM sqlite_schema WHERE name = ?').get(VERSION_INDEX) !== undefined
    const newer = 'WHERE series = ? AND startTs > ? AND startTs < ? AND toSeq > ? ORDER BY startTs LIMIT 1'
    this.newerByTime = db.prepare(`${BLOCKS} INDEXED BY blocksBySeries ${newer}`)
    if (this.isIndexed) {
      // The block itself only once it is found: sorting would read them all.
      this.newerByVersion = db.prepare(
        `${BLOCKS} WHERE id = (SELECT id FROM blocks INDEXED BY ${VERSION_INDEX} ${newer})`,
      )
      this.countNewer = db
        .prepare<[number, number, number], number>(
          'SELECT count(*) FROM (SELECT 1 FROM blocks WHERE series = ? AND toSeq > ? LIMIT ?)',
        )
        .pluck()
    }
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

  /** The first block that starts after `ts` and before `to`, and has a version above `seq`; 0: any. */
  blockAfter(series: number, ts: number, to: number, seq = 0): BlockRow | undefined {
    if (seq === 0) return this.following.get(series, ts, to)
    const { newerByVersion, countNewer } = this
    if (newerByVersion && countNewer && (countNewer.get(series, seq, FEW + 1) ?? 0) <= FEW)
      return newerByVersion.get(series, ts, to, seq)
    return this.newerByTime.get(series, ts, to, seq)
  }

  /** Whether there may be a block of the series with a version above `seq`. */
  hasNewer(series: number, seq: number): boolean {
    return this.countNewer?.get(series, seq, 1) !== 0
  }

  /** Up to `limit` series behind `after`, rising, with their newest versions. */
  newest(after: number, limit: number): SeriesVersion[] {
    return this.db.prepare<[number, number], SeriesVersion>(NEWEST).all(after, limit)
  }

  /** The same of blocks that were set aside as damaged. */
  damagedVersions(): SeriesVersion[] {
    const sane = `typeof(series) = 'integer' AND typeof(toSeq) = 'integer'`
    return this.db
      .prepare<[], SeriesVersion>(
        `SELECT series, max(toSeq) AS toSeq FROM damaged WHERE ${sane} GROUP BY series`,
      )
      .all()
  }

  /** Blocks of the series that start at `from` or later. Only their index is read. */
  countBlocks(series: number, from: number): number {
    this.blocksFrom ??= this.db
      .prepare<[number, number], number>('SELECT count(*) FROM blocks WHERE series = ? AND startTs >= ?')
      .pluck()
    return this.blocksFrom.get(series, from) ?? 0
  }

  /** Readings in `blocks` of these, behind the first `offset` of them. */
  countReadings(series: number, from: number, offset: number, blocks: number): number {
    this.readingsFrom ??= this.db
      .prepare<[number, number, number, number], number>(
        `SELECT coalesce(sum(count), 0) FROM (
           SELECT count FROM blocks WHERE series = ? AND startTs >= ? ORDER BY startTs LIMIT ? OFFSET ?)`,
      )
      .pluck()
    return this.readingsFrom.get(series, from, blocks, offset) ?? 0
  }

  /** The last block that starts before `ts`. */
  blockBefore(series: number, ts: number): BlockRow | undefined {
    return this.preceding.get(series, ts)
  }

  /** Days that start in [from, to). */
  rollups(level: number, series: number, from: number, to: number): RollupRow[] {
    return this.rollupDays.all(level, series, from, to)
  }

  /** Spans whose block was found damaged and set aside, above `seq`; of nearly all files there are none. */
  damaged(series: number, from: number, to: number, seq: number): TimeSpan[] {
    this.hasDamaged ??= this.someDamaged.get() !== undefined
    if (!this.hasDamaged) return []
    return this.damagedSpans.all(series, to, from, seq === 0 ? Number.MIN_SAFE_INTEGER : seq)
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
