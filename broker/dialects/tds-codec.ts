import type { CodecLimits, Decoded, DecodedReading } from './codec.ts'
import { addValue, decodeJson, isObject, isTime, isUnit, refused } from './values.ts'

/** `2026-02-17T10:00:00`, with or without a fraction and a zone; without one it is UTC (Python's `utcnow().isoformat()`). */
const isoTime = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:?\d\d)?$/

/**
 * The `tds` payload, one value a message:
 *
 *     {"timestamp": 1771322400000, "valor": 21.4, "unidade": "°C", "gateway_mac": "aa:bb:cc:dd:ee:ff"}
 *
 * `timestamp` is an ISO time, ms since 1970, or ms since the gateway started: the last one lies before 2020 and so
 * gets the site's time. `gateway_mac` is not read: who sent it is known from the certificate.
 */
export function decodeValor(text: string, limits: CodecLimits): Decoded {
  return decodeJson(text, (payload) => decodeSample(payload, limits))
}

function decodeSample(payload: unknown, limits: CodecLimits): Decoded {
  if (!isObject(payload) || payload['valor'] === undefined) {
    return refused('payload_invalid', 'the payload is not an object with "valor"')
  }
  const unit = payload['unidade'] ?? null
  if (unit !== null && !isUnit(unit)) return refused('payload_invalid', '"unidade" is not a unit')
  const ts = timeOf(payload['timestamp'] ?? null)
  if (ts === undefined) return refused('payload_invalid', '"timestamp" is neither an ISO time nor ms')
  const readings: DecodedReading[] = []
  return addValue(readings, 'value', payload['valor'], ts, unit || null, limits) ?? { ok: true, readings }
}

/** @returns ms, null where there is none, undefined where it is no time */
function timeOf(timestamp: unknown): number | null | undefined {
  if (timestamp === null) return null
  if (typeof timestamp === 'number') return isTime(timestamp) ? timestamp : undefined
  if (typeof timestamp !== 'string') return undefined
  const [, date, time, fraction, zone] = isoTime.exec(timestamp) ?? []
  if (date === undefined) return undefined
  const ms = Date.parse(`${date}T${time}.${(fraction ?? '').padEnd(3, '0').slice(0, 3)}${zoneOf(zone)}`)
  return Number.isNaN(ms) ? undefined : ms
}

/** ECMA-262 wants a colon in the offset; ISO 8601's basic form has none. */
function zoneOf(zone: string | undefined): string {
  if (zone === undefined || zone === 'Z') return 'Z'
  return zone.includes(':') ? zone : `${zone.slice(0, 3)}:${zone.slice(3)}`
}
