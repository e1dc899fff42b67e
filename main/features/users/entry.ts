import { randomBytes, randomInt } from 'node:crypto'

/** Without characters that are taken for others: no 0 and O, 1, I and l. */
const ALPHABET = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789'
const LENGTH = 20

/** 256 bits. */
export function newLinkToken(): string {
  return randomBytes(32).toString('base64url')
}

/** 116 bits: as good as a key, and short enough to be read out. */
export function newOneTimePassword(): string {
  return Array.from({ length: LENGTH }, () => ALPHABET.charAt(randomInt(ALPHABET.length))).join('')
}

/** `m…@plant.example`: enough to know whose it is, for those who know. */
export function maskEmail(email: string): string {
  const at = email.lastIndexOf('@')
  return `${[...email][0] ?? ''}…${email.slice(at)}`
}
