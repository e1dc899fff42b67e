import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeValues } from './canonical-codec.ts'
import type { Decoded } from './codec.ts'
import { codecs } from './codecs.ts'
import { isDated, qualityAt } from './reading-time.ts'
import { decodeValor } from './tds-codec.ts'

const limits = { valuesPerMessage: 4, textBytes: 16 }
const refusal = (decoded: Decoded): string => (decoded.ok ? 'taken' : `${decoded.reason}: ${decoded.detail}`)

describe('values (canonical)', () => {
  test('takes one sample or many, of numbers, booleans and texts, and skips null', () => {
    const decoded = decodeValues(
      '[{"ts":1771322400000,"values":{"a":21,"b":null}},{"values":{"c":true,"d":"ok"}}]',
      limits,
    )
    expect(decoded).toEqual({
      ok: true,
      readings: [
        { channel: 'a', kind: 'number', value: 21, ts: 1_771_322_400_000, unit: null },
        { channel: 'c', kind: 'boolean', value: true, ts: null, unit: null },
        { channel: 'd', kind: 'text', value: 'ok', ts: null, unit: null },
      ],
    })
  })

  test.each([
    ['{"values":{"a":NaN}}', 'payload_not_json'],
    ['{"values":{"a":Infinity}}', 'payload_not_json'],
    ['', 'payload_not_json'],
    ['21.4', 'payload_invalid'],
    ['null', 'payload_invalid'],
    ['[[]]', 'payload_invalid'],
    ['{"ts":1}', 'payload_invalid'],
    ['{"values":[1]}', 'payload_invalid'],
    ['{"ts":"2026-01-01","values":{}}', 'payload_invalid: "ts"'],
    ['{"ts":1771322400000000000,"values":{"a":1}}', 'payload_invalid: "ts"'],
    ['{"values":{"a":1e999}}', 'value_invalid: a'],
    ['{"values":{"meter":{"a":1}}}', 'value_invalid: meter'],
    ['{"values":{"meter":[1]}}', 'value_invalid: meter'],
    ['{"values":{"":1}}', 'value_invalid'],
    ['{"values":{"a\\nb":1}}', 'value_invalid'],
    ['{"values":{"\\ud800":1}}', 'value_invalid'],
    [`{"values":{"${'k'.repeat(129)}":1}}`, 'value_invalid'],
    ['{"values":{"a":"x\\u0000y"}}', 'value_invalid: a'],
    ['{"values":{"a":"\\ud800"}}', 'value_invalid: a'],
    ['{"values":{"a":"12345678901234567"}}', 'payload_too_large: a'],
    ['{"values":{"a":"ãããããããã!"}}', 'payload_too_large: a'],
    ['{"values":{"a":1,"b":1,"c":1,"d":1,"e":1}}', 'payload_too_large'],
  ])('refuses %s', (payload, reason) => {
    expect(refusal(decodeValues(payload, limits))).toContain(reason)
  })

  test.each([
    // int64 and the first whole number that no double holds; those that one does hold are exact.
    ['9223372036854775807', 9223372036854775808, true],
    ['-9223372036854775807', -9223372036854775808, true],
    ['9007199254740993', 9007199254740992, true],
    ['-9223372036854775808', -9223372036854775808, undefined],
    ['9007199254740992', 9007199254740992, undefined],
    ['9007199254740991', 9007199254740991, undefined],
    // The ends of float64, and a number with a point: doubles, as sent.
    ['1.7976931348623157e308', Number.MAX_VALUE, undefined],
    ['-1.7976931348623157e308', -Number.MAX_VALUE, undefined],
    ['5e-324', Number.MIN_VALUE, undefined],
    ['2.2250738585072014e-308', 2.2250738585072014e-308, undefined],
    ['9007199254740993.0', 9007199254740992, undefined],
  ])(
    '%s is stored as the nearest double, and says so where that is another number',
    (digits, value, rounded) => {
      for (const decoded of [
        decodeValues(`{"values":{"a":${digits},"b":1}}`, limits),
        decodeValor(`{"valor":${digits}}`, limits),
      ]) {
        const [reading] = decoded.ok ? decoded.readings : []
        expect(reading?.value).toBe(value)
        expect(reading?.rounded).toBe(rounded)
      }
    },
  )

  test('a rounded number is no object: where one does not belong it is refused as a number', () => {
    const digits = '9223372036854775807'
    expect(refusal(decodeValues(`[{"values":{"a":${digits}}},${digits}]`, limits))).toContain(
      'payload_invalid',
    )
    expect(refusal(decodeValues(`{"values":{"a":${digits},"b":[${digits}]}}`, limits))).toContain(
      'b: an array',
    )
    expect(refusal(decodeValues(`{"ts":${digits},"values":{"a":${digits}}}`, limits))).toContain('"ts"')
  })

  test('takes channel keys that are names of object properties', () => {
    const decoded = decodeValues('{"values":{"__proto__":1,"constructor":2}}', limits)
    expect(decoded.ok && decoded.readings.map(({ channel }) => channel)).toEqual(['__proto__', 'constructor'])
  })
})

describe('valor (tds)', () => {
  const at = (timestamp: unknown): number | null | undefined => {
    const decoded = decodeValor(JSON.stringify({ timestamp, valor: 1 }), limits)
    return decoded.ok ? decoded.readings[0]?.ts : undefined
  }

  test('one value with its unit', () => {
    const payload =
      '{"timestamp":1771322400000,"valor":21.4,"unidade":"°C","gateway_mac":"aa:bb:cc:dd:ee:ff","firmware_version":"1.0.0"}'
    expect(decodeValor(payload, limits)).toEqual({
      ok: true,
      readings: [{ channel: 'value', kind: 'number', value: 21.4, ts: 1_771_322_400_000, unit: '°C' }],
    })
  })

  test('reads ISO times with and without zone, fraction and colon', () => {
    expect(at('2026-02-17T10:00:00Z')).toBe(1_771_322_400_000)
    expect(at('2026-02-17T10:00:00')).toBe(1_771_322_400_000)
    expect(at('2026-02-17T10:00:00.123456')).toBe(1_771_322_400_123)
    expect(at('2026-02-17T07:00:00-0300')).toBe(1_771_322_400_000)
    expect(at('2026-02-17 07:00:00.5-03:00')).toBe(1_771_322_400_500)
  })

  test('an uptime is no date', () => {
    expect(isDated(at(86_400_000) ?? null)).toBe(false)
    expect(isDated(at(null) ?? null)).toBe(false)
  })

  test.each(['yesterday', '2026-13-01T00:00:00', true, {}])('refuses the timestamp %j', (timestamp) => {
    expect(refusal(decodeValor(JSON.stringify({ timestamp, valor: 1 }), limits))).toContain(
      'payload_invalid: "timestamp"',
    )
  })

  test.each(['{}', '[]', '{"valor":{}}', '{"valor":1,"unidade":5}', '{"valor":1,"unidade":"a\\nb"}'])(
    'refuses %s',
    (payload) => {
      expect(decodeValor(payload, limits).ok).toBe(false)
    },
  )
})

test('no codec throws, whatever JSON comes', () => {
  fc.assert(
    fc.property(fc.json(), fc.constantFrom(...Object.values(codecs)), (payload, decode) => {
      const decoded = decode(payload, limits)
      if (decoded.ok)
        for (const { value } of decoded.readings)
          expect(['number', 'boolean', 'string']).toContain(typeof value)
      else expect(decoded.detail).not.toBe('')
    }),
    { numRuns: 2_000 },
  )
})

test('times: 1970 and 2019 are no clock, 2100 is ahead', () => {
  const now = Date.UTC(2026, 1, 17)
  expect(isDated(0)).toBe(false)
  expect(isDated(Date.UTC(2019, 11, 31))).toBe(false)
  expect(isDated(Date.UTC(2020, 0, 1))).toBe(true)
  expect(qualityAt(Date.UTC(2100, 0, 1), now)).toBe(2)
  expect(qualityAt(now + 600_000, now)).toBe(0)
  expect(qualityAt(now + 600_001, now)).toBe(2)
})
