import type { Statement } from 'better-sqlite3'
import type { CountQuery } from '../changes.ts'
import type { Store } from '../ingest/store-file.ts'
import type { MonthReader } from './month-reader.ts'
import { rested, type Slice } from './slice.ts'
import { type Sources, TIME_MAX, TIME_MIN } from './sources.ts'

/** Blocks whose readings are looked up, of all that a file has of a series: at the first, the third and the fifth sixth. */
const SAMPLES = [1, 3, 5]
const SHARES = 6

/** About how many readings there are. Blocks are counted in their index, without a look at most of them. */
export class CountReader {
  private readonly sources: Sources
  private readonly hot: Statement<[number], { series: number; rows: number }>
  private readonly settled: Statement<[number, number], number>

  constructor(store: Store, sources: Sources) {
    this.sources = sources
    this.hot = store.prepare('SELECT series, count(*) AS rows FROM hot WHERE ts >= ? GROUP BY series')
    this.settled = store
      .prepare<[number, number], number>('SELECT count(*) FROM readings WHERE series = ? AND ts >= ?')
      .pluck()
  }

  *count({ seriesIds, from = TIME_MIN }: CountQuery, slice: Slice): Generator<void, number[]> {
    const { shelf } = this.sources
    const hot = new Map(this.hot.all(from).map(({ series, rows }) => [series, rows]))
    const counts: number[] = []
    for (const series of seriesIds) {
      counts.push((hot.get(series) ?? 0) + (this.settled.get(series, from) ?? 0))
      yield* rested(slice)
    }
    shelf.refresh()
    // File by file: not all of them stay open.
    for (const month of shelf.between(from, TIME_MAX)) {
      for (const [at, series] of seriesIds.entries()) {
        let readings: number | null = null
        try {
          readings = shelf.read(month, series, (reader) => estimate(reader, series, from))
        } catch {
          // Damaged, or about to go: an estimate does without it.
          break
        }
        counts[at] = (counts[at] ?? 0) + (readings ?? 0)
        yield* rested(slice)
      }
    }
    return counts
  }
}

function estimate(reader: MonthReader, series: number, from: number): number {
  const blocks = reader.countBlocks(series, from)
  if (blocks <= SAMPLES.length) return reader.countReadings(series, from, 0, blocks)
  let readings = 0
  for (const sixth of SAMPLES)
    readings += reader.countReadings(series, from, Math.floor((blocks * sixth) / SHARES), 1)
  return Math.round((readings / SAMPLES.length) * blocks)
}
