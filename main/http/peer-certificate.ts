import { hash } from 'node:crypto'
import { TLSSocket } from 'node:tls'
import { ExpectedError } from '#contract/errors.ts'

/**
 * The certificate that a client showed and that the listener's CA vouches for: SHA-256 of its DER, lower-case hex. Its life is
 * compared anew, since resumed sessions repeat the verdict of their first handshake.
 *
 * @param now ms
 * @throws ExpectedError `est_certificate_refused`
 */
export function shownCertificate(socket: unknown, now: number): { fingerprint: string } {
  const certificate = socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined
  if (!certificate || !(socket instanceof TLSSocket)) throw refused('none was shown')
  if (!socket.authorized) throw refused(String(socket.authorizationError ?? 'it is not of this site'))
  if (now > certificate.validToDate.getTime()) throw refused('it has expired')
  if (now < certificate.validFromDate.getTime()) throw refused('it is not valid yet')
  return { fingerprint: hash('sha256', certificate.raw, 'hex') }
}

function refused(cause: string): ExpectedError {
  return new ExpectedError('est_certificate_refused', { cause })
}
