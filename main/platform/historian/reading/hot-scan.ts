import type { Statement } from 'better-sqlite3'
import type { Store } from '../ingest/store-file.ts'

export type StoredRow = [ts: number, value: number | string, flags: number, seq: number]

/** Reads a series' rows from the hot table, which has no index: bounded as that table is, some ms at the most. */
export class HotScan {
  private readonly select: Statement<[number, number, number], StoredRow>

  constructor(store: Store) {
    this.select = store
      .prepare<[number, number, number], StoredRow>(
        'SELECT ts, value, flags, seq FROM hot WHERE series = ? AND ts >= ? AND ts < ?',
      )
      .raw()
  }

  /** One row for each time, the one with the highest sequence, ordered by time. */
  rows(series: number, from: number, to: number): StoredRow[] {
    const rows = this.select.all(series, from, to).sort((a, b) => a[0] - b[0] || b[3] - a[3])
    return rows.filter((row, at) => at === 0 || row[0] !== rows[at - 1]?.[0])
  }
}

/** Both ordered by time in the same direction; where both have a time, the higher sequence wins. */
export function mergeRows(settled: StoredRow[], hot: StoredRow[], descending: boolean): StoredRow[] {
  if (hot.length === 0) return settled
  const merged: StoredRow[] = []
  let next = 0
  for (const row of settled) {
    let hotRow = hot[next]
    while (hotRow && (descending ? hotRow[0] > row[0] : hotRow[0] < row[0])) {
      merged.push(hotRow)
      hotRow = hot[++next]
    }
    if (hotRow?.[0] === row[0]) {
      merged.push(hotRow[3] > row[3] ? hotRow : row)
      next += 1
    } else merged.push(row)
  }
  for (; next < hot.length; next++) merged.push(hot[next] as StoredRow)
  return merged
}
