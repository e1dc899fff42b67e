import { domainToASCII } from 'node:url'
import { ExpectedError } from '#contract/errors.ts'

/**
 * The one spelling of an e-mail address that users are found by.
 * @throws ExpectedError `email_invalid`
 */
export function normalizeEmail(text: string): string {
  const email = emailKey(text)
  // One @; no spaces, control or invisible characters; a dot is not required: plants have names like a@scada.
  if (!/^[^\s@\p{Cc}\p{Cf}<>"]{1,64}@[^\s@\p{Cc}\p{Cf}<>"]{1,189}$/u.test(email))
    throw new ExpectedError('email_invalid', { email: text.slice(0, 100) })
  return email
}

/**
 * The same for whatever was typed: trimmed, NFKC, lower case, an international domain in its ASCII form
 * (RFC 5891 5.5), so that `Ana@München.example` and `ana@xn--mnchen-3ya.example` are one person.
 */
export function emailKey(text: string): string {
  const plain = text.trim().normalize('NFKC').toLowerCase()
  const at = plain.lastIndexOf('@')
  const domain = plain.slice(at + 1)
  // A domain that is none stays as it was typed.
  return at < 0 ? plain : `${plain.slice(0, at)}@${domainToASCII(domain) || domain}`
}
