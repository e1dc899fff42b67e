import { kindOf } from '#contract/model/reading-batch.ts'
import type { ReadingColumns } from '../reading-columns.ts'

export interface SampleRow {
  ts: number
  value: number | string
  flags: number
}

export function columnsOf(rows: SampleRow[]): ReadingColumns {
  const texts: string[] = []
  const valueOf = ({ value }: SampleRow) => (typeof value === 'string' ? texts.push(value) - 1 : value)
  return {
    count: rows.length,
    ts: Float64Array.from(rows, ({ ts }) => ts),
    values: Float64Array.from(rows, valueOf),
    flags: Uint16Array.from(rows, ({ flags }) => flags),
    texts,
  }
}

/** In a form in which vitest's toEqual tells -0 from 0. */
export function rowsOf({ count, ts, values, flags, texts }: ReadingColumns): SampleRow[] {
  return Array.from({ length: count }, (_, i) => {
    const bits = flags[i] as number
    const value = values[i] as number
    return { ts: ts[i] as number, value: kindOf(bits) === 'text' ? (texts[value] ?? '') : value, flags: bits }
  })
}

export interface WalkOptions {
  count: number
  start: number
  /** ms from one reading to the next, give or take `jitter`. */
  step: number
  jitter?: number
  /** null: all the digits of a double. */
  decimals: number | null
  /** What becomes of a value. */
  map?: (value: number) => number
  /** Share of values that are a rounding error off. */
  strays?: number
}

/** A measured quantity at rest: 21.5, steps of 0.1. The same for the same options. */
export function randomWalk({
  count,
  start,
  step,
  jitter = 0,
  decimals,
  map,
  strays = 0,
}: WalkOptions): ReadingColumns {
  const random = xorshift(12_345)
  let value = 21.5
  const rows = Array.from({ length: count }, (_, i) => {
    value += (random() + random() + random() + random() - 2) * 0.17
    const power = 10 ** (decimals ?? 0)
    const rounded = decimals === null ? value : Math.round(value * power) / power
    const strayed = random() < strays ? rounded * (1 + Number.EPSILON) : rounded
    return {
      ts: start + i * step + (jitter > 0 ? Math.round((2 * random() - 1) * jitter) : 0),
      value: map ? map(strayed) : strayed,
      flags: 0,
    }
  })
  return columnsOf(rows)
}

/** G. Marsaglia, Xorshift RNGs, 2003: from 0 up to 1. */
function xorshift(seed: number): () => number {
  let state = seed
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}
