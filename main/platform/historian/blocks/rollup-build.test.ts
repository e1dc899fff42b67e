import fc from 'fast-check'
import { expect, test } from 'vitest'
import { packFlags } from '#contract/model/reading-batch.ts'
import type { ReadingColumns } from './reading-columns.ts'
import { joinSlots, replaceSlots, rollupOf } from './rollup-build.ts'
import { DAY, HALF_HOUR, HOUR, MINUTE, type RollupColumns } from './rollup-columns.ts'
import { columnsOf, type SampleRow } from './testing/sample-columns.ts'

const START = Date.UTC(2026, 10, 21)
const TEXT = packFlags('text', 0)
const runs = Number(process.env['MILLWRIGHT_PROPERTY_RUNS'] ?? 100)

const value = fc.oneof(
  fc.integer({ min: -1_000, max: 1_000 }).map((n) => n / 10),
  fc.integer({ min: 0, max: 1 }),
)
const doubles = fc.double({ min: -1e6, max: 1e6, noNaN: true })

function readings(of: fc.Arbitrary<number>): fc.Arbitrary<ReadingColumns> {
  return fc
    .uniqueArray(
      fc.record({
        ts: fc.oneof(fc.integer({ min: 0, max: 5 * MINUTE }), fc.integer({ min: 0, max: DAY - 1 })),
        value: of,
        isText: fc.boolean(),
      }),
      { selector: ({ ts }) => ts, maxLength: 80 },
    )
    .map((rows) =>
      columnsOf(
        rows
          .sort((a, b) => a.ts - b.ts)
          .map(({ ts, value, isText }) => ({
            ts: START + ts,
            value: isText ? 'stray' : value,
            flags: isText ? TEXT : 0,
          })),
      ),
    )
}

interface Slot {
  slot: number
  rows: number
  min: number
  max: number
  sum: number
  first: number
  last: number
  firstAt: number
  lastAt: number
  area: number
}

function slotsOf(rollup: RollupColumns): Slot[] {
  const { count, ...columns } = rollup
  return Array.from(
    { length: count },
    (_, i) =>
      Object.fromEntries(
        Object.entries(columns).map(([name, column]) => [name, column[i]]),
      ) as unknown as Slot,
  )
}

/** What a rollup is, written down plainly; its numbers are as good as plain addition makes them. */
function modelOf({ count, ts, values, flags }: ReadingColumns, level: number): Slot[] {
  const rows: { ts: number; value: number }[] = []
  for (let i = 0; i < count; i++) if (flags[i] !== TEXT) rows.push({ ts: ts[i]!, value: values[i]! })
  const bySlot = Map.groupBy(rows, (row) => Math.floor((row.ts - START) / level))
  return [...bySlot].map(([slot, of]) => {
    const sorted = of.map((row) => row.value).sort((a, b) => a - b)
    return {
      slot,
      rows: of.length,
      min: sorted[0]! + 0,
      max: sorted.at(-1)! + 0,
      sum: of.reduce((sum, row) => sum + row.value, 0),
      first: of[0]!.value + 0,
      last: of.at(-1)!.value + 0,
      firstAt: of[0]!.ts - START - slot * level,
      lastAt: of.at(-1)!.ts - START - slot * level,
      area: of.reduce((area, row, i) => area + (i > 0 ? of[i - 1]!.value * (row.ts - of[i - 1]!.ts) : 0), 0),
    }
  })
}

function expectSlots(rollup: RollupColumns, expected: Slot[]): void {
  const near = (size: number) => (n: number) => (Math.abs(n) < 1e-9 * (size + 1) ? 0 : n)
  const actual = slotsOf(rollup)
  expect(actual.map(({ sum: _sum, area: _area, ...exact }) => exact)).toEqual(
    expected.map(({ sum: _sum, area: _area, ...exact }) => exact),
  )
  for (const [i, { sum, area, rows, min, max }] of expected.entries()) {
    const size = Math.max(Math.abs(min), Math.abs(max))
    expect(near(size * rows)(actual[i]!.sum - sum)).toBe(0)
    expect(near(size * DAY)(actual[i]!.area - area)).toBe(0)
  }
}

test.each([
  ['decimals', value],
  ['doubles', doubles],
])('minutes and half hours of %s are what they say', (_, of) => {
  fc.assert(
    fc.property(readings(of), (columns) => {
      const minutes = rollupOf(columns, START, START + DAY, MINUTE)
      expectSlots(minutes, modelOf(columns, MINUTE))
      expectSlots(joinSlots(minutes), modelOf(columns, HALF_HOUR))
      expectSlots(rollupOf(columns, START, START + DAY, HALF_HOUR), modelOf(columns, HALF_HOUR))
    }),
    { numRuns: runs },
  )
})

test.each([
  ['decimals', value],
  ['doubles', doubles],
])('put together hour by hour, %s give the same bits as at once', (_, of) => {
  fc.assert(
    fc.property(readings(of), readings(of), (old, columns) => {
      let rollup: RollupColumns | null = rollupOf(old, START, START + DAY, MINUTE)
      for (let hour = 0; hour < 24; hour++) {
        const from = START + hour * HOUR
        rollup = replaceSlots(rollup, hour * 60, hour * 60 + 60, rollupOf(columns, from, from + HOUR, MINUTE))
      }
      expect(slotsOf(rollup)).toEqual(slotsOf(rollupOf(columns, START, START + DAY, MINUTE)))
    }),
    { numRuns: runs },
  )
})

test('sums of decimals are exact, and rounded once', () => {
  const rows: SampleRow[] = Array.from({ length: 60 }, (_, i) => ({
    ts: START + i * 1_000,
    value: 0.1,
    flags: 0,
  }))
  const [slot] = slotsOf(rollupOf(columnsOf(rows), START, START + MINUTE, MINUTE))
  expect(slot).toMatchObject({ sum: 6, area: 5_900 })
})

test('the value of the minute before holds until the next one begins', () => {
  const rows = [
    { ts: START + 10_000, value: 5, flags: 0 },
    { ts: START + 3 * MINUTE, value: 7, flags: 0 },
    { ts: START + 3 * MINUTE + 1_000, value: 9, flags: 0 },
  ]
  const joined = joinSlots(rollupOf(columnsOf(rows), START, START + DAY, MINUTE))
  expect(slotsOf(joined)).toEqual([
    {
      slot: 0,
      rows: 3,
      min: 5,
      max: 9,
      sum: 21,
      first: 5,
      last: 9,
      firstAt: 10_000,
      lastAt: 181_000,
      area: 5 * 170_000 + 7 * 1_000,
    },
  ])
})

test('numbers too large to be summed exactly are summed as well as doubles can', () => {
  const rows = [2 ** 60, 1, -(2 ** 60)].map((value, i) => ({ ts: START + i, value, flags: 0 }))
  expect(slotsOf(rollupOf(columnsOf(rows), START, START + MINUTE, MINUTE))).toMatchObject([
    { sum: 1, area: 2 ** 60 + 1 },
  ])
})

test('slots outside of the ones replaced stay', () => {
  const at = (...slots: number[]) =>
    rollupOf(
      columnsOf(slots.map((slot) => ({ ts: START + slot * MINUTE, value: slot, flags: 0 }))),
      START,
      START + DAY,
      MINUTE,
    )
  const slots = (rollup: RollupColumns) => slotsOf(rollup).map(({ slot }) => slot)
  expect(slots(replaceSlots(at(1, 60, 61, 200), 60, 120, at(62)))).toEqual([1, 62, 200])
  expect(slots(replaceSlots(at(60, 61), 60, 120, at()))).toEqual([])
  expect(slots(replaceSlots(at(), 0, 60, at(3)))).toEqual([3])
  expect(slots(replaceSlots(null, 0, 60, at(3)))).toEqual([3])
})
