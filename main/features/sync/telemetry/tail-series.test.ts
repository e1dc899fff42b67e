import { expect, test } from 'vitest'
import { tailBySeries } from './tail-series.ts'

const page = (rows: number[][], texts: string[] = []) => ({
  rows: Float64Array.from(rows.flat()),
  count: rows.length,
  texts,
  gapTo: null,
  lastSeq: rows.length,
})

test('rows become columns of each series, in order of time; of two versions the later is left', () => {
  const rows = [
    [1, 1_000, 5, 0, 1],
    [2, 1_000, 0, 768, 2],
    [1, 3_000, 6, 0, 3],
    [1, 2_000, 7, 0, 4],
    [3, 1_000, 9, 0, 5],
    [1, 1_000, 8, 0, 6],
    [2, 2_000, 1, 768, 7],
  ]
  const [one, two, ...others] = tailBySeries(page(rows, ['a', 'b']), (seriesId) => seriesId !== 3)
  expect(others).toEqual([])
  expect(one).toMatchObject({ seriesId: 1, count: 3 })
  expect([...(one?.ts ?? [])]).toEqual([1_000, 2_000, 3_000])
  expect([...(one?.values ?? [])]).toEqual([8, 7, 6])
  expect([...(one?.seqs ?? [])]).toEqual([6, 4, 3])
  expect([...(two?.values ?? [])].map((index) => two?.texts[index])).toEqual(['a', 'b'])
})
