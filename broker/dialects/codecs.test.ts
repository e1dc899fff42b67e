import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { CodecDefinition } from '#contract/model/dialect.ts'
import { decodeValues } from './canonical-codec.ts'
import type { Decoded } from './codec.ts'
import { codecOf } from './codecs.ts'
import { isDated, qualityAt } from './reading-time.ts'
import { decodeValor } from './tds-codec.ts'
import { isChannelKey } from './values.ts'

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

const ms = 1_771_322_400_000
/** Channel, value, time and unit of each reading, or the refusal. */
const read = (definition: CodecDefinition, payload: string, fields = {}): unknown => {
  const decoded = codecOf(definition)(payload, limits, fields)
  if (!decoded.ok) return decoded.reason
  return decoded.readings.map(({ channel, value, ts, unit }) => [channel, value, ts, unit])
}

describe('one value of an object (000)', () => {
  const slot: CodecDefinition = { format: 'value_object', channel: 'slot/{n}' }

  test('the channel is named by the topic', () => {
    expect(read(slot, '{"value":42}', { n: '0' })).toEqual([['slot/0', 42, null, null]])
    expect(read(slot, '{"value":true,"ts":1}', { n: 'a' })).toEqual([['slot/a', true, null, null]])
    expect(read(slot, '{"value":null}', { n: '0' })).toEqual([])
    expect(read(slot, '[{"value":1},{"value":2}]', { n: '0' })).toHaveLength(2)
  })

  test.each([
    ['{"valor":42}', 'payload_invalid'],
    ['42', 'payload_invalid'],
    ['{"value":{"a":1}}', 'value_invalid'],
    ['{"value":[1]}', 'value_invalid'],
    ['{value:42}', 'payload_not_json'],
    ['', 'payload_not_json'],
    ['{"value":"a text that is too long"}', 'payload_too_large'],
    ['[{"value":1},{"value":1},{"value":1},{"value":1},{"value":1}]', 'payload_too_large'],
  ])('refuses %s', (payload, reason) => {
    expect(read(slot, payload, { n: '0' })).toBe(reason)
  })

  test('a channel that cannot be one is refused', () => {
    expect(read(slot, '{"value":1}', { n: 'x'.repeat(128) })).toBe('value_invalid')
  })

  test('value, time, unit and name stand where the dialect says', () => {
    const own: CodecDefinition = {
      format: 'value_object',
      channel: '{line}/{name}',
      items: '/data',
      value: '/v',
      time: ['/t', '/at'],
      timeUnit: 's',
      unit: '/u',
      name: '/id',
    }
    const line = { line: 'l1' }
    expect(read(own, '{"data":[{"id":"p","v":1.5,"t":1771322400,"u":"bar"},{"id":7,"v":2}]}', line)).toEqual([
      ['l1/p', 1.5, ms, 'bar'],
      ['l1/7', 2, null, null],
    ])
    expect(read(own, '{"data":{"id":"p","v":1,"at":"2026-02-17T10:00:00Z"}}', line)).toEqual([
      ['l1/p', 1, ms, null],
    ])
    for (const bad of [
      '{}',
      '{"data":[1]}',
      '{"data":{"v":1}}',
      '{"data":{"id":{},"v":1}}',
      '{"data":{"id":"p","v":1,"t":"noon"}}',
      '{"data":{"id":"p","v":1,"u":5}}',
    ])
      expect(read(own, bad, line)).toBe('payload_invalid')
  })

  test('only own fields are found', () => {
    const own: CodecDefinition = { format: 'value_object', channel: 'x', value: '/constructor/name' }
    expect(read(own, '{}')).toBe('payload_invalid')
    expect(read({ ...own, value: '/__proto__' }, '{"__proto__":1}')).toEqual([['x', 1, null, null]])
    expect(read({ ...own, value: '/a~1b/m~0n' }, '{"a/b":{"m~n":5}}')).toEqual([['x', 5, null, null]])
    expect(read({ ...own, value: '' }, '5')).toEqual([['x', 5, null, null]])
  })
})

describe('an object of values (002)', () => {
  const object: CodecDefinition = {
    format: 'object',
    channel: '{category}/{key}',
    time: ['/ts', '/timestamp'],
  }
  const climate = { category: 'climate' }

  test('two fields that are one channel are refused: of two values at one time one would be lost', () => {
    expect(read(object, '{"a/b":1,"a":{"b":2}}', climate)).toBe('value_invalid')
    expect(read(object, '{"a":{"b":2},"a/b":true}', climate)).toBe('value_invalid')
    expect(read(object, '{"a/b":null,"a":{"b":2}}', climate)).toEqual([['climate/a/b', 2, null, null]])
    const items = { ...object, items: '/list' } as const
    expect(
      read(items, '{"list":[{"a":{"b":1},"ts":1771322400000},{"a":{"b":2},"ts":1771322400000}]}', climate),
    ).toEqual([
      ['climate/a/b', 1, ms, null],
      ['climate/a/b', 2, ms, null],
    ])
  })

  test('each field is a channel, those of an object in it too, times are none', () => {
    expect(read(object, '{"ph":6.2,"air":{"t":21,"rh":60},"ts":1771322400000}', climate)).toEqual([
      ['climate/ph', 6.2, ms, null],
      ['climate/air/t', 21, ms, null],
      ['climate/air/rh', 60, ms, null],
    ])
    expect(read(object, '{"ph":6,"timestamp":"2026-02-17T10:00:00"}', climate)).toEqual([
      ['climate/ph', 6, ms, null],
    ])
    expect(read(object, '{}', climate)).toEqual([])
  })

  test.each([
    ['{"a":{"b":{"c":1}}}', 'value_invalid'],
    ['{"a":[1]}', 'value_invalid'],
    ['5', 'payload_invalid'],
    ['"x"', 'payload_invalid'],
    ['{"a":1,"ts":"noon"}', 'payload_invalid'],
    ['{"a":1,"b":2,"c":3,"d":4,"e":5}', 'payload_too_large'],
    ['{"a":1e999}', 'value_invalid'],
  ])('refuses %s', (payload, reason) => {
    expect(read(object, payload, climate)).toBe(reason)
  })
})

describe('a bare value (003)', () => {
  const bare: CodecDefinition = { format: 'bare', channel: '{metric}' }
  const metric = { metric: 'pump' }

  test.each<[string, unknown]>([
    ['21.5', 21.5],
    ['  7.20', 7.2],
    ['-0', -0],
    ['+5', 5],
    ['.5', 0.5],
    ['5.', 5],
    ['007', 7],
    ['1e3', 1000],
    ['true', true],
    ['FALSE', false],
    ['ON', 'ON'],
    ['"a b"', 'a b'],
    ['{oops', '{oops'],
    ['1.2.3', '1.2.3'],
    ['0x10', '0x10'],
    ['Infinity', 'Infinity'],
  ])('%s', (payload, value) => {
    expect(read(bare, payload, metric)).toEqual([['pump', value, null, null]])
  })

  test.each(['nan', 'NaN', '-nan', 'null'])('%s is no value', (payload) => {
    expect(read(bare, payload, metric)).toEqual([])
  })

  test.each([
    ['', 'payload_invalid'],
    ['  ', 'payload_invalid'],
    ['{"a":1}', 'value_invalid'],
    ['[1]', 'value_invalid'],
    ['1e999', 'value_invalid'],
    ['a\0b', 'value_invalid'],
    ['a text that is too long', 'payload_too_large'],
  ])('refuses %j', (payload, reason) => {
    expect(read(bare, payload, metric)).toBe(reason)
  })

  test('a whole number that no double is equal to says so', () => {
    const decoded = codecOf(bare)('9007199254740993', limits, metric)
    expect(decoded).toMatchObject({ readings: [{ value: 9_007_199_254_740_992, rounded: true }] })
  })

  test('own words', () => {
    const words: CodecDefinition = { ...bare, on: ['ON', '1'], off: ['off'] }
    expect(['on', '1', 'OFF', 'auto'].map((payload) => read(words, payload, metric))).toEqual([
      [['pump', true, null, null]],
      [['pump', true, null, null]],
      [['pump', false, null, null]],
      [['pump', 'auto', null, null]],
    ])
  })
})

const definitions: CodecDefinition[] = [
  { format: 'values' },
  { format: 'valor' },
  { format: 'value_object', channel: '{n}/{name}', name: '/id', unit: '/unit', time: ['/ts'] },
  { format: 'object', channel: '{n}/{key}', time: ['/a', '/b/c'], items: '/0' },
  { format: 'bare', channel: '{n}', on: ['x'], off: ['y'] },
]

test('no codec throws, whatever comes', () => {
  const payloads = fc.oneof(
    fc.json(),
    fc.string({ unit: 'binary' }),
    fc.double().map(String),
    fc
      .record({ value: fc.jsonValue(), id: fc.string(), ts: fc.double() })
      .map((sample) => JSON.stringify(sample)),
  )
  fc.assert(
    fc.property(payloads, fc.constantFrom(...definitions), fc.string(), (payload, definition, n) => {
      const decoded = codecOf(definition)(payload, limits, { n })
      if (decoded.ok)
        for (const { value, channel } of decoded.readings) {
          expect(['number', 'boolean', 'string']).toContain(typeof value)
          expect(isChannelKey(channel)).toBe(true)
        }
      else expect(decoded.detail).not.toBe('')
    }),
    { numRuns: 3_000 },
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
