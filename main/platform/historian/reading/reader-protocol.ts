import type { BucketQuery, BucketSeries, RawPage, RawQuery } from '../historian.ts'
import type { WireError } from '../wire-error.ts'

export interface ReaderOptions {
  dir: string
}

export type ReaderQuery = { kind: 'raw'; query: RawQuery } | { kind: 'buckets'; query: BucketQuery }
export type ReaderAnswer = RawPage | BucketSeries

export type ToReader =
  | { type: 'open' }
  | ({ type: 'query'; id: number } & ReaderQuery)
  | { type: 'cancel'; id: number }

export type FromReader =
  | { type: 'ready' }
  | { type: 'failed'; error: WireError }
  | { type: 'answer'; id: number; answer: ReaderAnswer }
  | { type: 'refused'; id: number; error: WireError }
