import type { Reading } from '#contract/model/reading.ts'
import { qualityOf } from '#contract/model/reading-batch.ts'
import type { Correction } from '../historian.ts'
import type { Store } from '../ingest/store-file.ts'
import { readingsOf } from '../months/checked-block.ts'
import { valueAt } from '../months/column-builder.ts'
import { type BlockRow, listMonths, openMonthForReading } from '../months/month-file.ts'
import { readingValue, toReading } from '../reading-value.ts'

type Row = [ts: number, value: number | string, flags: number, seq: number]

/** All readings of a series in order of time, in the plainest way: blocks, then settled rows, then hot rows by sequence. */
export function contentsOf(dir: string, store: Store, series: number): Reading[] {
  const byTime = new Map<number, Reading>()
  for (const block of blocksOf(dir, series)) {
    const columns = readingsOf(block)
    for (let at = 0; at < columns.count; at++) {
      const ts = columns.ts[at] as number
      if (byTime.has(ts)) throw new Error(`${ts} is in two blocks`)
      byTime.set(ts, toReading(ts, valueAt(columns, at), columns.flags[at] as number, block.toSeq))
    }
  }
  for (const table of ['readings', 'hot']) {
    const rows = store.prepare<[number], Row>(
      `SELECT ts, value, flags, seq FROM ${table} WHERE series = ? ORDER BY seq`,
    )
    for (const row of rows.raw().all(series)) byTime.set(row[0], toReading(...row))
  }
  return [...byTime.values()].sort((a, b) => a.ts - b.ts)
}

/** What was replaced, in order of (time, sequence), wherever it is noted. */
export function correctionsIn(dir: string, store: Store, series: number): Correction[] {
  const select = 'SELECT ts, value, flags, replacedBy FROM corrections WHERE series = ?'
  const rows = [store, ...listMonths(dir).map((name) => openMonthForReading(dir, name))].flatMap((db) => {
    const found = db.prepare<[number], Row>(select).raw().all(series)
    if (db !== store) db.close()
    return found
  })
  const distinct = new Map(rows.map((row) => [`${row[0]}/${row[3]}`, row]))
  return [...distinct.values()]
    .sort((a, b) => a[0] - b[0] || a[3] - b[3])
    .map(([ts, value, flags, replacedBy]) => ({
      ts,
      value: readingValue(value, flags),
      quality: qualityOf(flags),
      replacedBy,
    }))
}

function blocksOf(dir: string, series: number): BlockRow[] {
  return listMonths(dir).flatMap((name) => {
    const db = openMonthForReading(dir, name)
    const blocks = db
      .prepare<[number], BlockRow>('SELECT * FROM blocks WHERE series = ? ORDER BY startTs')
      .all(series)
    db.close()
    return blocks
  })
}
