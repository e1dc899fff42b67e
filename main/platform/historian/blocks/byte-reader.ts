import { BlockDamaged } from './block-damaged.ts'

/** Reads what ByteWriter wrote, and never past its end. All methods throw BlockDamaged. */
export class ByteReader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get left(): number {
    return this.#bytes.length - this.#at
  }

  byte(): number {
    return this.take(1)[0] as number
  }

  varint(): number {
    let value = 0
    let weight = 1
    for (let i = 0; i < 8; i++) {
      const byte = this.byte()
      value += (byte & 0x7f) * weight
      if (byte < 0x80) return value
      weight *= 0x80
    }
    throw new BlockDamaged('a number has no end')
  }

  /** A count that may not be above `most`: checked before anything is made of its size. */
  count(most: number): number {
    const value = this.varint()
    if (value > most) throw new BlockDamaged(`a count of ${value}, where ${most} is the most`)
    return value
  }

  signed(): number {
    const folded = this.varint()
    return folded % 2 === 1 ? -(folded + 1) / 2 : folded / 2
  }

  double(): number {
    this.take(8)
    return this.#view.getFloat64(this.#at - 8, true)
  }

  /** The next `size` bytes, not copied. */
  take(size: number): Uint8Array {
    if (size > this.left) throw new BlockDamaged('its end is missing')
    this.#at += size
    return this.#bytes.subarray(this.#at - size, this.#at)
  }
}
