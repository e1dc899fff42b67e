import { kindOf } from '#contract/model/reading-batch.ts'

/** Readings of one channel that go to the cloud: columns of `count` entries, `ts` rising, one for each `ts`. */
export interface SeriesReadings {
  seriesId: number
  count: number
  /** ms since 1970 UTC. */
  ts: Float64Array
  /** The number; 0 or 1 for booleans; an index into `texts` for texts. */
  values: Float64Array
  /** Quality bits + kind * KIND_SHIFT. */
  flags: Uint16Array
  /** Ingest sequences. */
  seqs: Float64Array
  texts: readonly string[]
}

/** Rows `from` to `to` (exclusive), without copying. */
export function partOf(readings: SeriesReadings, from: number, to: number): SeriesReadings {
  const { seriesId, ts, values, flags, seqs, texts } = readings
  return {
    seriesId,
    count: to - from,
    ts: ts.subarray(from, to),
    values: values.subarray(from, to),
    flags: flags.subarray(from, to),
    seqs: seqs.subarray(from, to),
    texts,
  }
}

/** Only the rows that `keep` is true for; the same object where that is all of them. */
export function filtered(readings: SeriesReadings, keep: (row: number) => boolean): SeriesReadings {
  const rows: number[] = []
  for (let row = 0; row < readings.count; row++) if (keep(row)) rows.push(row)
  return rows.length === readings.count ? readings : picked(readings, rows)
}

/** The rows named, in their order. */
export function picked(readings: SeriesReadings, rows: readonly number[]): SeriesReadings {
  const { seriesId, ts, values, flags, seqs, texts } = readings
  return {
    seriesId,
    count: rows.length,
    ts: Float64Array.from(rows, (row) => ts[row] as number),
    values: Float64Array.from(rows, (row) => values[row] as number),
    flags: Uint16Array.from(rows, (row) => flags[row] as number),
    seqs: Float64Array.from(rows, (row) => seqs[row] as number),
    texts,
  }
}

/** One row, which holds nothing of the others. */
export function singled(readings: SeriesReadings, row: number): SeriesReadings {
  const one = picked(readings, [row])
  if (kindOf(readings.flags[row] as number) !== 'text') return { ...one, texts: [] }
  return { ...one, values: Float64Array.of(0), texts: [readings.texts[readings.values[row] as number] ?? ''] }
}

export function readingsIn(batch: readonly SeriesReadings[]): number {
  return batch.reduce((sum, { count }) => sum + count, 0)
}
