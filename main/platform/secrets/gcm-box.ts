import { createCipheriv, createDecipheriv, type KeyObject, randomBytes } from 'node:crypto'

const nonceBytes = 12
const tagBytes = 16
/** What a box adds to its plaintext. */
export const boxOverhead = nonceBytes + tagBytes

/**
 * AES-256-GCM with a random 96-bit nonce: `nonce ‖ ciphertext ‖ tag`. Random nonces are safe far beyond what one
 * key seals here (NIST SP 800-38D 8.3: 2^32 boxes a key).
 */
export function sealBox(key: KeyObject | Uint8Array, plaintext: Uint8Array, associated: string): Buffer {
  const nonce = randomBytes(nonceBytes)
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  cipher.setAAD(Buffer.from(associated, 'utf8'))
  return Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()])
}

/** The plaintext, or null when key, associated data or a single bit of the box is another. */
export function openBox(key: KeyObject | Uint8Array, box: Uint8Array, associated: string): Buffer | null {
  if (box.length < boxOverhead) return null
  const bytes = Buffer.from(box.buffer, box.byteOffset, box.length)
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, nonceBytes), {
    authTagLength: tagBytes,
  })
  decipher.setAAD(Buffer.from(associated, 'utf8'))
  decipher.setAuthTag(bytes.subarray(bytes.length - tagBytes))
  const plaintext = decipher.update(bytes.subarray(nonceBytes, bytes.length - tagBytes))
  try {
    decipher.final()
    return plaintext
  } catch {
    // What was deciphered before the tag failed must not be used, nor lie around.
    plaintext.fill(0)
    return null
  }
}
