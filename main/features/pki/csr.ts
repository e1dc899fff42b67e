import { createPublicKey, type KeyObject, verify } from 'node:crypto'
import type { ExpectedError } from '#contract/errors.ts'
import type { KeyAlgorithm } from './certificate-spec.ts'
import { readCsrAttributes } from './csr-attributes.ts'
import { csrRefused } from './csr-refusal.ts'
import { readCommonNames } from './csr-subject.ts'
import { hashPublicKey } from './gateway-keys.ts'
import { DerError, type DerNode, readObjectIdentifier, readStrictDer } from './strict-der.ts'

/** A certificate request whose signature is right and which asks for nothing that a gateway does not get. */
export interface Csr {
  der: Uint8Array<ArrayBuffer>
  publicKey: { algorithm: KeyAlgorithm; spki: Uint8Array<ArrayBuffer> }
  /** SHA-256 of the SubjectPublicKeyInfo, lower-case hex: the fingerprint of a box that has no certificate yet. */
  publicKeyHash: string
  /** What it calls itself: none, or one; more where somebody is careless. */
  commonNames: string[]
  alternativeNames: string[]
  /** PKCS#9 challengePassword. RFC 2985 5.4.1 */
  challenge: string | null
}

/** Of DER. A request for a key of RSA 2048 with names is about 1 KiB. */
export const CSR_MOST = 16 * 1024
/** The same in base64 with line breaks and PEM lines. */
const TEXT_MOST = 2 * CSR_MOST

/**
 * Reads and checks a certificate request (PKCS#10, RFC 2986), hostile until the end: bounded before it is parsed, parsed
 * strictly, its key one that the certificate profile knows, its signature by that key. Of its wishes only the names are given
 * on; a request for rights that gateways do not get is refused, and so is a critical extension that nobody knows.
 *
 * @param given PEM, or base64 of DER
 * @throws ExpectedError `csr_refused`
 */
export function readCsr(given: string): Csr {
  return readCsrDer(fromText(given))
}

/** The same from DER. @throws ExpectedError `csr_refused` */
export function readCsrDer(der: Uint8Array): Csr {
  if (der.length > CSR_MOST) throw tooLarge()
  try {
    return check(der)
  } catch (error) {
    if (error instanceof DerError) throw csrRefused('malformed', error.message)
    throw error
  }
}

function fromText(given: string): Buffer {
  if (given.length > TEXT_MOST) throw tooLarge()
  const pem =
    /-----BEGIN (NEW )?CERTIFICATE REQUEST-----([A-Za-z0-9+/=\s]*)-----END \1?CERTIFICATE REQUEST-----/.exec(
      given,
    )
  const base64 = (pem?.[2] ?? given).replace(/\s+/g, '')
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64))
    throw csrRefused('malformed', 'it is neither PEM ("BEGIN CERTIFICATE REQUEST") nor base64 of DER')
  return Buffer.from(base64, 'base64')
}

function tooLarge(): ExpectedError {
  return csrRefused('too_large', `it is larger than ${CSR_MOST} bytes`)
}

function check(der: Uint8Array): Csr {
  const whole = readStrictDer(der)
  const [info, algorithm, signature, ...more] = whole.children
  if (
    whole.tag !== 0x30 ||
    info?.tag !== 0x30 ||
    algorithm?.tag !== 0x30 ||
    signature?.tag !== 0x03 ||
    more.length > 0
  )
    throw new DerError('it is not a PKCS#10 certification request')
  const [version, subject, keyInfo, attributes, ...rest] = info.children
  // RFC 2986 4.1: version is v1(0).
  if (version?.tag !== 0x02 || version.content.length !== 1 || version.content[0] !== 0)
    throw new DerError('it has a version other than 1')
  if (subject?.tag !== 0x30 || keyInfo?.tag !== 0x30 || rest.length > 0)
    throw new DerError('it is not a PKCS#10 certification request')
  if (attributes !== undefined && attributes.tag !== 0xa0)
    throw new DerError('its attributes are not well formed')
  const { key, publicKey } = readKey(keyInfo)
  checkSignature(info.raw, { algorithm, signature, key })
  return {
    der: Uint8Array.from(der),
    publicKey,
    publicKeyHash: hashPublicKey(publicKey.spki),
    commonNames: readCommonNames(subject),
    ...readCsrAttributes(attributes?.children ?? []),
  }
}

/** A key's identifier and that of its curve, and what we call it. RFC 5480 2.1.1, RFC 3279 2.3.1 */
const keys: Record<string, KeyAlgorithm> = {
  '1.2.840.10045.2.1 1.2.840.10045.3.1.7': 'EC P-256',
  '1.2.840.10045.2.1 1.3.132.0.34': 'EC P-384',
  '1.2.840.113549.1.1.1': 'RSA 2048',
}
const uncompressedPoint: Partial<Record<KeyAlgorithm, number>> = { 'EC P-256': 65, 'EC P-384': 97 }

function readKey(keyInfo: DerNode): { key: KeyObject; publicKey: Csr['publicKey'] } {
  const [identifier, bits, ...more] = keyInfo.children
  const [type, parameters] = identifier?.children ?? []
  if (!type || bits?.tag !== 0x03 || bits.content[0] !== 0 || more.length > 0)
    throw new DerError('its public key is not well formed')
  const names = [type, parameters].flatMap((one) => (one?.tag === 0x06 ? [readObjectIdentifier(one)] : []))
  const algorithm = keys[names.join(' ')]
  if (algorithm === undefined)
    throw csrRefused('key_not_allowed', 'its key must be EC P-256, EC P-384 or RSA 2048')
  const point = uncompressedPoint[algorithm]
  // RFC 5480 2.2: everyone knows the uncompressed form. One form only, so that one key has one fingerprint.
  if (point !== undefined && (bits.content.length !== point + 1 || bits.content[1] !== 0x04))
    throw csrRefused('key_not_allowed', 'the point of its EC key must be in the uncompressed form')
  const key = parseKey(keyInfo.raw)
  const { modulusLength, publicExponent } = key.asymmetricKeyDetails ?? {}
  if (algorithm === 'RSA 2048' && (modulusLength !== 2048 || publicExponent !== 65_537n))
    throw csrRefused(
      'key_weak',
      `its RSA key must have 2048 bits and the exponent 65537, it has ${modulusLength} bits`,
    )
  const spki = Uint8Array.from(keyInfo.raw)
  if (Buffer.compare(key.export({ type: 'spki', format: 'der' }), spki) !== 0)
    throw new DerError('its public key is not well formed')
  return { key, publicKey: { algorithm, spki } }
}

function parseKey(spki: Uint8Array): KeyObject {
  try {
    return createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' })
  } catch {
    throw csrRefused('key_weak', 'its public key is not a valid one: the point does not lie on its curve')
  }
}

/** Those that TLS 1.2 still takes: nothing with SHA-1. RFC 5758 3.2, RFC 4055 5 */
const hashes: Record<string, { type: 'ec' | 'rsa'; hash: string }> = {
  '1.2.840.10045.4.3.2': { type: 'ec', hash: 'sha256' },
  '1.2.840.10045.4.3.3': { type: 'ec', hash: 'sha384' },
  '1.2.840.10045.4.3.4': { type: 'ec', hash: 'sha512' },
  '1.2.840.113549.1.1.11': { type: 'rsa', hash: 'sha256' },
  '1.2.840.113549.1.1.12': { type: 'rsa', hash: 'sha384' },
  '1.2.840.113549.1.1.13': { type: 'rsa', hash: 'sha512' },
}

function checkSignature(
  signed: Uint8Array,
  { algorithm, signature, key }: { algorithm: DerNode; signature: DerNode; key: KeyObject },
): void {
  const [identifier] = algorithm.children
  const known = identifier && hashes[readObjectIdentifier(identifier)]
  if (known?.type !== key.asymmetricKeyType)
    throw csrRefused('signature_not_allowed', 'it must be signed by its key with SHA-256, SHA-384 or SHA-512')
  const bytes = signature.content
  if (bytes[0] !== 0 || !verify(known?.hash, signed, key, bytes.subarray(1)))
    throw csrRefused(
      'signature_wrong',
      'its signature is not by its own key: it was changed, or is another one’s',
    )
}
