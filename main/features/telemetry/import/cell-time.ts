import type { ImportReport } from '#contract/model/telemetry-file.ts'
import { fromLocal, zoneOffset } from './zone-offset.ts'

const ISO =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?)?\s*(Z|[+-]\d\d(?::?\d\d)?)?$/i

/** Reads the times of a file in ms since 1970 UTC; null for what is none. */
export function timeReader(
  format: Pick<ImportReport['format'], 'time' | 'timeZone'>,
): (text: string) => number | null {
  if (format.time === 'iso') {
    const offsetAt = zoneOffset(format.timeZone)
    return (text) => isoTime(text.trim(), offsetAt)
  }
  const scale = format.time === 's' ? 1_000 : 1
  return (text) =>
    /^\s*-?\d{1,15}([.,]\d{1,9})?\s*$/.test(text) ? Math.round(Number(text.replace(',', '.')) * scale) : null
}

/** Which kind of time a file has, by one of its times. */
export function timeKindOf(text: string): 'iso' | 's' | 'ms' {
  const trimmed = text.trim()
  if (!/^\d+([.,]\d+)?$/.test(trimmed)) return 'iso'
  // 100 thousand million seconds are the year 5138; as ms they are 1973.
  return Number.parseFloat(trimmed.replace(',', '.')) >= 1e11 ? 'ms' : 's'
}

function isoTime(text: string, offsetAt: (utc: number) => number): number | null {
  const parts = ISO.exec(text)
  if (!parts) return null
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', zone] = parts
  const date = Date.UTC(Number(year), Number(month) - 1, Number(day))
  // 2026-02-31 would become the third of March: a typing mistake should be told instead.
  if (new Date(date).getUTCDate() !== Number(day) || Number(month) > 12) return null
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return null
  const ms = Math.floor(Number(`0.${fraction || '0'}`) * 1_000 + 1e-6)
  const local = date + Number(hour) * 3_600_000 + Number(minute) * 60_000 + Number(second) * 1_000 + ms
  if (zone === undefined) return fromLocal(local, offsetAt)
  if (zone.toUpperCase() === 'Z') return local
  const [, sign, hours, minutes = '0'] = /^([+-])(\d\d):?(\d\d)?$/.exec(zone) ?? []
  const ahead = (Number(hours) * 60 + Number(minutes)) * 60_000
  return sign === '-' ? local + ahead : local - ahead
}
