/** What a spreadsheet may run as a formula, behind apostrophes or not. */
const RISKY = /^'*[=+\-@\t\r]/

/**
 * A field of RFC 4180, quoted where needed. Text that a spreadsheet would run gets an apostrophe before it, unless
 * `raw`; so does text that has such an apostrophe already, so that `fromField` finds back what it was.
 */
export function field(text: string, raw: boolean): string {
  const safe = !raw && RISKY.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/** The text behind a field that was unquoted already. */
export function fromField(text: string, raw: boolean): string {
  return !raw && text.startsWith("'") && RISKY.test(text) ? text.slice(1) : text
}
