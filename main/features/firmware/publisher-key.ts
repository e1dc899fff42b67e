import { createHash, createPublicKey } from 'node:crypto'
import { ExpectedError } from '#contract/errors.ts'

/**
 * The 32 bytes of an Ed25519 public key, Base64, as people give it: PEM (RFC 8410), or these bytes themselves.
 *
 * @throws ExpectedError `publisher_key_invalid`
 */
export function parsePublisherKey(text: string): string {
  try {
    const raw = text.trim()
    const key = raw.startsWith('-----')
      ? createPublicKey(raw)
      : createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: toBase64Url(raw) }, format: 'jwk' })
    const { crv, x = '' } = key.export({ format: 'jwk' })
    // Whoever gives a private key by mistake is told, rather than taken at their public one.
    if (crv !== 'Ed25519' || raw.includes('PRIVATE KEY')) throw new ExpectedError('publisher_key_invalid')
    return Buffer.from(x, 'base64url').toString('base64')
  } catch (error) {
    throw new ExpectedError('publisher_key_invalid', {}, { cause: error })
  }
}

/** SHA-256 of the 32 bytes, lower-case hex. */
export function keyFingerprint(publicKey: string): string {
  return createHash('sha256').update(Buffer.from(publicKey, 'base64')).digest('hex')
}

function toBase64Url(text: string): string {
  if (!/^[A-Za-z0-9+/]{43}=$/.test(text)) throw new ExpectedError('publisher_key_invalid')
  return Buffer.from(text, 'base64').toString('base64url')
}
