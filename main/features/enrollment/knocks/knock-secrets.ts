import { createHash, createHmac, randomBytes } from 'node:crypto'

/** 256 bits, as base64url; what is before says to people and to scanners what it is. */
const BYTES = 32

/** With it, and with nothing else, a box fetches what was made for it. Never logged, stored only as its hash. */
export function newPollSecret(): string {
  return `mwp_${randomBytes(BYTES).toString('base64url')}`
}

/** Claims the box that shows it, and does nothing else: it may stand on a display. One for each knock and its end. */
export function activationToken(key: Uint8Array, knockId: string, endsAt: number): string {
  return `mwa_${createHmac('sha256', key).update(`${knockId} ${endsAt}`).digest('base64url')}`
}

/** Opens one fetch of a secret, for boxes of reference system 000. */
export function newFetchToken(): string {
  return randomBytes(BYTES).toString('hex')
}

/** What is kept of any of these: SHA-256, hex. Of 256 random bits that is enough, and it is found by an index. */
export function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}
