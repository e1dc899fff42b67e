import type { ValueKind } from '#contract/model/reading.ts'
import type { ImportOptions, ImportReport } from '#contract/model/telemetry-file.ts'

/** What the reading thread is told. */
export interface ImportTask {
  path: string
  options: ImportOptions
  /** The code of the gateway that gets the readings. */
  gatewayCode: string
  /** Its channels; a new one takes the kind that most of its values have. */
  known: { key: string; kind: ValueKind }[]
  /** ms: what lies further ahead is flagged. */
  now: number
  dryRun: boolean
  /** Rows up to here were stored by an attempt before. */
  skipLines: number
}

/** Readings of some rows: `rows[4 * r]` is the channel (an index into `channels`), then ts, value, flags. */
export interface ImportBatch {
  channels: ImportChannel[]
  rows: Float64Array<ArrayBuffer>
  texts: string[]
  /** The last line that is in it whole. */
  line: number
}

export interface ImportChannel {
  key: string
  kind: ValueKind
  unit: string | null
}

/** What the thread asks of the engine; it goes on when it has the answer. */
export type ImportRequest =
  | { type: 'progress'; done: number; total: number }
  | { type: 'checked'; report: ImportReport }
  | { type: 'batch'; batch: ImportBatch }
