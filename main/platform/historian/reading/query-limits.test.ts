import { expect, test } from 'vitest'
import {
  checkBuckets,
  checkColumns,
  checkGaps,
  checkIncreases,
  checkNeighbours,
  checkRaw,
  checkStates,
} from './query-limits.ts'

const range = { from: 0, to: 10 }

function refused(check: () => void): string {
  try {
    check()
  } catch (error) {
    expect(error).toMatchObject({ code: 'range_invalid' })
    return (error as { data: { cause: string } }).data.cause
  }
  return ''
}

test('queries within their limits pass', () => {
  expect(
    refused(() => checkRaw({ seriesId: 1, ...range, order: 'ascending', limit: 10_000, after: 3 })),
  ).toBe('')
  expect(refused(() => checkBuckets({ seriesIds: [1, 2], ...range, count: 10_000 }))).toBe('')
  expect(refused(() => checkBuckets({ seriesIds: [1], edges: [-5, 0, 9] }))).toBe('')
  expect(refused(() => checkIncreases({ seriesId: 1, ...range, count: 1, rollover: 2 ** 32 }))).toBe('')
  expect(refused(() => checkGaps({ seriesId: 1, ...range, longerThan: 1, limit: 1_000 }))).toBe('')
})

test('others are refused by the name of what is wrong', () => {
  const raw = { seriesId: 1, ...range, order: 'ascending' as const, limit: 1 }
  expect(refused(() => checkRaw({ ...raw, to: 0 }))).toBe('its start is not before its end')
  expect(refused(() => checkRaw({ ...raw, from: 0.5 }))).toMatch(/^from must be/)
  expect(refused(() => checkRaw({ ...raw, to: Number.NaN }))).toMatch(/^to must be/)
  expect(refused(() => checkRaw({ ...raw, after: Infinity }))).toMatch(/^after must be/)
  expect(refused(() => checkRaw({ ...raw, limit: 10_001 }))).toBe('limit must be from 1 to 10000')
  expect(refused(() => checkColumns({ seriesId: 1, from: 5, to: 4 }))).toBe('its start is not before its end')
  const buckets = { seriesIds: [1], ...range, count: 1 }
  expect(refused(() => checkBuckets({ ...buckets, count: 0 }))).toBe('count must be from 1 to 10000')
  expect(refused(() => checkBuckets({ ...buckets, seriesIds: [] }))).toMatch(/^the number of series must be/)
  expect(refused(() => checkBuckets({ ...buckets, seriesIds: Array(33).fill(1) }))).toMatch(/from 1 to 32/)
  expect(refused(() => checkStates({ seriesId: 1, edges: [3] }))).toBe(
    'the number of spans must be from 1 to 10000',
  )
  expect(refused(() => checkStates({ seriesId: 1, edges: [3, 4, 4] }))).toBe(
    'edge 3 is not after the one before',
  )
  expect(refused(() => checkStates({ seriesId: 1, edges: [3, 9e15] }))).toMatch(/^edge 2 must be/)
  expect(refused(() => checkIncreases({ seriesId: 1, ...range, count: 1, rollover: 0 }))).toMatch(/^rollover/)
  expect(refused(() => checkNeighbours(1.5))).toMatch(/^ts must be/)
  const gaps = { seriesId: 1, ...range, longerThan: 1, limit: 1 }
  expect(refused(() => checkGaps({ ...gaps, longerThan: 0 }))).toMatch(/^longerThan/)
  expect(refused(() => checkGaps({ ...gaps, limit: 1_001 }))).toBe('limit must be from 1 to 1000')
})
