import fc from 'fast-check'
import { expect, test } from 'vitest'
import { packFlags } from '#contract/model/reading-batch.ts'
import { clip, join, ordered, RowBuffer, type Rows, reversed, seqAt, valueAt } from './rows.ts'

type Row = [ts: number, value: number | string, seq: number]

function rowsOf(list: Row[]): Rows {
  const rows = new RowBuffer(0)
  for (const [ts, value, seq] of list) {
    rows.add(ts, value, packFlags(typeof value === 'string' ? 'text' : 'number', 0), seq)
  }
  return rows.take()
}

function listOf(rows: Rows): Row[] {
  return Array.from({ length: rows.count }, (_, at) => [
    rows.ts[at] as number,
    valueAt(rows, at),
    seqAt(rows, at),
  ])
}

const list = fc.array(
  fc.tuple(fc.nat({ max: 30 }), fc.oneof(fc.nat({ max: 9 }), fc.constantFrom('a', 'b')), fc.nat({ max: 50 })),
  { maxLength: 40 },
)
const rising = list.map((rows) =>
  [...new Map(rows.map((row) => [row[0], row])).values()].sort((a, b) => a[0] - b[0]),
)

test('of two lists joined, the one above counts at each time, or the newer one where that is asked for', () => {
  fc.assert(
    fc.property(rising, rising, (under, over) => {
      const byTime = new Map([...under, ...over].map((row) => [row[0], row]))
      const expected = [...byTime.values()].sort((a, b) => a[0] - b[0])
      expect(listOf(join(rowsOf(under), rowsOf(over)))).toEqual(expected)
      const newest = new Map(over.map((row) => [row[0], row]))
      for (const row of under) if ((newest.get(row[0])?.[2] ?? -1) < row[2]) newest.set(row[0], row)
      expect(listOf(join(rowsOf(under), rowsOf(over), true))).toEqual(
        [...newest.values()].sort((a, b) => a[0] - b[0]),
      )
    }),
  )
})

test('rows in any order are put in order, the last one of each time; and turned round, and cut', () => {
  fc.assert(
    fc.property(list, fc.nat({ max: 30 }), fc.nat({ max: 31 }), (rows, from, to) => {
      const byTime = new Map(rows.map((row) => [row[0], row]))
      const expected = [...byTime.values()].sort((a, b) => a[0] - b[0])
      const made = ordered(rowsOf(rows))
      expect(listOf(made)).toEqual(expected)
      expect(listOf(reversed(made))).toEqual([...expected].reverse())
      expect(listOf(clip(made, from, to))).toEqual(expected.filter(([ts]) => ts >= from && ts < to))
    }),
  )
})

test('a block has one version for all of its rows', () => {
  const block = {
    ...rowsOf([
      [1, 5, 0],
      [2, 6, 0],
    ]),
    seq: 9,
  }
  expect(listOf(clip(block, 2, 3))).toEqual([[2, 6, 9]])
  expect(listOf(join(block, rowsOf([[2, 7, 4]]), true))).toEqual([
    [1, 5, 9],
    [2, 6, 9],
  ])
})
