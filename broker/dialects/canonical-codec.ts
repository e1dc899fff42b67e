import type { CodecLimits, Decoded, DecodedReading } from './codec.ts'
import { addValue, decodeJson, isObject, isTime, refused } from './values.ts'

/**
 * The canonical telemetry payload, one sample or an array of them:
 *
 *     {"ts": 1771322400000, "values": {"temperature": 21.4, "meter1/energy": 10233}}
 *
 * `ts` is in ms since 1970 UTC and may be missing. Values are numbers, booleans and texts.
 */
export function decodeValues(text: string, limits: CodecLimits): Decoded {
  return decodeJson(text, (payload) => decodeSamples(payload, limits))
}

function decodeSamples(payload: unknown, limits: CodecLimits): Decoded {
  const readings: DecodedReading[] = []
  if (!Array.isArray(payload)) return addSample(readings, payload, limits) ?? { ok: true, readings }
  for (const sample of payload) {
    const problem = addSample(readings, sample, limits)
    if (problem) return problem
  }
  return { ok: true, readings }
}

function addSample(readings: DecodedReading[], sample: unknown, limits: CodecLimits): Decoded | null {
  if (!isObject(sample)) return refused('payload_invalid', 'a sample is an object with "values"')
  const { values } = sample
  if (!isObject(values)) return refused('payload_invalid', '"values" is not an object')
  const ts = sample['ts'] ?? null
  if (ts !== null && (typeof ts !== 'number' || !isTime(ts))) {
    return refused('payload_invalid', '"ts" is not a time in ms since 1970')
  }
  for (const channel of Object.keys(values)) {
    const problem = addValue(readings, channel, values[channel], ts, null, limits)
    if (problem) return problem
    if (readings.length > limits.valuesPerMessage) {
      return refused('payload_too_large', `more than ${limits.valuesPerMessage} values in one message`)
    }
  }
  return null
}
