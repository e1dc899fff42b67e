import type { ReadingValue } from '#contract/model/reading.ts'

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

/** A value in a field: numbers so that they read back equal. */
export function valueField(value: ReadingValue, raw: boolean): string {
  if (typeof value === 'string') return field(value, raw)
  return Object.is(value, -0) ? '-0' : String(value)
}

/**
 * The head of a wide column: key and unit, `temperature [°C]`. A key that ends like a unit gets empty brackets, so
 * that `fromHead` finds back what it was.
 */
export function wideHead(key: string, unit: string | null): string {
  if (unit !== null && unit !== '') return `${key} [${unit}]`
  return HEAD.test(key) ? `${key} []` : key
}

const HEAD = /^(.*\S) \[([^[\]]*)\]$/s

/** Key and unit of a wide column. */
export function fromHead(head: string): { key: string; unit: string | null } {
  const [, key, unit] = HEAD.exec(head) ?? []
  return key === undefined ? { key: head, unit: null } : { key, unit: unit || null }
}
