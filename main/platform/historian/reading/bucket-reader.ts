import type { Statement } from 'better-sqlite3'
import type { ValueKind } from '#contract/model/reading.ts'
import { type CellGrid, cellGrid, cellOf, cellRange } from './bucket-cells.ts'
import { CellReader, type CellSummary } from './cell-reader.ts'
import type { BucketQuery, BucketSeries } from '../historian.ts'
import type { HotScan, StoredRow } from './hot-scan.ts'
import type { Store } from '../ingest/store-file.ts'

/** The state of one query between two slices. */
interface Progress {
  series: number
  grid: CellGrid
  text: boolean
  hot: StoredRow[]
  /** Next hot row, next cell. */
  hotAt: number
  cell: number
}

/** Charts: readings summed up in equal buckets, in slices between which other queries run. */
export class BucketReader {
  private readonly store: Store
  private readonly hot: HotScan
  private readonly cells: CellReader
  private readonly kind: Statement<[number], ValueKind>

  constructor(store: Store, hot: HotScan) {
    this.store = store
    this.hot = hot
    this.cells = new CellReader(store)
    this.kind = store.prepare<[number], ValueKind>('SELECT kind FROM series WHERE id = ?').pluck()
  }

  /**
   * Each step is a slice. The hot rows are read first: what settles later is then met twice, and its sequence
   * tells that it is the same; the other way round it could be missed.
   */
  *buckets(query: BucketQuery): Generator<void, BucketSeries> {
    const { seriesId, from, to } = query
    const grid = cellGrid(query)
    const text = this.kind.get(seriesId) === 'text'
    const columns = emptyColumns(grid.width)
    const hot = this.hot.rows(seriesId, from, to)
    const progress: Progress = { series: seriesId, grid, text, hot, hotAt: 0, cell: 0 }
    while (progress.cell < grid.cells) {
      const summaries = this.store.transaction(() => this.slice(progress))()
      for (const summary of summaries) addSummary(columns, summary, grid, text)
      yield
    }
    if (!text) columns.avg = columns.sum.map((sum, at) => sum / (columns.count[at] as number))
    return columns
  }

  private slice(progress: Progress): CellSummary[] {
    const { series, grid, text, hot } = progress
    const { start } = cellRange(grid, progress.cell)
    const settledTime = this.cells.nextTime(series, start, grid.to)
    const hotTime = hot[progress.hotAt]?.[0] ?? null
    if (settledTime === null && hotTime === null) {
      progress.cell = grid.cells
      return []
    }
    const first = cellOf(grid, Math.min(settledTime ?? Infinity, hotTime ?? Infinity))
    const { summaries, end } = this.cells.read(series, grid, first, text)
    progress.cell = end
    return this.addHot(progress, summaries, end)
  }

  /** Replaces the summaries of those cells before `end` that have hot rows, and adds those that only have such. */
  private addHot(progress: Progress, summaries: CellSummary[], end: number): CellSummary[] {
    const { series, grid, text, hot } = progress
    const all: CellSummary[] = []
    let next = 0
    while (progress.hotAt < hot.length) {
      const cell = cellOf(grid, hot[progress.hotAt]?.[0] as number)
      if (cell >= end) break
      const from = progress.hotAt
      const { end: cellEnd } = cellRange(grid, cell)
      while (progress.hotAt < hot.length && (hot[progress.hotAt]?.[0] as number) < cellEnd)
        progress.hotAt += 1
      for (; next < summaries.length && (summaries[next]?.cell as number) < cell; next++) {
        all.push(summaries[next] as CellSummary)
      }
      if (summaries[next]?.cell === cell) next += 1
      const summary = this.cells.readExactly(series, grid, cell, text, hot.slice(from, progress.hotAt))
      if (summary) all.push(summary)
    }
    return all.concat(summaries.slice(next))
  }
}

function emptyColumns(width: number): BucketSeries {
  return { ts: [], count: [], min: [], max: [], avg: [], sum: [], first: [], last: [], width }
}

/** Cells come in order, so a bucket's cells follow each other. */
function addSummary(columns: BucketSeries, summary: CellSummary, grid: CellGrid, text: boolean): void {
  const ts = grid.from + Math.floor(summary.cell / grid.perBucket) * grid.width
  const at = columns.ts.length - 1
  if (columns.ts[at] === ts) {
    columns.count[at] = (columns.count[at] as number) + summary.count
    columns.last[at] = summary.last
    if (text) return
    columns.min[at] = Math.min(columns.min[at] as number, summary.min)
    columns.max[at] = Math.max(columns.max[at] as number, summary.max)
    columns.sum[at] = (columns.sum[at] as number) + summary.sum
    return
  }
  columns.ts.push(ts)
  columns.count.push(summary.count)
  columns.first.push(summary.first)
  columns.last.push(summary.last)
  if (text) return
  columns.min.push(summary.min)
  columns.max.push(summary.max)
  columns.sum.push(summary.sum)
}
