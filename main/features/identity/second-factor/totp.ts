import { randomBytes, timingSafeEqual } from 'node:crypto'
import { Secret, TOTP } from 'otpauth'

/** What every authenticator app speaks (RFC 6238 with the defaults of its reference). */
const kind = { algorithm: 'SHA1', digits: 6, period: 30 } as const

/** RFC 4226 4, R6: 160 bits. */
const SEED_BYTES = 20

/** A person's clock may be off by so many steps (RFC 6238 5.2). */
const DRIFT = 1

export function newSeed(): Uint8Array {
  return new Uint8Array(randomBytes(SEED_BYTES))
}

/** Base32 without padding, as apps take it typed in. */
export function seedText(seed: Uint8Array): string {
  return secretOf(seed).base32
}

/** What the QR code holds: `otpauth://totp/<site>:<account>?…` (Google Authenticator's Key URI Format). */
export function totpUri(seed: Uint8Array, { site, account }: { site: string; account: string }): string {
  return new TOTP({
    ...kind,
    issuer: site.replaceAll(':', ' '),
    label: account,
    secret: secretOf(seed),
  }).toString()
}

/**
 * The time step whose code this is, or null. All allowed steps are compared, each in constant time, so that the time
 * taken tells nothing.
 *
 * @param now ms since 1970
 * @param after the newest step that was taken already: a code counts once (RFC 6238 5.2)
 */
export function stepOfCode(seed: Uint8Array, code: string, now: number, after: number | null): number | null {
  const totp = new TOTP({ ...kind, secret: secretOf(seed) })
  const current = Math.floor(now / 1000 / kind.period)
  let found: number | null = null
  for (let step = current - DRIFT; step <= current + DRIFT; step++) {
    const expected = totp.generate({ timestamp: step * kind.period * 1000 })
    if (isEqual(expected, code) && (after === null || step > after)) found = step
  }
  return found
}

function isEqual(expected: string, given: string): boolean {
  const bytes = Buffer.from(given)
  return bytes.length === expected.length && timingSafeEqual(Buffer.from(expected), bytes)
}

function secretOf(seed: Uint8Array): Secret {
  const bytes = new Uint8Array(seed)
  return new Secret({ buffer: bytes.buffer })
}
