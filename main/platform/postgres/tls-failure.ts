import { ExpectedError } from '#contract/errors.ts'

/** Codes of X509_verify_cert(3), as Node names them. */
const UNKNOWN = new Set([
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'CERT_SIGNATURE_FAILURE',
  'CERT_CHAIN_TOO_LONG',
  'CERT_REVOKED',
  'INVALID_CA',
  'PATH_LENGTH_EXCEEDED',
  'INVALID_PURPOSE',
  'CERT_UNTRUSTED',
  'CERT_REJECTED',
  'UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY',
  'UNABLE_TO_DECRYPT_CERT_SIGNATURE',
  'CA_MD_TOO_WEAK',
  'EE_KEY_TOO_SMALL',
])
const OUT_OF_TIME = new Set([
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'ERROR_IN_CERT_NOT_BEFORE_FIELD',
  'ERROR_IN_CERT_NOT_AFTER_FIELD',
])

/** What a certificate was refused for; null: the failure is of something else. */
export function tlsFailure(error: unknown, code: string, host: string): ExpectedError | null {
  const cause = error instanceof Error ? error.message.slice(0, 160) : code
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return new ExpectedError('cloud_certificate_name', { host, names: namesOf(error) }, { cause: error })
  if (OUT_OF_TIME.has(code))
    return new ExpectedError('cloud_certificate_expired', { host, cause }, { cause: error })
  if (UNKNOWN.has(code))
    return new ExpectedError('cloud_certificate_unknown', { host, cause }, { cause: error })
  return null
}

/** The names that the certificate has: `db.example, 10.0.0.5`. */
function namesOf(error: unknown): string {
  const { cert } = error as { cert?: { subjectaltname?: unknown; subject?: { CN?: unknown } } }
  const listed = typeof cert?.subjectaltname === 'string' ? cert.subjectaltname : ''
  const names = listed
    .split(', ')
    .map((name) => name.replace(/^(DNS|IP Address):/, ''))
    .filter((name) => name !== '')
  if (names.length > 0) return names.join(', ').slice(0, 200)
  return typeof cert?.subject?.CN === 'string' ? cert.subject.CN.slice(0, 200) : '–'
}
