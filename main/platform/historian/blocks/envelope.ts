import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { BlockDamaged } from './block-damaged.ts'
import { ByteReader } from './byte-reader.ts'
import { ByteWriter } from './byte-writer.ts'
import type { ColumnSink, ColumnSource } from './column-streams.ts'
import { TEXT_BYTES_MAX } from './text-column.ts'

/**
 * What is around the columns of a block or rollup.
 *
 *     version  u8      1
 *     codec    u8      0: the head as it is; 1: the head as one zstd frame (RFC 8878)
 *     size     varint  bytes of the head
 *     stored   varint  bytes that the head takes here
 *     head, tail
 */
const VERSION = 1
const PLAIN = 0
const ZSTD = 1

/** The texts are the largest part; the columns take 3 MiB at most. */
const HEAD_MAX = TEXT_BYTES_MAX + 2 ** 23
/** Measured: higher levels take longer and win nothing on columns of readings. */
const LEVEL = 3
/** Unpacking takes some 15 µs however little it is: small rollups are read faster without it. */
const SAVED_MIN = 256
const SAVED_SHARE = 1 / 4
/** A frame from elsewhere could ask for a window of gigabytes; one of this level has 2^21 at most. */
const WINDOW_LOG_MAX = 23
const CHUNK_MIN = 64
const CHUNK_MAX = 2 ** 20

const writer = new ByteWriter()

export function seal({ head, tail }: ColumnSink): Buffer {
  const plain = head.bytes()
  const packed = zstdCompressSync(plain, {
    params: { [constants.ZSTD_c_compressionLevel]: LEVEL },
    pledgedSrcSize: plain.length,
  })
  const saved = plain.length - packed.length
  const smaller = saved > SAVED_MIN || saved > plain.length * SAVED_SHARE
  const stored = smaller ? packed : plain
  writer.clear()
  writer.byte(VERSION)
  writer.byte(smaller ? ZSTD : PLAIN)
  writer.varint(plain.length)
  writer.varint(stored.length)
  const prefix = writer.bytes()
  // Memory of its own, not of Buffer's pool: it may be kept, or transferred.
  const sealed = Buffer.allocUnsafeSlow(prefix.length + stored.length + tail.length)
  sealed.set(prefix)
  sealed.set(stored, prefix.length)
  sealed.set(tail.bytes(), prefix.length + stored.length)
  return sealed
}

/** @throws BlockDamaged */
export function unseal(data: Uint8Array): ColumnSource {
  const reader = new ByteReader(data)
  const version = reader.byte()
  if (version !== VERSION) throw new BlockDamaged(`format ${version}`)
  const codec = reader.byte()
  const size = reader.count(HEAD_MAX)
  const stored = reader.take(reader.count(data.length))
  const tail = new ByteReader(reader.take(reader.left))
  if (codec === PLAIN) {
    if (stored.length !== size) throw new BlockDamaged('its size is not what it says')
    return { head: new ByteReader(stored), tail }
  }
  if (codec !== ZSTD) throw new BlockDamaged(`codec ${codec}`)
  return { head: new ByteReader(unpacked(stored, size)), tail }
}

/** Never makes more than `size` bytes, nor those before they are there. */
function unpacked(stored: Uint8Array, size: number): Uint8Array {
  let plain: Uint8Array
  try {
    plain = zstdDecompressSync(stored, {
      maxOutputLength: Math.max(1, size),
      chunkSize: Math.min(Math.max(size, CHUNK_MIN), CHUNK_MAX),
      params: { [constants.ZSTD_d_windowLogMax]: WINDOW_LOG_MAX },
    })
  } catch (cause) {
    throw new BlockDamaged('it cannot be unpacked', { cause })
  }
  if (plain.length !== size) throw new BlockDamaged('its size is not what it says')
  return plain
}
