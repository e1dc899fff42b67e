import { ExpectedError } from '#contract/errors.ts'
import { knownPasswords } from './known-passwords.ts'

/** NIST SP 800-63B 5.1.1.2: length and a list of known passwords; no character classes, no forced expiry. */
export const MINIMUM_LENGTH = 12

/** @throws ExpectedError `password_too_short`, `password_too_common` */
export function checkPassword(password: string, context: { email: string; siteName: string }): void {
  const length = [...password].length
  if (length < MINIMUM_LENGTH)
    throw new ExpectedError('password_too_short', { length, minimum: MINIMUM_LENGTH })
  const plain = password.toLowerCase()
  const core = plain.replace(/[^a-z]/g, '')
  const own = [context.email.split('@')[0], context.siteName, 'millwright'].map((word) =>
    (word ?? '').toLowerCase().replace(/[^a-z]/g, ''),
  )
  const isKnown =
    knownPasswords.has(plain) ||
    knownPasswords.has(core) ||
    own.some((word) => word.length > 3 && core === word)
  if (isKnown || new Set(plain).size < 5 || isRun(plain)) throw new ExpectedError('password_too_common')
}

/** Such as "abcdefghijkl" or "123456789012": every step the same. */
function isRun(text: string): boolean {
  const step = text.charCodeAt(1) - text.charCodeAt(0)
  for (let i = 2; i < text.length; i++) if (text.charCodeAt(i) - text.charCodeAt(i - 1) !== step) return false
  return true
}
