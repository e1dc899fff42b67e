import type { Reading } from '#contract/model/reading.ts'
import type { RawPage, RawQuery, TimeSpan } from '../historian.ts'
import { toReading } from '../reading-value.ts'
import { Damage } from './damage.ts'
import { noRows, type Rows, seqAt, valueAt } from './rows.ts'
import type { Slice } from './slice.ts'
import type { Sources } from './sources.ts'
import { BackwardTimeline, Timeline, type TimelineQuery } from './timeline.ts'

/** Pages of single readings. */
export class RawReader {
  private readonly sources: Sources

  constructor(sources: Sources) {
    this.sources = sources
  }

  *page({ seriesId, from, to, order, limit, after }: RawQuery, slice: Slice): Generator<void, RawPage> {
    const descending = order === 'descending'
    const range: TimeSpan = {
      from: after === undefined || descending ? from : Math.max(from, after + 1),
      to: after === undefined || !descending ? to : Math.min(to, after),
    }
    const hot = this.sources.rows.hot([seriesId], range.to).get(seriesId) ?? noRows
    const damage = new Damage(this.sources.notices, seriesId, range)
    // One more tells whether there is another page.
    const query: TimelineQuery = { series: seriesId, hot, range, damage, chunk: limit + 1 }
    const readings = yield* descending
      ? this.backward(query, limit + 1, slice)
      : this.forward(query, limit + 1, slice)
    if (readings.length <= limit) return { readings, next: null, damaged: damage.spans() }
    readings.pop()
    const next = readings[limit - 1]?.ts ?? 0
    const seen = descending ? { from: next, to: range.to } : { from: range.from, to: next + 1 }
    return { readings, next, damaged: damage.spans(seen) }
  }

  private *forward(query: TimelineQuery, limit: number, slice: Slice): Generator<void, Reading[]> {
    const readings: Reading[] = []
    const timeline = new Timeline(this.sources, query)
    let at = query.range.from
    while (at < query.range.to && readings.length < limit) {
      const piece = timeline.next(at)
      const rows = timeline.read(piece)
      for (let row = 0; row < rows.count && readings.length < limit; row++)
        readings.push(readingAt(rows, row))
      at = piece.to
      if (slice.over) {
        yield
        slice.begin()
      }
    }
    return readings
  }

  private *backward(query: TimelineQuery, limit: number, slice: Slice): Generator<void, Reading[]> {
    const readings: Reading[] = []
    const timeline = new BackwardTimeline(this.sources, query)
    let at = query.range.to
    while (at > query.range.from && readings.length < limit) {
      const piece = timeline.previous(at)
      const rows = timeline.read(piece)
      for (let row = rows.count - 1; row >= 0 && readings.length < limit; row--) {
        readings.push(readingAt(rows, row))
      }
      at = piece.from
      if (slice.over) {
        yield
        slice.begin()
      }
    }
    return readings
  }
}

export function readingAt(rows: Rows, at: number): Reading {
  return toReading(rows.ts[at] as number, valueAt(rows, at), rows.flags[at] as number, seqAt(rows, at))
}
