import type { ReadingValue } from '#contract/model/reading.ts'
import type { ExportFunction } from '#contract/model/telemetry-file.ts'
import type { ReadingColumns } from '#platform/historian/blocks/reading-columns.ts'
import type { BucketSeries } from '#platform/historian/historian.ts'
import type { ExportSource } from './export-source.ts'
import type { ExportTask } from './export-task.ts'
import { valueAt } from './value-at.ts'

/** A line of a wide file: a cell for each of its columns, null where there is no reading. */
export interface WideRow {
  ts: number
  cells: (ReadingValue | null)[]
  readings: number
}

/** Spans that are asked for at once. */
const SPANS = 500
/** Channels of one query of the store. */
const TOGETHER = 32

export function wideRows(task: ExportTask, source: ExportSource): AsyncGenerator<WideRow> {
  return task.interval === undefined ? rowsByTime(task, source) : rowsByInterval(task, source, task.interval)
}

/** One row for each time at which any of the channels has a reading. */
async function* rowsByTime({ channels }: ExportTask, source: ExportSource): AsyncGenerator<WideRow> {
  const cursors: { page: ReadingColumns | null; row: number }[] = []
  for (const index of channels.keys()) cursors.push({ page: await source.next(index), row: 0 })
  while (true) {
    let ts = Number.POSITIVE_INFINITY
    for (const { page, row } of cursors) if (page !== null) ts = Math.min(ts, page.ts[row] ?? ts)
    if (ts === Number.POSITIVE_INFINITY) return
    const cells: WideRow['cells'] = []
    let readings = 0
    for (const [index, cursor] of cursors.entries()) {
      const { page, row } = cursor
      if (page === null || page.ts[row] !== ts) {
        cells.push(null)
        continue
      }
      cells.push(valueAt(page, row))
      readings++
      cursor.row++
      if (cursor.row < page.count) continue
      cursor.page = await source.next(index)
      cursor.row = 0
    }
    yield { ts, cells, readings }
  }
}

/** One row for each span, from whole multiples of the interval since 1970 UTC; the first may begin later. */
async function* rowsByInterval(
  { channels, functions, from, to }: ExportTask,
  source: ExportSource,
  interval: number,
): AsyncGenerator<WideRow> {
  const width = channels.length * functions.length
  for (let start = from; start < to; ) {
    const edges = [start]
    let edge = start
    while (edge < to && edges.length <= SPANS) {
      edge = Math.min(to, (Math.floor(edge / interval) + 1) * interval)
      edges.push(edge)
    }
    const rows = new Map<number, WideRow>()
    for (let first = 0; first < channels.length; first += TOGETHER) {
      const asked = [...channels.keys()].slice(first, first + TOGETHER)
      const answers = await source.buckets(asked, edges)
      answers.forEach((series, index) => {
        series.ts.forEach((ts, at) => {
          let row = rows.get(ts)
          if (!row) {
            row = { ts, cells: Array.from({ length: width }, () => null), readings: 0 }
            rows.set(ts, row)
          }
          row.readings += series.count[at] ?? 0
          functions.forEach((name, nth) => {
            row.cells[(first + index) * functions.length + nth] = bucketValue(series, name, at)
          })
        })
      })
    }
    yield* [...rows.values()].toSorted((a, b) => a.ts - b.ts)
    start = edge
  }
}

function bucketValue(series: BucketSeries, name: ExportFunction, at: number): ReadingValue | null {
  return series[name][at] ?? null
}
