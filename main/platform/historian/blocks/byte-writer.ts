const START_SIZE = 65_536
/** What a clear keeps at most: a block of long texts is rare, and shall not hold its memory for ever. */
const KEPT_SIZE = 8 * 1024 * 1024

/** Bytes that grow as they are written. Kept and reused: what `bytes` gives is true until the next `clear`. */
export class ByteWriter {
  #buffer = new Uint8Array(START_SIZE)
  #length = 0

  get length(): number {
    return this.#length
  }

  clear(): void {
    if (this.#buffer.length > KEPT_SIZE) this.#buffer = new Uint8Array(START_SIZE)
    this.#length = 0
  }

  bytes(): Uint8Array<ArrayBuffer> {
    return this.#buffer.subarray(0, this.#length)
  }

  byte(value: number): void {
    this.#grow(1)
    this.#buffer[this.#length++] = value
  }

  /** Seven bits a byte, the lowest first, the top bit set in all but the last. `value` is whole, 0 to 2^53. */
  varint(value: number): void {
    this.#grow(8)
    let rest = value
    while (rest >= 0x80) {
      this.#buffer[this.#length++] = (rest % 0x80) | 0x80
      rest = Math.floor(rest / 0x80)
    }
    this.#buffer[this.#length++] = rest
  }

  /** A whole number within 2^52, signs folded in: 0, -1, 1, -2, … as 0, 1, 2, 3, … */
  signed(value: number): void {
    this.varint(value < 0 ? -2 * value - 1 : 2 * value)
  }

  double(value: number): void {
    this.#grow(8)
    new DataView(this.#buffer.buffer).setFloat64(this.#length, value, true)
    this.#length += 8
  }

  /** Changes a byte that was written before. */
  patch(at: number, value: number): void {
    this.#buffer[at] = value
  }

  append(bytes: Uint8Array): void {
    this.#grow(bytes.length)
    this.#buffer.set(bytes, this.#length)
    this.#length += bytes.length
  }

  #grow(size: number): void {
    if (this.#length + size <= this.#buffer.length) return
    const larger = new Uint8Array(Math.max(2 * this.#buffer.length, this.#length + size))
    larger.set(this.#buffer.subarray(0, this.#length))
    this.#buffer = larger
  }
}
