import type { MessagePort } from 'node:worker_threads'
import type { CommittedBatch, SeriesInfo } from '#contract/model/reading-batch.ts'
import type { HistorianStats } from '../historian.ts'
import type { FoldSpan } from '../months/fold-hour.ts'
import type { WireError } from '../wire-error.ts'
import type { ErasedReadings } from './eraser.ts'
import type { Durability } from './store-file.ts'

/** What the writer's thread is started with. */
export interface WriterOptions {
  dir: string
  durability: Durability
  /** ms; see redeliveries.ts. */
  redeliveryWindow: number
  /** Hot rows that make a run; null: by the number of series. */
  runRows: number | null
  /** Pages the file may have; null: no limit. Stands for a full disk in tests. */
  maxPages: number | null
  /** The last sequence that `onCommitted` has told of; null at the first start. */
  announcedSeq: number | null
  /** What comes has sequences above it, also where the store's own end before. */
  aboveSeq: number
}

export type ToWriter =
  | { type: 'ingest'; port: MessagePort }
  | { type: 'stats'; id: number }
  /** What comes from now on has sequences above `seq`. */
  | { type: 'skip'; seq: number }
  /** Rows that are in month files by now. */
  | { type: 'forget'; id: number; spans: FoldSpan[] }
  /** Readings that shall be gone. */
  | { type: 'erase'; id: number; readings: ErasedReadings }
  | { type: 'stop' }

export type FromWriter =
  | { type: 'ready'; series: SeriesInfo[]; lastSeq: number; latest: LatestSnapshot }
  | { type: 'failed'; error: WireError }
  | { type: 'committed'; batch: CommittedBatch }
  | { type: 'stats'; id: number; stats: HistorianStats }
  /** The rows of this `forget` are gone. */
  | { type: 'forgotten'; id: number }
  /** No byte of these series is left in `hot.sqlite`, and nothing of them is taken in any more. */
  | { type: 'erased'; id: number; series: number[] }
  | { type: 'refused'; id: number; error: WireError }
  | { type: 'stopped' }

/** Columns of equal length: the newest reading of each series, in no order. */
export interface LatestSnapshot {
  series: number[]
  ts: number[]
  value: (number | string)[]
  seq: number[]
  flags: number[]
}
