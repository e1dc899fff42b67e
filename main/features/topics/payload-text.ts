import { isUtf8 } from 'node:buffer'

const PREVIEW = 120
const PREVIEW_HEX = 24
// Control characters are what is replaced.
const controlCharacters = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g

/**
 * A payload as text where it is UTF-8, else as base64.
 *
 * @param length bytes of the whole: its beginning may end within a character
 */
export function payloadText(
  payload: Uint8Array,
  length: number,
): { encoding: 'utf8' | 'base64'; payload: string } {
  const text = textOf(payload, length)
  if (text !== null) return { encoding: 'utf8', payload: text }
  return { encoding: 'base64', payload: Buffer.from(payload).toString('base64') }
}

/** One line of it. */
export function previewOf(payload: Uint8Array, length: number): string {
  const text = textOf(payload.subarray(0, PREVIEW * 4), length)
  if (text === null)
    return Buffer.from(payload.subarray(0, PREVIEW_HEX)).toString('hex').replace(/..\B/g, '$& ')
  return text.slice(0, PREVIEW).replace(controlCharacters, ' ').toWellFormed()
}

/** Null where it is none. */
function textOf(payload: Uint8Array, length: number): string | null {
  const isCut = length > payload.length
  // A character has four bytes at the most (RFC 3629 3).
  for (let off = 0; off <= (isCut ? 3 : 0) && off <= payload.length; off++) {
    const part = payload.subarray(0, payload.length - off)
    if (isUtf8(part)) return Buffer.from(part.buffer, part.byteOffset, part.byteLength).toString()
  }
  return null
}
