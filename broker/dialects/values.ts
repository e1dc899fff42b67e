import type { RefusalReason } from '#contract/model/refusal.ts'
import type { CodecLimits, Decoded, DecodedReading } from './codec.ts'

const CHANNEL_LENGTH_MAX = 128
const UNIT_LENGTH_MAX = 32
// Control characters are what is looked for.
const controlCharacters = /[\u0000-\u001f\u007f-\u009f]/
/** The last ms that a Date can hold (ECMA-262 21.4.1.1). */
const TIME_MAX = 8.64e15

export function refused(reason: RefusalReason, detail: string): Decoded {
  return { ok: false, reason, detail }
}

/** A whole number of the payload that no double is equal to; `value` is the nearest. */
class RoundedNumber {
  readonly value: number

  constructor(value: number) {
    this.value = value
  }
}

/**
 * Parses JSON and decodes it; NaN and Infinity are not JSON (RFC 8259 6). Where the readings hold whole numbers that
 * may have been rounded, such as the ends of int64, it parses again, slowly, and looks at the digits.
 */
export function decodeJson(text: string, decode: (payload: unknown) => Decoded): Decoded {
  let payload: unknown
  try {
    payload = JSON.parse(text)
  } catch {
    return refused('payload_not_json', 'the payload is not JSON')
  }
  const decoded = decode(payload)
  return decoded.ok && decoded.readings.some(mayBeRounded) ? decode(JSON.parse(text, markRounded)) : decoded
}

function mayBeRounded({ value }: DecodedReading): boolean {
  return typeof value === 'number' && Math.abs(value) > Number.MAX_SAFE_INTEGER && Number.isInteger(value)
}

/** A number with a point or an exponent is a double, and means the nearest one. */
function markRounded(_key: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== 'number' || Math.abs(value) <= Number.MAX_SAFE_INTEGER) return value
  const digits = context?.source ?? ''
  if (!/^-?\d+$/.test(digits) || !Number.isFinite(value)) return value
  return BigInt(digits) === BigInt(value) ? value : new RoundedNumber(value)
}

/** A JSON object (no array). */
export function isObject(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof RoundedNumber)
  )
}

/** A channel key is 1 to 128 characters, none of them a control character or half of a surrogate pair. */
export function isChannelKey(key: string): boolean {
  return (
    key.length > 0 && key.length <= CHANNEL_LENGTH_MAX && !controlCharacters.test(key) && key.isWellFormed()
  )
}

export function isUnit(unit: unknown): unit is string {
  return (
    typeof unit === 'string' &&
    unit.length <= UNIT_LENGTH_MAX &&
    !controlCharacters.test(unit) &&
    unit.isWellFormed()
  )
}

/** Whether a number can be a time in ms; what it means is decided in `reading-time.ts`. */
export function isTime(ts: number): boolean {
  return Number.isFinite(ts) && Math.abs(ts) <= TIME_MAX
}

/**
 * Adds one value to `readings`; null is skipped (the gateway has no value). Every JSON number is a `number`: a meter that
 * sends 21 now and 21.5 then is one channel.
 *
 * @returns what is wrong, or null
 */
export function addValue(
  readings: DecodedReading[],
  channel: string,
  value: unknown,
  ts: number | null,
  unit: string | null,
  limits: CodecLimits,
): Decoded | null {
  if (value === null) return null
  if (value instanceof RoundedNumber) {
    const problem = addValue(readings, channel, value.value, ts, unit, limits)
    const added = readings.at(-1)
    if (problem === null && added) added.rounded = true
    return problem
  }
  if (!isChannelKey(channel))
    return refused('value_invalid', `the channel key ${shown(channel)} is not allowed`)
  switch (typeof value) {
    case 'number':
      // JSON has no Infinity, but 1e999 becomes one.
      if (!Number.isFinite(value)) return refused('value_invalid', `${channel}: the number is too large`)
      readings.push({ channel, kind: 'number', value, ts, unit })
      return null
    case 'boolean':
      readings.push({ channel, kind: 'boolean', value, ts, unit })
      return null
    case 'string':
      if (!fits(value, limits.textBytes)) {
        return refused('payload_too_large', `${channel}: the text has more than ${limits.textBytes} bytes`)
      }
      if (value.includes('\0') || !value.isWellFormed()) {
        return refused('value_invalid', `${channel}: the text holds characters that cannot be stored`)
      }
      readings.push({ channel, kind: 'text', value, ts, unit })
      return null
    default:
      return refused(
        'value_invalid',
        `${channel}: ${Array.isArray(value) ? 'an array' : 'an object'} is not a value`,
      )
  }
}

function fits(text: string, bytes: number): boolean {
  if (text.length > bytes) return false
  // A UTF-16 unit takes at most three bytes in UTF-8.
  return text.length * 3 <= bytes || new TextEncoder().encode(text).length <= bytes
}

function shown(key: string): string {
  return JSON.stringify(key.slice(0, 40).toWellFormed())
}
