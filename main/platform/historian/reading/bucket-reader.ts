import type { Statement } from 'better-sqlite3'
import type { ValueKind } from '#contract/model/reading.ts'
import { DAY, HALF_HOUR, MINUTE, type RollupColumns, type RollupLevel } from '../blocks/rollup-columns.ts'
import type { BucketQuery, BucketSeries } from '../historian.ts'
import type { Store } from '../ingest/store-file.ts'
import { Damage } from './damage.ts'
import { lastNumberBefore } from './last-before.ts'
import { NumberSums } from './number-sums.ts'
import type { RollupDay } from './rollup-source.ts'
import { clip, noRows, type Rows } from './rows.ts'
import type { Slice } from './slice.ts'
import type { Sources } from './sources.ts'
import { type SpanGrid, spanGrid } from './spans.ts'
import { TextSums } from './text-sums.ts'
import { Timeline, wholeBlock } from './timeline.ts'

/** Charts: readings summed up in buckets, from the coarsest of rollups and blocks that the buckets allow. */
export class BucketReader {
  private readonly sources: Sources
  private readonly now: () => number
  private readonly kind: Statement<[number], ValueKind>

  constructor(store: Store, sources: Sources, now: () => number) {
    this.sources = sources
    this.now = now
    this.kind = store.prepare<[number], ValueKind>('SELECT kind FROM series WHERE id = ?').pluck()
  }

  *buckets(query: BucketQuery, slice: Slice): Generator<void, BucketSeries[]> {
    const grid = spanGrid(query)
    const hot = this.sources.rows.hot(query.seriesIds, grid.to)
    const answers: BucketSeries[] = []
    for (const seriesId of query.seriesIds) {
      const damage = new Damage(this.sources.notices, seriesId, grid)
      const timeline = new Timeline(this.sources, {
        series: seriesId,
        hot: hot.get(seriesId) ?? noRows,
        range: grid,
        damage,
      })
      const text = this.kind.get(seriesId) === 'text'
      const columns = yield* text ? texts(timeline, grid, slice) : this.numbers(timeline, grid, hot, slice)
      answers.push({ seriesId, ...columns, damaged: damage.spans() })
    }
    return answers
  }

  private *numbers(timeline: Timeline, grid: SpanGrid, hot: Map<number, Rows>, slice: Slice) {
    const { sources } = this
    const { series } = timeline
    const before = yield* lastNumberBefore(sources, series, hot.get(series) ?? noRows, grid.from, slice)
    const sums = new NumberSums(grid, before, this.now())
    const level = levelFor(grid)
    let at = grid.from
    while (at < grid.to) {
      const fresh = timeline.nextFresh(at)
      if (level !== null && fresh > at) {
        at = yield* this.rollups(timeline, level, sums, at, fresh, slice)
      } else {
        const piece = timeline.next(at)
        // A block of nothing but texts says so.
        if (piece.block?.row.sum !== null) sums.addRows(timeline.read(piece))
        at = piece.to
      }
      if (slice.over) {
        yield
        slice.begin()
      }
    }
    return sums.finish()
  }

  /** Adds [from, to), which has no rows, as far as its first month file goes; says how far that was. */
  private *rollups(
    timeline: Timeline,
    level: RollupLevel,
    sums: NumberSums,
    from: number,
    to: number,
    slice: Slice,
  ): Generator<void, number> {
    const { rollups, shelf } = this.sources
    const month = shelf.monthFrom(from)
    if (!month || month.from >= to) return to
    const end = Math.min(to, month.to)
    let at = Math.max(from, month.from)
    const days = rollups.days(level, timeline.series, dayOf(at), end, timeline.damage)
    for (const day of days) {
      const columns = rollups.read(level, timeline.series, day)
      if (columns === null) continue
      yield* blocksOnly(timeline, sums, at, day.day, slice)
      at = Math.min(end, day.day + DAY)
      yield* this.addDay(timeline, level, sums, day, columns, Math.max(from, day.day), at, slice)
      if (slice.over) {
        yield
        slice.begin()
      }
    }
    yield* blocksOnly(timeline, sums, at, end, slice)
    return end
  }

  /** Adds what a day's rollup has in [from, to). What lies across an edge is taken from the readings themselves. */
  private *addDay(
    timeline: Timeline,
    level: RollupLevel,
    sums: NumberSums,
    { day }: RollupDay,
    columns: RollupColumns,
    from: number,
    to: number,
    slice: Slice,
  ): Generator<void, void> {
    let taken: Rows = noRows
    let takenTo = -Infinity
    for (let at = 0; at < columns.count; at++) {
      const slotStart = day + (columns.slot[at] as number) * level
      const firstTs = slotStart + (columns.firstAt[at] as number)
      const lastTs = slotStart + (columns.lastAt[at] as number)
      if (lastTs < from) continue
      if (firstTs >= to) break
      if (firstTs >= from && lastTs < to && sums.holds(firstTs, lastTs)) {
        sums.addSlot(columns, at, slotStart)
        continue
      }
      if (slotStart >= takenTo) {
        takenTo = slotStart + Math.max(level, HALF_HOUR)
        taken = timeline.folded(slotStart, takenTo)
      }
      sums.addRows(clip(taken, Math.max(from, slotStart), Math.min(to, slotStart + level)))
      if (slice.over) {
        yield
        slice.begin()
      }
    }
  }
}

/** [from, to) has no rows and no rollups that can be read: days of nothing but texts, or damaged ones. */
function* blocksOnly(
  timeline: Timeline,
  sums: NumberSums,
  from: number,
  to: number,
  slice: Slice,
): Generator<void, void> {
  let at = from
  while (at < to) {
    const piece = timeline.nextFolded(at, to)
    if (piece.block && piece.block.row.sum !== null) sums.addRows(timeline.read(piece))
    at = piece.to
    if (slice.over) {
      yield
      slice.begin()
    }
  }
}

function* texts(timeline: Timeline, grid: SpanGrid, slice: Slice) {
  const sums = new TextSums(grid)
  let at = grid.from
  while (at < grid.to) {
    const piece = timeline.next(at)
    const block = wholeBlock(piece)
    if (block && sums.isBegun(block.row.lastTs)) {
      sums.addUnread(block.row.count, () => timeline.read(piece))
    } else sums.addRows(timeline.read(piece))
    at = piece.to
    if (slice.over) {
      yield
      slice.begin()
    }
  }
  return sums.finish()
}

/** The coarsest rollup whose slots are no wider than most buckets; null: blocks. */
function levelFor({ from, to, count }: SpanGrid): RollupLevel | null {
  const width = (to - from) / count
  if (width >= HALF_HOUR) return HALF_HOUR
  return width >= MINUTE ? MINUTE : null
}

function dayOf(ts: number): number {
  return Math.floor(ts / DAY) * DAY
}
