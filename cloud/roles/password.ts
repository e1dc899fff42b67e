import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto'

/** RFC 7677 asks for 4096; the password is 192 random bits, which more rounds would not make better. */
const ROUNDS = 4096

/** 192 bits, 32 characters that need no quoting anywhere. */
export function newPassword(): string {
  return randomBytes(24).toString('base64url')
}

/**
 * What Postgres keeps of a password for scram-sha-256 (RFC 5802 section 3, RFC 7677): given to it in this form, the
 * password itself is in no statement, no log of statements and no view of what runs.
 * @param password ASCII, which SASLprep leaves as it is
 */
export function scramVerifier(password: string, salt: Buffer = randomBytes(16)): string {
  const salted = pbkdf2Sync(password, salt, ROUNDS, 32, 'sha256')
  const key = (name: string) => createHmac('sha256', salted).update(name).digest()
  const stored = createHash('sha256').update(key('Client Key')).digest('base64')
  return `SCRAM-SHA-256$${ROUNDS}:${salt.toString('base64')}$${stored}:${key('Server Key').toString('base64')}`
}
