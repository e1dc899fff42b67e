import { InvalidArgumentError } from 'commander'

const UNITS: Record<string, number> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
}

/**
 * A point in time as people write it, in ms since 1970: ISO 8601 (`2026-05-01`, `2026-05-01T08:00Z`, with an
 * offset), ms since 1970, `now`, or relative to `now`: `-24h`, `-15m`, `-7d`. A time without an offset is UTC, like
 * every time this command prints.
 *
 * @throws InvalidArgumentError so that commander names the option
 */
export function parseInstant(text: string, now: number): number {
  const trimmed = text.trim()
  if (trimmed === 'now') return now
  const relative = /^([-+])(\d+(?:\.\d+)?)(ms|s|m|h|d|w)$/.exec(trimmed)
  if (relative !== null) {
    const [, sign, amount, unit = ''] = relative
    return Math.round(now + (sign === '-' ? -1 : 1) * Number(amount) * (UNITS[unit] ?? 0))
  }
  if (/^-?\d{5,15}$/.test(trimmed)) return Number(trimmed)
  const iso = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)(Z|[+-]\d\d:?\d\d)?)?$/i.exec(
    trimmed,
  )
  if (iso !== null) {
    const [, day = '', time = '00:00', offset = 'Z'] = iso
    const ms = Date.parse(`${day}T${time}${offset.toUpperCase()}`)
    // Date.parse takes 2026-02-31 for the third of March: a typing mistake should be told instead.
    if (!Number.isNaN(ms) && new Date(`${day}T00:00Z`).toISOString().startsWith(day)) return ms
  }
  throw new InvalidArgumentError('write an ISO 8601 time, ms since 1970, or relative such as -24h, -15m.')
}

/** A span of time in ms: `60s`, `5m`, `1h`. @throws InvalidArgumentError */
export function parseDuration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d|w)$/.exec(text.trim())
  const ms = match === null ? Number.NaN : Number(match[1]) * (UNITS[match[2] ?? ''] ?? 0)
  if (!(ms > 0)) throw new InvalidArgumentError('write a time span such as 60s, 5m or 1h.')
  return ms
}

/** ISO 8601 UTC, to the millisecond; `-` where there is no time. */
export function isoTime(time: number | string | null): string {
  return time === null ? '-' : new Date(time).toISOString()
}
