import { ROW_WIDTH } from '#contract/model/reading-batch.ts'

/** Width of a row here: the columns of `ReadingBatch` and, in the fifth, the ingest sequence. */
export const HOT_WIDTH = ROW_WIDTH + 1
const FIRST_CAPACITY = 4_096

/**
 * A copy of (a part of) the hot table in the writer's memory, so that settling needs no query that would have
 * to sort it: 40 bytes a row.
 */
export class HotRows {
  rows: Float64Array<ArrayBuffer>
  texts: string[]
  count: number

  constructor() {
    this.rows = new Float64Array(FIRST_CAPACITY * HOT_WIDTH)
    this.texts = []
    this.count = 0
  }

  /** The sequence of the newest row; 0 where there is none. */
  get lastSeq(): number {
    return this.count === 0 ? 0 : (this.rows[this.count * HOT_WIDTH - 1] as number)
  }

  add(series: number, ts: number, value: number | string, flags: number, seq: number): void {
    const needed = (this.count + 1) * HOT_WIDTH
    if (needed > this.rows.length) this.grow()
    const at = this.count * HOT_WIDTH
    this.rows[at] = series
    this.rows[at + 1] = ts
    this.rows[at + 2] = typeof value === 'string' ? this.texts.push(value) - 1 : value
    this.rows[at + 3] = flags
    this.rows[at + 4] = seq
    this.count += 1
  }

  /**
   * Row numbers by (series, ts, seq). Linear for rows that came in order of time, which nearly all do: a
   * general sort of a full run would hold up the writer for tens of milliseconds.
   */
  sorted(): Uint32Array {
    const { rows, count } = this
    const order = new Uint32Array(count)
    let highest = 0
    for (let row = 0; row < count; row++) highest = Math.max(highest, rows[row * HOT_WIDTH] as number)
    const ends = new Uint32Array(highest + 2)
    for (let row = 0; row < count; row++) bump(ends, (rows[row * HOT_WIDTH] as number) + 1, 1)
    for (let series = 1; series < ends.length; series++) bump(ends, series, ends[series - 1] as number)
    for (let row = 0; row < count; row++) {
      const series = rows[row * HOT_WIDTH] as number
      order[ends[series] as number] = row
      bump(ends, series, 1)
    }
    let start = 0
    for (let series = 0; series < highest + 1; series++) {
      const end = ends[series] as number
      this.sortByTime(order.subarray(start, end))
      start = end
    }
    return order
  }

  private sortByTime(order: Uint32Array): void {
    const ts = (row: number): number => this.rows[row * HOT_WIDTH + 1] as number
    for (let at = 1; at < order.length; at++) {
      if (ts(order[at] as number) < ts(order[at - 1] as number)) {
        // Row numbers rise with the sequence, so they settle ties.
        order.sort((a, b) => ts(a) - ts(b) || a - b)
        return
      }
    }
  }

  private grow(): void {
    const wider = new Float64Array(this.rows.length * 2)
    wider.set(this.rows)
    this.rows = wider
  }
}

function bump(counts: Uint32Array, at: number, by: number): void {
  counts[at] = (counts[at] as number) + by
}
