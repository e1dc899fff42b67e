import type { CodecDefinition } from '#contract/model/dialect.ts'
import { channelTemplate } from './channel-template.ts'
import type { Codec, CodecLimits, Decoded, DecodedReading } from './codec.ts'
import { addValue, decodeJson, refused } from './values.ts'

type Bare = Extract<CodecDefinition, { format: 'bare' }>

/** A number as firmware prints it: JSON's, and those with a plus, without a digit before the point, or with zeros in front. */
const number = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/
/** What C prints for a sensor that has no value. */
const none = /^[+-]?nan$/i

/** The payload is the value (003): `21.5`, `true`, `ON`. Spaces around it do not count; what is no number and no word is text. */
export function bareCodec({ channel, on = [], off = [] }: Bare): Codec {
  const nameOf = channelTemplate(channel, '')
  const words = new Map<string, boolean>([
    ['true', true],
    ['false', false],
    ...on.map((word) => [word.toLowerCase(), true] as const),
    ...off.map((word) => [word.toLowerCase(), false] as const),
  ])
  return (text, limits, fields) => {
    const value = text.trim()
    const name = nameOf(fields, '')
    if (value === '') return refused('payload_invalid', 'the payload is empty')
    if (none.test(value) || value === 'null') return { ok: true, readings: [] }
    const word = words.get(value.toLowerCase())
    if (word !== undefined) return one(name, word, limits)
    if (number.test(value)) return decodeJson(asJson(value), (parsed) => one(name, parsed, limits))
    if (/^[{["]/.test(value)) return structured(name, value, limits)
    return one(name, value, limits)
  }
}

/** A text in quotes is a value, an object is none; what only begins like one is text. */
function structured(name: string, value: string, limits: CodecLimits): Decoded {
  const decoded = decodeJson(value, (parsed) => one(name, parsed, limits))
  return decoded.ok || decoded.reason !== 'payload_not_json' ? decoded : one(name, value, limits)
}

function asJson(value: string): string {
  const [, sign = '', digits = '', exponent = ''] = /^([+-]?)([\d.]*)(.*)$/.exec(value) ?? []
  const [whole = '', fraction = ''] = digits.split('.')
  const point = fraction === '' ? '' : `.${fraction}`
  return `${sign === '-' ? '-' : ''}${whole.replace(/^0+(?=\d)/, '') || '0'}${point}${exponent}`
}

function one(channel: string, value: unknown, limits: CodecLimits): Decoded {
  const readings: DecodedReading[] = []
  return addValue(readings, channel, value, null, null, limits) ?? { ok: true, readings }
}
