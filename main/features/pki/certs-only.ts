import { X509Certificate } from 'node:crypto'
import type { SiteDb } from '#platform/db/site-db.ts'
import { integer, objectIdentifier, sequence, tagged, tlv } from './der.ts'
import { authoritiesOf } from './pki.repository.ts'

const SIGNED_DATA = objectIdentifier('1.2.840.113549.1.7.2')
const DATA = objectIdentifier('1.2.840.113549.1.7.1')
const emptySet = tlv(0x31)

/**
 * Certificates and nothing else as PKCS#7: a SignedData without content and signers, as EST carries certificates.
 * RFC 5652 5.1, RFC 7030 4.1.3 and 4.2.3
 *
 * @param pems one certificate each; of several in one text the first counts
 * @returns DER
 */
export function certsOnly(pems: string[]): Buffer {
  const certificates = pems
    .map((pem) => new X509Certificate(pem).raw)
    // X.690 11.6: the elements of a SET OF stand in order.
    .toSorted(Buffer.compare)
  const content = sequence(integer(1), emptySet, sequence(DATA), tagged(0, ...certificates), emptySet)
  return sequence(SIGNED_DATA, tagged(0, content))
}

/** What a gateway needs to build every chain: the device root, and all issuing CAs that still vouch for certificates. */
export async function deviceAuthorities(db: SiteDb): Promise<string[]> {
  const kinds = ['device_root', 'device_issuing', 'server_issuing'] as const
  const found = await Promise.all(kinds.map((kind) => authoritiesOf(db, kind)))
  return found.flat().map(({ pem }) => pem)
}

/**
 * What a request should hold, for clients that ask: a key of EC P-256, signed with SHA-256 (RFC 7030 4.5.2; RFC 5480 2.1.1). The
 * rest of a certificate comes from the site. @returns DER
 */
export function csrAttributes(): Buffer {
  const ecPublicKey = objectIdentifier('1.2.840.10045.2.1')
  const p256 = objectIdentifier('1.2.840.10045.3.1.7')
  const ecdsaWithSha256 = objectIdentifier('1.2.840.10045.4.3.2')
  return sequence(sequence(ecPublicKey, tlv(0x31, p256)), ecdsaWithSha256)
}
