import type { Statement } from 'better-sqlite3'
import { kindOf } from '#contract/model/reading-batch.ts'
import { type CellGrid, cellRange } from './bucket-cells.ts'
import type { StoredRow } from './hot-scan.ts'
import type { Store } from '../ingest/store-file.ts'

type Value = number | string

/** What a cell holds. For text series only count, first and last mean anything. */
export interface CellSummary {
  cell: number
  count: number
  min: number
  max: number
  sum: number
  first: Value
  last: Value
}

type CellRow = [cell: number, count: number, min: Value, max: Value, sum: number, first: Value, last: Value]
type ExactRow = [count: number, min: number, max: number, sum: number, firstTs: number, lastTs: number]

export const NUMBERS = 'min(r.value) AS low, max(r.value) AS high, sum(r.value) AS total'
const TEXTS = '0 AS low, 0 AS high, 0 AS total'
/** Cells that one statement looks at. Empty ones cost about a microsecond. */
const CELLS = 5_000
/** When to leave off and let others run, ms. The last cell can add some 40. */
const SLICE_TIME = 10

/**
 * Summaries of settled readings, cell by cell. SQLite groups along the primary keys of both tables, so it neither
 * sorts nor hands rows to JavaScript, and it can be left after any cell.
 */
export class CellReader {
  private readonly numbers: Statement<[Record<string, bigint>], CellRow>
  private readonly texts: Statement<[Record<string, bigint>], CellRow>
  private readonly exactNumbers: Statement<[number, number, number, string], ExactRow>
  private readonly exactTexts: Statement<[number, number, number, string], ExactRow>
  private readonly point: Statement<[number, number], { value: Value; seq: number }>
  private readonly next: Statement<[number, number, number], number>
  private readonly last: Statement<[number], number>

  constructor(store: Store) {
    store.exec(
      `CREATE TEMP TABLE cell (n INTEGER PRIMARY KEY);
       WITH RECURSIVE counter (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM counter WHERE n < ${CELLS - 1})
       INSERT INTO cell SELECT n FROM counter`,
    )
    this.numbers = store.prepare<[Record<string, bigint>], CellRow>(cellSql(NUMBERS)).raw()
    this.texts = store.prepare<[Record<string, bigint>], CellRow>(cellSql(TEXTS)).raw()
    this.exactNumbers = exactStatement(store, `AND typeof(value) <> 'text'`)
    this.exactTexts = exactStatement(store, '')
    this.point = store.prepare('SELECT value, seq FROM readings WHERE series = ? AND ts = ?')
    this.next = store
      .prepare<[number, number, number], number>(
        'SELECT ts FROM readings WHERE series = ? AND ts >= ? AND ts < ? ORDER BY ts LIMIT 1',
      )
      .pluck()
    this.last = store
      .prepare<[number], number>('SELECT ts FROM readings WHERE series = ? ORDER BY ts DESC LIMIT 1')
      .pluck()
  }

  /** The first settled time at or after `from`, or null. */
  nextTime(series: number, from: number, to: number): number | null {
    return this.next.get(series, from, to) ?? null
  }

  /** Cells from `cell` on that hold readings, in order, and the cell to go on with. */
  read(
    series: number,
    grid: CellGrid,
    cell: number,
    text: boolean,
  ): { summaries: CellSummary[]; end: number } {
    const count = Math.min(CELLS, grid.cells - cell)
    const statement = text ? this.texts : this.numbers
    const summaries: CellSummary[] = []
    const deadline = performance.now() + SLICE_TIME
    for (const [at, rows, min, max, sum, first, last] of statement.iterate(bind(series, grid, cell, count))) {
      // In SQLite a text is above all numbers: this cell of a number series holds one.
      if (typeof max === 'string') {
        const summary = this.readExactly(series, grid, at, false, [])
        if (summary) summaries.push(summary)
      } else summaries.push({ cell: at, count: rows, min: Number(min), max, sum, first, last })
      if (performance.now() > deadline) return { summaries, end: at + 1 }
    }
    return { summaries, end: cell + count }
  }

  /**
   * One cell with the hot rows in it (by time, one for each). Slower, and exact: settled readings that a hot row
   * replaces do not count, nor do texts in a series of numbers.
   */
  readExactly(
    series: number,
    grid: CellGrid,
    cell: number,
    text: boolean,
    hot: StoredRow[],
  ): CellSummary | null {
    const fresh = this.freshOf(series, hot)
    const { start, end } = cellRange(grid, cell)
    const replaced = JSON.stringify(fresh.map((row) => row[0]))
    const statement = text ? this.exactTexts : this.exactNumbers
    const [count, min, max, sum, firstTs, lastTs] = statement.get(series, start, end, replaced) as ExactRow
    const added = text ? fresh : fresh.filter((row) => kindOf(row[2]) !== 'text')
    if (count + added.length === 0) return null
    const numbers = text ? [] : added.map((row) => row[1] as number)
    const firstAdded = added[0]
    const lastAdded = added.at(-1)
    const settled = count > 0
    return {
      cell,
      count: count + added.length,
      min: Math.min(settled ? min : Infinity, ...numbers),
      max: Math.max(settled ? max : -Infinity, ...numbers),
      sum: numbers.reduce((total, number) => total + number, settled && !text ? sum : 0),
      first:
        firstAdded && (!settled || firstAdded[0] < firstTs) ? firstAdded[1] : this.valueAt(series, firstTs),
      last: lastAdded && (!settled || lastAdded[0] > lastTs) ? lastAdded[1] : this.valueAt(series, lastTs),
    }
  }

  /** Without those that have settled meanwhile. Hot rows are mostly newer than all settled ones: no look-up then. */
  private freshOf(series: number, hot: StoredRow[]): StoredRow[] {
    const last = hot.length === 0 ? 0 : (this.last.get(series) ?? -Infinity)
    return hot.filter(([ts, , , seq]) => ts > last || (this.point.get(series, ts)?.seq ?? 0) < seq)
  }

  private valueAt(series: number, ts: number): Value {
    return this.point.get(series, ts)?.value ?? 0
  }
}

/** As BigInt, for SQLite divides integers only if it is given integers. */
function bind(series: number, grid: CellGrid, first: number, count: number): Record<string, bigint> {
  const { from, to, width, perBucket, cellWidth } = grid
  const numbers = { series, from, to, width, perBucket, cellWidth, first, count }
  return Object.fromEntries(Object.entries(numbers).map(([name, number]) => [name, BigInt(number)]))
}

/** The SQL behind charts, for a test that looks at its plan. The edges are those of `cellRange`. Two short look-ups for first and last cost less than min(ts) and max(ts). */
export function cellSql(aggregates: string): string {
  const bucket = '(@first + c.n) / @perBucket'
  const begin = `@from + ${bucket} * @width + (@first + c.n) % @perBucket * @cellWidth`
  const end = `min(@to, @from + (${bucket} + 1) * @width, ${begin} + @cellWidth)`
  return `
    SELECT g.cell, g.rows, g.low, g.high, g.total,
      (SELECT value FROM readings WHERE series = @series AND ts >= g.start ORDER BY ts LIMIT 1),
      (SELECT value FROM readings WHERE series = @series AND ts < g.stop ORDER BY ts DESC LIMIT 1)
    FROM (
      SELECT @first + c.n AS cell, ${begin} AS start, ${end} AS stop, count(*) AS rows, ${aggregates}
      FROM temp.cell AS c CROSS JOIN readings AS r
      WHERE c.n < @count AND r.series = @series AND r.ts >= ${begin} AND r.ts < ${end}
      GROUP BY c.n
    ) AS g`
}

function exactStatement(
  store: Store,
  condition: string,
): Statement<[number, number, number, string], ExactRow> {
  return store
    .prepare<[number, number, number, string], ExactRow>(
      `SELECT count(*), min(value), max(value), sum(value), min(ts), max(ts) FROM readings
       WHERE series = ? AND ts >= ? AND ts < ? ${condition} AND ts NOT IN (SELECT value FROM json_each(?))`,
    )
    .raw()
}
