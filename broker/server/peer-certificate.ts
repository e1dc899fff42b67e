import { hash } from 'node:crypto'
import type { TLSSocket } from 'node:tls'
import type { RefusalReason } from '#contract/model/refusal.ts'

export type PeerCertificate =
  | { valid: true; fingerprint: string }
  | { valid: false; reason: RefusalReason; fingerprint: string | null; detail: string | null }

/** X509_V_ERR_* of OpenSSL as Node names them, by what a person would do about them. */
const reasons: Readonly<Record<string, RefusalReason>> = {
  CERT_HAS_EXPIRED: 'certificate_expired',
  CERT_NOT_YET_VALID: 'certificate_not_yet_valid',
  CERT_REVOKED: 'certificate_revoked',
  UNABLE_TO_GET_ISSUER_CERT: 'certificate_unknown_issuer',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'certificate_unknown_issuer',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'certificate_unknown_issuer',
  SELF_SIGNED_CERT_IN_CHAIN: 'certificate_unknown_issuer',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'certificate_unknown_issuer',
  CERT_SIGNATURE_FAILURE: 'certificate_unknown_issuer',
}

/**
 * The verdict on the certificate of a finished handshake. Also for resumed sessions, where OpenSSL repeats the verdict
 * of the first handshake: the life of the certificate is compared anew.
 *
 * @param now ms since 1970
 */
export function inspectPeer(socket: TLSSocket, now: number): PeerCertificate {
  const certificate = socket.getPeerX509Certificate()
  if (!certificate) return { valid: false, reason: 'no_certificate', fingerprint: null, detail: null }
  const fingerprint = hash('sha256', certificate.raw, 'hex')
  const refused = (reason: RefusalReason, detail: string): PeerCertificate => ({
    valid: false,
    reason,
    fingerprint,
    detail,
  })
  if (!socket.authorized) {
    const code = String(socket.authorizationError ?? 'unknown')
    return refused(reasons[code] ?? 'certificate_not_trusted', code)
  }
  if (now > certificate.validToDate.getTime()) return refused('certificate_expired', certificate.validTo)
  if (now < certificate.validFromDate.getTime())
    return refused('certificate_not_yet_valid', certificate.validFrom)
  return { valid: true, fingerprint }
}
