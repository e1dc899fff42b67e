import type { Statement } from 'better-sqlite3'
import { blockChecksum, rollupChecksum } from '../blocks/block-checksum.ts'
import { encodeBlock } from '../blocks/block-codec.ts'
import { summaryOf } from '../blocks/block-summary.ts'
import type { ReadingColumns } from '../blocks/reading-columns.ts'
import type { RollupLevel } from '../blocks/rollup-columns.ts'
import { FoldedLog } from './folded-log.ts'
import type { BlockRow, MonthDb } from './month-file.ts'

/** Where a block stands in time, without its readings. */
export type BlockSpan = Pick<BlockRow, 'id' | 'startTs' | 'endTs' | 'count' | 'toSeq' | 'min'>

/** A version that another value replaced, as a month file keeps it. */
export interface MonthCorrection {
  ts: number
  replacedBy: number
  value: number | string
  flags: number
}

export interface StoredRollup {
  level: number
  series: number
  day: number
  crc: number
  data: Buffer
}

const BLOCK_COLUMNS =
  'id, series, startTs, endTs, count, firstTs, lastTs, min, max, sum, first, last, drops, toSeq, crc, data'
const BLOCK_VALUES =
  '@id, @series, @startTs, @endTs, @count, @firstTs, @lastTs, @min, @max, @sum, @first, @last, @drops, @toSeq, @crc, @data'

/** Bytes of a row beside its data, with its entry in the index. */
const BLOCK_OVERHEAD = 120
const ROLLUP_OVERHEAD = 45

/** What a fold does to one month file; all of it between `begin` and `commit`. */
export class MonthWriter {
  readonly db: MonthDb
  private readonly folded: FoldedLog
  private readonly spans: Statement<[number, number, number], BlockSpan>
  private readonly before: Statement<[number, number], BlockSpan>
  private readonly block: Statement<[number], BlockRow>
  private readonly put: Statement<[BlockRow | (Omit<BlockRow, 'id'> & { id: null })], never>
  private readonly remove: Statement<[number], never>
  private readonly raise: Statement<[number, number, number], never>
  private readonly keepDamaged: Statement<[string, number, number], never>
  private readonly damagedIn: Statement<[number, number, number], { startTs: number; endTs: number }>
  private readonly rollup: Statement<[number, number, number], StoredRollup>
  private readonly putRollup: Statement<[number, number, number, number, Buffer], never>
  private readonly removeRollup: Statement<[number, number, number], never>
  private readonly correct: Statement<[number, number, number, number | string, number], never>
  private readonly count: Statement<[string, number], never>
  private written = false
  /** When a transaction began last, of `performance.now()`. */
  usedAt = performance.now()
  private blocksAdded = 0
  private readingsAdded = 0
  private bytesAdded = 0

  constructor(db: MonthDb) {
    this.db = db
    this.folded = new FoldedLog(db)
    this.spans = db.prepare(
      `SELECT id, startTs, endTs, count, toSeq, min FROM blocks
       WHERE series = ? AND startTs >= ? AND startTs < ? ORDER BY startTs`,
    )
    // Blocks of a series do not overlap, so only the last one before can reach into a range.
    this.before = db.prepare(
      `SELECT id, startTs, endTs, count, toSeq, min FROM blocks
       WHERE series = ? AND startTs < ? ORDER BY startTs DESC LIMIT 1`,
    )
    this.block = db.prepare(`SELECT ${BLOCK_COLUMNS} FROM blocks WHERE id = ?`)
    this.put = db.prepare(`INSERT OR REPLACE INTO blocks (${BLOCK_COLUMNS}) VALUES (${BLOCK_VALUES})`)
    this.remove = db.prepare('DELETE FROM blocks WHERE id = ?')
    this.raise = db.prepare('UPDATE blocks SET toSeq = ?, crc = ? WHERE id = ?')
    this.keepDamaged = db.prepare(
      `INSERT INTO damaged SELECT NULL, ${BLOCK_COLUMNS.slice('id, '.length)}, ?, ? FROM blocks WHERE id = ?`,
    )
    this.damagedIn = db.prepare(
      'SELECT startTs, endTs FROM damaged WHERE series = ? AND startTs < ? AND endTs > ?',
    )
    this.rollup = db.prepare(
      'SELECT level, series, day, crc, data FROM rollups WHERE level = ? AND series = ? AND day = ?',
    )
    this.putRollup = db.prepare(
      `INSERT INTO rollups (level, series, day, crc, data) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (level, series, day) DO UPDATE SET crc = excluded.crc, data = excluded.data`,
    )
    this.removeRollup = db.prepare('DELETE FROM rollups WHERE level = ? AND series = ? AND day = ?')
    this.correct = db.prepare(
      `INSERT INTO corrections (series, ts, replacedBy, value, flags) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO NOTHING`,
    )
    this.count = db.prepare(
      'INSERT INTO meta VALUES (?, ?) ON CONFLICT DO UPDATE SET value = value + excluded.value',
    )
  }

  begin(): void {
    this.usedAt = performance.now()
    this.db.exec('BEGIN IMMEDIATE')
    this.blocksAdded = 0
    this.readingsAdded = 0
    this.bytesAdded = 0
  }

  /** All of it is on disk when this returns. `folded`: what the forecast of the disk needs to know of a fold. */
  commit(folded: { at: number; readings: number } | null): void {
    if (this.blocksAdded !== 0) this.count.run('blocks', this.blocksAdded)
    if (this.readingsAdded !== 0) this.count.run('readings', this.readingsAdded)
    if (folded) this.folded.add(folded.at, folded.readings, this.bytesAdded)
    this.db.exec('COMMIT')
    this.written = true
  }

  rollback(): void {
    // SQLite has rolled back by itself after some errors, such as a full disk.
    if (this.db.inTransaction) this.db.exec('ROLLBACK')
  }

  /** Blocks that answer for some of [from, to), in order of time. */
  blocksIn(series: number, from: number, to: number): BlockSpan[] {
    const before = this.before.get(series, from)
    const inside = this.spans.all(series, from, to)
    return before && before.endTs > from ? [before, ...inside] : inside
  }

  /** Whether readings of [from, to) are here, or were before they were damaged. */
  hasHour(series: number, from: number, to: number): boolean {
    return this.blocksIn(series, from, to).length > 0 || this.damagedSpans(series, from, to).length > 0
  }

  readBlock(id: number): BlockRow | undefined {
    return this.block.get(id)
  }

  /** Writes a block of [from, to), as the row `id` where one is given. */
  putBlock(
    series: number,
    from: number,
    to: number,
    columns: ReadingColumns,
    toSeq: number,
    id: number | null,
  ): void {
    const data = encodeBlock(columns)
    const row = { id, series, startTs: from, endTs: to, ...summaryOf(columns), toSeq, crc: 0, data }
    row.crc = blockChecksum(row)
    this.put.run(row)
    this.blocksAdded += 1
    this.readingsAdded += columns.count
    this.bytesAdded += data.length + BLOCK_OVERHEAD
  }

  removeBlock({ id, count, data }: Pick<BlockRow, 'id' | 'count' | 'data'>): void {
    this.remove.run(id)
    this.blocksAdded -= 1
    this.readingsAdded -= count
    this.bytesAdded -= data.length + BLOCK_OVERHEAD
  }

  /** The same readings came again: only the version is newer. */
  raiseSeq(block: BlockRow, toSeq: number): void {
    this.raise.run(toSeq, blockChecksum({ ...block, toSeq }), block.id)
  }

  /** Puts a damaged block where nobody reads or overwrites it. */
  setAside(block: BlockSpan, cause: string, now: number): void {
    this.keepDamaged.run(cause, now, block.id)
    this.remove.run(block.id)
    this.blocksAdded -= 1
    this.readingsAdded -= block.count
  }

  /** Spans of [from, to) whose block is damaged. */
  damagedSpans(series: number, from: number, to: number): { startTs: number; endTs: number }[] {
    return this.damagedIn.all(series, to, from)
  }

  readRollup(level: RollupLevel, series: number, day: number): StoredRollup | undefined {
    return this.rollup.get(level, series, day)
  }

  /** `before`: bytes of the one that it replaces. */
  writeRollup(
    level: RollupLevel,
    series: number,
    day: number,
    data: Buffer | null,
    before: number | null,
  ): void {
    if (before !== null) this.bytesAdded -= before + ROLLUP_OVERHEAD
    if (data === null) {
      this.removeRollup.run(level, series, day)
      return
    }
    this.bytesAdded += data.length + ROLLUP_OVERHEAD
    this.putRollup.run(level, series, day, rollupChecksum({ level, series, day, data }), data)
  }

  addCorrection(series: number, { ts, replacedBy, value, flags }: MonthCorrection): void {
    this.correct.run(series, ts, replacedBy, value, flags)
  }

  /**
   * Copies what is in the WAL into the file, if anything was written since; false if nothing was. A reader at work, or a full
   * disk, leaves a rest for the next time.
   */
  checkpointIfWritten(): boolean {
    if (!this.written) return false
    try {
      const [state] = this.db.pragma('wal_checkpoint(TRUNCATE)') as { busy: number }[]
      this.written = state?.busy !== 0
    } catch {
      // It is in the WAL, and found there.
    }
    return true
  }

  /** Never throws: what could not be copied is in the WAL still, and is found there. */
  close(): void {
    try {
      this.rollback()
      this.db.pragma('wal_checkpoint(TRUNCATE)')
    } catch {
      // The file is damaged or the disk is full; whoever opens it next is told.
    } finally {
      this.db.close()
    }
  }
}
