import { crc32 } from 'node:zlib'
import type { BlockRow } from '../months/month-file.ts'

/** A rollup's row in its month file, as far as the checksum covers it. */
interface RollupKey {
  level: number
  series: number
  day: number
}

const ABSENT = 0xff
const field = new DataView(new ArrayBuffer(9))
const fieldBytes = new Uint8Array(field.buffer)

/**
 * CRC-32 (as zlib's) over key, summary and data of a block: each number as a byte 0 and its double (-0 as 0), little-endian; null
 * as the byte 0xff and eight zeros; then the data.
 */
export function blockChecksum(row: Omit<BlockRow, 'id' | 'crc' | 'data'> & { data: Uint8Array }): number {
  const { series, startTs, endTs, count, firstTs, lastTs, min, max, sum, first, last, drops, toSeq } = row
  const fields = [series, startTs, endTs, count, firstTs, lastTs, min, max, sum, first, last, drops, toSeq]
  return crc32(row.data, checksumOf(fields))
}

/** The same over level, series, day and data of a rollup. */
export function rollupChecksum(row: RollupKey & { data: Uint8Array }): number {
  return crc32(row.data, checksumOf([row.level, row.series, row.day]))
}

function checksumOf(fields: (number | null)[]): number {
  let crc = 0
  for (const value of fields) {
    field.setUint8(0, value === null ? ABSENT : 0)
    // SQLite gives -0 back as 0.
    field.setFloat64(1, (value ?? 0) + 0, true)
    crc = crc32(fieldBytes, crc)
  }
  return crc
}
