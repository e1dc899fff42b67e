import { expect, test } from 'vitest'
import { ExpectedError } from '#contract/errors.ts'
import { BatchSize } from './batch-size.ts'

/** A link with `ms` for each answer, and so many readings a second. */
function settled(
  size: BatchSize,
  { roundTrip, perSecond }: { roundTrip: number; perSecond: number },
): number {
  size.roundTrip = roundTrip
  let ms = 0
  for (let batch = 0; batch < 40; batch++) {
    ms = 3 * roundTrip + (size.rows / perSecond) * 1_000
    size.took(size.rows, ms)
  }
  return ms - 3 * roundTrip
}

test('batches take about half a second, whatever the link is like', () => {
  for (const link of [
    { roundTrip: 1, perSecond: 20_000 },
    { roundTrip: 400, perSecond: 20_000 },
    { roundTrip: 50, perSecond: 1_000 },
  ]) {
    const ms = settled(new BatchSize(), link)
    expect(ms).toBeGreaterThanOrEqual(290)
    expect(ms).toBeLessThanOrEqual(800)
  }
})

test('no fewer than 200, no more than 50,000; a batch that was not full says nothing', () => {
  const size = new BatchSize()
  settled(size, { roundTrip: 1, perSecond: 10_000_000 })
  expect(size.rows).toBe(50_000)
  settled(size, { roundTrip: 1, perSecond: 10 })
  expect(size.rows).toBe(200)
  size.took(10, 1)
  expect(size.rows).toBe(200)
  for (let time = 0; time < 20; time++) size.failed(new Error('silent'))
  expect(size.rows).toBe(1)
  size.took(1, 1)
  size.failed(new ExpectedError('cloud_refused', { cause: 'odd' }))
  expect(size.rows).toBe(2)
})
