import type { CodecLimits, Decoded, DecodedReading } from './codec.ts'
import { timeOf } from './payload-time.ts'
import { addValue, decodeJson, isObject, isUnit, refused } from './values.ts'

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
  const ts = timeOf(payload['timestamp'])
  if (ts === undefined) return refused('payload_invalid', '"timestamp" is neither an ISO time nor ms')
  const readings: DecodedReading[] = []
  return addValue(readings, 'value', payload['valor'], ts, unit || null, limits) ?? { ok: true, readings }
}
