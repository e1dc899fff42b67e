declare module 'snappyjs' {
  /** @throws Error where it is not the block format, or holds more than `maxLength` bytes */
  export function uncompress(compressed: Uint8Array, maxLength?: number): Uint8Array<ArrayBuffer>
  export function compress(uncompressed: Uint8Array): Uint8Array<ArrayBuffer>
}
