import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { buildNvs, nvsSizeFor } from './build-nvs.ts'
import { ENTRY_SIZE, FIRST_ENTRY, ItemType, PAGE_SIZE } from './layout.ts'
import {
  integerRange,
  integerTypes,
  integerValue,
  type NvsContents,
  type NvsIntegerType,
  type NvsValue,
} from './nvs-value.ts'
import { readNvs } from './read-nvs.ts'

const runs = process.env['MILLWRIGHT_LONG'] === '1' ? 5_000 : 60
const SIZE = 0x6000

const integer = fc.constantFrom(...(Object.keys(integerTypes) as NvsIntegerType[])).chain((type) => {
  const { least, most } = integerRange(type)
  return fc.bigInt({ min: least, max: most }).map((value) => integerValue(type, value))
})
const text = (most: number): fc.Arbitrary<NvsValue> =>
  fc
    .string({ unit: 'binary', maxLength: most })
    .filter((value) => !value.includes('\0'))
    .map((value) => ({ type: 'string', value }))
const blob = (most: number): fc.Arbitrary<NvsValue> =>
  fc.uint8Array({ maxLength: most, size: 'max' }).map((value) => ({ type: 'blob', value }))
const value = fc.oneof(integer, text(40), text(900), blob(64), blob(9_000))
const name = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 15 })
  .filter((key) => Buffer.byteLength(key) <= 15 && !/\p{Cc}/u.test(key))
const contents: fc.Arbitrary<NvsContents> = fc.dictionary(
  fc.oneof(name, fc.constant('__proto__')),
  fc.dictionary(name, value, { maxKeys: 12 }),
  { maxKeys: 6 },
)

describe('what is built is read back', () => {
  it('in the smallest partition that takes it, plain and encrypted, and in none that is smaller', () => {
    fc.assert(
      fc.property(contents, fc.option(fc.uint8Array({ minLength: 64, maxLength: 64 })), (random, key) => {
        const size = nvsSizeFor(random)
        expect(readNvs(buildNvs(random, { size, key }), { key }).namespaces).toEqual(random)
        const smaller = () => buildNvs(random, { size: size - PAGE_SIZE, key })
        if (size > 3 * PAGE_SIZE)
          expect(smaller).toThrow(expect.objectContaining({ data: { need: size, size: size - PAGE_SIZE } }))
      }),
      { numRuns: runs },
    )
  })

  it('up to a full partition', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(integer, text(300), text(3_900), blob(3_000), blob(13_000)), {
          minLength: 100,
          maxLength: 400,
        }),
        (values) => {
          const full: Record<string, NvsValue> = {}
          for (const [index, one] of values.entries()) {
            if (nvsSizeFor({ all: { ...full, [`k${index}`]: one } }) <= SIZE) full[`k${index}`] = one
          }
          expect(readNvs(buildNvs({ all: full }, { size: SIZE })).namespaces).toEqual({ all: full })
        },
      ),
      { numRuns: runs / 20 },
    )
  })
})

describe('layout', () => {
  const fill = (entries: number): Record<string, NvsValue> =>
    Object.fromEntries(Array.from({ length: entries }, (_, index) => [`k${index}`, { type: 'u8', value: 1 }]))
  const entryAt = (image: Uint8Array, page: number, entry: number): Uint8Array => {
    const at = page * PAGE_SIZE + FIRST_ENTRY + entry * ENTRY_SIZE
    return image.subarray(at, at + ENTRY_SIZE)
  }

  it('a blob leaves the last entry of a page alone: there is no room for any of it', () => {
    const content: NvsContents = { n: { ...fill(124), blob: { type: 'blob', value: new Uint8Array(5) } } }
    const image = buildNvs(content, { size: SIZE })
    expect(entryAt(image, 0, 125)).toEqual(new Uint8Array(ENTRY_SIZE).fill(0xff))
    expect([...entryAt(image, 1, 0).subarray(0, 4)]).toEqual([1, ItemType.blobData, 2, 0])
    expect(readNvs(image).namespaces).toEqual(content)
  })

  it('an empty blob is its index alone', () => {
    const content: NvsContents = { n: { empty: { type: 'blob', value: new Uint8Array() } } }
    const image = buildNvs(content, { size: SIZE })
    expect([...entryAt(image, 0, 1).subarray(0, 4)]).toEqual([1, ItemType.blobIndex, 1, 0xff])
    expect([...entryAt(image, 0, 1).subarray(24, 30)]).toEqual([0, 0, 0, 0, 0, 0])
    expect(readNvs(image).namespaces).toEqual(content)
  })

  it('the longest string fills a page', () => {
    const content: NvsContents = { n: { text: { type: 'string', value: 'ü'.repeat(1_999) + 'x' } } }
    expect(nvsSizeFor(content)).toBe(3 * PAGE_SIZE)
    expect(readNvs(buildNvs(content, { size: 3 * PAGE_SIZE })).namespaces).toEqual(content)
  })

  it('254 namespaces have room, and nothing at all is a partition too', () => {
    const many: NvsContents = Object.fromEntries(
      Array.from({ length: 254 }, (_, index) => [`ns${index}`, fill(1)]),
    )
    expect(readNvs(buildNvs(many, { size: SIZE })).namespaces).toEqual(many)
    expect(readNvs(buildNvs({}, { size: SIZE })).namespaces).toEqual({})
  })
})

describe('what NVS does not take is named', () => {
  const build =
    (key: string, one: NvsValue, size = SIZE) =>
    () =>
      buildNvs({ n: { [key]: one } }, { size })
  const byte: NvsValue = { type: 'u8', value: 1 }
  const bytes = (length: number): NvsValue => ({ type: 'blob', value: new Uint8Array(length) })

  it.each([
    [
      'a key over 15 bytes',
      build('sixteen-letters-', byte),
      'nvs_key_too_long',
      { key: 'sixteen-letters-', length: 16, most: 15 },
    ],
    ['a key over 15 bytes in UTF-8', build('ü'.repeat(8), byte), 'nvs_key_too_long', { length: 16 }],
    ['an empty key', build('', byte), 'nvs_key_invalid', {}],
    ['a key with a NUL', build('a\0b', byte), 'nvs_key_invalid', {}],
    [
      'a namespace over 15 bytes',
      () => buildNvs({ 'sixteen-letters-': {} }, { size: SIZE }),
      'nvs_key_too_long',
      {},
    ],
    [
      'a string over 4000 bytes',
      build('s', { type: 'string', value: 'x'.repeat(4_000) }),
      'nvs_string_too_long',
      { key: 's', length: 4_001, most: 4_000 },
    ],
    ['a string with a NUL', build('s', { type: 'string', value: 'a\0b' }), 'nvs_value_invalid', { key: 's' }],
    [
      'half a surrogate pair',
      build('s', { type: 'string', value: '\ud800' }),
      'nvs_value_invalid',
      { key: 's' },
    ],
    [
      'a blob over 127 pages',
      build('b', bytes(508_001), 0x10_0000),
      'nvs_blob_too_long',
      { key: 'b', most: 508_000 },
    ],
    ['a number out of range', build('u', { type: 'u8', value: 256 }), 'nvs_value_invalid', { key: 'u' }],
    [
      'a negative one without sign',
      build('u', { type: 'u64', value: -1n }),
      'nvs_value_invalid',
      { key: 'u' },
    ],
    ['half a number', build('u', { type: 'i32', value: 1.5 }), 'nvs_value_invalid', { key: 'u' }],
    ['too much', build('b', bytes(20_000)), 'nvs_too_small', { need: 0x7000, size: SIZE }],
    ['a partition of two pages', build('u', byte, 0x2000), 'nvs_size_invalid', { size: 0x2000 }],
    ['a partition of half a page', build('u', byte, 0x6800), 'nvs_size_invalid', { size: 0x6800 }],
    ['a partition of no size', build('u', byte, Number.NaN), 'nvs_size_invalid', {}],
  ])('%s', (_, run, code, data) => {
    expect(run).toThrow(expect.objectContaining({ code, data: expect.objectContaining(data) }))
  })

  it('255 namespaces', () => {
    const many = Object.fromEntries(Array.from({ length: 255 }, (_, index) => [`ns${index}`, {}]))
    expect(() => buildNvs(many, { size: SIZE })).toThrow(
      expect.objectContaining({ code: 'nvs_too_many_namespaces', data: { count: 255, most: 254 } }),
    )
  })

  it('the longest blob that devices take has room', () => {
    const content: NvsContents = { n: { one: byte, b: bytes(508_000) } }
    expect(readNvs(buildNvs(content, { size: nvsSizeFor(content) })).namespaces).toEqual(content)
  })
})
