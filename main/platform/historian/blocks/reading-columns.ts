/**
 * Readings of one series in order of `ts`, one for each `ts`, as columns of `count` entries (the arrays may be
 * longer). The form in which readings leave the store in bulk.
 */
export interface ReadingColumns {
  count: number
  /** ms since 1970 UTC, rising. */
  ts: Float64Array<ArrayBuffer>
  /** The number; 0 or 1 for booleans; an index into `texts` for texts. */
  values: Float64Array<ArrayBuffer>
  /** Quality bits + kind * KIND_SHIFT (contract/model/reading-batch.ts). */
  flags: Uint16Array<ArrayBuffer>
  texts: string[]
}
