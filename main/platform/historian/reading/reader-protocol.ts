import type { ChangedQuery, CountQuery, SincePage, SinceQuery, TailPage, TailQuery } from '../changes.ts'
import type {
  BucketQuery,
  BucketSeries,
  ColumnsPage,
  ColumnsQuery,
  Correction,
  CorrectionQuery,
  Gap,
  GapQuery,
  Increase,
  IncreaseQuery,
  Neighbours,
  RawPage,
  RawQuery,
  StateQuery,
  StateSpan,
} from '../historian.ts'
import type { MonthName } from '../months/month-file.ts'
import type { WireError } from '../wire-error.ts'
import type { DamageNotice } from './damage.ts'

export interface ReaderOptions {
  dir: string
}

/** Each query with its answer. */
export interface ReaderQueries {
  raw: { query: RawQuery; answer: RawPage }
  columns: { query: ColumnsQuery; answer: ColumnsPage }
  buckets: { query: BucketQuery; answer: BucketSeries[] }
  states: { query: StateQuery; answer: StateSpan[] }
  increases: { query: IncreaseQuery; answer: Increase[] }
  neighbours: { query: { seriesId: number; ts: number }; answer: Neighbours }
  gaps: { query: GapQuery; answer: Gap[] }
  corrections: { query: CorrectionQuery; answer: Correction[] }
  tail: { query: Omit<TailQuery, 'signal'>; answer: TailPage }
  /** null: a month file is about to be replaced; ask again. */
  since: { query: SinceQuery; answer: SincePage | null }
  changed: { query: ChangedQuery; answer: number[] | null }
  count: { query: CountQuery; answer: number[] }
}

export type QueryKind = keyof ReaderQueries
export type ReaderQuery = {
  [Kind in QueryKind]: { kind: Kind; query: ReaderQueries[Kind]['query'] }
}[QueryKind]
export type ReaderAnswer = ReaderQueries[QueryKind]['answer']

export type ToReader =
  | { type: 'open' }
  | ({ type: 'query'; id: number } & ReaderQuery)
  | { type: 'cancel'; id: number }
  /** A month file is about to be deleted or replaced: close it, and leave it alone until then. */
  | { type: 'release'; id: number; month: MonthName }

export type FromReader =
  | { type: 'ready' }
  | { type: 'failed'; error: WireError }
  | { type: 'answer'; id: number; answer: ReaderAnswer }
  | { type: 'refused'; id: number; error: WireError }
  | { type: 'released'; id: number }
  /** Once for each block, or file, that a query could not read. */
  | ({ type: 'damaged' } & DamageNotice)
