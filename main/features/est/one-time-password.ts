import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/** Letters and digits that nobody mixes up when typing them off a screen (RFC 4648 6, lower case). */
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567'

/** `est-` and 40 random bits: says what it is for, and is no name of anything. */
export function newUsername(): string {
  return `est-${randomText(8)}`
}

/** 130 random bits in groups of four or five: a salted SHA-256 of them is enough. */
export function newPassword(): string {
  return [5, 5, 5, 5, 6].map(randomText).join('-')
}

/** One letter for five bits of each octet. */
function randomText(letters: number): string {
  return Array.from(randomBytes(letters), (octet) => ALPHABET[octet & 31]).join('')
}

export interface HashedPassword {
  /** Hex. */
  salt: string
  /** SHA-256 of salt and password, hex. */
  hash: string
}

export function hashPassword(password: string): HashedPassword {
  const salt = randomBytes(16).toString('hex')
  return { salt, hash: digest(salt, password).toString('hex') }
}

/** Of a user name that does not exist: it costs the same to find out. */
const nobody = hashPassword(newPassword())

export function isPassword(stored: HashedPassword | undefined, password: string): boolean {
  const { salt, hash } = stored ?? nobody
  const isEqual = timingSafeEqual(Buffer.from(hash, 'hex'), digest(salt, password))
  return isEqual && stored !== undefined
}

function digest(salt: string, password: string): Buffer {
  return createHash('sha256').update(Buffer.from(salt, 'hex')).update(password).digest()
}
