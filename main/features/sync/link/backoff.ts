/** Failures that a person must mend, here or at the cloud: asked again rarely, in case the cloud was mended. */
const FOR_A_PERSON: ReadonlySet<string> = new Set([
  'cloud_url_invalid',
  'cloud_ca_invalid',
  'cloud_address_refused',
  'cloud_inside_network',
  'cloud_not_postgres',
  'cloud_tls_refused',
  'cloud_certificate_unknown',
  'cloud_certificate_name',
  'cloud_certificate_expired',
  'cloud_login_refused',
  'cloud_database_unknown',
  'cloud_version_too_old',
  'cloud_schema_missing',
  'cloud_schema_foreign',
  'cloud_schema_older',
  'cloud_schema_newer',
  'cloud_role_unknown',
  'cloud_role_lacks_rights',
  'cloud_another',
  'cloud_another_site',
  'cloud_channels_elsewhere',
  'data_damaged',
])

/** Of the line, not of what is sent over it. */
const OF_THE_LINE: ReadonlySet<string> = new Set([
  'cloud_link_lost',
  'cloud_silent',
  'cloud_unreachable',
  'cloud_host_unknown',
  'cloud_starting',
])

const FIRST = 1_000
const LONGEST = 5 * 60_000
/** What held so long was worth connecting for, ms. */
const GOOD = 30_000
/** A bad line that comes and goes is waited for no longer than this part of the time that it held. */
const SHARE = 1 / 8

export function needsAPerson(code: string): boolean {
  return FOR_A_PERSON.has(code)
}

/**
 * How long to wait after so many failures in a row, ms: a second, then twice as long each time, up to five minutes.
 * Spread by a quarter, so that a thousand sites do not come back to a cloud that was restarted at the same moment.
 * @param random from 0 to 1
 */
export function waitAfter(failures: number, code: string, random: number): number {
  const base = needsAPerson(code) ? LONGEST : Math.min(LONGEST, FIRST * 2 ** Math.min(failures - 1, 20))
  return Math.round(base * (0.75 + random * 0.5))
}

/**
 * When the next try is, after one that held for `heldFor` ms. Only what held for minutes makes a failure the first again:
 * something that takes a while to fail each time would otherwise be tried each second for ever.
 */
export function nextTry({
  failures,
  code,
  heldFor,
  random,
}: {
  /** In a row, before this one. */
  failures: number
  code: string
  heldFor: number
  random: number
}): { failures: number; time: number } {
  const inARow = heldFor >= LONGEST ? 1 : failures + 1
  const time = waitAfter(inARow, code, random)
  const isBadLine = OF_THE_LINE.has(code) && heldFor >= GOOD
  return { failures: inARow, time: isBadLine ? Math.round(Math.min(time, heldFor * SHARE)) : time }
}
