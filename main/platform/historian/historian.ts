import type { MessagePort } from 'node:worker_threads'
import type { Reading, ValueKind } from '#contract/model/reading.ts'
import type { CommittedBatch, SeriesInfo } from '#contract/model/reading-batch.ts'

/**
 * The time-series store. Writing runs in one worker (group commit, fsync before every answer); reading in
 * another, on its own connections, so that a chart never delays an acknowledgement.
 */
export interface Historian {
  /** Opens the files in `dir`, reconciles after a crash. @throws ExpectedError `data_damaged`, `data_from_newer_version` */
  start(): Promise<void>
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
  onRestarted(listener: (worker: 'writer' | 'reader', cause: string) => void): void
  series(): Promise<SeriesInfo[]>
  /** Newest reading of each series by `ts` (those flagged `ahead` never count); missing where there is none. */
  latest(seriesIds?: number[]): Promise<LatestReading[]>
  /** @throws ExpectedError `range_invalid`, `data_damaged`, `store_failed`; the signal's reason when aborted */
  raw(query: RawQuery, signal?: AbortSignal): Promise<RawPage>
  /** In slices, between which other queries run. @throws as `raw` */
  buckets(query: BucketQuery, signal?: AbortSignal): Promise<BucketSeries>
  stats(): Promise<HistorianStats>
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
  readings: Reading[]
  /** Give it as `after` for the next page; null at the end. */
  next: number | null
}

/**
 * At most `count` equal buckets of [from, to), 10,000 at the most: their width is a whole number of ms, rounded
 * up, so the last one may be narrower and the last few missing.
 */
export interface BucketQuery {
  seriesId: number
  from: number
  to: number
  count: number
}

/**
 * Columns of equal length, one entry for each bucket that holds readings; booleans count as 0 and 1. A text series
 * has no min, max, avg and sum: these are empty. In the other series stray texts are left out.
 */
export interface BucketSeries {
  /** Start of the bucket, ms. */
  ts: number[]
  count: number[]
  min: number[]
  max: number[]
  avg: number[]
  sum: number[]
  first: (number | string)[]
  last: (number | string)[]
  /** Width of a bucket, ms. */
  width: number
}

export interface HistorianStats {
  /** Readings ever committed: the last ingest sequence. */
  lastSeq: number
  /** Rows not yet moved out of the hot table. */
  hotRows: number
  series: number
  fileBytes: number
  commits: number
  /** ms, of the last 1,000 commits. */
  commitP99: number
}
