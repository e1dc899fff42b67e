import { BlockDamaged } from './block-damaged.ts'
import type { ColumnSink, ColumnSource } from './column-streams.ts'
import { readPlanes, writePlanes } from './planes.ts'

/**
 * 64-bit words (two's complement, or the bits of doubles), each as a low and a high half, as differences modulo 2^64.
 *
 *     prediction  u8   0 level: predicted(i) is 0; 2 delta: it is word(i - 1), and 0 for the first
 *     planes           of the differences, signs folded in as in narrow columns
 */
const LEVEL = 0
const DELTA = 2

let foldedLow = new Uint32Array(65_536)
let foldedHigh = new Uint32Array(65_536)

/** `low` and `high` have `count` entries each. */
export function writeWide(sink: ColumnSink, low: Uint32Array, high: Uint32Array, count: number): void {
  if (foldedLow.length < count) {
    foldedLow = new Uint32Array(count)
    foldedHigh = new Uint32Array(count)
  }
  const levelBits = foldAll(low, high, count, LEVEL)
  const deltaBits = foldAll(low, high, count, DELTA)
  const prediction = deltaBits < levelBits ? DELTA : LEVEL
  if (prediction === LEVEL) foldAll(low, high, count, LEVEL)
  sink.head.byte(prediction)
  writePlanes(sink, foldedLow, foldedHigh, count)
}

/** Fills `low` and `high`. @throws BlockDamaged */
export function readWide(source: ColumnSource, low: Uint32Array, high: Uint32Array, count: number): void {
  const prediction = source.head.byte()
  if (prediction !== LEVEL && prediction !== DELTA) throw new BlockDamaged(`prediction ${prediction}`)
  readPlanes(source, low, high, count)
  let beforeLow = 0
  let beforeHigh = 0
  for (let i = 0; i < count; i++) {
    const folded = low[i] as number
    const foldedTop = high[i] as number
    const sign = -(folded & 1)
    let wordLow = (((folded >>> 1) | (foldedTop << 31)) ^ sign) >>> 0
    let wordHigh = ((foldedTop >>> 1) ^ sign) >>> 0
    if (prediction === DELTA) {
      const sum = wordLow + beforeLow
      wordLow = sum >>> 0
      wordHigh = (wordHigh + beforeHigh + (sum > 0xffff_ffff ? 1 : 0)) >>> 0
      beforeLow = wordLow
      beforeHigh = wordHigh
    }
    low[i] = wordLow
    high[i] = wordHigh
  }
}

/** Fills the folded halves; returns how many bits the differences have. */
function foldAll(low: Uint32Array, high: Uint32Array, count: number, prediction: number): number {
  let beforeLow = 0
  let beforeHigh = 0
  let bits = 0
  for (let i = 0; i < count; i++) {
    const wordLow = low[i] as number
    const wordHigh = high[i] as number
    const differenceLow = (wordLow - beforeLow) >>> 0
    const differenceHigh = (wordHigh - beforeHigh - (wordLow < beforeLow ? 1 : 0)) | 0
    const sign = differenceHigh >> 31
    const top = ((differenceHigh << 1) | (differenceLow >>> 31)) ^ sign
    const bottom = (differenceLow << 1) ^ sign
    foldedLow[i] = bottom
    foldedHigh[i] = top
    bits += top === 0 ? 32 - Math.clz32(bottom) : 64 - Math.clz32(top)
    if (prediction === DELTA) {
      beforeLow = wordLow
      beforeHigh = wordHigh
    }
  }
  return bits
}
