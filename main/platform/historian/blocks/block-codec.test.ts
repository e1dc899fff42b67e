import { constants, zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { packFlags } from '#contract/model/reading-batch.ts'
import { BLOCK_ROWS_MAX, BLOCK_SPAN_MAX, decodeBlock, encodeBlock } from './block-codec.ts'
import { BlockDamaged } from './block-damaged.ts'
import { ByteWriter } from './byte-writer.ts'
import type { ReadingColumns } from './reading-columns.ts'
import { columnsOf, randomWalk, rowsOf } from './testing/sample-columns.ts'

const NUMBER = packFlags('number', 0)
const TEXT = packFlags('text', 0)
const START = Date.UTC(2026, 10, 21)
const runs = Number(process.env['MILLWRIGHT_PROPERTY_RUNS'] ?? 100)

const decimals = fc
  .record({ k: fc.integer({ min: 0, max: 9 }), whole: fc.integer({ min: -1e9, max: 1e9 }) })
  .map(({ k, whole }) => whole / 10 ** k)
const extremes = fc.constantFrom(
  0,
  -0,
  1,
  Number.MAX_VALUE,
  -Number.MAX_VALUE,
  Number.MIN_VALUE,
  -Number.MIN_VALUE,
  2.2250738585072014e-308,
  2 ** 53,
  2 ** 53 - 1,
  2 ** 53 + 2,
  -(2 ** 53) - 2,
  2 ** 50 + 1,
  2 ** 31,
  -(2 ** 31) - 1,
  2 ** 63,
  0.1 + 0.2,
  4_503_599_627_370_495.5,
  Infinity,
  -Infinity,
)
/** Each block is of one sort mostly, as channels are, or of any mixture. */
const valueSorts: fc.Arbitrary<number>[] = [
  decimals,
  fc.integer({ min: -100, max: 100 }).map((n) => n / 100),
  fc.integer({ min: 0, max: 10_000 }).map((n) => n * 0.1),
  fc.integer({ min: 0, max: 10_000 }).map((n) => Math.fround(n / 100)),
  fc.float({ noNaN: true }),
  fc.double({ noNaN: true }),
  fc.maxSafeInteger(),
  fc.constantFrom(0, 1),
  fc.constant(21.5),
  extremes,
]
const numbers = fc
  .tuple(fc.constantFrom(...valueSorts), fc.oneof(extremes, decimals), fc.integer({ min: 0, max: 10 }))
  .map(([sort, stray, weight]) =>
    fc.oneof({ weight: 30, arbitrary: sort }, { weight, arbitrary: fc.constant(stray) }),
  )

const texts = fc.oneof(
  fc.string({ unit: 'binary' }).map((text) => text.toWellFormed()),
  fc.constantFrom('', '\ufeffbom', '\0', 'running', '12', '\u{1f600}'.repeat(300)),
)
const steps = fc.constantFrom(
  fc.constant(1_000),
  fc.integer({ min: 980, max: 1_020 }),
  fc.oneof(
    { weight: 50, arbitrary: fc.constant(1_000) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 600_000 }) },
  ),
  fc.integer({ min: 1, max: 3_600_000 }),
)
const flags = fc.constantFrom(
  fc.constant(NUMBER),
  fc.constant(TEXT),
  fc.constantFrom(packFlags('integer', 0), packFlags('integer', 1)),
  fc.constantFrom(NUMBER, packFlags('boolean', 3), TEXT, 0xffff, packFlags('text', 255)),
)

const anyColumns: fc.Arbitrary<ReadingColumns> = fc
  .record({ values: numbers, step: steps, flag: flags, size: fc.integer({ min: 0, max: 300 }) })
  .chain(({ values, step, flag, size }) =>
    fc
      .array(fc.record({ value: values, step, flags: flag, text: texts }), {
        minLength: size,
        maxLength: size,
      })
      .map((rows) => {
        let ts = START
        return columnsOf(
          rows.map(({ value, step: by, flags: bits, text }) => ({
            ts: (ts += by),
            value: bits >>> 8 === TEXT >>> 8 ? text : value,
            flags: bits,
          })),
        )
      }),
  )

test('whatever is encoded decodes to the same bits', () => {
  fc.assert(
    fc.property(anyColumns, (columns) => {
      expect(rowsOf(decodeBlock(encodeBlock(columns)))).toEqual(rowsOf(columns))
    }),
    { numRuns: runs },
  )
})

test('columns of a longer array, and texts that no row uses', () => {
  const columns = columnsOf([
    { ts: START, value: 'on', flags: TEXT },
    { ts: START + 1, value: 'off', flags: TEXT },
  ])
  columns.texts.push('unused')
  const decoded = decodeBlock(encodeBlock({ ...columns, count: 1 }))
  expect(rowsOf(decoded)).toEqual([{ ts: START, value: 'on', flags: TEXT }])
  expect(decoded.texts).toEqual(['on'])
})

test('a full block: 65,536 readings, one a millisecond', () => {
  const columns = randomWalk({ count: BLOCK_ROWS_MAX, start: START, step: 1, decimals: 2 })
  const decoded = decodeBlock(encodeBlock(columns))
  for (const name of ['ts', 'values', 'flags'] as const) {
    expect(Buffer.from(decoded[name].buffer).equals(Buffer.from(columns[name].buffer))).toBe(true)
  }
})

test.each([
  ['too many readings', { ...columnsOf([]), count: BLOCK_ROWS_MAX + 1 }],
  ['times that fall', columnsOf([START, START - 1].map((ts) => ({ ts, value: 1, flags: NUMBER })))],
  ['a time twice', columnsOf([START, START].map((ts) => ({ ts, value: 1, flags: NUMBER })))],
  ['a part of a ms', columnsOf([{ ts: START + 0.5, value: 1, flags: NUMBER }])],
  ['no time', columnsOf([{ ts: Number.NaN, value: 1, flags: NUMBER }])],
  ['too long a span', columnsOf([0, BLOCK_SPAN_MAX + 1].map((ts) => ({ ts, value: 1, flags: NUMBER })))],
])('%s is no block', (_, columns) => {
  expect(() => encodeBlock(columns)).toThrow(RangeError)
})

/** Bounds of ADR 0007's promise; the figures themselves are `npm run bench -- bytes`. */
test.each([
  ['two decimals, regular', { decimals: 2 }, 1.2],
  ['two decimals, 20 ms of jitter', { decimals: 2, jitter: 20 }, 2],
  ['two decimals as 32-bit floats', { decimals: 2, map: Math.fround }, 1.2],
  ['tenths by multiplication', { decimals: 0, map: (n: number) => n * 0.1 }, 1.2],
  ['two decimals and one sum in a hundred that is not one', { decimals: 2, strays: 0.01 }, 1.4],
  ['doubles', { decimals: null }, 6.5],
  ['32-bit floats', { decimals: null, map: Math.fround }, 2.8],
])('%s: at most so many bytes a reading', (_, options, bytes) => {
  const block = encodeBlock(randomWalk({ count: 3_600, start: START, step: 1_000, ...options }))
  expect(block.length / 3_600).toBeLessThan(bytes)
})

test('constant values at regular times take nearly nothing', () => {
  const columns = columnsOf(
    Array.from({ length: 3_600 }, (_, i) => ({ ts: START + i * 1_000, value: 21.5, flags: NUMBER })),
  )
  expect(encodeBlock(columns).length).toBeLessThan(48)
})

/** Either it says that it is damaged, or gives columns that are no larger than a block. */
function decodeHostile(data: Uint8Array): void {
  let columns: ReadingColumns
  try {
    columns = decodeBlock(data)
  } catch (error) {
    expect(error).toBeInstanceOf(BlockDamaged)
    return
  }
  expect(columns.count).toBeLessThanOrEqual(BLOCK_ROWS_MAX)
  for (const column of [columns.ts, columns.values, columns.flags]) expect(column.length).toBe(columns.count)
}

test('any flipped bit, and any cut end, is survived', () => {
  fc.assert(
    fc.property(anyColumns, fc.nat(), fc.nat(), (columns, bit, cut) => {
      const data = encodeBlock(columns)
      const flipped = Buffer.from(data)
      const at = bit % (8 * flipped.length)
      flipped[at >>> 3] = (flipped[at >>> 3] as number) ^ (1 << (at & 7))
      decodeHostile(flipped)
      expect(() => decodeBlock(data.subarray(0, cut % data.length))).toThrow(BlockDamaged)
      expect(() => decodeBlock(Buffer.concat([data, Buffer.of(0)]))).toThrow(BlockDamaged)
    }),
    { numRuns: runs },
  )
})

test('any bytes are survived, also behind a beginning that is right', () => {
  const columns = fc.uint8Array({ maxLength: 200 })
  fc.assert(
    fc.property(columns, columns, (any, head) => {
      decodeHostile(any)
      decodeHostile(envelope(head, head.length, 0))
      decodeHostile(envelope(zstdCompressSync(head), head.length, 1))
    }),
    { numRuns: runs },
  )
})

function envelope(stored: Uint8Array, size: number, codec: number): Uint8Array {
  const writer = new ByteWriter()
  writer.byte(1)
  writer.byte(codec)
  writer.varint(size)
  writer.varint(stored.length)
  writer.append(stored)
  return writer.bytes()
}

test('a frame that unpacks to more than it says, or wants a large window, is refused', () => {
  const bomb = zstdCompressSync(Buffer.alloc(2 ** 24), { params: { [constants.ZSTD_c_windowLog]: 24 } })
  expect(() => decodeBlock(envelope(bomb, 100, 1))).toThrow(BlockDamaged)
  expect(() => decodeBlock(envelope(bomb, 2 ** 24, 1))).toThrow(BlockDamaged)
  expect(() => decodeBlock(envelope(bomb, 2 ** 40, 1))).toThrow(BlockDamaged)
})

test('another version or codec is refused', () => {
  const data = encodeBlock(columnsOf([{ ts: START, value: 1, flags: NUMBER }]))
  expect(() => decodeBlock(Uint8Array.from(data, (byte, i) => (i === 0 ? 2 : byte)))).toThrow('format 2')
  expect(() => decodeBlock(Uint8Array.from(data, (byte, i) => (i === 1 ? 2 : byte)))).toThrow('codec 2')
})
