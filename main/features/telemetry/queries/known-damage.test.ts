import { expect, test } from 'vitest'
import { joinSpans, KnownDamage } from './known-damage.ts'

test('what a query met is said by those after it, as far as it lies in their range', () => {
  const damage = new KnownDamage()
  const block = {
    type: 'blockDamaged',
    file: 'months/2026-03.standard.sqlite',
    cause: 'its checksum is wrong',
  } as const
  damage.note({ ...block, seriesId: 1, from: 0, to: 10 })
  damage.note({ ...block, seriesId: 1, from: 0, to: 10 })
  damage.note({ ...block, seriesId: 1, from: 10, to: 20 })
  damage.note({ ...block, seriesId: 1, from: 40, to: 50 })
  damage.note({ ...block, seriesId: 2, from: 0, to: 100 })
  damage.note({ type: 'foldRecovered' })
  expect(damage.within(1, { from: 5, to: 45 })).toEqual([
    { from: 5, to: 20 },
    { from: 40, to: 45 },
  ])
  expect(damage.within(1, { from: 20, to: 40 })).toEqual([])
  expect(damage.within(3, { from: 0, to: 100 })).toEqual([])
})

test('spans that touch or overlap are one', () => {
  const spans = [
    { from: 5, to: 8 },
    { from: 0, to: 2 },
    { from: 2, to: 3 },
    { from: 6, to: 7 },
  ]
  expect(joinSpans(spans)).toEqual([
    { from: 0, to: 3 },
    { from: 5, to: 8 },
  ])
})
