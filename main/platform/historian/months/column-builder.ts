import { kindOf } from '#contract/model/reading-batch.ts'
import type { ReadingColumns } from '../blocks/reading-columns.ts'

const FIRST_CAPACITY = 4_096

/** Columns that grow; each text is in `texts` once. */
export class ColumnBuilder implements ReadingColumns {
  count = 0
  ts = new Float64Array(FIRST_CAPACITY)
  values = new Float64Array(FIRST_CAPACITY)
  flags = new Uint16Array(FIRST_CAPACITY)
  texts: string[] = []
  /** Of `texts`. */
  textBytes = 0
  private readonly textIndex = new Map<string, number>()

  add(ts: number, value: number | string, flags: number): void {
    if (this.count === this.ts.length) this.grow()
    this.ts[this.count] = ts
    this.values[this.count] = typeof value === 'string' ? this.indexOf(value) : value
    this.flags[this.count] = flags
    this.count += 1
  }

  clear(): void {
    this.count = 0
    this.texts = []
    this.textBytes = 0
    this.textIndex.clear()
  }

  private indexOf(text: string): number {
    const known = this.textIndex.get(text)
    if (known !== undefined) return known
    const index = this.texts.push(text) - 1
    this.textIndex.set(text, index)
    this.textBytes += Buffer.byteLength(text)
    return index
  }

  private grow(): void {
    const capacity = this.ts.length * 2
    this.ts = widened(this.ts, new Float64Array(capacity))
    this.values = widened(this.values, new Float64Array(capacity))
    this.flags = widened(this.flags, new Uint16Array(capacity))
  }
}

/** A value of columns as it was written: a number, or a text. */
export function valueAt(columns: ReadingColumns, at: number): number | string {
  const value = columns.values[at] as number
  return kindOf(columns.flags[at] as number) === 'text' ? (columns.texts[value] as string) : value
}

function widened<Column extends Float64Array | Uint16Array>(from: Column, to: Column): Column {
  to.set(from)
  return to
}
