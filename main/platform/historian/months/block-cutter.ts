import { BLOCK_ROWS_MAX } from '../blocks/block-codec.ts'
import type { ReadingColumns } from '../blocks/reading-columns.ts'
import { HOUR, MINUTE } from '../blocks/rollup-columns.ts'
import { ColumnBuilder, valueAt } from './column-builder.ts'

/** Text in a block, as far as minutes allow. */
const TEXT_BYTES = 4 * 1024 * 1024

type EmitBlock = (columns: ReadingColumns, from: number, to: number) => void

/**
 * Cuts the readings of [from, to), which come in order of time, into blocks that answer for all of it: one, or
 * more where that would be too large; then at whole minutes, and with `hourly` at each hour.
 */
export class BlockCutter {
  private readonly to: number
  private readonly hourly: boolean
  private readonly emit: EmitBlock
  private columns = new ColumnBuilder()
  private spare: ColumnBuilder | null = null
  private from: number
  /** Rows before the minute that is being filled. */
  private whole = 0
  private minuteEnd = -Infinity

  constructor(from: number, to: number, hourly: boolean, emit: EmitBlock) {
    this.from = from
    this.to = to
    this.hourly = hourly
    this.emit = emit
  }

  add(ts: number, value: number | string, flags: number): void {
    if (ts >= this.minuteEnd) this.beginMinute(ts)
    this.columns.add(ts, value, flags)
    if (this.columns.count > BLOCK_ROWS_MAX || this.columns.textBytes > TEXT_BYTES) this.cutBeforeMinute()
  }

  end(): void {
    if (this.columns.count > 0) this.emit(this.columns, this.from, this.to)
  }

  private beginMinute(ts: number): void {
    const hour = Math.floor(ts / HOUR) * HOUR
    if (this.hourly && hour > this.from) {
      if (this.columns.count > 0) this.emit(this.columns, this.from, hour)
      this.columns.clear()
      this.from = hour
    }
    this.whole = this.columns.count
    this.minuteEnd = Math.floor(ts / MINUTE) * MINUTE + MINUTE
  }

  /** A minute has 60,000 readings at most, so what is left of a block that is too large is a block. */
  private cutBeforeMinute(): void {
    if (this.whole === 0) return
    const { columns } = this
    const other = this.spare ?? new ColumnBuilder()
    const boundary = this.minuteEnd - MINUTE
    copy(columns, 0, this.whole, other)
    this.emit(other, this.from, boundary)
    copy(columns, this.whole, columns.count, other)
    this.spare = columns
    this.columns = other
    this.from = boundary
    this.whole = 0
  }
}

/** With the texts of these rows only. */
function copy(columns: ColumnBuilder, from: number, to: number, target: ColumnBuilder): void {
  target.clear()
  for (let at = from; at < to; at++) {
    target.add(columns.ts[at] as number, valueAt(columns, at), columns.flags[at] as number)
  }
}
