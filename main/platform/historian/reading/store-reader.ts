import { assertNever } from '#contract/errors.ts'
import type { Store } from '../ingest/store-file.ts'
import type { MonthName } from '../months/month-file.ts'
import { BucketReader } from './bucket-reader.ts'
import { ChangedReader } from './changed-reader.ts'
import { ColumnReader } from './column-reader.ts'
import { CorrectionReader } from './correction-reader.ts'
import { CountReader } from './count-reader.ts'
import { type DamageNotice, DamageNotices } from './damage.ts'
import { GapReader } from './gap-reader.ts'
import { IncreaseReader } from './increase-reader.ts'
import { MonthReleased } from './month-shelf.ts'
import { NeighbourReader } from './neighbour-reader.ts'
import { RawReader } from './raw-reader.ts'
import type { ReaderAnswer, ReaderQuery } from './reader-protocol.ts'
import { Slice } from './slice.ts'
import { openSources, type Sources } from './sources.ts'
import { StateReader } from './state-reader.ts'
import { TailReader } from './tail-reader.ts'

export interface StoreReaderOptions {
  dir: string
  /** A connection of its own to `hot.sqlite`. */
  store: Store
  /** The site's time, ms. */
  now: () => number
  onDamaged: (notice: DamageNotice) => void
  /** ms; for tests, which want many slices. */
  sliceTime?: number
}

/** Answers queries over all that is stored, in slices. */
export class StoreReader {
  private readonly sources: Sources
  private readonly sliceTime: number | undefined
  private readonly raw: RawReader
  private readonly columns: ColumnReader
  private readonly buckets: BucketReader
  private readonly states: StateReader
  private readonly increases: IncreaseReader
  private readonly neighbours: NeighbourReader
  private readonly gaps: GapReader
  private readonly corrections: CorrectionReader
  private readonly tail: TailReader
  private readonly changed: ChangedReader
  private readonly count: CountReader

  constructor({ dir, store, now, onDamaged, sliceTime }: StoreReaderOptions) {
    const sources = openSources(dir, store, new DamageNotices(onDamaged))
    this.sources = sources
    this.sliceTime = sliceTime
    this.raw = new RawReader(sources)
    this.columns = new ColumnReader(sources)
    this.buckets = new BucketReader(store, sources, now)
    this.states = new StateReader(sources, now)
    this.increases = new IncreaseReader(sources)
    this.neighbours = new NeighbourReader(sources)
    this.gaps = new GapReader(sources)
    this.corrections = new CorrectionReader(store, sources)
    this.tail = new TailReader(store)
    this.changed = new ChangedReader(store, sources)
    this.count = new CountReader(store, sources)
  }

  /** Each step is a slice; the last one brings the answer. Nothing stays open between two. */
  *answer(asked: ReaderQuery): Generator<void, ReaderAnswer> {
    const work = this.work(asked)
    for (;;) {
      try {
        const step = work.next()
        if (step.done) return step.value
      } finally {
        this.sources.shelf.rest()
      }
      yield
    }
  }

  /** Closes a month file that is about to be deleted or replaced. */
  release(month: MonthName): void {
    this.sources.shelf.release(month)
  }

  close(): void {
    this.sources.shelf.close()
  }

  private *work(asked: ReaderQuery): Generator<void, ReaderAnswer> {
    const slice = new Slice(this.sliceTime)
    switch (asked.kind) {
      case 'raw':
        return yield* this.raw.page(asked.query, slice)
      case 'columns':
        return yield* this.columns.page(asked.query, slice)
      case 'buckets':
        return yield* this.buckets.buckets(asked.query, slice)
      case 'states':
        return yield* this.states.states(asked.query, slice)
      case 'increases':
        return yield* this.increases.increases(asked.query, slice)
      case 'neighbours':
        return yield* this.neighbours.neighbours(asked.query.seriesId, asked.query.ts, slice)
      case 'gaps':
        return yield* this.gaps.gaps(asked.query, slice)
      case 'corrections':
        return yield* this.corrections.corrections(asked.query, slice)
      case 'tail':
        return yield* this.tail.read(asked.query, slice)
      case 'since':
        return yield* orNull(this.columns.since(asked.query, slice))
      case 'changed':
        return yield* orNull(this.changed.changed(asked.query, slice))
      case 'count':
        return yield* this.count.count(asked.query, slice)
      default:
        return assertNever(asked)
    }
  }
}

/** null: a file that it needs is about to be replaced. */
function* orNull<Result>(work: Generator<void, Result>): Generator<void, Result | null> {
  try {
    return yield* work
  } catch (error) {
    if (error instanceof MonthReleased) return null
    throw error
  }
}
