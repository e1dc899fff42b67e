import type { ValueKind } from '#contract/model/reading.ts'
import type { ExportLayout } from '#contract/model/telemetry-file.ts'

/** One channel of an export, in the names that the file gives it. */
export interface ExportChannel {
  seriesId: number
  /** Code; with the tenant before it where several tenants have the same. */
  gateway: string
  key: string
  unit: string | null
  kind: ValueKind
}

/** What a file shall hold: cloneable, for it crosses to a thread. */
export interface ExportTask extends ExportLayout {
  channels: ExportChannel[]
  /** ms. */
  from: number
  /** ms, exclusive. */
  to: number
  /** ms, for progress alone: the first reading, where it is known. */
  firstTs: number
}

/** What was written. */
export interface ExportTotals {
  /** Lines of data; the same as readings in the long layout. */
  rows: number
  readings: number
}
