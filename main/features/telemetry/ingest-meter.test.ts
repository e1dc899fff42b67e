import { expect, test } from 'vitest'
import { IngestMeter } from './ingest-meter.ts'

test('the rate is the mean of the last five seconds', () => {
  const meter = new IngestMeter()
  expect(meter.perSecond()).toBe(0)
  for (const readings of [1_000, 10, 10, 10, 10, 11]) {
    meter.add(readings)
    meter.tick()
  }
  expect(meter.perSecond()).toBe(10.2)
  expect(meter.total).toBe(1_051)
})

test('the trend is the mean of each span, the oldest dropped', () => {
  const meter = new IngestMeter(2, 2)
  for (const readings of [4, 6, 10, 10, 0, 1]) {
    meter.add(readings)
    meter.tick()
  }
  expect(meter.trend()).toEqual([10, 0.5])
})
