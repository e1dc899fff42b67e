import { AHEAD_TOLERANCE, Quality } from '#contract/model/quality.ts'
import type { ValueKind } from '#contract/model/reading.ts'
import { packFlags, ROW_WIDTH } from '#contract/model/reading-batch.ts'
import { timeReader } from './cell-time.ts'
import { cellValue } from './cell-value.ts'
import type { CsvRow } from './csv-rows.ts'
import { isQuality, isTimeInRange } from './file-scan.ts'
import type { FileFormat } from './import-format.ts'
import type { ImportBatch, ImportChannel } from './import-thread.ts'
import { type RowCell, rowCells } from './row-cells.ts'

const READINGS = 16_384
/** Characters of texts in a batch. */
const TEXT = 4 * 1024 * 1024

export interface FileBatchesOptions {
  format: FileFormat
  raw: boolean
  takes(gateway: string): boolean
  channels: Map<string, { kind: ValueKind; unit: string | null }>
  now: number
}

/** Gathers the good readings of a file into batches, in the file's order. What is wrong was told by the scan. */
export class FileBatches {
  readonly #options: FileBatchesOptions
  readonly #cells: (row: CsvRow) => RowCell[] | null
  readonly #time: (text: string) => number | null
  #channels: ImportChannel[] = []
  #indexes = new Map<string, number>()
  #rows: number[] = []
  #texts: string[] = []
  #textLength = 0

  constructor(options: FileBatchesOptions) {
    this.#options = options
    this.#cells = rowCells(options.format, options.raw)
    this.#time = timeReader(options.format)
  }

  add(row: CsvRow): void {
    for (const cell of this.#cells(row) ?? []) this.#addCell(cell)
  }

  #addCell(cell: RowCell): void {
    const { takes, channels, format, now } = this.#options
    const channel = channels.get(cell.channel)
    if (cell.value === '' || !channel || !takes(cell.gateway) || !isQuality(cell.quality)) return
    const ts = this.#time(cell.time)
    if (ts === null || !isTimeInRange(ts)) return
    const parsed = cellValue(cell.value, channel.kind, format.decimal)
    if ('problem' in parsed) return
    const { value } = parsed
    const ahead = ts > now + AHEAD_TOLERANCE ? Quality.ahead : 0
    const rounded = typeof value === 'number' && isRounded(cell.value, value) ? Quality.rounded : 0
    const flags = packFlags(channel.kind, Number(cell.quality) | ahead | rounded)
    this.#rows.push(this.#indexOf(cell.channel, channel), ts, this.#stored(value), flags)
  }

  #indexOf(key: string, channel: { kind: ValueKind; unit: string | null }): number {
    const known = this.#indexes.get(key)
    if (known !== undefined) return known
    const index = this.#channels.push({ key, ...channel }) - 1
    this.#indexes.set(key, index)
    return index
  }

  #stored(value: number | boolean | string): number {
    if (typeof value !== 'string') return Number(value)
    this.#textLength += value.length
    return this.#texts.push(value) - 1
  }

  get isFull(): boolean {
    return this.#rows.length >= READINGS * ROW_WIDTH || this.#textLength >= TEXT
  }

  /** What was gathered up to the end of `line`; null if that is nothing. */
  take(line: number): ImportBatch | null {
    if (this.#rows.length === 0) return null
    const batch = { channels: this.#channels, rows: new Float64Array(this.#rows), texts: this.#texts, line }
    this.#channels = []
    this.#indexes = new Map()
    this.#rows = []
    this.#texts = []
    this.#textLength = 0
    return batch
  }
}

/** Whether a whole number is so large that the nearest double is another one. */
function isRounded(text: string, value: number): boolean {
  return (
    !Number.isSafeInteger(value) &&
    /^\s*[+-]?\d+\s*$/.test(text) &&
    BigInt(text.trim().replace('+', '')) !== BigInt(value)
  )
}
