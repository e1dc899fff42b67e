import { ExpectedError } from '#contract/errors.ts'

/**
 * The one spelling of a user name: NFKC, lower case. ASCII, since it stands in MQTT topics (003) and must not look like
 * another's; without @, by which e-mail addresses are told apart.
 * @throws ExpectedError `username_invalid`
 */
export function normalizeUsername(text: string): string {
  const username = text.trim().normalize('NFKC').toLowerCase()
  if (!/^[a-z0-9][a-z0-9._-]{1,38}[a-z0-9]$/.test(username))
    throw new ExpectedError('username_invalid', { username: text.slice(0, 60) })
  return username
}
