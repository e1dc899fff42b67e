/** Names of fields that hold secrets, in camel case, snake case, or with spaces. */
const SECRET =
  /pass(word|phrase|code|wd)|secret|token|pepper|pem$|private|authorization|cookie|recovery|^t?otp|^seed|key$/i
/** What names something secret without being it: how many, when, of which kind, or an id. */
const HARMLESS = /(Id|Ids|At|Count|Days|Prefix|Kind|Algorithm|Name)$/

/** Texts that are secrets whatever their name: private keys, JSON web tokens. */
const SECRET_TEXT = /-----BEGIN [A-Z ]*PRIVATE KEY-----|\beyJ[\w-]{8,}\.[\w-]+\.[\w-]+/

export const MASKED = '[secret]'

const MOST_TEXT = 4_000
const MOST_ITEMS = 1_000
const DEEPEST = 12
/** Characters of JSON that one entry carries. */
const MOST = 64 * 1024

/**
 * Details of an entry as they may be stored. The last line of defence: services do not hand over secrets, and where one
 * does by mistake its value is replaced. What is too long is cut, so that no caller can fill the disk with one entry.
 *
 * @returns JSON
 */
export function maskedJson(details: Record<string, unknown>): string {
  const json = JSON.stringify(masked(details, false, 0))
  return json.length <= MOST ? json : JSON.stringify({ tooLong: json.length })
}

function masked(value: unknown, isSecret: boolean, depth: number): unknown {
  if (typeof value === 'string') return maskText(value, isSecret)
  if (value instanceof Date) return value.toISOString()
  if (typeof value === 'bigint') return value.toString()
  if (value === null || typeof value !== 'object') return value
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return MASKED
  if (depth === DEEPEST) return '…'
  if (Array.isArray(value)) return value.slice(0, MOST_ITEMS).map((item) => masked(item, isSecret, depth + 1))
  return Object.fromEntries(
    Object.entries(value)
      .slice(0, MOST_ITEMS)
      .map(([name, item]) => [
        name.slice(0, 200),
        masked(item, !HARMLESS.test(name) && (isSecret || SECRET.test(name)), depth + 1),
      ]),
  )
}

function maskText(text: string, isSecret: boolean): string {
  if ((isSecret && text !== '') || SECRET_TEXT.test(text)) return MASKED
  return text.length > MOST_TEXT ? `${text.slice(0, MOST_TEXT)}…` : text
}
