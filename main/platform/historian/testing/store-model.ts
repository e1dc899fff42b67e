import { Quality } from '#contract/model/quality.ts'
import type { Reading, ReadingValue, ValueKind } from '#contract/model/reading.ts'
import type {
  BucketSeries,
  Correction,
  Gap,
  Increase,
  Neighbours,
  RawPage,
  RawQuery,
  Spans,
  StateSpan,
  TimeSpan,
} from '../historian.ts'

export interface ModelRow {
  channel: string
  kind: ValueKind
  ts: number
  value: ReadingValue
  quality: number
}

export type ModelBuckets = Omit<BucketSeries, 'seriesId' | 'damaged'>
type NumberReading = Reading & { value: number }

/** What the store is compared with: domain.md's rule for readings over a plain list, and nothing clever. */
export class StoreModel {
  rows: (ModelRow & { seq: number })[] = []
  lastSeq = 0
  private readonly erased = new Set<string>()

  write(rows: ModelRow[]): void {
    for (const row of rows) if (!this.erased.has(row.channel)) this.rows.push({ ...row, seq: ++this.lastSeq })
  }

  /** As if it had never been; what still comes of it is dropped. */
  erase(channel: string): void {
    this.erased.add(channel)
    this.rows = this.rows.filter((row) => row.channel !== channel)
  }

  readings(channel: string): Reading[] {
    const byTime = new Map<number, Reading>()
    for (const { channel: of, ts, value, quality, seq } of this.rows) {
      if (of === channel) byTime.set(ts, { ts, value, quality, seq })
    }
    return [...byTime.values()].sort((a, b) => a.ts - b.ts)
  }

  /** Values that were replaced by another one, by time. */
  corrections(channel: string, { from, to }: TimeSpan = { from: -Infinity, to: Infinity }): Correction[] {
    const replaced: Correction[] = []
    const newest = new Map<number, ModelRow>()
    for (const row of this.rows) {
      if (row.channel !== channel || row.ts < from || row.ts >= to) continue
      const before = newest.get(row.ts)
      if (before && before.value !== row.value) {
        replaced.push({ ts: row.ts, value: before.value, quality: before.quality, replacedBy: row.seq })
      }
      newest.set(row.ts, row)
    }
    return replaced.sort((a, b) => a.ts - b.ts || a.replacedBy - b.replacedBy)
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
    return { readings: page, next: readings.length > limit ? (page.at(-1)?.ts ?? null) : null, damaged: [] }
  }

  buckets(channel: string, spans: Spans, now: number): ModelBuckets {
    const text = this.rows.find((row) => row.channel === channel)?.kind === 'text'
    const edges = edgesOf(spans)
    const result: ModelBuckets = {
      ts: [],
      count: [],
      min: [],
      max: [],
      avg: [],
      timeAverage: [],
      sum: [],
      first: [],
      last: [],
      width: 'edges' in spans ? (edges[0]?.to ?? 0) - (edges[0]?.from ?? 0) : widthOf(spans),
    }
    const all = this.readings(channel).map((reading) => ({ ...reading, value: plain(reading.value) }))
    for (const span of edges) {
      const readings = all.filter(({ ts, value }) => isIn(span, ts) && (text || typeof value !== 'string'))
      if (readings.length === 0) continue
      result.ts.push(span.from)
      result.count.push(readings.length)
      result.first.push(readings[0]?.value ?? '')
      result.last.push(readings.at(-1)?.value ?? '')
      if (text) continue
      const numbers = readings.map(({ value }) => value as number)
      const sum = numbers.reduce((total, number) => total + number, 0)
      result.min.push(Math.min(...numbers))
      result.max.push(Math.max(...numbers))
      result.sum.push(sum)
      result.avg.push(sum / numbers.length)
      result.timeAverage.push(timeAverage(this.numbers(channel), span, now))
    }
    return result
  }

  states(channel: string, spans: Spans, now: number): StateSpan[] {
    const readings = this.readings(channel).map(({ ts, value }) => ({ ts, value: value === 0 ? 0 : value }))
    return edgesOf(spans).map((span) => {
      const states = new Map<ReadingValue, { value: ReadingValue; ms: number; changes: number }>()
      readings.forEach(({ ts, value }, at) => {
        const end = readings[at + 1]?.ts ?? Infinity
        const ms = Math.min(end, span.to, now) - Math.max(ts, span.from)
        if (ms <= 0) return
        const state = states.get(value) ?? { value, ms: 0, changes: 0 }
        states.set(value, state)
        state.ms += ms
        if (ts >= span.from && readings[at - 1]?.value !== value) state.changes += 1
      })
      const sorted = [...states.values()].sort((a, b) => b.ms - a.ms)
      const otherMs = sorted.slice(50).reduce((total, { ms }) => total + ms, 0)
      return { ...span, states: sorted.slice(0, 50), otherMs }
    })
  }

  increases(channel: string, spans: Spans, rollover: number | null): Increase[] {
    const readings = this.numbers(channel)
    return edgesOf(spans).map((span) => {
      const inside = readings.filter(({ ts }) => isIn(span, ts))
      const before = readings.findLast(({ ts }) => ts < span.from)
      const all = before ? [before, ...inside] : inside
      if (inside.length === 0 || all.length < 2) return { ...span, increase: null, rollovers: 0 }
      let increase = 0
      let rollovers = 0
      for (let at = 1; at < all.length; at++) {
        const from = all[at - 1]?.value ?? 0
        const to = all[at]?.value ?? 0
        if (to >= from) increase += to - from
        else {
          increase += (rollover === null ? 0 : Math.max(0, rollover - from)) + to
          rollovers += 1
        }
      }
      return { ...span, increase, rollovers }
    })
  }

  neighbours(channel: string, time: number): Neighbours {
    const readings = this.readings(channel)
    return {
      previous: readings.findLast(({ ts }) => ts < time) ?? null,
      at: readings.find(({ ts }) => ts === time) ?? null,
      next: readings.find(({ ts }) => ts > time) ?? null,
    }
  }

  gaps(channel: string, range: TimeSpan, longerThan: number, limit: number): Gap[] {
    const times = this.readings(channel)
      .map(({ ts }) => ts)
      .filter((ts) => isIn(range, ts))
    const gaps: Gap[] = []
    for (let at = 0; at <= times.length; at++) {
      const before = times[at - 1] ?? null
      const after = times[at] ?? null
      gaps.push({ from: before ?? range.from, to: after ?? range.to, before, after })
    }
    return gaps.filter(({ from, to }) => to - from > longerThan).slice(0, limit)
  }

  private numbers(channel: string): NumberReading[] {
    return this.readings(channel)
      .map((reading) => ({ ...reading, value: plain(reading.value) }))
      .filter((reading): reading is NumberReading => typeof reading.value === 'number')
  }
}

/** The definition in historian.ts: each value holds until the next reading. */
function timeAverage(readings: NumberReading[], { from, to }: TimeSpan, now: number): number {
  const inside = readings.filter(({ ts }) => ts >= from && ts < to)
  const before = readings.findLast(({ ts }) => ts < from)
  const points = before ? [{ ts: from, value: before.value }, ...inside] : inside
  const first = points[0]?.ts ?? 0
  const last = points.at(-1) ?? { ts: 0, value: 0 }
  const end = Math.max(last.ts, Math.min(to, now))
  if (end === first) return last.value
  return points.reduce((sum, { ts, value }, at) => {
    const until = points[at + 1]?.ts ?? end
    return sum + (value * (until - ts)) / (end - first)
  }, 0)
}

function edgesOf(spans: Spans): TimeSpan[] {
  const edges: TimeSpan[] = []
  if ('edges' in spans) {
    for (let at = 1; at < spans.edges.length; at++) {
      edges.push({ from: spans.edges[at - 1] ?? 0, to: spans.edges[at] ?? 0 })
    }
    return edges
  }
  const width = widthOf(spans)
  for (let from = spans.from; from < spans.to; from += width) {
    edges.push({ from, to: Math.min(spans.to, from + width) })
  }
  return edges
}

function widthOf({ from, to, count }: TimeSpan & { count: number }): number {
  return Math.max(1, Math.ceil((to - from) / count))
}

function isIn({ from, to }: TimeSpan, ts: number): boolean {
  return ts >= from && ts < to
}

function plain(value: ReadingValue): number | string {
  return typeof value === 'boolean' ? Number(value) : value
}
