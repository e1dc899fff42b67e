/** A line longer than this is cut: at the wrong speed no end of line may ever come. */
const LONGEST = 4096

/** A line of a board, as bytes. */
export interface RawLine {
  bytes: Uint8Array
  /** False where it was cut or flushed before its end came. */
  isWhole: boolean
}

/** Cuts a stream of bytes into lines, at LF, CR LF or CR. */
export class LineSplitter {
  readonly #longest: number
  #partial: number[] = []
  #isAfterReturn = false

  /** @param longest bytes of a line; what is longer is cut into several */
  constructor(longest = LONGEST) {
    this.#longest = longest
  }

  /** The lines that end in these bytes. */
  push(bytes: Uint8Array): RawLine[] {
    const lines: RawLine[] = []
    for (const byte of bytes) {
      const endsReturn = byte === 0x0a && this.#isAfterReturn
      this.#isAfterReturn = byte === 0x0d
      if (endsReturn) continue
      if (byte === 0x0a || byte === 0x0d) lines.push(this.#take(true))
      else {
        this.#partial.push(byte)
        if (this.#partial.length >= this.#longest) lines.push(this.#take(false))
      }
    }
    return lines
  }

  /** The line that has begun, however far it is; undefined where none has. */
  flush(): RawLine | undefined {
    return this.#partial.length === 0 ? undefined : this.#take(false)
  }

  #take(isWhole: boolean): RawLine {
    const bytes = Uint8Array.from(this.#partial)
    this.#partial = []
    return { bytes, isWhole }
  }
}
