/** Years of four digits are all that the text forms of both sides have in common. */
const LATEST = Date.UTC(9999, 11, 31, 23, 59, 59, 999)
const EARLIEST = Date.UTC(0, 0, 1)

/** What a time that Postgres can't be told stands as, until it is refused: no text of a time begins so. */
export const NO_MOMENT = '\u0000time '

/** ms since 1970 as a timestamptz of JSON. */
export function moment(ms: number): string
export function moment(ms: number | null): string | null
export function moment(ms: number | null): string | null {
  if (ms === null) return null
  return ms >= EARLIEST && ms <= LATEST ? new Date(ms).toISOString() : `${NO_MOMENT}${ms}`
}
