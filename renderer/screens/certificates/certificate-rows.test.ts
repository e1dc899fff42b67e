import { describe, expect, it } from 'vitest'
import type { Certificate } from '#contract/api/certificates.ts'
import { countsOf, fits, isDue, matches, urgency } from './certificate-rows.ts'

const now = Date.UTC(2026, 10, 21)
const day = 86_400_000

function certificate(change: Partial<Certificate>): Certificate {
  return {
    id: '0190a000-0000-7000-8000-000000000001',
    kind: 'gateway',
    gatewayId: '0190a000-0000-7000-8000-000000000002',
    gatewayCode: 'GW014',
    gatewayName: 'Feedwater tank',
    subject: 'CN=3c:71:bf:52:d0:a8',
    issuer: 'CN=Plant device issuing CA',
    serial: '1f903ac2770e51bd',
    fingerprint: '4be091f7',
    keyAlgorithm: 'EC P-256',
    notBefore: new Date(now - 100 * day),
    notAfter: new Date(now + 1_000 * day),
    dueAt: new Date(now + 300 * day),
    state: 'active',
    revokedAt: null,
    revocationReason: null,
    credentialWaiting: false,
    ...change,
  }
}

const due = certificate({ dueAt: new Date(now - day), notAfter: new Date(now + 5 * day) })
const revoked = certificate({ state: 'revoked', revokedAt: new Date(now - day), dueAt: new Date(now - day) })

describe('certificates', () => {
  it('are due once their time to renew has come, unless they ended', () => {
    expect(isDue(due, now)).toBe(true)
    expect(isDue(certificate({}), now)).toBe(false)
    expect(isDue(revoked, now)).toBe(false)
  })

  it('are counted by every filter that they fit', () => {
    const counts = countsOf(
      [
        due,
        revoked,
        certificate({ credentialWaiting: true }),
        certificate({ kind: 'web_ca', gatewayId: null }),
      ],
      now,
    )
    expect(counts).toEqual({ all: 4, due: 1, active: 3, waiting: 1, revoked: 1, superseded: 0, site: 1 })
    expect(fits(due, 'site', now)).toBe(false)
  })

  it('are found by code, name, and serial in any spelling', () => {
    expect(matches(due, 'gw014 feed')).toBe(true)
    expect(matches(due, '1f:90:3a')).toBe(true)
    expect(matches(due, '')).toBe(true)
    expect(matches(due, 'gw999')).toBe(false)
  })

  it('come in the order of need: due, active by their end, ended ones latest first', () => {
    const later = certificate({ notAfter: new Date(now + 2_000 * day) })
    const longGone = certificate({ state: 'revoked', revokedAt: new Date(now - 500 * day) })
    const sorted = [longGone, later, revoked, certificate({}), due].sort(
      (a, b) => urgency(a, now) - urgency(b, now),
    )
    expect(sorted[0]).toBe(due)
    expect(sorted[2]).toBe(later)
    expect(sorted[3]).toBe(revoked)
    expect(sorted[4]).toBe(longGone)
  })
})
