import { KIND_SHIFT, packFlags } from '#contract/model/reading-batch.ts'
import type { ReadingColumns } from '../blocks/reading-columns.ts'

/** From these flags on a value is a text: it has the highest kind. */
export const TEXT_FLAGS = Math.floor(packFlags('text', 0) / KIND_SHIFT) * KIND_SHIFT

/** Readings of one series, ordered by `ts`, one for each, with their versions. */
export interface Rows extends ReadingColumns {
  /** The ingest sequence of each; one number where all have the same, as in a block. */
  seq: Float64Array<ArrayBuffer> | number
}

export const noRows: Rows = {
  count: 0,
  ts: new Float64Array(0),
  values: new Float64Array(0),
  flags: new Uint16Array(0),
  texts: [],
  seq: 0,
}

export function seqAt({ seq }: Rows, at: number): number {
  return typeof seq === 'number' ? seq : (seq[at] as number)
}

/** The stored value: booleans are 0 and 1. */
export function valueAt({ values, flags, texts }: ReadingColumns, at: number): number | string {
  const value = values[at] as number
  return (flags[at] as number) >= TEXT_FLAGS ? (texts[value] ?? '') : value
}

/** The first of `count` rising times that is not before `ts`. */
export function lowerBound(times: Float64Array, count: number, ts: number): number {
  let low = 0
  let high = count
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((times[middle] as number) < ts) low = middle + 1
    else high = middle
  }
  return low
}

/** The rows in [from, to): a view, nothing is copied. */
export function clip(rows: Rows, from: number, to: number): Rows {
  const { count, ts } = rows
  const start = count > 0 && (ts[0] as number) >= from ? 0 : lowerBound(ts, count, from)
  const end = count > 0 && (ts[count - 1] as number) < to ? count : lowerBound(ts, count, to)
  if (start === 0 && end === count) return rows
  return view(rows, start, end)
}

/** Rows `start` to `end` (exclusive), as a view. */
export function view({ ts, values, flags, texts, seq }: Rows, start: number, end: number): Rows {
  if (end <= start) return noRows
  return {
    count: end - start,
    ts: ts.subarray(start, end),
    values: values.subarray(start, end),
    flags: flags.subarray(start, end),
    texts,
    seq: typeof seq === 'number' ? seq : seq.subarray(start, end),
  }
}

/**
 * Both as one. Where both have a reading at a time, that of `over` counts; `newest`: the one with the higher
 * version, wherever it is.
 */
export function join(under: Rows, over: Rows, newest = false): Rows {
  if (under.count === 0) return over
  if (over.count === 0) return under
  const joined = new RowBuffer(under.count + over.count)
  let low = 0
  let high = 0
  while (low < under.count && high < over.count) {
    const lowTs = under.ts[low] as number
    const highTs = over.ts[high] as number
    if (lowTs < highTs) joined.copy(under, low++)
    else if (highTs < lowTs) joined.copy(over, high++)
    else {
      if (newest && seqAt(under, low) > seqAt(over, high)) joined.copy(under, low)
      else joined.copy(over, high)
      low += 1
      high += 1
    }
  }
  for (; low < under.count; low++) joined.copy(under, low)
  for (; high < over.count; high++) joined.copy(over, high)
  return joined.take()
}

const FIRST_CAPACITY = 1_024

/** Rows that are still being gathered. */
export class RowBuffer {
  private count = 0
  private ts: Float64Array<ArrayBuffer>
  private values: Float64Array<ArrayBuffer>
  private flags: Uint16Array<ArrayBuffer>
  private seq: Float64Array<ArrayBuffer>
  private texts: string[] = []

  constructor(capacity = FIRST_CAPACITY) {
    this.ts = new Float64Array(capacity)
    this.values = new Float64Array(capacity)
    this.flags = new Uint16Array(capacity)
    this.seq = new Float64Array(capacity)
  }

  add(ts: number, value: number | string, flags: number, seq: number): void {
    if (this.count === this.ts.length) this.grow()
    const at = this.count++
    this.ts[at] = ts
    this.values[at] = typeof value === 'string' ? this.texts.push(value) - 1 : value
    this.flags[at] = flags
    this.seq[at] = seq
  }

  copy(rows: Rows, at: number): void {
    this.add(rows.ts[at] as number, valueAt(rows, at), rows.flags[at] as number, seqAt(rows, at))
  }

  /** What was gathered, in the order it came; the buffer is empty then. */
  take(): Rows {
    const { count, ts, values, flags, seq, texts } = this
    this.count = 0
    this.ts = new Float64Array(0)
    this.values = new Float64Array(0)
    this.flags = new Uint16Array(0)
    this.seq = new Float64Array(0)
    this.texts = []
    return { count, ts, values, flags, seq, texts }
  }

  private grow(): void {
    const capacity = Math.max(FIRST_CAPACITY, this.ts.length * 2)
    this.ts = widened(this.ts, new Float64Array(capacity))
    this.values = widened(this.values, new Float64Array(capacity))
    this.seq = widened(this.seq, new Float64Array(capacity))
    this.flags = widened(this.flags, new Uint16Array(capacity))
  }
}

function widened<Column extends Float64Array | Uint16Array>(old: Column, wider: Column): Column {
  wider.set(old)
  return wider
}

/** Rows in any order, by time; of those at one time the one that came last. */
export function ordered(rows: Rows): Rows {
  const { count, ts } = rows
  let at = 1
  while (at < count && (ts[at] as number) > (ts[at - 1] as number)) at += 1
  if (at >= count) return rows
  const order = Uint32Array.from({ length: count }, (_, row) => row)
  order.sort((a, b) => (ts[a] as number) - (ts[b] as number) || a - b)
  const result = new RowBuffer(count)
  order.forEach((row, place) => {
    const next = order[place + 1]
    if (next === undefined || ts[next] !== ts[row]) result.copy(rows, row)
  })
  return result.take()
}

/** The rows the other way round, as a new copy. */
export function reversed(rows: Rows): Rows {
  const result = new RowBuffer(rows.count)
  for (let at = rows.count - 1; at >= 0; at--) result.copy(rows, at)
  return result.take()
}
