import { wordAt } from './loader-packet.ts'

/** MEM_BEGIN and its blocks: whether all of the stub arrived. The code itself is not kept: nothing here could run it. */
export class RamUpload {
  #expected = 0
  #next = 0
  #bytes = 0
  #size = 0
  #hasBegun = false

  /** @param data size, blocks, size of a block, address */
  begin(data: Uint8Array): void {
    this.#size = wordAt(data, 0)
    this.#expected = wordAt(data, 1)
    this.#next = 0
    this.#bytes = 0
    this.#hasBegun = true
  }

  /** @returns false where this block is not the next one */
  take(sequence: number, block: Uint8Array): boolean {
    // A block whose answer was lost comes again.
    if (sequence === this.#next - 1) return true
    if (!this.#hasBegun || sequence !== this.#next || sequence >= this.#expected) return false
    this.#next += 1
    this.#bytes += block.length
    return true
  }

  get isComplete(): boolean {
    return this.#hasBegun && this.#next === this.#expected && this.#bytes >= this.#size
  }
}
