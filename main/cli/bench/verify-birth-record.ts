import { createHash, createPublicKey, verify } from 'node:crypto'

/** As the site gives it; what `keyId` is of stands in docs/bench.md. */
export interface SignedRecord {
  record: string
  signature: string
  keyId: string
  publicKey: string
}

/** Ed25519 over the exact text (RFC 8032), by the key whose id it names. */
export function verifyBirthRecord({ record, signature, keyId, publicKey }: SignedRecord): boolean {
  try {
    const key = createPublicKey(publicKey)
    if (key.asymmetricKeyType !== 'ed25519') return false
    const raw = Buffer.from(key.export({ format: 'jwk' }).x ?? '', 'base64url')
    if (createHash('sha256').update(raw).digest('hex') !== keyId) return false
    return verify(null, Buffer.from(record, 'utf8'), key, Buffer.from(signature, 'base64'))
  } catch {
    return false
  }
}
