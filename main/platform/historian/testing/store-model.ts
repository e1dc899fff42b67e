import { Quality } from '#contract/model/quality.ts'
import type { Reading, ReadingValue, ValueKind } from '#contract/model/reading.ts'
import type { BucketSeries, RawPage, RawQuery } from '../historian.ts'

export interface ModelRow {
  channel: string
  kind: ValueKind
  ts: number
  value: ReadingValue
  quality: number
}

/** What the store is compared with: domain.md's rule for readings over a plain list, and nothing clever. */
export class StoreModel {
  readonly rows: (ModelRow & { seq: number })[] = []

  write(rows: ModelRow[]): void {
    for (const row of rows) this.rows.push({ ...row, seq: this.rows.length + 1 })
  }

  readings(channel: string): Reading[] {
    const byTime = new Map<number, Reading>()
    for (const { channel: of, ts, value, quality, seq } of this.rows) {
      if (of === channel) byTime.set(ts, { ts, value, quality, seq })
    }
    return [...byTime.values()].sort((a, b) => a.ts - b.ts)
  }

  /** Values that were replaced by another one, oldest first. */
  corrections(channel: string): { ts: number; value: ReadingValue; replacedBy: number }[] {
    const replaced: { ts: number; value: ReadingValue; replacedBy: number }[] = []
    const newest = new Map<number, ReadingValue>()
    for (const { channel: of, ts, value, seq } of this.rows) {
      if (of !== channel) continue
      const before = newest.get(ts)
      if (before !== undefined && before !== value) replaced.push({ ts, value: before, replacedBy: seq })
      newest.set(ts, value)
    }
    return replaced
  }

  latest(channel: string): Reading | null {
    let newest: Reading | null = null
    for (const { channel: of, ts, value, quality, seq } of this.rows) {
      if (of !== channel || (quality & Quality.ahead) !== 0) continue
      if (!newest || ts >= newest.ts) newest = { ts, value, quality, seq }
    }
    return newest
  }

  page(channel: string, { from, to, order, limit, after }: Omit<RawQuery, 'seriesId'>): RawPage {
    let readings = this.readings(channel).filter(({ ts }) => ts >= from && ts < to)
    if (order === 'descending') readings.reverse()
    if (after !== undefined) {
      readings = readings.filter(({ ts }) => (order === 'ascending' ? ts > after : ts < after))
    }
    const page = readings.slice(0, limit)
    return { readings: page, next: readings.length > limit ? (page.at(-1)?.ts ?? null) : null }
  }

  buckets(channel: string, from: number, to: number, count: number): BucketSeries {
    const text = this.rows.find((row) => row.channel === channel)?.kind === 'text'
    const width = Math.max(1, Math.ceil((to - from) / count))
    const result: BucketSeries = {
      ts: [],
      count: [],
      min: [],
      max: [],
      avg: [],
      sum: [],
      first: [],
      last: [],
      width,
    }
    const readings = this.readings(channel).filter(({ value }) => text || typeof value !== 'string')
    for (let start = from; start < to; start += width) {
      const end = Math.min(to, start + width)
      const values = readings.filter(({ ts }) => ts >= start && ts < end).map(({ value }) => plain(value))
      if (values.length === 0) continue
      result.ts.push(start)
      result.count.push(values.length)
      result.first.push(values[0] as number | string)
      result.last.push(values.at(-1) as number | string)
      if (text) continue
      const numbers = values as number[]
      const sum = numbers.reduce((total, number) => total + number, 0)
      result.min.push(Math.min(...numbers))
      result.max.push(Math.max(...numbers))
      result.sum.push(sum)
      result.avg.push(sum / numbers.length)
    }
    return result
  }
}

function plain(value: ReadingValue): number | string {
  return typeof value === 'boolean' ? Number(value) : value
}
