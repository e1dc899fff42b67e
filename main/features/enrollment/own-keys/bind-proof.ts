import { createPublicKey, timingSafeEqual } from 'node:crypto'
import { hashPublicKey } from '#features/pki/index.ts'

/** What the QR code of a box says of its key: hashes, lower-case hex. */
export interface BindProof {
  fingerprint: string
  /** Of the public key; null where the code holds none, or one that nobody can read. */
  publicKeyHash: string | null
  hasPublicKey: boolean
}

export function proofOf(code: { fingerprint: string; publicKey?: string | undefined }): BindProof {
  const publicKeyHash = code.publicKey === undefined ? null : hashOfWritten(code.publicKey)
  return { fingerprint: code.fingerprint, publicKeyHash, hasPublicKey: code.publicKey !== undefined }
}

/** What the site knows of a box: hashes, lower-case hex. */
export interface KnownKey {
  publicKeyHash: string
  /** Of its certificate, where it has one. */
  certificateHash: string | null
}

/** Whether the code is that of the box: in time that does not tell how much of it is right. */
export function isOfBox({ fingerprint, publicKeyHash, hasPublicKey }: BindProof, known: KnownKey): boolean {
  const ofCertificate = isSame(fingerprint, known.certificateHash)
  const ofKey = isSame(fingerprint, known.publicKeyHash)
  const isKey = isSame(publicKeyHash, known.publicKeyHash)
  return (ofCertificate || ofKey) && (isKey || !hasPublicKey)
}

/** Bytes of SHA-256. */
const LENGTH = 32

function isSame(given: string | null, known: string | null): boolean {
  const [left, right] = [given, known].map((hex) => Buffer.from(hex ?? '', 'hex'))
  const isWhole = left?.length === LENGTH && right?.length === LENGTH
  const nothing = Buffer.alloc(LENGTH)
  const isEqual = timingSafeEqual(isWhole ? left : nothing, isWhole ? right : nothing)
  return isWhole && isEqual
}

/** DER SubjectPublicKeyInfo of a P-256 point, up to the point itself. RFC 5480 2 */
const P256_HEAD = Buffer.from('3059301306072a8648ce3d020106082a8648ce3d030107034200', 'hex')

/** A public key as makers print it: PEM, base64 of DER, or the point as secure elements give it (hex or base64, 64 or 65 bytes). */
function hashOfWritten(text: string): string | null {
  const bare = text.replace(/-----[A-Z ]+-----|\s/g, '')
  const bytes = /^([0-9a-f]{128}|[0-9a-f]{130})$/i.test(bare)
    ? Buffer.from(bare, 'hex')
    : Buffer.from(bare, 'base64')
  const point = bytes.length === 64 ? Buffer.concat([Uint8Array.of(4), bytes]) : bytes
  const spki = point.length === 65 && point[0] === 4 ? Buffer.concat([P256_HEAD, point]) : bytes
  try {
    const key = createPublicKey({ key: spki, format: 'der', type: 'spki' })
    return hashPublicKey(key.export({ type: 'spki', format: 'der' }))
  } catch {
    return null
  }
}
