import type { RetentionPolicy, StorageEvent, StorageReport } from '../historian.ts'
import type { Durability } from '../ingest/store-file.ts'
import type { WireError } from '../wire-error.ts'
import type { FoldSpan } from './fold-hour.ts'
import type { FoldFailure, MonthsErased } from './fold-requests.ts'
import type { MonthName } from './month-file.ts'

export interface FolderOptions {
  dir: string
  durability: Durability
  /** null: everything is kept. */
  retention: RetentionPolicy | null
  /** Whether `monthRetired` tells of each series. */
  tellRetired: boolean
}

export type ToFolder =
  /** The writer has made the store, or brought it up to date. */
  | { type: 'open' }
  | { type: 'fold'; id: number }
  | { type: 'storage'; id: number }
  /** Of these the writer has nothing any more. */
  | { type: 'erase'; id: number; series: number[] }
  | { type: 'retention'; policy: RetentionPolicy }
  | { type: 'tellRetired'; on: boolean }
  /** What `forget` or `release` asked for is done. */
  | { type: 'done'; id: number }
  /** It will not be done: the thread that was asked has died. */
  | { type: 'aborted' }
  | { type: 'stop' }

export type FromFolder =
  | { type: 'ready' }
  | { type: 'failed'; error: WireError }
  | { type: 'forget'; id: number; spans: FoldSpan[] }
  | { type: 'release'; id: number; name: MonthName }
  | { type: 'folded'; id: number; failure: FoldFailure | null }
  | { type: 'erased'; id: number; outcome: MonthsErased }
  | { type: 'storage'; id: number; report: StorageReport }
  | { type: 'refused'; id: number; error: WireError }
  | { type: 'event'; event: StorageEvent }
