import type { BucketSeries } from '../historian.ts'
import { emptyColumns } from './number-sums.ts'
import { type Rows, valueAt } from './rows.ts'
import type { SpanGrid } from './spans.ts'

/** Buckets of a series of texts, filled in order of time: how many, the first and the last. */
export class TextSums {
  private readonly grid: SpanGrid
  private readonly columns: Omit<BucketSeries, 'seriesId' | 'damaged'>
  private end = -Infinity
  /** Reads what came last, where that was only counted. */
  private unread: (() => Rows) | null = null

  constructor(grid: SpanGrid) {
    this.grid = grid
    this.columns = emptyColumns(grid.width)
  }

  addRows(rows: Rows): void {
    const { columns, grid } = this
    let at = 0
    while (at < rows.count) {
      const ts = rows.ts[at] as number
      const start = at
      if (ts >= this.end) {
        this.readLast()
        const bucket = grid.indexOf(ts)
        this.end = grid.end(bucket)
        columns.ts.push(grid.start(bucket))
        columns.count.push(0)
        columns.first.push(valueAt(rows, at))
        columns.last.push('')
      }
      while (at < rows.count && (rows.ts[at] as number) < this.end) at += 1
      this.unread = null
      this.count(at - start, valueAt(rows, at - 1))
    }
  }

  /** Whether readings up to `lastTs` are all of the bucket in work: then it is enough to count them. */
  isBegun(lastTs: number): boolean {
    return lastTs < this.end
  }

  /** Counts readings that `read` gets, in case that they turn out to be the last ones of their bucket. */
  addUnread(count: number, read: () => Rows): void {
    this.count(count, this.columns.last.at(-1) ?? '')
    this.unread = read
  }

  finish(): Omit<BucketSeries, 'seriesId' | 'damaged'> {
    this.readLast()
    return this.columns
  }

  private count(readings: number, last: number | string): void {
    const bucket = this.columns.ts.length - 1
    this.columns.count[bucket] = (this.columns.count[bucket] as number) + readings
    this.columns.last[bucket] = last
  }

  private readLast(): void {
    const rows = this.unread?.()
    this.unread = null
    if (rows && rows.count > 0) this.columns.last[this.columns.ts.length - 1] = valueAt(rows, rows.count - 1)
  }
}
