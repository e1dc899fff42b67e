import { KIND_SHIFT, packFlags } from '#contract/model/reading-batch.ts'
import { BlockDamaged } from './block-damaged.ts'
import { type ColumnSource, clearedSink } from './column-streams.ts'
import { seal, unseal } from './envelope.ts'
import { readNumbers, writeNumbers } from './number-column.ts'
import type { ReadingColumns } from './reading-columns.ts'
import { readTexts, writeTexts } from './text-column.ts'
import { readWholes, writeWholes } from './whole-column.ts'

/** Readings that a block holds at most. A minute, the least that a block answers for, has 60,000 at most. */
export const BLOCK_ROWS_MAX = 65_536
/** From the first to the last reading of a block, ms: some 12 days. */
export const BLOCK_SPAN_MAX = 2 ** 30
/** Times are within this, as those of Date are. */
const TS_MAX = 8.64e15

const flagWholes = new Float64Array(BLOCK_ROWS_MAX)
const TEXT = packFlags('text', 0) / KIND_SHIFT

/**
 * The body of a block; docs/historian-format.md tells its bytes. Lossless.
 *
 * @throws RangeError more readings, a longer span or more text than a block may have; times that are not rising whole ms
 */
export function encodeBlock({ count, ts, values, flags, texts }: ReadingColumns): Buffer {
  checkTimes(ts, count)
  const sink = clearedSink()
  sink.head.varint(count)
  writeWholes(sink, ts, count)
  flagWholes.set(flags.subarray(0, count))
  writeWholes(sink, flagWholes, count)
  const textCount = countTexts(flags, count)
  if (textCount < count)
    writeNumbers(sink, kindRows(values, flags, count, count - textCount, false), count - textCount)
  if (textCount > 0) writeTexts(sink, texts, kindRows(values, flags, count, textCount, true), textCount)
  return seal(sink)
}

/** @throws BlockDamaged whatever the bytes are, and with no more memory than a block of the largest size takes */
export function decodeBlock(data: Uint8Array): ReadingColumns {
  const source = unseal(data)
  const count = source.head.count(BLOCK_ROWS_MAX)
  const ts = new Float64Array(count)
  readWholes(source, ts, count)
  if (!rises(ts, count)) throw new BlockDamaged('its times do not rise')
  const flags = readFlags(source, count)
  const textCount = countTexts(flags, count)
  const values = new Float64Array(count)
  let texts: string[] = []
  if (textCount === 0) {
    if (count > 0) readNumbers(source, values, count)
  } else if (textCount === count) texts = readTexts(source, values, count)
  else {
    const numbers = new Float64Array(count - textCount)
    readNumbers(source, numbers, count - textCount)
    const indexes = new Float64Array(textCount)
    texts = readTexts(source, indexes, textCount)
    let number = 0
    let text = 0
    for (let i = 0; i < count; i++) {
      const isText = (flags[i] as number) >>> 8 === TEXT
      values[i] = (isText ? indexes[text++] : numbers[number++]) as number
    }
  }
  if (source.head.left > 0 || source.tail.left > 0) throw new BlockDamaged('bytes after its end')
  return { count, ts, values, flags, texts }
}

function readFlags(source: ColumnSource, count: number): Uint16Array<ArrayBuffer> {
  const wholes = flagWholes
  readWholes(source, wholes, count)
  const flags = new Uint16Array(count)
  for (let i = 0; i < count; i++) {
    const whole = wholes[i] as number
    flags[i] = whole
    if (flags[i] !== whole) throw new BlockDamaged(`flags ${whole}`)
  }
  return flags
}

function checkTimes(ts: Float64Array, count: number): void {
  if (count > BLOCK_ROWS_MAX) throw new RangeError(`${count} readings`)
  if (!rises(ts, count)) throw new RangeError('times do not rise, or span too much')
  for (let i = 0; i < count; i++) if (!Number.isInteger(ts[i])) throw new RangeError(`time ${ts[i]}`)
}

function rises(ts: Float64Array, count: number): boolean {
  if (count === 0) return true
  let before = ts[0] as number
  const last = ts[count - 1] as number
  if (!(Math.abs(before) <= TS_MAX && last - before <= BLOCK_SPAN_MAX)) return false
  for (let i = 1; i < count; i++) {
    const now = ts[i] as number
    if (!(now > before)) return false
    before = now
  }
  return true
}

function countTexts(flags: Uint16Array, count: number): number {
  let texts = 0
  for (let i = 0; i < count; i++) if ((flags[i] as number) >>> 8 === TEXT) texts++
  return texts
}

/** The values of the `size` rows that are texts, or are not. */
function kindRows(
  values: Float64Array<ArrayBuffer>,
  flags: Uint16Array,
  count: number,
  size: number,
  ofTexts: boolean,
): Float64Array<ArrayBuffer> {
  if (size === count) return values
  const rows = new Float64Array(size)
  let n = 0
  for (let i = 0; i < count; i++)
    if (((flags[i] as number) >>> 8 === TEXT) === ofTexts) rows[n++] = values[i] as number
  return rows
}
