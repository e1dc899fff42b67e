import type { MessagePort } from 'node:worker_threads'
import type { Reading, ValueKind } from '#contract/model/reading.ts'
import type { CommittedBatch, SeriesInfo } from '#contract/model/reading-batch.ts'
import type { ReadingColumns } from './blocks/reading-columns.ts'
import type { ReadingChanges, RetiredSeries } from './changes.ts'
import type { ErasedReadings } from './ingest/eraser.ts'

export type { ErasedReadings }

/**
 * The time-series store. Writing runs in one worker (group commit, fsync before every answer); reading in
 * another, on its own connections, so that a chart never delays an acknowledgement.
 */
export interface Historian extends ReadingChanges {
  /** Opens the files in `dir`, reconciles after a crash. @throws ExpectedError `data_damaged`, `data_from_newer_version` */
  start(): Promise<void>
  /**
   * What comes from now on has sequences above `seq`: for whoever copies the store elsewhere, and has copied more than is
   * there (an older store took its place). Call it before anything comes. @returns the last sequence that was committed
   */
  skipTo(seq: number): Promise<number>
  /** Commits what was received, settles nothing more, closes. */
  stop(): Promise<void>
  /**
   * A port for one sender of `ReadingBatch`; give it to the broker's worker. It closes when the writer dies: what
   * was not answered by then has failed like `store_failed` (some of it may be stored, which does no harm when it
   * is sent again). Open another then; it works as soon as there is a writer again.
   */
  openIngest(): MessagePort
  /**
   * Readings from inside the engine (imports, the demo's history). Resolves once they are on disk and `latest`
   * shows them. Sent in chunks, so that live readings pass between them.
   * @throws ExpectedError `disk_full`, `store_failed`: chunks before the failed one are stored
   */
  append(readings: AppendedReading[]): Promise<void>
  /** Called after each commit, in order; batches are shared, do not keep or change `rows`. */
  onCommitted(listener: (batch: CommittedBatch) => void): void
  /**
   * Called when a worker died and another took over. A writer's ingest ports are closed then (see `openIngest`),
   * and what it had committed without telling is announced after this; a reader's queries have rejected.
   */
  onRestarted(listener: (worker: 'writer' | 'reader' | 'folder', cause: string) => void): void
  series(): Promise<SeriesInfo[]>
  /** Newest reading of each series by `ts` (those flagged `ahead` never count); missing where there is none. */
  latest(seriesIds?: number[]): Promise<LatestReading[]>
  /**
   * Single readings, in pages.
   * @throws ExpectedError `range_invalid`, `data_damaged`, `store_failed`; the signal's reason when aborted
   */
  raw(query: RawQuery, signal?: AbortSignal): Promise<RawPage>
  /** The same in bulk, for whoever takes them all: exports, sync. @throws as `raw` */
  columns(query: ColumnsQuery, signal?: AbortSignal): Promise<ColumnsPage>
  /** One entry for each series asked for. In slices, between which other queries run. @throws as `raw` */
  buckets(query: BucketQuery, signal?: AbortSignal): Promise<BucketSeries[]>
  /** How long each state lasted in each span. @throws as `raw` */
  states(query: StateQuery, signal?: AbortSignal): Promise<StateSpan[]>
  /** How much a counter rose in each span. @throws as `raw` */
  increases(query: IncreaseQuery, signal?: AbortSignal): Promise<Increase[]>
  /** The readings next to a time. @throws as `raw` */
  neighbours(seriesId: number, ts: number, signal?: AbortSignal): Promise<Neighbours>
  /** Spans without readings, oldest first. @throws as `raw` */
  gaps(query: GapQuery, signal?: AbortSignal): Promise<Gap[]>
  /** Values that another one replaced, oldest first, at most 1,000. @throws as `raw` */
  corrections(query: CorrectionQuery, signal?: AbortSignal): Promise<Correction[]>
  /** Takes effect with the next fold; what is folded stays in the class it was folded to. */
  setRetention(policy: RetentionPolicy): void
  /** Retention may have taken readings of a series before this, ms; null: it takes none. What is of `now` (ms) is kept. */
  keptFrom(seriesId: number, now: number): number | null
  /** Folds and retires all that is due now, instead of at the next look. Resolves when that is done. */
  fold(): Promise<void>
  /**
   * Erases readings for good: rows, blocks, rollups, corrections, what the WALs still held. Their room is given back by
   * and by. What comes of them from now on, also after a crash, is dropped as if it were stored. Resolves when no byte is
   * left; where it was ended before, the same call goes on.
   * @throws ExpectedError `disk_full`, `store_failed`: call it again
   */
  eraseSeries(readings: ErasedReadings): Promise<Erasure>
  /** What is on the disk, file by file. */
  storage(): Promise<StorageReport>
  /** What folding and retention did, found or could not do. */
  onStorageEvent(listener: (event: StorageEvent) => void): void
  /** Whether `monthRetired` tells what there was of each series. It takes reading the file once more: off at first. */
  tellRetired(on: boolean): void
  stats(): Promise<HistorianStats>
}

export interface Erasure {
  /** How many there were, those of calls before included. */
  series: number
  /** Damaged files that the store keeps beside the others: they may hold what was erased; only a person can tell. */
  setAside: string[]
}

export interface AppendedReading {
  assignmentId: string
  channel: string
  kind: ValueKind
  unit: string | null
  ts: number
  value: number | boolean | string
  quality: number
}

export interface LatestReading extends Reading {
  seriesId: number
  kind: ValueKind
}

/** `from` inclusive, `to` exclusive, ms. At most `limit` readings (10,000 at the most), ordered by `ts`. */
export interface RawQuery {
  seriesId: number
  from: number
  to: number
  order: 'ascending' | 'descending'
  limit: number
  /** From the page before: continue after it. */
  after?: number
}

export interface RawPage {
  /** Of a folded reading, `seq` is the version of its block: the highest ingest sequence that went into it. */
  readings: Reading[]
  /** Give it as `after` for the next page; null at the end. */
  next: number | null
  /** Spans of this page that could not be read: their blocks are damaged. */
  damaged: TimeSpan[]
}

/** [from, to), ms. */
export interface TimeSpan {
  from: number
  to: number
}

/** Oldest first. A page ends where a block does, so it has at most some 65,536 readings, and may have none. */
export interface ColumnsQuery extends TimeSpan {
  seriesId: number
  /** `next` of the page before. */
  after?: number
}

export interface ColumnsPage {
  columns: ReadingColumns
  next: number | null
  damaged: TimeSpan[]
}

/**
 * Spans of time, one after the other: either `count` equal buckets of [from, to), whose width is a whole number of
 * ms, rounded up, so that the last one may be narrower and the last few missing; or the spans between `edges`
 * (rising, ms): days, shifts, months. At most 10,000.
 */
export type Spans = (TimeSpan & { count: number }) | { edges: number[] }

export type BucketQuery = Spans & {
  /** 32 at the most. */
  seriesIds: number[]
}

/**
 * Columns of equal length, one entry for each bucket that holds readings; booleans count as 0 and 1. A text series
 * has no min, max, avg, timeAverage and sum: these are empty. In the other series stray texts are left out.
 */
export interface BucketSeries {
  seriesId: number
  /** Start of the bucket, ms. */
  ts: number[]
  count: number[]
  min: number[]
  max: number[]
  avg: number[]
  /**
   * Average over time: each value holds until the next reading; the last one before the bucket holds at its start, and
   * at its end what is in it holds (to the end of the bucket or the site's time now, whichever is earlier). Where
   * nothing is known before the bucket, it begins with the bucket's first reading.
   */
  timeAverage: number[]
  sum: number[]
  first: (number | string)[]
  last: (number | string)[]
  /** Width of a bucket, ms; of the first one where `edges` were given. */
  width: number
  damaged: TimeSpan[]
}

export type StateQuery = Spans & { seriesId: number }

/**
 * The states of one span, longest first, 50 at the most; a state holds until the next reading, and the one before the
 * span holds at its start. Until the first reading ever, and after now, there is none.
 */
export interface StateSpan extends TimeSpan {
  /** `true`/`false` of booleans as such. `changes`: how often the state began in this span. */
  states: { value: number | boolean | string; ms: number; changes: number }[]
  /** ms of all other states, where there are more than 50. */
  otherMs: number
}

export type IncreaseQuery = Spans & {
  seriesId: number
  /**
   * The value at which the counter begins anew from 0 (such as 2^32 or 100,000). null: when it falls, it was reset,
   * and began from 0.
   */
  rollover: number | null
}

/** From the last reading before the span to the last one in it. null where there are not two readings. */
export interface Increase extends TimeSpan {
  increase: number | null
  /** How often it rolled over or was reset. */
  rollovers: number
}

export interface Neighbours {
  /** The last one before `ts`, the one at `ts`, the first one after. */
  previous: Reading | null
  at: Reading | null
  next: Reading | null
}

export interface GapQuery extends TimeSpan {
  seriesId: number
  /** ms without a reading that make a gap. */
  longerThan: number
  /** 1,000 at the most. */
  limit: number
}

/** From one reading to the next, or from or to the end of the range asked for (`null` there: no reading). */
export interface Gap {
  from: number
  to: number
  before: number | null
  after: number | null
}

export interface CorrectionQuery extends TimeSpan {
  seriesId: number
}

export interface Correction {
  ts: number
  /** What it was. */
  value: number | boolean | string
  quality: number
  /** The ingest sequence that replaced it. Where that value came again before it was folded, it may be of any of these. */
  replacedBy: number
}

/** How long readings are kept. Ids are lower-case letters, digits and dashes, 32 at the most. */
export interface RetentionPolicy {
  classes: RetentionClass[]
  /** For series without an entry in `bySeries`. */
  defaultClass: string
  bySeries: Map<number, string>
  /**
   * Series with a higher id are newer than the policy, and wait for the next one before they are folded: which class they
   * belong to, and so whether their old readings are kept, is not known yet. Left out: all are known.
   */
  knownSeries?: number
  /** Bytes that the store may use; null: what the disk holds. */
  budgetBytes: number | null
}

export interface RetentionClass {
  id: string
  /** Days that a reading is kept at least; its file goes when the last of its month is older. null: for ever. */
  days: number | null
  /** Whether its oldest month may go early when the budget is used up. */
  evictable: boolean
}

export interface StorageReport {
  files: StoredFile[]
  /** Everything in the store's folder. */
  totalBytes: number
  /** Readings that are not in blocks yet: not settled, and settled. */
  hotRows: number
  unfoldedRows: number
  /** Readings folded in the last 24 hours, and the bytes that their blocks and rollups took; for forecasts. */
  lastDay: { readings: number; bytes: number }
  budgetBytes: number | null
}

export interface StoredFile {
  month: string
  retentionClass: string
  bytes: number
  readings: number
  blocks: number
  series: number
  /** When retention takes it, ms; null: never. */
  expiresAt: number | null
  /** Blocks that could not be read. */
  damagedBlocks: number
}

export type StorageEvent =
  | {
      type: 'monthRetired'
      month: string
      retentionClass: string
      bytes: number
      readings: number
      cause: 'retention' | 'budget'
      /** What could be read of the file, where somebody wants to know (`tellRetired`); else empty. */
      series: readonly RetiredSeries[]
    }
  /** Readings came that retention would have taken already: not kept. */
  | { type: 'expiredOnArrival'; readings: number }
  | { type: 'budgetExceeded'; bytes: number; budgetBytes: number }
  | { type: 'blockDamaged'; file: string; seriesId: number; from: number; to: number; cause: string }
  | { type: 'foldFailed'; code: 'disk_full' | 'store_failed'; cause: string }
  | { type: 'foldRecovered' }

export interface HistorianStats {
  /** Readings ever committed: the last ingest sequence. */
  lastSeq: number
  /** Rows not yet moved out of the hot table. */
  hotRows: number
  series: number
  /** All files of the store. */
  fileBytes: number
  commits: number
  /** ms, of the last 1,000 commits. */
  commitP99: number
}
