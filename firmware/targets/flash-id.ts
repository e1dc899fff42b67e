/** Answer of the flash command 9Fh, JEDEC: manufacturer in the low byte, then type, then capacity. */
interface FlashId {
  /** `ef4016`; null where no flash answers. */
  readonly text: string | null
  /** Bytes; null where the capacity is not one that is known. */
  readonly size: number | null
}

/** Mostly 2^n; newer parts of 64 MB and more, and low-voltage ones, count anew from 20h and 32h. */
export function parseFlashId(word: number): FlashId {
  const id = word & 0xff_ffff
  if (id === 0 || id === 0xff_ffff) return { text: null, size: null }
  const bytes = [id & 0xff, (id >> 8) & 0xff, (id >> 16) & 0xff]
  const text = bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('')
  return { text, size: sizeOf(bytes[2] ?? 0) }
}

function sizeOf(capacity: number): number | null {
  if (capacity >= 0x12 && capacity <= 0x1c) return 2 ** capacity
  if (capacity >= 0x20 && capacity <= 0x22) return 2 ** (capacity - 6)
  if (capacity >= 0x32 && capacity <= 0x3a) return 2 ** (capacity - 0x20)
  return null
}
