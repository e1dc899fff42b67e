import type { Certificate } from '#contract/api/certificates.ts'
import { assertNever } from '#contract/errors.ts'

export const certificateFilters = [
  'all',
  'due',
  'active',
  'waiting',
  'revoked',
  'superseded',
  'site',
] as const
export type CertificateFilter = (typeof certificateFilters)[number]

export const isFilter = (value: unknown): value is CertificateFilter =>
  certificateFilters.some((filter) => filter === value)

/** Active, and past the time when it should be renewed; `now` in ms. */
export function isDue(certificate: Certificate, now: number): boolean {
  return certificate.state === 'active' && certificate.dueAt.getTime() <= now
}

export function isExpired(certificate: Certificate, now: number): boolean {
  return certificate.state === 'active' && certificate.notAfter.getTime() <= now
}

export function fits(certificate: Certificate, filter: CertificateFilter, now: number): boolean {
  switch (filter) {
    case 'all':
      return true
    case 'due':
      return isDue(certificate, now)
    case 'active':
    case 'revoked':
    case 'superseded':
      return certificate.state === filter
    case 'waiting':
      return certificate.credentialWaiting
    case 'site':
      return certificate.kind !== 'gateway'
    default:
      return assertNever(filter)
  }
}

export function countsOf(
  certificates: readonly Certificate[],
  now: number,
): Record<CertificateFilter, number> {
  const counts = Object.fromEntries(certificateFilters.map((filter) => [filter, 0])) as Record<
    CertificateFilter,
    number
  >
  for (const certificate of certificates)
    for (const filter of certificateFilters) if (fits(certificate, filter, now)) counts[filter] += 1
  return counts
}

/** Whether every word of the query occurs in what a row shows or in the full serial and fingerprint. */
export function matches(certificate: Certificate, query: string): boolean {
  const text = [
    certificate.gatewayCode,
    certificate.gatewayName,
    certificate.subject,
    certificate.serial,
    certificate.fingerprint,
    certificate.kind,
  ]
    .filter((part) => part !== null)
    .join(' ')
    .toLowerCase()
  return query
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word) || text.includes(word.replaceAll(':', '')))
}

/**
 * Sorts what needs a person first: due and soonest to end, then the other active ones, then ended ones, latest first.
 * ms; smaller comes first.
 */
export function urgency(certificate: Certificate, now: number): number {
  if (certificate.state === 'active')
    return certificate.notAfter.getTime() - (isDue(certificate, now) ? 1e15 : 0)
  return 1e15 - (certificate.revokedAt ?? certificate.notAfter).getTime()
}
