/** RFC 1055: the framing of the ROM loader and of the stub. */
const END = 0xc0
const ESCAPE = 0xdb
const ESCAPED_END = 0xdc
const ESCAPED_ESCAPE = 0xdd

/** One frame between two delimiters, as it goes over the line. */
export function encodeSlip(data: Uint8Array): Uint8Array {
  let escapes = 0
  for (const byte of data) if (byte === END || byte === ESCAPE) escapes++
  const frame = new Uint8Array(data.length + escapes + 2)
  let at = 0
  frame[at++] = END
  for (const byte of data) {
    if (byte === END) {
      frame[at++] = ESCAPE
      frame[at++] = ESCAPED_END
    } else if (byte === ESCAPE) {
      frame[at++] = ESCAPE
      frame[at++] = ESCAPED_ESCAPE
    } else frame[at++] = byte
  }
  frame[at] = END
  return frame
}

/** Longer than any answer of a chip: 4 KiB of flash, and a header. What grows past it is noise. */
const LONGEST = 0x2000

/**
 * Takes bytes as they come and gives frames. Whatever stands between two delimiters is one, the boot text of the
 * ROM before its first answer included: so it is in step again after the next delimiter, whatever it missed.
 */
export class SlipDecoder {
  private frame = new Uint8Array(LONGEST)
  private length = 0
  private isEscaping = false

  /** @param onFrame takes ownership of what it gets; empty frames are left out. */
  push(bytes: Uint8Array, onFrame: (frame: Uint8Array) => void): void {
    for (const byte of bytes) {
      if (byte === END) {
        if (this.length > 0) onFrame(this.frame.slice(0, this.length))
        this.reset()
      } else if (this.isEscaping) {
        this.isEscaping = false
        this.put(byte === ESCAPED_END ? END : byte === ESCAPED_ESCAPE ? ESCAPE : byte)
      } else if (byte === ESCAPE) this.isEscaping = true
      else this.put(byte)
    }
  }

  reset(): void {
    this.length = 0
    this.isEscaping = false
  }

  private put(byte: number): void {
    if (this.length === LONGEST) this.length = 0
    this.frame[this.length++] = byte
  }
}
