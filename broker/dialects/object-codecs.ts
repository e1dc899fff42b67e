import type { CodecDefinition } from '#contract/model/dialect.ts'
import { channelTemplate } from './channel-template.ts'
import type { Codec, CodecLimits, Decoded, DecodedReading, Fields } from './codec.ts'
import { type Place, placeOf } from './json-place.ts'
import { timeOf } from './payload-time.ts'
import { addValue, decodeJson, isObject, isUnit, refused } from './values.ts'

type ValueObject = Extract<CodecDefinition, { format: 'value_object' }>
type ObjectOfValues = Extract<CodecDefinition, { format: 'object' }>
type Timed = Pick<ValueObject, 'items' | 'time' | 'timeUnit'>

/** Adds the readings of one object; what is wrong, or null. */
type AddSample = (
  readings: DecodedReading[],
  sample: unknown,
  fields: Fields,
  limits: CodecLimits,
) => Decoded | null

/** One value at a place of a JSON object: `{"value": 42}` (000). */
export function valueObjectCodec(definition: ValueObject): Codec {
  const { channel, value = '/value', unit, name } = definition
  const nameOf = channelTemplate(channel, 'name')
  const [at, unitAt, nameAt] = [placeOf(value), placeOf(unit), placeOf(name)]
  const time = timeReader(definition)
  return samples(definition, (readings, sample, fields, limits) => {
    const found = at?.(sample)
    if (found === undefined)
      return refused('payload_invalid', `there is no value at ${value || 'the payload'}`)
    const ts = time(sample)
    if (ts === undefined) return refused('payload_invalid', 'the time is neither a number nor an ISO time')
    const ofUnit = unitAt?.(sample) ?? null
    if (ofUnit !== null && !isUnit(ofUnit))
      return refused('payload_invalid', `what is at ${unit} is not a unit`)
    const called = nameAt === null ? '' : nameAt(sample)
    if (typeof called !== 'string' && typeof called !== 'number')
      return refused('payload_invalid', `there is no name at ${name}`)
    return addValue(readings, nameOf(fields, String(called)), found, ts, ofUnit || null, limits)
  })
}

/** Every field of a JSON object is a value, those of an object in it too; times are none. */
export function objectCodec(definition: ObjectOfValues): Codec {
  const nameOf = channelTemplate(definition.channel, 'key')
  const time = timeReader(definition)
  // A time at the top of the object is no value.
  const times = new Set((definition.time ?? []).map((pointer) => pointer.slice(1)))
  return samples(definition, (readings, sample, fields, limits) => {
    if (!isObject(sample)) return refused('payload_invalid', 'the payload is not an object of values')
    const ts = time(sample)
    if (ts === undefined) return refused('payload_invalid', 'the time is neither a number nor an ISO time')
    const first = readings.length
    const problem = addFields(sample, '', (key, value) => {
      if (key !== '' && times.has(key)) return null
      return addValue(readings, nameOf(fields, key), value, ts, null, limits) ?? tooMany(readings, limits)
    })
    return problem ?? (Object.values(sample).some(isObject) ? twice(readings, first) : null)
  })
}

function addFields(
  values: Record<string, unknown>,
  before: string,
  add: (key: string, value: unknown) => Decoded | null,
): Decoded | null {
  for (const key of Object.keys(values)) {
    const value = values[key]
    const problem =
      isObject(value) && before === '' ? addFields(value, `${key}/`, add) : add(`${before}${key}`, value)
    if (problem) return problem
  }
  return null
}

/** `{"a/b":1,"a":{"b":2}}` is one channel twice: of two values at one time the later would replace the other. */
function twice(readings: readonly DecodedReading[], first: number): Decoded | null {
  const channels = new Set<string>()
  for (let at = first; at < readings.length; at += 1) {
    const channel = readings[at]?.channel ?? ''
    if (channels.has(channel)) return refused('value_invalid', `two fields are the channel ${channel}`)
    channels.add(channel)
  }
  return null
}

function samples({ items }: Timed, add: AddSample): Codec {
  const itemsAt = placeOf(items) ?? ((payload: unknown) => payload)
  return (text, limits, fields) =>
    decodeJson(text, (payload) => {
      const found = itemsAt(payload)
      if (found === undefined) return refused('payload_invalid', `there is nothing at ${items}`)
      const readings: DecodedReading[] = []
      for (const sample of Array.isArray(found) ? found : [found]) {
        const problem = add(readings, sample, fields, limits) ?? tooMany(readings, limits)
        if (problem) return problem
      }
      return { ok: true, readings }
    })
}

function tooMany(readings: readonly DecodedReading[], { valuesPerMessage }: CodecLimits): Decoded | null {
  return readings.length > valuesPerMessage
    ? refused('payload_too_large', `more than ${valuesPerMessage} values in one message`)
    : null
}

/** ms, null for none, undefined for what is no time. */
function timeReader({ time = [], timeUnit }: Timed): (sample: unknown) => number | null | undefined {
  const places = time.map(placeOf).filter((place): place is Place => place !== null)
  return (sample) => {
    for (const place of places) {
      const found = place(sample)
      if (found !== undefined && found !== null) return timeOf(found, timeUnit)
    }
    return null
  }
}
