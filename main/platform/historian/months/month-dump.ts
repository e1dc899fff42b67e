import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import { ExpectedError } from '#contract/errors.ts'
import type { ValueKind } from '#contract/model/reading.ts'
import type { ReadingColumns } from '../blocks/reading-columns.ts'
import { damageOf, messageOf } from '../store-errors.ts'
import { readingsOf } from './checked-block.ts'
import { type BlockRow, MONTH_FORMAT_VERSION } from './month-file.ts'

/** A series by name, from the store that the file lies in. */
export interface SeriesName {
  id: number
  assignmentId: string
  channel: string
  kind: ValueKind
  unit: string | null
}

/** One month file, wherever it lies, opened to look at it and nothing else: a site may go on writing it. */
export class MonthDump {
  readonly month: string
  readonly retentionClass: string
  readonly format: number
  private readonly meta: Map<string, string | number>
  private readonly db: Database.Database

  /** @throws ExpectedError `data_damaged`, `data_from_newer_version` */
  constructor(file: string) {
    let db: Database.Database | null = null
    try {
      db = new Database(file, { readonly: true, fileMustExist: true, timeout: 5_000 })
      this.meta = new Map(
        db.prepare<[], [string, string | number]>('SELECT key, value FROM meta').raw().all(),
      )
      this.format = Number(this.meta.get('format'))
      this.month = String(this.meta.get('month') ?? '')
      this.retentionClass = String(this.meta.get('retentionClass') ?? '')
    } catch (error) {
      db?.close()
      const damage = damageOf(error, file)
      throw damage instanceof ExpectedError
        ? damage
        : new ExpectedError('data_damaged', { file, cause: messageOf(error) })
    }
    this.db = db
    if (this.format <= MONTH_FORMAT_VERSION) return
    db.close()
    throw new ExpectedError('data_from_newer_version', {
      migration: `historian months format ${this.format}`,
    })
  }

  close(): void {
    this.db.close()
  }

  /** What the file counts of itself, without reading a block. */
  counts(): { readings: number; blocks: number; series: number; damaged: number; corrections: number } {
    const one = (sql: string) => this.db.prepare<[], number>(sql).pluck().get() ?? 0
    return {
      readings: Number(this.meta.get('readings') ?? 0),
      blocks: Number(this.meta.get('blocks') ?? 0),
      series: one('SELECT count(DISTINCT series) FROM blocks'),
      damaged: one('SELECT count(*) FROM damaged'),
      corrections: one('SELECT count(*) FROM corrections'),
    }
  }

  /** Blocks that answer for some of [from, to), series by series, in order of time. */
  *blocks({ series, from, to }: { series: number | null; from: number; to: number }): Generator<BlockRow> {
    const where = 'startTs < @to AND endTs > @from'
    const ids = this.db
      .prepare<[object], number>(
        series === null
          ? `SELECT id FROM blocks WHERE ${where} ORDER BY series, startTs`
          : `SELECT id FROM blocks WHERE series = @series AND ${where} ORDER BY startTs`,
      )
      .pluck()
      .all(series === null ? { from, to } : { series, from, to })
    // One at a time: an open statement would keep the WAL of a running site from shrinking.
    const block = this.db.prepare<[number], BlockRow>('SELECT * FROM blocks WHERE id = ?')
    for (const id of ids) {
      const row = block.get(id)
      if (row) yield row
    }
  }

  /** @throws BlockDamaged */
  static readings(row: BlockRow): ReadingColumns {
    return readingsOf(row)
  }
}

/** Readings of a store that are not in months yet, and its series. */
export function unfoldedOf(
  dir: string,
): { hotRows: number; settledRows: number; series: number; corrections: number } | null {
  const hot = join(dir, 'hot.sqlite')
  if (!existsSync(hot)) return null
  let db: Database.Database | null = null
  try {
    db = new Database(hot, { readonly: true, timeout: 5_000 })
    const [hotRows = 0, settledRows = 0, series = 0, corrections = 0] = [
      'hot',
      'readings',
      'series',
      'corrections',
    ].map((table) => db?.prepare<[], number>(`SELECT count(*) FROM ${table}`).pluck().get() ?? 0)
    return { hotRows, settledRows, series, corrections }
  } catch (error) {
    throw damageOf(error, hot)
  } finally {
    db?.close()
  }
}

/** Names of the series, where the file lies in a store: `…/months/FILE` beside `…/hot.sqlite`. */
export function seriesNamesBeside(file: string): Map<number, SeriesName> {
  const hot = join(dirname(file), '..', 'hot.sqlite')
  if (!existsSync(hot)) return new Map()
  let db: Database.Database | null = null
  try {
    db = new Database(hot, { readonly: true, timeout: 5_000 })
    const rows = db.prepare<[], SeriesName>('SELECT id, assignmentId, channel, kind, unit FROM series').all()
    return new Map(rows.map((row) => [row.id, row]))
  } catch {
    // The file can be read without them.
    return new Map()
  } finally {
    db?.close()
  }
}
