import { createHash, randomBytes, randomInt, timingSafeEqual } from 'node:crypto'

/** Tells keys of ours from tokens, and leaked ones from other text. */
export const KEY_START = 'mwk_'

const letters = 'abcdefghijklmnopqrstuvwxyz0123456789'
const FORM = /^(mwk_[a-z0-9]{8})_[\w-]{43}$/

/** A new key: `mwk_` and eight letters to find it by, then 256 random bits as base64url. */
export function newKey(): { key: string; prefix: string; hash: string } {
  const prefix = KEY_START + Array.from({ length: 8 }, () => letters[randomInt(letters.length)]).join('')
  const key = `${prefix}_${randomBytes(32).toString('base64url')}`
  return { key, prefix, hash: hashOf(key) }
}

/** What a key is found by; null for what is no key. */
export function prefixOf(key: string): string | null {
  return FORM.exec(key)?.[1] ?? null
}

/** Whether this is the key of a stored hash; takes as long where there is none. */
export function isKeyOf(hash: string | undefined, key: string): boolean {
  const stored = Buffer.from(hash ?? hashOf(''), 'hex')
  const given = Buffer.from(hashOf(key), 'hex')
  return stored.length === given.length && timingSafeEqual(stored, given) && hash !== undefined
}

/** SHA-256, hex: of 256 random bits nothing slower is needed. */
function hashOf(key: string): string {
  return createHash('sha256').update(key).digest('hex')
}
