import type { Increase, IncreaseQuery } from '../historian.ts'
import { Damage } from './damage.ts'
import { lastNumberBefore } from './last-before.ts'
import { noRows, type Rows, TEXT_FLAGS } from './rows.ts'
import type { Slice } from './slice.ts'
import type { Sources } from './sources.ts'
import { type SpanGrid, spanGrid } from './spans.ts'
import { Timeline, wholeBlock } from './timeline.ts'

/** What a counter rose by. A block in which it never fell is not read: its summary says enough. */
export class IncreaseReader {
  private readonly sources: Sources

  constructor(sources: Sources) {
    this.sources = sources
  }

  *increases(query: IncreaseQuery, slice: Slice): Generator<void, Increase[]> {
    const { seriesId, rollover } = query
    const grid = spanGrid(query)
    const hot = this.sources.rows.hot([seriesId], grid.to).get(seriesId) ?? noRows
    const before = yield* lastNumberBefore(this.sources, seriesId, hot, grid.from, slice)
    const damage = new Damage(this.sources.notices, seriesId, grid)
    const timeline = new Timeline(this.sources, { series: seriesId, hot, range: grid, damage })
    const counter = new Counter(grid, rollover, before)
    let at = grid.from
    while (at < grid.to) {
      const piece = timeline.next(at)
      const row = wholeBlock(piece)?.row
      if (
        row &&
        row.drops === 0 &&
        row.first !== null &&
        row.last !== null &&
        counter.takes(row.firstTs, row.lastTs)
      ) {
        counter.addRising(row.firstTs, row.first, row.last)
      } else counter.addRows(timeline.read(piece))
      at = piece.to
      if (slice.over) {
        yield
        slice.begin()
      }
    }
    return counter.finish()
  }
}

/** Sums up increases, span by span, of numbers in order of time. */
class Counter {
  private readonly grid: SpanGrid
  private readonly rollover: number | null
  private readonly increases: Increase[] = []
  private last: number | null
  private end: number
  private increase: number | null = null
  private rollovers = 0

  constructor(grid: SpanGrid, rollover: number | null, before: number | null) {
    this.grid = grid
    this.rollover = rollover
    this.last = before
    this.end = grid.end(0)
  }

  /**
   * Whether the first and the last of some rising numbers are enough. Without one before them they might be the same
   * number, which is no increase.
   */
  takes(firstTs: number, lastTs: number): boolean {
    return (
      this.last !== null &&
      lastTs < (firstTs < this.end ? this.end : this.grid.end(this.grid.indexOf(firstTs)))
    )
  }

  addRows({ count, ts, values, flags }: Rows): void {
    let at = 0
    while (at < count) {
      const end = this.open(ts[at] as number)
      // In variables of its own: this runs once for each reading.
      let last = this.last
      let increase = this.increase ?? 0
      let pairs = 0
      for (; at < count && (ts[at] as number) < end; at++) {
        if ((flags[at] as number) >= TEXT_FLAGS) continue
        const value = values[at] as number
        if (last !== null) {
          pairs += 1
          if (value >= last) increase += value - last
          else {
            increase += this.fallen(last, value)
            this.rollovers += 1
          }
        }
        last = value
      }
      this.last = last
      if (pairs > 0) this.increase = increase
    }
  }

  /** Adds numbers that do not fall, from the first to the last: those of one span. */
  addRising(firstTs: number, first: number, last: number): void {
    this.open(firstTs)
    const before = this.last ?? first
    const joint = first >= before ? first - before : this.fallen(before, first)
    if (first < before) this.rollovers += 1
    this.increase = (this.increase ?? 0) + joint + (last - first)
    this.last = last
  }

  finish(): Increase[] {
    while (this.increases.length < this.grid.count) this.close()
    return this.increases
  }

  /** The end of the span that `ts` is in, which is the one in work from here on. */
  private open(ts: number): number {
    while (ts >= this.end) this.close()
    return this.end
  }

  private fallen(from: number, to: number): number {
    return to + (this.rollover === null ? 0 : Math.max(0, this.rollover - from))
  }

  private close(): void {
    const span = this.increases.length
    const { increase, rollovers } = this
    this.increases.push({ from: this.grid.start(span), to: this.grid.end(span), increase, rollovers })
    this.increase = null
    this.rollovers = 0
    this.end = span + 1 < this.grid.count ? this.grid.end(span + 1) : Infinity
  }
}
