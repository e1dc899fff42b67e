import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { createInflate, deflate } from 'node:zlib'
import { wordsOf } from './board-loader.ts'
import { encodeSlip } from './slip.ts'

const compress = promisify(deflate)

/** Commands of the loader, as its reference numbers them. */
export const FLASH_DEFL_DATA = 0x11

/** One command that carries a piece of a compressed part. */
interface PackedBlock {
  /** As it goes over the line. It has no address, so it is the same for every board. */
  readonly frame: Uint8Array
  /** Bytes of flash that it becomes. */
  readonly size: number
}

/** A part made ready for the line: compressed, cut, framed. */
export interface PackedPart {
  /** Of the bytes as they come, before padding. */
  readonly md5: string
  readonly sha256: string
  readonly size: number
  /** What the chip writes: `size`, rounded up to words. */
  readonly paddedSize: number
  readonly compressedSize: number
  readonly blocks: readonly PackedBlock[]
}

/**
 * Compresses a part and frames its blocks.
 * @param blockSize bytes of compressed data in one command, as the stub of the chip takes them
 */
export async function packPart(bytes: Uint8Array, blockSize: number): Promise<PackedPart> {
  const padded = padToWords(bytes)
  const compressed = await compress(padded, { level: 9 })
  const blocks: PackedBlock[] = []
  const sizes = await inflatedSizes(compressed, blockSize)
  for (const [index, size] of sizes.entries()) {
    const data = compressed.subarray(index * blockSize, (index + 1) * blockSize)
    blocks.push({ frame: dataFrame(data, index), size })
  }
  return {
    md5: createHash('md5').update(bytes).digest('hex'),
    sha256: createHash('sha256').update(bytes).digest('hex'),
    size: bytes.length,
    paddedSize: padded.length,
    compressedSize: compressed.length,
    blocks,
  }
}

/** The ROM and the stub write whole words. */
function padToWords(bytes: Uint8Array): Uint8Array {
  if (bytes.length % 4 === 0) return bytes
  const padded = new Uint8Array(Math.ceil(bytes.length / 4) * 4).fill(0xff)
  padded.set(bytes)
  return padded
}

function dataFrame(data: Uint8Array, sequence: number): Uint8Array {
  let checksum = 0xef
  for (const byte of data) checksum ^= byte
  const length = 16 + data.length
  const packet = new Uint8Array(8 + length)
  packet.set([0, FLASH_DEFL_DATA, length & 0xff, length >> 8], 0)
  packet.set(wordsOf(checksum), 4)
  packet.set(wordsOf(data.length, sequence, 0, 0), 8)
  packet.set(data, 24)
  return encodeSlip(packet)
}

/** Bytes that come out of each block: a run of one value makes a small block that the flash takes long for. */
async function inflatedSizes(compressed: Uint8Array, blockSize: number): Promise<number[]> {
  const inflate = createInflate()
  const sizes: number[] = []
  let size = 0
  inflate.on('data', (chunk: Buffer) => (size += chunk.length))
  try {
    for (let at = 0; at < compressed.length; at += blockSize) {
      const before = size
      const block = compressed.subarray(at, at + blockSize)
      await new Promise<void>((resolve, reject) => {
        inflate.write(block, (error) => (error ? reject(error) : resolve()))
      })
      sizes.push(size - before)
    }
  } finally {
    inflate.destroy()
  }
  return sizes
}
