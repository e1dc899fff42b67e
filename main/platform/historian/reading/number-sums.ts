import type { RollupColumns } from '../blocks/rollup-columns.ts'
import type { BucketSeries } from '../historian.ts'
import { type Rows, TEXT_FLAGS } from './rows.ts'
import type { SpanGrid } from './spans.ts'

type Columns = Omit<BucketSeries, 'seriesId' | 'damaged'>

export function emptyColumns(width: number): Columns {
  return {
    ts: [],
    count: [],
    min: [],
    max: [],
    avg: [],
    timeAverage: [],
    sum: [],
    first: [],
    last: [],
    width,
  }
}

/**
 * Buckets of numbers, filled in order of time with readings and with rollup entries. Texts are left out. `before` is
 * the last number before the first bucket, null where there is none; `now` is the site's time.
 */
export class NumberSums {
  private readonly grid: SpanGrid
  private readonly now: number
  private readonly columns: Columns
  /** The bucket in work: its start and end, and the times its area begins and has got to. */
  private start = 0
  private end = -Infinity
  private areaFrom = 0
  private areaTo = 0
  private count = 0
  private min = 0
  private max = 0
  private sum = 0
  private first = 0
  private area = 0
  /** The value before the bucket, if there is one; within it the last one. */
  private known: boolean
  private last: number
  private before: number | null = null

  constructor(grid: SpanGrid, before: number | null, now: number) {
    this.grid = grid
    this.now = now
    this.columns = emptyColumns(grid.width)
    this.known = before !== null
    this.last = before ?? 0
  }

  addRows({ count, ts, values, flags }: Rows): void {
    let at = 0
    while (at < count) {
      if ((flags[at] as number) >= TEXT_FLAGS) {
        at += 1
        continue
      }
      const firstTs = ts[at] as number
      if (firstTs >= this.end) this.open(firstTs)
      const end = this.end
      const first = values[at] as number
      let min = first
      let max = first
      let sum = first
      let area = 0
      let last = first
      let lastTs = firstTs
      let numbers = 1
      for (at += 1; at < count; at++) {
        const now = ts[at] as number
        if (now >= end) break
        if ((flags[at] as number) >= TEXT_FLAGS) continue
        const value = values[at] as number
        area += last * (now - lastTs)
        sum += value
        if (value < min) min = value
        if (value > max) max = value
        last = value
        lastTs = now
        numbers += 1
      }
      this.add(numbers, min, max, sum, first, last, firstTs, lastTs, area)
    }
  }

  /**
   * Whether a rollup entry, from the time of its first reading to that of its last, lies in one bucket: if not, it has
   * to be taken apart.
   */
  holds(firstTs: number, lastTs: number): boolean {
    if (firstTs < this.end) return lastTs < this.end
    return lastTs < this.grid.end(this.grid.indexOf(firstTs))
  }

  /** Entry `at` of a rollup, whose slot starts at `slotStart`. It lies in one bucket. */
  addSlot(rollup: RollupColumns, at: number, slotStart: number): void {
    const firstTs = slotStart + (rollup.firstAt[at] as number)
    if (firstTs >= this.end) this.open(firstTs)
    this.add(
      rollup.rows[at] as number,
      rollup.min[at] as number,
      rollup.max[at] as number,
      rollup.sum[at] as number,
      rollup.first[at] as number,
      rollup.last[at] as number,
      firstTs,
      slotStart + (rollup.lastAt[at] as number),
      rollup.area[at] as number,
    )
  }

  finish(): Columns {
    this.close()
    return this.columns
  }

  private open(ts: number): void {
    this.close()
    const at = this.grid.indexOf(ts)
    this.start = this.grid.start(at)
    this.end = this.grid.end(at)
    this.count = 0
  }

  private add(
    count: number,
    min: number,
    max: number,
    sum: number,
    first: number,
    last: number,
    firstTs: number,
    lastTs: number,
    area: number,
  ): void {
    if (this.count === 0) {
      this.before = this.known ? this.last : null
      this.areaFrom = this.known ? this.start : firstTs
      this.areaTo = this.areaFrom
      this.area = 0
      this.min = min
      this.max = max
      this.sum = sum
      this.first = first
    } else {
      if (min < this.min) this.min = min
      if (max > this.max) this.max = max
      this.sum += sum
    }
    if (this.known) this.area += this.last * (firstTs - this.areaTo)
    this.area += area
    this.areaTo = lastTs
    this.count += count
    this.last = last
    this.known = true
  }

  private close(): void {
    if (this.count === 0) return
    const { columns, start, count, min, max, sum, first, last, before } = this
    // Readings ahead of the site's time count up to the last one.
    const until = Math.max(this.areaTo, Math.min(this.end, this.now))
    const area = this.area + last * (until - this.areaTo)
    const time = until - this.areaFrom
    const low = before === null ? min : Math.min(min, before)
    const high = before === null ? max : Math.max(max, before)
    columns.ts.push(start)
    columns.count.push(count)
    columns.min.push(min)
    columns.max.push(max)
    columns.sum.push(finite(sum))
    columns.avg.push(within(sum / count, min, max))
    columns.timeAverage.push(time > 0 ? within(area / time, low, high) : last)
    columns.first.push(first)
    columns.last.push(last)
    this.count = 0
  }
}

/** Numbers at the ends of float64 add up to infinity, which no answer can carry. */
function finite(sum: number): number {
  if (Number.isNaN(sum)) return 0
  return Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, sum))
}

/** An average lies between the least and the greatest, whatever rounding or infinity says. */
function within(average: number, min: number, max: number): number {
  return Number.isNaN(average) ? min / 2 + max / 2 : Math.max(min, Math.min(max, average))
}
