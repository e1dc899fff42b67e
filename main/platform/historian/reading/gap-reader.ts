import type { Gap, GapQuery } from '../historian.ts'
import { Damage } from './damage.ts'
import { noRows } from './rows.ts'
import type { Slice } from './slice.ts'
import type { Sources } from './sources.ts'
import { Timeline, wholeBlock } from './timeline.ts'

/** Spans without readings. A block that is shorter than such a span is not read: its summary says enough. */
export class GapReader {
  private readonly sources: Sources

  constructor(sources: Sources) {
    this.sources = sources
  }

  *gaps({ seriesId, from, to, longerThan, limit }: GapQuery, slice: Slice): Generator<void, Gap[]> {
    const range = { from, to }
    const hot = this.sources.rows.hot([seriesId], to).get(seriesId) ?? noRows
    const damage = new Damage(this.sources.notices, seriesId, range)
    const timeline = new Timeline(this.sources, { series: seriesId, hot, range, damage })
    const gaps: Gap[] = []
    let before: number | null = null
    const met = (ts: number): void => {
      if (ts - (before ?? from) > longerThan) gaps.push({ from: before ?? from, to: ts, before, after: ts })
      before = ts
    }
    let at = from
    while (at < to && gaps.length < limit) {
      const piece = timeline.next(at)
      const row = wholeBlock(piece)?.row
      if (row && row.lastTs - row.firstTs <= longerThan) {
        met(row.firstTs)
        met(row.lastTs)
      } else {
        const { ts, count } = timeline.read(piece)
        for (let reading = 0; reading < count; reading++) met(ts[reading] as number)
      }
      at = piece.to
      if (slice.over) {
        yield
        slice.begin()
      }
    }
    const last = before ?? from
    if (gaps.length < limit && to - last > longerThan) gaps.push({ from: last, to, before, after: null })
    return gaps.slice(0, limit)
  }
}
