/** Where the bytes of a file go, in order. Resolves when there is room for more. */
export type Emit = (bytes: Uint8Array<ArrayBuffer>, fraction: number) => Promise<void>

/** Bytes that are gathered before they are handed on. */
const PIECE = 256 * 1024

/** Gathers lines of text into pieces of bytes. */
export class TextOutput {
  readonly #emit: Emit
  readonly #encoder = new TextEncoder()
  #text = ''

  constructor(emit: Emit) {
    this.#emit = emit
  }

  add(text: string): void {
    this.#text += text
  }

  get isFull(): boolean {
    return this.#text.length >= PIECE
  }

  async flush(fraction: number): Promise<void> {
    if (this.#text === '') return
    const bytes = this.#encoder.encode(this.#text)
    this.#text = ''
    await this.#emit(bytes, fraction)
  }
}
