import type { Reading } from '#contract/model/reading.ts'
import type { Neighbours, TimeSpan } from '../historian.ts'
import { Damage } from './damage.ts'
import { lastBefore } from './last-before.ts'
import { readingAt } from './raw-reader.ts'
import { noRows } from './rows.ts'
import type { Slice } from './slice.ts'
import { type Sources, TIME_MAX } from './sources.ts'
import { Timeline } from './timeline.ts'

/** The readings next to a time, over all the years: a look into each month's index until there is one. */
export class NeighbourReader {
  private readonly sources: Sources

  constructor(sources: Sources) {
    this.sources = sources
  }

  *neighbours(seriesId: number, ts: number, slice: Slice): Generator<void, Neighbours> {
    const hot = this.sources.rows.hot([seriesId], TIME_MAX).get(seriesId) ?? noRows
    const found = yield* lastBefore(this.sources, seriesId, hot, ts, slice, false)
    const previous = found && readingAt(found.rows, found.at)
    const range: TimeSpan = { from: ts, to: TIME_MAX }
    const damage = new Damage(this.sources.notices, seriesId, range)
    const timeline = new Timeline(this.sources, { series: seriesId, hot, range, damage, chunk: 2 })
    let exact: Reading | null = null
    let at = ts
    while (at < TIME_MAX) {
      const piece = timeline.next(at)
      const rows = timeline.read(piece)
      for (let row = 0; row < rows.count; row++) {
        const reading = readingAt(rows, row)
        if (reading.ts > ts) return { previous, at: exact, next: reading }
        exact = reading
      }
      at = piece.to
      if (slice.over) {
        yield
        slice.begin()
      }
    }
    return { previous, at: exact, next: null }
  }
}
