import { expect, test } from 'vitest'
import { packFlags } from '#contract/model/reading-batch.ts'
import { summaryOf } from './block-summary.ts'
import { columnsOf } from './testing/sample-columns.ts'

const NUMBER = packFlags('number', 0)
const TEXT = packFlags('text', 0)

function summaryOfValues(...values: (number | string)[]) {
  return summaryOf(
    columnsOf(
      values.map((value, i) => ({ ts: 1_000 + i, value, flags: typeof value === 'string' ? TEXT : NUMBER })),
    ),
  )
}

test('counts all readings, and sums up the numbers among them', () => {
  expect(summaryOfValues('starting', 3, 1.5, 'fault', 4, 2)).toEqual({
    count: 6,
    firstTs: 1_000,
    lastTs: 1_005,
    min: 1.5,
    max: 4,
    sum: 10.5,
    first: 3,
    last: 2,
    drops: 2,
  })
})

test('texts alone have no numbers', () => {
  expect(summaryOfValues('on', 'off')).toEqual({
    count: 2,
    firstTs: 1_000,
    lastTs: 1_001,
    min: null,
    max: null,
    sum: null,
    first: null,
    last: null,
    drops: 0,
  })
})

test('the sum keeps what plain addition rounds off', () => {
  expect(summaryOfValues(1, 1e100, 1, -1e100).sum).toBe(2)
  expect(summaryOfValues(...Array.from({ length: 10 }, () => 0.1)).sum).toBe(1)
  expect(summaryOfValues(1.7e308, 1.7e308).sum).toBe(Infinity)
})

test('a column of SQLite keeps no -0, so neither does a summary', () => {
  const { min, max, sum, first, last } = summaryOfValues(-0, -0)
  expect([min, max, sum, first, last]).toEqual([0, 0, 0, 0, 0])
})
