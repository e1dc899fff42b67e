import type { Statement } from 'better-sqlite3'
import type { RawPage, RawQuery } from '../historian.ts'
import { type HotScan, mergeRows, type StoredRow } from './hot-scan.ts'
import { toReading } from '../reading-value.ts'
import type { Store } from '../ingest/store-file.ts'

type Page = Statement<[number, number, number, number], StoredRow>

/** Pages of single readings. A page is at most 10,000 rows, so it is read in one piece. */
export class RawReader {
  private readonly store: Store
  private readonly hot: HotScan
  private readonly ascending: Page
  private readonly descending: Page

  constructor(store: Store, hot: HotScan) {
    this.store = store
    this.hot = hot
    this.ascending = pageStatement(store, 'ASC')
    this.descending = pageStatement(store, 'DESC')
  }

  page({ seriesId, from, to, order, limit, after }: RawQuery): RawPage {
    const descending = order === 'descending'
    const start = after === undefined || descending ? from : Math.max(from, after + 1)
    const end = after === undefined || !descending ? to : Math.min(to, after)
    // One snapshot for both: a row that settles in between would be in neither, or in both.
    const rows = this.store.transaction(() => {
      const hot = this.hot.rows(seriesId, start, end)
      if (descending) hot.reverse()
      const statement = descending ? this.descending : this.ascending
      return mergeRows(statement.all(seriesId, start, end, limit + 1), hot, descending)
    })()
    const page = rows.slice(0, limit)
    const last = page.at(-1)
    return {
      readings: page.map(([ts, value, flags, seq]) => toReading(ts, value, flags, seq)),
      next: last && rows.length > limit ? last[0] : null,
    }
  }
}

function pageStatement(store: Store, direction: 'ASC' | 'DESC'): Page {
  return store
    .prepare<[number, number, number, number], StoredRow>(
      `SELECT ts, value, flags, seq FROM readings WHERE series = ? AND ts >= ? AND ts < ?
       ORDER BY ts ${direction} LIMIT ?`,
    )
    .raw()
}
