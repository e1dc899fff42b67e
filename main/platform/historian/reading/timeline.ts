import { HOUR } from '../blocks/rollup-columns.ts'
import type { TimeSpan } from '../historian.ts'
import type { FoundBlock } from './block-source.ts'
import type { Damage } from './damage.ts'
import { ALL, type SeqRange } from './row-source.ts'
import { clip, join, lowerBound, noRows, type Rows } from './rows.ts'
import { hourOf, type Sources } from './sources.ts'

/** Rows that one step takes from `readings`. */
const CHUNK = 8_192

export interface TimelineQuery {
  series: number
  /** Its hot rows, read before anything else. */
  hot: Rows
  range: TimeSpan
  damage: Damage
  /** Less where less is wanted. */
  chunk?: number
  /**
   * Only rows with such a version, and blocks that may hold one; left out: all. The hot rows must be chosen by whoever reads them.
   * It goes forward only, and other rows count for nothing: what older ones say is in the block, too, where that is newer.
   */
  seqs?: SeqRange
}

/** Readings of one span, as they were found. An empty piece says that there are none in it. */
export interface Piece extends TimeSpan {
  rows: Rows | null
  /** Where nothing but this block answers for the span; it may reach past it on either side. */
  block: FoundBlock | null
}

/** The block of a piece that has all of its readings: what its summary says is true of the piece. */
export function wholeBlock({ from, to, block }: Piece): FoundBlock | null {
  return block && block.row.firstTs >= from && block.row.lastTs < to ? block : null
}

/**
 * One series piece by piece. An hour with rows in `hot` or `readings` is _fresh_: its rows are joined with the
 * blocks that answer for it. Any other is read from month files, and it is known to have no rows _before_ these
 * are looked at: what is folded meanwhile is met twice, or in its block, never missed.
 */
export class Timeline {
  readonly series: number
  readonly damage: Damage
  protected readonly sources: Sources
  protected readonly hot: Rows
  protected readonly range: TimeSpan
  protected readonly chunk: number
  private readonly seqs: SeqRange
  /** Start of the next fresh hour, or the end of the range: asked for once until time has got there. */
  private freshAt = -Infinity

  constructor(sources: Sources, { series, hot, range, damage, chunk = CHUNK, seqs = ALL }: TimelineQuery) {
    this.sources = sources
    this.series = series
    this.hot = hot
    this.range = range
    this.damage = damage
    this.chunk = chunk
    this.seqs = seqs
  }

  /** The piece that begins at `at`; a bounded piece of work. */
  next(at: number): Piece {
    return this.nextFresh(at) > at ? this.nextFolded(at, this.freshAt) : this.nextRows(at)
  }

  /** From where on there are rows, from `at` on: `at`, the start of an hour, or the end of the range. */
  nextFresh(at: number): number {
    if (at <= this.freshAt) return this.freshAt
    const { rows, shelf } = this.sources
    const { to } = this.range
    const hotAt = lowerBound(this.hot.ts, this.hot.count, at)
    const hot = hotAt < this.hot.count ? (this.hot.ts[hotAt] as number) : Infinity
    const first = Math.min(hot, rows.firstTime(this.series, at, to, this.seqs))
    this.freshAt = first < to ? Math.max(at, hourOf(first)) : to
    shelf.refresh()
    return this.freshAt
  }

  /** [at, to) has no rows. */
  nextFolded(at: number, to: number): Piece {
    const month = this.sources.shelf.monthFrom(at)
    if (!month || month.from >= to) return { from: at, to, rows: null, block: null }
    const start = Math.max(at, month.from)
    const end = Math.min(to, month.to)
    const block = this.sources.blocks.next(this.series, start, end, this.damage, this.seqs.after)
    if (!block) return { from: at, to: end, rows: null, block: null }
    const { startTs, endTs } = block.row
    return { from: Math.max(start, startTs), to: Math.min(end, endTs), rows: null, block }
  }

  nextRows(at: number): Piece {
    const { rows, shelf } = this.sources
    const hourEnd = Math.min(this.range.to, hourOf(at) + HOUR)
    const settled = rows.after(this.series, at, hourEnd, this.chunk, this.seqs)
    const to = settled.count < this.chunk ? hourEnd : (settled.ts[settled.count - 1] as number) + 1
    shelf.refresh()
    return { from: at, to, rows: this.joined(settled, at, to), block: null }
  }

  /** The readings of a piece. */
  read({ from, to, rows, block }: Piece): Rows {
    if (!block) return rows ?? noRows
    return clip(this.sources.blocks.rows(block, this.damage) ?? noRows, from, to)
  }

  protected joined(settled: Rows, from: number, to: number): Rows {
    const rows = join(settled, clip(this.hot, from, to), true)
    return join(this.folded(from, to), rows)
  }

  /** What blocks say of [from, to), which lies in one hour. From its end, for one look tells if there is none. */
  folded(from: number, to: number): Rows {
    let rows: Rows = noRows
    let at = to
    while (at > from) {
      const block = this.sources.blocks.previous(this.series, from, at, this.damage)
      if (!block) break
      if (block.row.toSeq > this.seqs.after) rows = join(this.read({ from, to: at, rows: null, block }), rows)
      at = block.row.startTs
    }
    return rows
  }
}

/** The same from the end to the start. */
export class BackwardTimeline extends Timeline {
  /** Start and end of the fresh hour that comes next. */
  private freshSpan: TimeSpan = { from: Infinity, to: Infinity }

  /** The piece that ends at `at`. */
  previous(at: number): Piece {
    const fresh = this.previousFresh(at)
    return fresh.to < at ? this.previousFolded(fresh.to, at) : this.previousRows(fresh.from, at)
  }

  private previousFresh(at: number): TimeSpan {
    if (at >= this.freshSpan.to) return this.freshSpan
    const { rows, shelf } = this.sources
    const { from } = this.range
    const hotAt = lowerBound(this.hot.ts, this.hot.count, at) - 1
    const hot = hotAt >= 0 ? (this.hot.ts[hotAt] as number) : -Infinity
    const last = Math.max(hot >= from ? hot : -Infinity, rows.lastTime(this.series, from, at))
    const hour = hourOf(last)
    this.freshSpan =
      last >= from ? { from: Math.max(from, hour), to: Math.min(at, hour + HOUR) } : { from, to: from }
    shelf.refresh()
    return this.freshSpan
  }

  private previousFolded(from: number, at: number): Piece {
    const month = this.sources.shelf.monthBefore(at)
    if (!month || month.to <= from) return { from, to: at, rows: null, block: null }
    const start = Math.max(from, month.from)
    const end = Math.min(at, month.to)
    const block = this.sources.blocks.previous(this.series, start, end, this.damage)
    if (!block) return { from: start, to: at, rows: null, block: null }
    const { startTs, endTs } = block.row
    return { from: Math.max(start, startTs), to: Math.min(end, endTs), rows: null, block }
  }

  private previousRows(hourStart: number, at: number): Piece {
    const { rows, shelf } = this.sources
    const settled = rows.before(this.series, hourStart, at, this.chunk)
    const from = settled.count < this.chunk ? hourStart : (settled.ts[0] as number)
    shelf.refresh()
    return { from, to: at, rows: this.joined(settled, from, at), block: null }
  }
}
