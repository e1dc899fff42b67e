import type { Statement } from 'better-sqlite3'
import type { ChangedQuery } from '../changes.ts'
import type { Store } from '../ingest/store-file.ts'
import { MonthReleased, type ShelvedMonth } from './month-shelf.ts'
import { rested, type Slice } from './slice.ts'
import { type Sources, TIME_MAX, TIME_MIN } from './sources.ts'

/** Rows of the hot table of one look: some ms. */
const HOT_ROWS = 32_768

/** Which series have something new. Where readings are on their way, in the order in which they move (sources.ts). */
export class ChangedReader {
  private readonly sources: Sources
  private readonly hot: Statement<[number, number, number], number>
  private readonly lastHot: Statement<[], number>
  private readonly nextSeries: Statement<[number], number>
  private readonly settled: Statement<[number, number, number, number], number>
  private readonly known: Statement<[], number>

  constructor(store: Store, sources: Sources) {
    this.sources = sources
    this.hot = store
      .prepare<[number, number, number], number>(
        'SELECT DISTINCT series FROM hot WHERE seq > ? AND seq <= ? AND ts >= ?',
      )
      .pluck()
    this.lastHot = store.prepare<[], number>('SELECT max(seq) FROM hot').pluck()
    this.nextSeries = store
      .prepare<[number], number>('SELECT series FROM readings WHERE series > ? ORDER BY series LIMIT 1')
      .pluck()
    // The newest by time are the newest by version, nearly always: the first look tells.
    this.settled = store
      .prepare<[number, number, number, number], number>(
        'SELECT 1 FROM readings WHERE series = ? AND ts >= ? AND seq > ? AND seq <= ? ORDER BY ts DESC LIMIT 1',
      )
      .pluck()
    this.known = store.prepare<[], number>('SELECT id FROM series').pluck()
  }

  *changed(
    { afterSeq, upToSeq = Number.MAX_SAFE_INTEGER, fromTs = TIME_MIN }: ChangedQuery,
    slice: Slice,
  ): Generator<void, number[]> {
    const { shelf } = this.sources
    const found = new Set<number>()
    const lastHot = Math.min(upToSeq, this.lastHot.get() ?? 0)
    for (let seq = afterSeq; seq < lastHot; seq += HOT_ROWS) {
      for (const series of this.hot.all(seq, Math.min(lastHot, seq + HOT_ROWS), fromTs)) found.add(series)
      yield* rested(slice)
    }
    for (let series = this.nextSeries.get(-1); series !== undefined; series = this.nextSeries.get(series)) {
      if (this.settled.get(series, fromTs, afterSeq, upToSeq) !== undefined) found.add(series)
      yield* rested(slice)
    }
    shelf.refresh()
    for (const month of shelf.between(fromTs, TIME_MAX)) {
      for (const series of yield* this.folded(month, afterSeq, slice)) found.add(series)
      yield* rested(slice)
    }
    return [...found].sort((a, b) => a - b)
  }

  private *folded(month: ShelvedMonth, seq: number, slice: Slice): Generator<void, number[]> {
    const { versions } = this.sources
    if (versions.isOlder(month, seq)) return []
    try {
      return yield* versions.newer(month, seq, slice)
    } catch (error) {
      if (error instanceof MonthReleased) throw error
      // Whose readings are in it cannot be told; what may be saved of it comes back with the versions that it had.
      return this.known.all()
    }
  }
}
