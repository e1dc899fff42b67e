// RFC 1055: the framing of the ROM loader.
const END = 0xc0
const ESC = 0xdb
const ESC_END = 0xdc
const ESC_ESC = 0xdd

/** One packet between two ENDs. */
export function slipFrame(payload: Uint8Array): Uint8Array {
  let escapes = 0
  for (const byte of payload) if (byte === END || byte === ESC) escapes += 1
  const frame = new Uint8Array(payload.length + escapes + 2)
  frame[0] = END
  let at = 1
  for (const byte of payload) {
    if (byte === END || byte === ESC) {
      frame[at++] = ESC
      frame[at++] = byte === END ? ESC_END : ESC_ESC
    } else frame[at++] = byte
  }
  frame[at] = END
  return frame
}

/** Bytes before a packet's first END, and packets that break off, are dropped as a UART's reader does. */
export class SlipReader {
  readonly #most: number
  readonly #packet: Uint8Array
  #length = 0
  #isInside = false
  #isEscaped = false

  /** @param most bytes of a packet; a longer one is dropped */
  constructor(most: number) {
    this.#most = most
    this.#packet = new Uint8Array(most)
  }

  /** @returns the packets that these bytes complete */
  push(bytes: Uint8Array): Uint8Array[] {
    const packets: Uint8Array[] = []
    for (const byte of bytes) {
      if (byte === END) {
        if (this.#isInside && this.#length > 0) {
          packets.push(this.#packet.slice(0, this.#length))
          this.reset()
        } else {
          this.reset()
          this.#isInside = true
        }
      } else if (this.#isInside) this.#take(byte)
    }
    return packets
  }

  reset(): void {
    this.#length = 0
    this.#isInside = false
    this.#isEscaped = false
  }

  #take(byte: number): void {
    if (byte === ESC && !this.#isEscaped) {
      this.#isEscaped = true
      return
    }
    const value = !this.#isEscaped ? byte : byte === ESC_END ? END : byte === ESC_ESC ? ESC : -1
    this.#isEscaped = false
    if (value === -1 || this.#length === this.#most) this.reset()
    else this.#packet[this.#length++] = value
  }
}
