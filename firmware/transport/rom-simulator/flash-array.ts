import { createHash } from 'node:crypto'

export const SECTOR = 4_096

/** NOR flash: erasing sets bits, programming clears them. Pages that are blank take no memory. */
export class FlashArray {
  readonly size: number
  readonly #sectors = new Map<number, Uint8Array>()

  /** @param size bytes, a power of two */
  constructor(size: number) {
    this.size = size
  }

  /** Addresses beyond the end wrap, as the chip ignores address lines that it lacks. */
  read(offset: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length).fill(0xff)
    for (let at = 0; at < length; ) {
      const { sector, from, room } = this.#place(offset + at)
      const page = this.#sectors.get(sector)
      const count = Math.min(room, length - at)
      if (page !== undefined) bytes.set(page.subarray(from, from + count), at)
      at += count
    }
    return bytes
  }

  program(offset: number, bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      const { sector, from, room } = this.#place(offset + at)
      const count = Math.min(room, bytes.length - at)
      const page = this.#pageOf(sector)
      for (let index = 0; index < count; index += 1)
        page[from + index] = (page[from + index] ?? 0) & (bytes[at + index] ?? 0)
      at += count
    }
  }

  /** Every sector that the region touches. */
  erase(offset: number, length: number): void {
    for (let at = offset - (offset % SECTOR); at < offset + length; at += SECTOR)
      this.#sectors.delete(this.#place(at).sector)
  }

  eraseAll(): void {
    this.#sectors.clear()
  }

  md5(offset: number, length: number): Uint8Array {
    const hash = createHash('md5')
    const step = 64 * 1_024
    for (let at = 0; at < length; at += step) hash.update(this.read(offset + at, Math.min(step, length - at)))
    return hash.digest()
  }

  #place(address: number): { sector: number; from: number; room: number } {
    const wrapped = address % this.size
    const from = wrapped % SECTOR
    return { sector: (wrapped - from) / SECTOR, from, room: SECTOR - from }
  }

  #pageOf(sector: number): Uint8Array {
    let page = this.#sectors.get(sector)
    if (page === undefined) {
      page = new Uint8Array(SECTOR).fill(0xff)
      this.#sectors.set(sector, page)
    }
    return page
  }
}
