import { createInflate, type Inflate } from 'node:zlib'
import { type FlashArray, SECTOR } from '../flash-array.ts'

/** One FLASH_BEGIN or FLASH_DEFL_BEGIN until its end. */
export interface FlashWrite {
  /** Bytes that are still to come, uncompressed. */
  readonly remaining: number
  /** @returns null, or why the block was not taken */
  take(block: Uint8Array): Promise<'too_much_data' | 'inflate_error' | null>
  /** Frees what it holds; what is written stays. */
  end(): void
}

interface Region {
  flash: FlashArray
  offset: number
  size: number
  /** The stub erases each sector as it comes to it; the ROM has erased all at the beginning. */
  erasesAsItGoes: boolean
}

export class PlainWrite implements FlashWrite {
  readonly #region: Region
  #written = 0
  #erasedUpTo: number

  constructor(region: Region) {
    this.#region = region
    this.#erasedUpTo = region.offset - (region.offset % SECTOR)
  }

  get remaining(): number {
    return this.#region.size - this.#written
  }

  take(block: Uint8Array): Promise<'too_much_data' | null> {
    // The last block comes padded to its full size.
    if (this.remaining === 0) return Promise.resolve('too_much_data')
    this.append(block.subarray(0, this.remaining))
    return Promise.resolve(null)
  }

  append(bytes: Uint8Array): void {
    const { flash, offset, erasesAsItGoes } = this.#region
    const from = offset + this.#written
    while (erasesAsItGoes && this.#erasedUpTo < from + bytes.length) {
      flash.erase(this.#erasedUpTo, SECTOR)
      this.#erasedUpTo += SECTOR
    }
    flash.program(from, bytes)
    this.#written += bytes.length
  }

  end(): void {
    // It holds nothing.
  }
}

/** Inflates for real, block by block: what arrived before a cut is in the flash, the rest is not. */
export class DeflatedWrite implements FlashWrite {
  readonly #plain: PlainWrite
  readonly #inflate: Inflate = createInflate()
  #problem: 'too_much_data' | 'inflate_error' | null = null

  constructor(region: Region) {
    this.#plain = new PlainWrite(region)
    this.#inflate.on('data', (bytes: Buffer) => {
      if (bytes.length > this.#plain.remaining) this.#problem ??= 'too_much_data'
      else this.#plain.append(bytes)
    })
    this.#inflate.on('error', () => {
      this.#problem ??= 'inflate_error'
    })
    // Bytes behind the end of the stream: a block that came twice, for example.
    this.#inflate.on('end', () => {
      this.#problem ??= 'inflate_error'
    })
  }

  get remaining(): number {
    return this.#plain.remaining
  }

  async take(block: Uint8Array): Promise<'too_much_data' | 'inflate_error' | null> {
    if (this.#problem !== null) return this.#problem
    await new Promise<void>((resolve) => {
      // What was inflated is handed over in the same turn of the loop at the latest.
      const done = (): void => {
        this.#inflate.off('error', done).off('end', done)
        setImmediate(resolve)
      }
      // After an error, and behind the end, there is no callback.
      this.#inflate.once('error', done).once('end', done)
      this.#inflate.write(block, done)
    })
    return this.#problem
  }

  end(): void {
    this.#inflate.destroy()
  }
}
