/** Flash is erased in sectors of this many bytes. */
const SECTOR = 4_096
const MOST = 0x7fff_ffff

/** `0x10000` or `65536`; null: not a place where a sector begins. */
export function offsetOf(text: string): number | null {
  const plain = text.trim()
  if (!/^(?:0x[0-9a-f]{1,8}|\d{1,10})$/i.test(plain)) return null
  const offset = Number(plain)
  return offset % SECTOR === 0 && offset <= MOST ? offset : null
}
