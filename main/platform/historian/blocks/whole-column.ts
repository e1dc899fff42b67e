import { BlockDamaged } from './block-damaged.ts'
import type { ColumnSink, ColumnSource } from './column-streams.ts'
import { readNarrow, writeNarrow } from './narrow-column.ts'
import { readWide, writeWide } from './wide-column.ts'

/**
 * Whole numbers within 2^53.
 *
 *     width   u8      0 narrow, 1 wide
 *     origin  signed  narrow only: the first number; the words are the differences to it, all within 2^31
 *     column          narrow or wide; wide words are two's complement
 */
const NARROW = 0
const WIDE = 1
const TWO_32 = 2 ** 32
/** Below what a varint of it may have. */
const ORIGIN_MAX = 2 ** 52

let words = new Int32Array(65_536)
let low = new Uint32Array(65_536)
let high = new Uint32Array(65_536)

export function writeWholes(sink: ColumnSink, wholes: Float64Array, count: number): void {
  reserve(count)
  const origin = wholes[0] ?? 0
  if (Math.abs(origin) <= ORIGIN_MAX && fillWords(wholes, count, origin)) {
    sink.head.byte(NARROW)
    sink.head.signed(origin)
    writeNarrow(sink, words, count)
    return
  }
  for (let i = 0; i < count; i++) {
    const whole = wholes[i] as number
    low[i] = whole >>> 0
    high[i] = Math.floor(whole / TWO_32) >>> 0
  }
  sink.head.byte(WIDE)
  writeWide(sink, low, high, count)
}

/** Fills `wholes`, each divided by `divisor`. @throws BlockDamaged */
export function readWholes(source: ColumnSource, wholes: Float64Array, count: number, divisor = 1): void {
  reserve(count)
  const width = source.head.byte()
  if (width === NARROW) {
    const origin = source.head.signed()
    const read = words
    readNarrow(source, read, count)
    if (divisor === 1) for (let i = 0; i < count; i++) wholes[i] = (read[i] as number) + origin
    else for (let i = 0; i < count; i++) wholes[i] = ((read[i] as number) + origin) / divisor
  } else if (width === WIDE) {
    readWide(source, low, high, count)
    for (let i = 0; i < count; i++)
      wholes[i] = (((high[i] as number) | 0) * TWO_32 + (low[i] as number)) / divisor
  } else throw new BlockDamaged(`a column of width ${width}`)
}

/** False where a difference needs more than 32 bits. */
function fillWords(wholes: Float64Array, count: number, origin: number): boolean {
  const filled = words
  for (let i = 0; i < count; i++) {
    const word = (wholes[i] as number) - origin
    if (word !== (word | 0)) return false
    filled[i] = word
  }
  return true
}

function reserve(count: number): void {
  if (words.length >= count) return
  words = new Int32Array(count)
  low = new Uint32Array(count)
  high = new Uint32Array(count)
}
