import { BlockDamaged } from './block-damaged.ts'
import type { ColumnSink, ColumnSource } from './column-streams.ts'

/**
 * Words of 32 or 64 bits as planes: all lowest bytes, then all second bytes, and so on, up to the last plane that is
 * not all zero. For small numbers that is as short as varints, and zstd does better on it: a plane of mostly zeros costs
 * nearly nothing, and a plane that looks random does not spoil the others' code, for it is kept apart in the tail.
 *
 *     planes  u8          how many, 0 to 8
 *     mask    u8          bit p set: plane p is in the tail. Missing without planes
 *     planes              `count` bytes each
 */
export function writePlanes(
  sink: ColumnSink,
  low: Uint32Array,
  high: Uint32Array | null,
  count: number,
): void {
  const highUsed = high ? bytesUsed(high, count) : 0
  const planes = high && highUsed > 0 ? 4 + highUsed : bytesUsed(low, count)
  sink.head.byte(planes)
  if (planes === 0) return
  const maskAt = sink.head.length
  let mask = 0
  sink.head.byte(mask)
  for (let p = 0; p < planes; p++) {
    const words = p < 4 ? low : (high ?? low)
    const shift = (p % 4) * 8
    gather(words, shift, count)
    if (looksRandom(count)) {
      sink.tail.append(plane.subarray(0, count))
      mask |= 1 << p
    } else sink.head.append(plane.subarray(0, count))
  }
  sink.head.patch(maskAt, mask)
}

/** @throws BlockDamaged */
export function readPlanes(
  source: ColumnSource,
  low: Uint32Array,
  high: Uint32Array | null,
  count: number,
): boolean {
  const planes = source.head.byte()
  if (planes > (high ? 8 : 4)) throw new BlockDamaged(`${planes} bytes a word`)
  const mask = planes > 0 ? source.head.byte() : 0
  let p = 0
  const next = (): Uint8Array => ((mask >>> p++) & 1 ? source.tail : source.head).take(count)
  readWords(next, low, Math.min(4, planes), count)
  if (high) readWords(next, high, Math.max(0, planes - 4), count)
  return planes > 0
}

/** A loop for each width: these are the hottest ones of reading. */
function readWords(next: () => Uint8Array, words: Uint32Array, width: number, count: number): void {
  if (width === 0) {
    words.fill(0, 0, count)
    return
  }
  const a = next()
  if (width === 1) {
    for (let i = 0; i < count; i++) words[i] = a[i] as number
    return
  }
  const b = next()
  if (width === 2) {
    for (let i = 0; i < count; i++) words[i] = (a[i] as number) | ((b[i] as number) << 8)
    return
  }
  const c = next()
  for (let i = 0; i < count; i++)
    words[i] = (a[i] as number) | ((b[i] as number) << 8) | ((c[i] as number) << 16)
  if (width === 3) return
  const d = next()
  for (let i = 0; i < count; i++) words[i] = (words[i] as number) | ((d[i] as number) << 24)
}

function bytesUsed(words: Uint32Array, count: number): number {
  let bits = 0
  for (let i = 0; i < count; i++) bits |= words[i] as number
  return Math.ceil((32 - Math.clz32(bits)) / 8)
}

const RANDOM_BITS = 7.6
/** With fewer bytes all of them look alike, and there is little to win. */
const RANDOM_COUNT_MIN = 512

let plane = new Uint8Array(65_536)
const histogram = new Uint32Array(256)

/** Byte `shift / 8` of all words into `plane`, and how often each value occurs into `histogram`. */
function gather(words: Uint32Array, shift: number, count: number): void {
  if (plane.length < count) plane = new Uint8Array(count)
  histogram.fill(0)
  for (let i = 0; i < count; i++) {
    const byte = ((words[i] as number) >>> shift) & 0xff
    plane[i] = byte
    histogram[byte] = (histogram[byte] as number) + 1
  }
}

/** By the entropy of its bytes (C. E. Shannon, 1948), in bits a byte. */
function looksRandom(count: number): boolean {
  if (count < RANDOM_COUNT_MIN) return false
  let bits = count * Math.log2(count)
  for (let byte = 0; byte < 256; byte++) {
    const times = histogram[byte] as number
    if (times > 1) bits -= times * Math.log2(times)
  }
  return bits > RANDOM_BITS * count
}
