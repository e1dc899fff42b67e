import { expect, test } from 'vitest'
import { ExpectedError } from '#contract/errors.ts'
import { BatchSize } from './batch-size.ts'

interface Line {
  roundTrip: number
  bytesPerSecond: number
  channels: number
}

/** Batches of readings that wait, channel by channel: a run of them costs 24 bytes, each reading 5. */
function settled(size: BatchSize, { roundTrip, bytesPerSecond, channels }: Line, batches = 60) {
  size.roundTrip = roundTrip
  const last = { sending: 0, readingsPerSecond: 0 }
  for (let batch = 0; batch < batches; batch++) {
    const readings = size.rows
    const runs = Math.min(channels, readings)
    const bytes = runs * 24 + readings * 5
    last.sending = (bytes / bytesPerSecond) * 1_000
    last.readingsPerSecond = readings / (last.sending / 1_000)
    size.took({ readings, runs, bytes, ms: 3 * roundTrip + last.sending })
  }
  return last
}

test('batches take about half a second, whatever the link is like', () => {
  for (const line of [
    { roundTrip: 1, bytesPerSecond: 120_000, channels: 100 },
    { roundTrip: 400, bytesPerSecond: 120_000, channels: 100 },
    { roundTrip: 50, bytesPerSecond: 60_000, channels: 10 },
  ]) {
    const { sending } = settled(new BatchSize(), line)
    expect(sending).toBeGreaterThanOrEqual(290)
    expect(sending).toBeLessThanOrEqual(800)
  }
})

test('a line that carries twice what comes catches up: readings of a channel go together, however slow it is', () => {
  // A reading a second of each channel is 7 bytes a second among many, and 29 alone.
  for (const channels of [10, 100, 1_000]) {
    const size = new BatchSize()
    const line = { roundTrip: 50, bytesPerSecond: channels * 14, channels }
    expect(settled(size, line).readingsPerSecond).toBeGreaterThan(channels * 1.9)
    for (let time = 0; time < 5; time++) size.failed(new Error('cut'))
    expect(settled(size, line).readingsPerSecond).toBeGreaterThan(channels * 1.9)
  }
})

test('no batch of more than 16 kB takes longer than 10 s, where all channels come at once', () => {
  const size = new BatchSize()
  const { sending } = settled(size, { roundTrip: 1, bytesPerSecond: 5_000, channels: 20_000 })
  expect(sending).toBeLessThan(10_500)
})

test('no more than 50,000; a batch that was not full says nothing, and neither does one with nothing in it', () => {
  const size = new BatchSize()
  settled(size, { roundTrip: 1, bytesPerSecond: 1e9, channels: 10 })
  expect(size.rows).toBe(50_000)
  size.took({ readings: 10, runs: 1, bytes: 300, ms: 1 })
  size.took({ readings: 50_000, runs: 1, bytes: 0, ms: 10_000 })
  expect(size.rows).toBe(50_000)
})

test('after failures it goes down to one, and up again; what the cloud refused is no reason', () => {
  const size = new BatchSize()
  for (let time = 0; time < 20; time++) size.failed(new Error('silent'))
  expect(size.rows).toBe(1)
  size.took({ readings: 1, runs: 1, bytes: 30, ms: 5_000 })
  size.failed(new ExpectedError('cloud_refused', { cause: 'odd' }))
  expect(size.rows).toBe(2)
})
