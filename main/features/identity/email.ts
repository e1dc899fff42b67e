import { ExpectedError } from '#contract/errors.ts'

/**
 * The one spelling of an e-mail address that users are found by: trimmed, NFKC, lower case.
 * @throws ExpectedError `email_invalid`
 */
export function normalizeEmail(text: string): string {
  const email = text.trim().normalize('NFKC').toLowerCase()
  // One @, no spaces or control characters, a dot or "localhost" is not required: plants have names like a@scada.
  if (!/^[^\s@\p{Cc}<>"]{1,64}@[^\s@\p{Cc}<>"]{1,189}$/u.test(email))
    throw new ExpectedError('email_invalid', { email: text.slice(0, 100) })
  return email
}
