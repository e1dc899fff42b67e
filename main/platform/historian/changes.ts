import type { ReadingColumns } from './blocks/reading-columns.ts'
import type { TimeSpan } from './historian.ts'

/** Columns of a row of `TailPage`: series id, ts, value (or index into `texts`), flags, seq. */
export const TAIL_WIDTH = 5
/** Rows of a page of the tail at the most. */
export const TAIL_ROWS = 65_536

/** For whoever copies the store elsewhere, reading by reading, and keeps in mind how far it has got. */
export interface ReadingChanges {
  /**
   * What was committed after a sequence, in the order in which it came, for as long as it is in the hot table (some
   * minutes). What has left it is told as `gapTo`, and found with `since`.
   * @throws ExpectedError `range_invalid`, `data_damaged`, `store_failed`; the signal's reason when aborted
   */
  tail(query: TailQuery): Promise<TailPage>
  /**
   * Readings of one series with a version above `afterSeq`, oldest first, in pages. Going through them to the end, while
   * readings are settled, folded and corrected, brings every reading that had such a version at the first call.
   * @throws as `tail`
   */
  since(query: SinceQuery, signal?: AbortSignal): Promise<SincePage>
  /** Series of which `since` may have something, rising. Never leaves one out; may name one that has nothing. @throws as `tail` */
  changed(query: ChangedQuery, signal?: AbortSignal): Promise<number[]>
  /** About how many readings there are; in no time, for a preview. One number for each series. @throws as `tail` */
  count(query: CountQuery, signal?: AbortSignal): Promise<number[]>
}

export interface TailQuery {
  /** The last sequence that is known already; 0 at first. */
  after: number
  /** TAIL_ROWS at the most. */
  limit: number
  signal?: AbortSignal
}

export interface TailPage {
  /**
   * `count` rows of TAIL_WIDTH columns, `seq` rising: every version that came, also two of one reading. Fewer than `limit`
   * do not say that there are no more: a page has 4 MB of text at the most, or one that is longer. `lastSeq` says it.
   */
  rows: Float64Array<ArrayBuffer>
  count: number
  texts: string[]
  /**
   * Rows of (after, gapTo] have left the hot table: `since` has what counts of them. The rows of this page begin after it.
   * null: there are none.
   */
  gapTo: number | null
  /**
   * The last sequence that was committed. Below `after` where the store is not the one that it was: a repair could not
   * save its newest rows, or an older copy took its place.
   */
  lastSeq: number
}

/** Times in ms, `from` inclusive, `to` exclusive; left out: from the first, to the last. */
export interface SinceQuery {
  seriesId: number
  /** 0: everything. */
  afterSeq: number
  /**
   * What came later is left out, as whoever asks gets it otherwise: what has been folded alone comes with all of its block.
   */
  upToSeq?: number
  from?: number
  to?: number
  /** `next` of the page before. */
  after?: number
}

export interface SincePage {
  columns: ReadingColumns
  /**
   * The version of each: that of the reading itself; or, once it is folded, that of its block, which is at least as high, and
   * below that of any other value that the reading will have.
   */
  seqs: Float64Array<ArrayBuffer>
  /** Give it as `after` for the next page; null at the end. */
  next: number | null
  /** Spans of this page that could not be read: their blocks are damaged. */
  damaged: TimeSpan[]
}

export interface ChangedQuery {
  afterSeq: number
  /** As of `since`. */
  upToSeq?: number
  /** Only readings from this time on. */
  fromTs?: number
}

export interface CountQuery {
  seriesIds: number[]
  /** Readings from this time on, ms; left out: all. */
  from?: number
}

/** What a deleted month had of a series. */
export interface RetiredSeries {
  seriesId: number
  readings: number
  /** The highest version among them. */
  toSeq: number
}
