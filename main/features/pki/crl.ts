import { type KeyObject, sign } from 'node:crypto'
import {
  bitString,
  integer,
  objectIdentifier,
  octetString,
  sequence,
  tagged,
  taggedPrimitive,
  time,
  tlv,
  unsigned,
} from './der.ts'
import { type RevocationReason, revocationReasons } from './revocation-reason.ts'

/** What a CRL says. The three lists run in parallel: they cross a thread, and arrays of text and numbers cross fast. */
export interface CrlContent {
  number: number
  /** ms */
  thisUpdate: number
  /** ms */
  nextUpdate: number
  /** Lower-case hex. */
  serials: string[]
  /** ms */
  revokedAt: number[]
  reasons: RevocationReason[]
}

export interface CrlIssuer {
  /** DER of the issuer's subject, byte for byte. */
  name: Uint8Array
  /** Its subject key identifier. */
  keyId: Uint8Array
  privateKey: KeyObject
}

const oid = {
  ecdsaWithSha256: objectIdentifier('1.2.840.10045.4.3.2'),
  ecdsaWithSha384: objectIdentifier('1.2.840.10045.4.3.3'),
  authorityKeyIdentifier: objectIdentifier('2.5.29.35'),
  crlNumber: objectIdentifier('2.5.29.20'),
  reasonCode: objectIdentifier('2.5.29.21'),
}

/** A signed version 2 CRL over all certificates of one issuer, as DER. RFC 5280 5.1 */
export function signCrl(content: CrlContent, issuer: CrlIssuer): Buffer {
  const p384 = issuer.privateKey.asymmetricKeyDetails?.namedCurve === 'secp384r1'
  const algorithm = sequence(p384 ? oid.ecdsaWithSha384 : oid.ecdsaWithSha256)
  const tbs = encodeTbs(content, issuer, algorithm)
  // RFC 3279 2.2.3: an ECDSA signature in X.509 is a DER sequence, not the two raw numbers of P1363.
  const signature = sign(p384 ? 'sha384' : 'sha256', tbs, { key: issuer.privateKey, dsaEncoding: 'der' })
  return sequence(tbs, algorithm, bitString(signature))
}

function encodeTbs(content: CrlContent, issuer: CrlIssuer, algorithm: Uint8Array): Buffer {
  const extensions = [
    sequence(oid.authorityKeyIdentifier, octetString(sequence(taggedPrimitive(0, issuer.keyId)))),
    sequence(oid.crlNumber, octetString(integer(content.number))),
  ]
  return sequence(
    integer(1),
    algorithm,
    issuer.name,
    time(content.thisUpdate),
    time(content.nextUpdate),
    // RFC 5280 5.1.2.6: without revoked certificates the list is absent, not empty.
    ...(content.serials.length > 0 ? [tlv(0x30, encodeEntries(content))] : []),
    tagged(0, sequence(...extensions)),
  )
}

/** The DER of an entry's extensions by reason. RFC 5280 5.3.1: `unspecified` is said by saying nothing. */
const reasonExtensions = Object.fromEntries(
  Object.entries(revocationReasons).map(([name, code]) => [
    name,
    code === 0
      ? new Uint8Array()
      : sequence(sequence(oid.reasonCode, octetString(tlv(0x0a, Uint8Array.of(code))))),
  ]),
) as Record<RevocationReason, Uint8Array>

/** No entry is longer: sequence header 2, serial 2 + 20 (RFC 5280 4.1.2.2), time 17, extensions 14. */
const entryBytes = 55

/** All entries into one buffer: ten thousand small buffers would cost more than the signature. */
function encodeEntries({ serials, revokedAt, reasons }: CrlContent): Uint8Array {
  const out = Buffer.alloc(serials.length * entryBytes)
  let at = 0
  let second = Number.NaN
  let date: Uint8Array = new Uint8Array()
  for (let index = 0; index < serials.length; index++) {
    const serial = unsigned(Buffer.from(serials[index] ?? '', 'hex'))
    // Many are revoked in one go, and writing a date costs more than the rest of its entry.
    const revokedSecond = Math.floor((revokedAt[index] ?? 0) / 1000)
    if (revokedSecond !== second) date = time(revokedSecond * 1000)
    second = revokedSecond
    const extensions = reasonExtensions[reasons[index] ?? 'unspecified']
    if (serial.length > 20) throw new Error('A serial number has at most 20 octets')
    out[at++] = 0x30
    out[at++] = 2 + serial.length + date.length + extensions.length
    out[at++] = 0x02
    out[at++] = serial.length
    for (const part of [serial, date, extensions]) {
      out.set(part, at)
      at += part.length
    }
  }
  return out.subarray(0, at)
}
