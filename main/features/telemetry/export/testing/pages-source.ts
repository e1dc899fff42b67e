import type { ReadingValue, ValueKind } from '#contract/model/reading.ts'
import { packFlags } from '#contract/model/reading-batch.ts'
import type { BucketSeries } from '#platform/historian/historian.ts'
import type { ExportSource } from '../export-source.ts'
import type { ExportChannel, ExportTask } from '../export-task.ts'

export type Row = [ts: number, value: ReadingValue, quality?: number]

export interface SourceChannel {
  gateway?: string
  key: string
  unit?: string | null
  kind?: ValueKind
  rows: Row[]
}

/** Readings in memory, in pages as the store hands them out. */
export function pagesSource(channels: SourceChannel[], pageSize = 2): ExportSource {
  const next = channels.map(() => 0)
  return {
    next: async (channel) => {
      const start = next[channel] ?? 0
      const rows = channels[channel]?.rows.slice(start, start + pageSize) ?? []
      next[channel] = start + rows.length
      if (rows.length === 0) return null
      const texts: string[] = []
      return {
        count: rows.length,
        ts: Float64Array.from(rows, ([ts]) => ts),
        values: Float64Array.from(rows, ([, value]) =>
          typeof value === 'string' ? texts.push(value) - 1 : Number(value),
        ),
        flags: Uint16Array.from(rows, ([, value, quality = 0]) => packFlags(kindOf(value), quality)),
        texts,
      }
    },
    buckets: async (asked, edges) => asked.map((channel) => bucketsOf(channels[channel]?.rows ?? [], edges)),
  }
}

export function taskOf(channels: SourceChannel[], rest: Partial<ExportTask> = {}): ExportTask {
  return {
    format: 'csv',
    layout: 'long',
    functions: ['avg'],
    raw: false,
    from: 0,
    to: 4_000_000_000_000,
    firstTs: 0,
    channels: channels.map(
      ({ gateway = 'GW001', key, unit = null, kind = 'number' }, seriesId): ExportChannel => ({
        seriesId,
        gateway,
        key,
        unit,
        kind,
      }),
    ),
    ...rest,
  }
}

function kindOf(value: ReadingValue): ValueKind {
  return typeof value === 'string' ? 'text' : typeof value === 'boolean' ? 'boolean' : 'number'
}

function bucketsOf(rows: Row[], edges: number[]): BucketSeries {
  const series: BucketSeries = {
    seriesId: 0,
    ts: [],
    count: [],
    min: [],
    max: [],
    avg: [],
    timeAverage: [],
    sum: [],
    first: [],
    last: [],
    width: 0,
    damaged: [],
  }
  edges.slice(0, -1).forEach((edge, index) => {
    const values = rows
      .filter(([ts]) => ts >= edge && ts < (edges[index + 1] ?? 0))
      .map(([, value]) => Number(value))
    if (values.length === 0) return
    const sum = values.reduce((a, b) => a + b, 0)
    series.ts.push(edge)
    series.count.push(values.length)
    series.min.push(Math.min(...values))
    series.max.push(Math.max(...values))
    series.avg.push(sum / values.length)
    series.sum.push(sum)
    series.first.push(values[0] ?? 0)
    series.last.push(values.at(-1) ?? 0)
  })
  return series
}
