import { TAIL_WIDTH, type TailPage } from '#platform/historian/changes.ts'
import type { SeriesReadings } from './series-readings.ts'

const [SERIES, TS, VALUE, FLAGS, SEQ] = [0, 1, 2, 3, 4] as const

/**
 * Rows of the tail, in the order in which they came, as columns of each series in order of time. Of two versions of one
 * reading the later one is left. `wanted` picks series.
 */
export function tailBySeries(page: TailPage, wanted: (seriesId: number) => boolean): SeriesReadings[] {
  const { rows, count, texts } = page
  const bySeries = new Map<number, number[]>()
  const unwanted = new Set<number>()
  for (let at = 0; at < count * TAIL_WIDTH; at += TAIL_WIDTH) {
    const seriesId = rows[at + SERIES] as number
    const known = bySeries.get(seriesId)
    if (known) known.push(at)
    else if (unwanted.has(seriesId)) continue
    else if (wanted(seriesId)) bySeries.set(seriesId, [at])
    else unwanted.add(seriesId)
  }
  return [...bySeries].map(([seriesId, offsets]) =>
    columnsOf(seriesId, rows, latestByTime(rows, offsets), texts),
  )
}

/** Offsets in order of time; of the same time the last, which has the highest sequence. */
function latestByTime(rows: Float64Array, offsets: number[]): number[] {
  const time = (offset: number) => rows[offset + TS] as number
  let rises = true
  for (let i = 1; i < offsets.length && rises; i++)
    rises = time(offsets[i - 1] as number) < time(offsets[i] as number)
  if (rises) return offsets
  offsets.sort((a, b) => time(a) - time(b) || a - b)
  return offsets.filter(
    (offset, i) => i === offsets.length - 1 || time(offset) !== time(offsets[i + 1] as number),
  )
}

function columnsOf(
  seriesId: number,
  rows: Float64Array,
  offsets: readonly number[],
  texts: readonly string[],
): SeriesReadings {
  const count = offsets.length
  const ts = new Float64Array(count)
  const values = new Float64Array(count)
  const flags = new Uint16Array(count)
  const seqs = new Float64Array(count)
  for (let row = 0; row < count; row++) {
    const at = offsets[row] as number
    ts[row] = rows[at + TS] as number
    values[row] = rows[at + VALUE] as number
    flags[row] = rows[at + FLAGS] as number
    seqs[row] = rows[at + SEQ] as number
  }
  return { seriesId, count, ts, values, flags, seqs, texts }
}
