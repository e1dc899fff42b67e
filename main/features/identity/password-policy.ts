import { ExpectedError } from '#contract/errors.ts'
import { MINIMUM_LENGTH, passwordFault } from '#contract/model/password-strength.ts'

/** Whose password it is: what an attacker who knows them tries first. */
export interface PasswordOwner {
  email: string
  siteName: string
  name?: string | null
  username?: string | null
}

/**
 * Refuses a password that is short, known or easy to guess; the rules are those that the browser shows
 * (`contract/model/password-strength.ts`).
 *
 * @param classes whether the site asks for character classes (003)
 * @throws ExpectedError `password_too_short`, `password_too_common`, `password_too_weak`, `password_classes_missing`
 */
export function checkPassword(password: string, owner: PasswordOwner, classes = false): void {
  const { email, siteName, name, username } = owner
  const own = [email, siteName, name ?? '', username ?? '', 'millwright']
  const fault = passwordFault(password, own, { classes })
  if (fault === null) return
  if (fault !== 'password_too_short') throw new ExpectedError(fault)
  const length = [...password.normalize('NFKC')].length
  throw new ExpectedError(fault, { length, minimum: MINIMUM_LENGTH })
}
