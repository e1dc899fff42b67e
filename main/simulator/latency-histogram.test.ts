import { expect, it } from 'vitest'
import { LatencyHistogram } from './latency-histogram.ts'

it('gives quantiles within three per cent', () => {
  const histogram = new LatencyHistogram()
  for (let ms = 1; ms <= 10_000; ms += 1) histogram.record(ms / 100)
  for (const [quantile, expected] of [
    [0.5, 50],
    [0.99, 99],
    [1, 100],
  ] as const) {
    expect(Math.abs((histogram.quantile(quantile) ?? 0) / expected - 1)).toBeLessThan(0.03)
  }
})

it('is null when nothing was recorded, and sums', () => {
  const one = new LatencyHistogram()
  expect(one.quantile(0.5)).toBeNull()
  const other = new LatencyHistogram()
  other.record(0)
  other.record(5_000_000)
  one.add(other)
  expect(one.count).toBe(2)
  expect(one.quantile(1)).toBeGreaterThan(3_000_000)
})
