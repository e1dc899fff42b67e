import { createHash } from 'node:crypto'

export interface PartitionLine {
  label: string
  type: number
  subtype: number
  offset: number
  size: number
}

const SIZE = 0xc00

/** A partition table as ESP-IDF writes it: 32 bytes a partition, a row with the MD5 of those before it, then FF. */
export function partitionTableFile(partitions: readonly PartitionLine[]): Buffer {
  const rows = Buffer.concat(partitions.map(row))
  const sum = Buffer.alloc(32, 0xff)
  sum.writeUInt16LE(0xebeb, 0)
  createHash('md5').update(rows).digest().copy(sum, 16)
  const table = Buffer.concat([rows, sum])
  return Buffer.concat([table, Buffer.alloc(SIZE - table.length, 0xff)])
}

function row({ label, type, subtype, offset, size }: PartitionLine): Buffer {
  const bytes = Buffer.alloc(32)
  bytes.writeUInt16LE(0x50aa, 0)
  bytes.writeUInt8(type, 2)
  bytes.writeUInt8(subtype, 3)
  bytes.writeUInt32LE(offset, 4)
  bytes.writeUInt32LE(size, 8)
  bytes.write(label, 12, 15, 'latin1')
  return bytes
}
