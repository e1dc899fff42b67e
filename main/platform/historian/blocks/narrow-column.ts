import { BlockDamaged } from './block-damaged.ts'
import type { ColumnSink, ColumnSource } from './column-streams.ts'
import { readPlanes, writePlanes } from './planes.ts'

/**
 * 32-bit words, as differences to what is predicted of them. All arithmetic is modulo 2^32, so any words come back as
 * they were.
 *
 *     prediction  u8      0 level, 1 line, 2 delta, 3 delta of delta
 *     base, step  signed  of that prediction
 *     planes              of the differences, signs folded in: 0, -1, 1, -2, … as 0, 1, 2, 3, …
 *
 * predicted(i) is `base`; `base + i * step`; `word(i - 1) + step`; `2 * word(i - 1) - word(i - 2)`. Words before the first
 * are 0.
 */
const LEVEL = 0
const LINE = 1
const DELTA = 2
const DELTA_OF_DELTA = 3

const SAMPLES = 33
const samples = new Int32Array(SAMPLES)
let folded = new Uint32Array(65_536)

export function writeNarrow(sink: ColumnSink, words: Int32Array, count: number): void {
  if (folded.length < count) folded = new Uint32Array(count)
  const level = median(words, count, 0, 0)
  const step = median(words, count, 1, 0)
  const start = median(words, count, 0, step)
  const prediction = cheapest(words, count, level, start, step)
  const base = prediction === LEVEL ? level : prediction === LINE ? start : 0
  const by = prediction === LINE || prediction === DELTA ? step : 0
  sink.head.byte(prediction)
  sink.head.signed(base)
  sink.head.signed(by)
  const differences = folded
  if (prediction === LEVEL || prediction === LINE) {
    let predicted = base
    for (let i = 0; i < count; i++) {
      differences[i] = fold(((words[i] as number) - predicted) | 0)
      predicted = (predicted + by) | 0
    }
  } else {
    let before = 0
    let step = by
    for (let i = 0; i < count; i++) {
      const delta = ((words[i] as number) - before) | 0
      differences[i] = fold((delta - step) | 0)
      if (prediction === DELTA_OF_DELTA) step = delta
      before = words[i] as number
    }
  }
  writePlanes(sink, differences, null, count)
}

/** Fills `words`, which has room for `count`. @throws BlockDamaged */
export function readNarrow(source: ColumnSource, words: Int32Array, count: number): void {
  const prediction = source.head.byte()
  const base = source.head.signed() | 0
  const step = source.head.signed() | 0
  const differs = readPlanes(source, new Uint32Array(words.buffer, words.byteOffset, count), null, count)
  if (!differs && prediction === LEVEL) words.fill(base, 0, count)
  else if (!differs && prediction === LINE) {
    for (let i = 0; i < count; i++) words[i] = base + Math.imul(i, step)
  } else if (prediction === LEVEL || prediction === LINE) {
    let predicted = base
    for (let i = 0; i < count; i++) {
      const word = words[i] as number
      words[i] = ((word >>> 1) ^ -(word & 1)) + predicted
      predicted = (predicted + step) | 0
    }
  } else if (prediction === DELTA) {
    let before = 0
    for (let i = 0; i < count; i++) {
      const word = words[i] as number
      before = (before + step + ((word >>> 1) ^ -(word & 1))) | 0
      words[i] = before
    }
  } else if (prediction === DELTA_OF_DELTA) {
    let before = 0
    let delta = 0
    for (let i = 0; i < count; i++) {
      const word = words[i] as number
      delta = (delta + ((word >>> 1) ^ -(word & 1))) | 0
      before = (before + delta) | 0
      words[i] = before
    }
  } else throw new BlockDamaged(`prediction ${prediction}`)
}

function fold(difference: number): number {
  return (difference << 1) ^ (difference >> 31)
}

/** The prediction whose differences have the fewest bits. */
function cheapest(words: Int32Array, count: number, level: number, start: number, step: number): number {
  let before = 0
  let earlier = 0
  let line = start
  let levelZeros = 0
  let lineZeros = 0
  let deltaZeros = 0
  let secondZeros = 0
  for (let i = 0; i < count; i++) {
    const word = words[i] as number
    const delta = (word - before) | 0
    levelZeros += Math.clz32(fold((word - level) | 0))
    lineZeros += Math.clz32(fold((word - line) | 0))
    deltaZeros += Math.clz32(fold((delta - step) | 0))
    secondZeros += Math.clz32(fold((delta - before + earlier) | 0))
    earlier = before
    before = word
    line = (line + step) | 0
  }
  const most = Math.max(levelZeros, lineZeros, deltaZeros, secondZeros)
  return [levelZeros, lineZeros, deltaZeros, secondZeros].indexOf(most)
}

/** Median of some of `word(i) - word(i - back) - i * step`, `back` being 0 or 1. */
function median(words: Int32Array, count: number, back: number, step: number): number {
  const size = Math.min(SAMPLES, count - back)
  if (size <= 0) return 0
  for (let s = 0; s < size; s++) {
    const i = back + Math.floor((s * (count - back)) / size)
    const before = back === 1 ? (words[i - 1] as number) : 0
    samples[s] = (words[i] as number) - before - Math.imul(i, step)
  }
  const taken = samples.subarray(0, size).sort()
  return taken[size >>> 1] as number
}
