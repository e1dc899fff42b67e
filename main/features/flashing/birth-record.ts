import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'

/** PKCS#8 of an Ed25519 key up to its 32 bytes. RFC 8410 7 */
const PKCS8_START = Buffer.from('302e020100300506032b657004220420', 'hex')

/** What of a site proves how gateways came to be. */
export interface BirthRecordKey {
  privateKey: KeyObject
  publicPem: string
  /** SHA-256 of the raw public key, lower-case hex. */
  keyId: string
}

/** @param seed 32 bytes that only this site has */
export function birthRecordKey(seed: Uint8Array): BirthRecordKey {
  const pkcs8 = Buffer.concat([PKCS8_START, seed])
  const privateKey = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })
  pkcs8.fill(0)
  const publicKey = createPublicKey(privateKey)
  const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32)
  return {
    privateKey,
    publicPem: publicKey.export({ format: 'pem', type: 'spki' }).toString(),
    keyId: createHash('sha256').update(raw).digest('hex'),
  }
}

/** Ed25519 over the exact bytes of the text, base64. RFC 8032 */
export function signRecord(record: string, { privateKey }: BirthRecordKey): string {
  return sign(null, Buffer.from(record), privateKey).toString('base64')
}

export function isSignedBy(record: string, signature: string, publicPem: string): boolean {
  return verify(null, Buffer.from(record), createPublicKey(publicPem), Buffer.from(signature, 'base64'))
}

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json | undefined }

/**
 * JSON with its keys in order and without blanks, so that the same record is the same text. As RFC 8785 for what stands in
 * records: no numbers but integers and finite doubles as ECMAScript writes them, keys compared by UTF-16 units.
 */
export function canonicalJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map((item: Json) => canonicalJson(item)).join(',')}]`
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  const members = Object.entries(value)
    .filter((entry): entry is [string, Json] => entry[1] !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(',')}}`
}
