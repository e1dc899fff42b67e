import { isTime } from './values.ts'

/** `2026-02-17T10:00:00`, with or without a fraction and a zone; without one it is UTC (Python's `utcnow().isoformat()`). */
const isoTime = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:?\d\d)?$/

/**
 * A time of a payload: a number, or an ISO time.
 *
 * @param unit of a number
 * @returns ms since 1970, null where there is none, undefined where it is no time
 */
export function timeOf(value: unknown, unit: 'ms' | 's' = 'ms'): number | null | undefined {
  if (value === null || value === undefined) return null
  if (typeof value === 'number') {
    const ms = unit === 's' ? value * 1_000 : value
    return isTime(ms) ? ms : undefined
  }
  if (typeof value !== 'string') return undefined
  const [, date, time, fraction, zone] = isoTime.exec(value) ?? []
  if (date === undefined) return undefined
  const ms = Date.parse(`${date}T${time}.${(fraction ?? '').padEnd(3, '0').slice(0, 3)}${zoneOf(zone)}`)
  return Number.isNaN(ms) ? undefined : ms
}

/** ECMA-262 wants a colon in the offset; ISO 8601's basic form has none. */
function zoneOf(zone: string | undefined): string {
  if (zone === undefined || zone === 'Z') return 'Z'
  return zone.includes(':') ? zone : `${zone.slice(0, 3)}:${zone.slice(3)}`
}
