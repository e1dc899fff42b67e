import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BlockDamaged } from './block-damaged.ts'
import { joinSlots, rollupOf } from './rollup-build.ts'
import { decodeRollup, encodeRollup } from './rollup-codec.ts'
import { DAY, MINUTE, makeRollup, type RollupColumns } from './rollup-columns.ts'
import { randomWalk, type WalkOptions } from './testing/sample-columns.ts'

const START = Date.UTC(2026, 10, 21)
const runs = Number(process.env['MILLWRIGHT_PROPERTY_RUNS'] ?? 100)

const number = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: -5_000, max: 5_000 }).map((n) => n / 100) },
  { weight: 1, arbitrary: fc.double({ noNaN: true }) },
  { weight: 1, arbitrary: fc.constantFrom(0, -0, 2 ** 50, -(2 ** 53), 1e308, Infinity, 0.1 + 0.2) },
)
const decimal = fc.integer({ min: -(2 ** 50), max: 2 ** 50 }).map((n) => n / 1e3)
/** Numbers that no readings could have, too. */
const anyRollup: fc.Arbitrary<RollupColumns> = fc
  .constantFrom(number, decimal, fc.double({ noNaN: true }))
  .chain((of) =>
    fc
      .uniqueArray(
        fc.record({
          slot: fc.integer({ min: 0, max: 1_439 }),
          rows: fc.oneof(fc.constant(60), fc.integer({ min: 0, max: DAY })),
          firstAt: fc.integer({ min: 0, max: MINUTE }),
          lastAt: fc.integer({ min: 0, max: DAY }),
          numbers: fc.tuple(of, of, of, of, of, of),
        }),
        { selector: ({ slot }) => slot, maxLength: 60 },
      )
      .map((entries) => {
        const columns = makeRollup(entries.length)
        columns.count = entries.length
        entries.sort((a, b) => a.slot - b.slot)
        for (const [i, { slot, rows, firstAt, lastAt, numbers }] of entries.entries()) {
          columns.slot[i] = slot
          columns.rows[i] = rows
          columns.firstAt[i] = firstAt
          columns.lastAt[i] = lastAt
          const columnsOfNumbers = [
            columns.first,
            columns.last,
            columns.max,
            columns.min,
            columns.sum,
            columns.area,
          ]
          for (const [c, column] of columnsOfNumbers.entries()) column[i] = numbers[c] as number
        }
        return columns
      }),
  )

test('whatever is encoded decodes to the same bits', () => {
  fc.assert(
    fc.property(anyRollup, (rollup) => {
      expect(decodeRollup(encodeRollup(rollup))).toEqual(rollup)
    }),
    { numRuns: runs },
  )
})

/** `limit` is in bytes a minute, for the two levels together. */
test.each<[string, Omit<WalkOptions, 'count' | 'start' | 'step'>, number]>([
  ['two decimals, regular', { decimals: 2 }, 8],
  ['two decimals, 20 ms of jitter', { decimals: 2, jitter: 20 }, 11],
  ['doubles', { decimals: null }, 45],
])('a day of %s comes back, and is small', (_, options, limit) => {
  const day = randomWalk({ count: 86_400, start: START + 500, step: 1_000, ...options })
  const minutes = rollupOf(day, START, START + DAY, MINUTE)
  const halfHours = joinSlots(minutes)
  const encoded = [encodeRollup(minutes), encodeRollup(halfHours)] as const
  expect(decodeRollup(encoded[0])).toEqual(minutes)
  expect(decodeRollup(encoded[1])).toEqual(halfHours)
  expect((encoded[0].length + encoded[1].length) / minutes.count).toBeLessThan(limit)
})

test('a few minutes of rounding errors spoil nothing for the others', () => {
  const day = randomWalk({ count: 86_400, start: START, step: 1_000, decimals: 2 })
  for (const i of [5_000, 50_000]) day.values[i] = 0.1 + 0.2
  const minutes = rollupOf(day, START, START + DAY, MINUTE)
  const encoded = encodeRollup(minutes)
  expect(decodeRollup(encoded)).toEqual(minutes)
  expect(encoded.length / minutes.count).toBeLessThan(8)
})

test('slots that cannot be are refused', () => {
  const twice = makeRollup(2)
  expect(() => encodeRollup({ ...twice, count: 2 })).toThrow(RangeError)
  const long = makeRollup(1)
  long.lastAt[0] = DAY + 1
  expect(() => encodeRollup({ ...long, count: 1 })).toThrow(RangeError)
})

test('any flipped bit, cut end or other bytes are survived', () => {
  const hostile = (data: Uint8Array) => {
    try {
      expect(decodeRollup(data).count).toBeLessThanOrEqual(1_440)
    } catch (error) {
      expect(error).toBeInstanceOf(BlockDamaged)
    }
  }
  fc.assert(
    fc.property(anyRollup, fc.nat(), fc.uint8Array({ maxLength: 100 }), (rollup, bit, any) => {
      const data = encodeRollup(rollup)
      const flipped = Buffer.from(data)
      const at = bit % (8 * data.length)
      flipped[at >>> 3] = (flipped[at >>> 3] as number) ^ (1 << (at & 7))
      hostile(flipped)
      hostile(any)
      hostile(Buffer.concat([Buffer.of(1, 0, any.length, any.length), any]))
      expect(() => decodeRollup(data.subarray(0, bit % data.length))).toThrow(BlockDamaged)
    }),
    { numRuns: runs },
  )
})
