import type { BoardFaults } from '../board-options.ts'

/** Random bytes of small cost: which they are does not matter, only that they are not what was sent. */
function randomByte(): number {
  return (Math.random() * 256) | 0
}

/** What arrives where the two ends have different speeds. */
export function garbled(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(bytes, randomByte)
}

export function randomBytes(count: number): Uint8Array {
  return Uint8Array.from({ length: count }, randomByte)
}

/**
 * What is left of bytes on a bad cable.
 * @param from number of the first of these bytes, for faults that name a byte; null in the other direction
 */
export function damaged(bytes: Uint8Array, faults: BoardFaults, from: number | null): Uint8Array {
  const { dropRate = 0, flipRate = 0 } = faults
  const dropAt = inside(faults.dropAt, from, bytes.length)
  const flipAt = inside(faults.flipAt, from, bytes.length)
  if (dropRate === 0 && flipRate === 0 && dropAt === null && flipAt === null) return bytes
  const left: number[] = []
  for (const [index, byte] of bytes.entries()) {
    if (index === dropAt || Math.random() < dropRate) continue
    left.push(index === flipAt || Math.random() < flipRate ? byte ^ (1 << ((Math.random() * 8) | 0)) : byte)
  }
  return Uint8Array.from(left)
}

function inside(at: number | undefined, from: number | null, length: number): number | null {
  return at === undefined || from === null || at < from || at >= from + length ? null : at - from
}
