import { X509Certificate } from 'node:crypto'

/** What is looked at of Electron's certificate request. */
export interface CertificateRequest {
  hostname: string
  /** PEM of the leaf. */
  certificate: { data: string }
}

/**
 * Whether a server certificate was issued by the site's own web CA, for this host, and is in its time. Chromium's
 * own verdict does not matter: the CA is known to no system store, and no other CA may speak for the site.
 */
export function isIssuedBy(caPem: string, request: CertificateRequest, now: Date): boolean {
  try {
    const ca = new X509Certificate(caPem)
    const leaf = new X509Certificate(request.certificate.data)
    return (
      leaf.checkIssued(ca) &&
      leaf.verify(ca.publicKey) &&
      isValidAt(leaf, now) &&
      isValidAt(ca, now) &&
      isFor(leaf, request.hostname)
    )
  } catch {
    // Whatever cannot be read is not ours.
    return false
  }
}

function isValidAt(certificate: X509Certificate, now: Date): boolean {
  return certificate.validFromDate <= now && now <= certificate.validToDate
}

function isFor(leaf: X509Certificate, hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '')
  return leaf.checkHost(host, { subject: 'never' }) !== undefined || leaf.checkIP(host) !== undefined
}
