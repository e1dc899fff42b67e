import { createHash } from 'node:crypto'
import type { Value } from './acknowledged-load.ts'

const DAY = 86_400_000
/** 2000-01-01, where Postgres counts from. */
const EPOCH = Date.UTC(2000, 0, 1)
const kinds = { number: 0, boolean: 2, string: 3 } as const

/**
 * The digest of a channel's UTC days by the words of docs, computed beside the product's code: count, and SHA-256 over
 * time (µs since 2000, 8 bytes), value (8 bytes, 0 where none), flags (2 bytes) and text of each reading.
 */
export function dayDigests(readings: Map<number, Value>): Map<number, { readings: number; digest: string }> {
  const days = Map.groupBy(
    [...readings].toSorted(([a], [b]) => a - b),
    ([ts]) => Math.floor(ts / DAY),
  )
  return new Map(
    [...days].map(([day, list]) => {
      const hash = createHash('sha256')
      for (const [ts, value] of list) hash.update(bytesOf(ts, value))
      return [day, { readings: list.length, digest: hash.digest('hex') }]
    }),
  )
}

function bytesOf(ts: number, value: Value): Buffer {
  const head = Buffer.alloc(18)
  head.writeBigInt64BE(BigInt(ts - EPOCH) * 1_000n, 0)
  head.writeDoubleBE(typeof value === 'string' ? 0 : Number(value), 8)
  head.writeInt16BE(kinds[typeof value as keyof typeof kinds] * 256, 16)
  return Buffer.concat([head, Buffer.from(typeof value === 'string' ? value : '')])
}
