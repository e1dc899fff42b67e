// @ts-expect-error -- the package has no types of its own
import untyped from 'snappyjs'

/** Snappy's block format: https://github.com/google/snappy/blob/main/format_description.txt */
interface Snappy {
  /** @throws Error where it is not the block format, or holds more than `maxLength` bytes */
  uncompress(compressed: Uint8Array, maxLength?: number): Uint8Array<ArrayBuffer>
  compress(uncompressed: Uint8Array): Uint8Array<ArrayBuffer>
}

export const snappy: Snappy = untyped
