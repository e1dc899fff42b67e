import { expect, it } from 'vitest'
import { simulateHistory } from './history.ts'
import { createMeter, meterTypes } from './meters.ts'

const FROM = Date.UTC(2026, 4, 1)
const DAY = 86_400_000

it.each(meterTypes)('%s: the same seed and time give the same value, another seed another', (type) => {
  const values = (seed: string) =>
    createMeter(type, 'meter1', seed).map((channel) => [channel.key, channel.valueAt(FROM + 12_345)])
  expect(values('GW001')).toEqual(values('GW001'))
  expect(values('GW001')).not.toEqual(values('GW002'))
})

it.each(meterTypes)('%s: values are of the kind that is said, within what such a meter shows', (type) => {
  const kinds = { number: 'number', integer: 'number', boolean: 'boolean', text: 'string' }
  const bounds: Record<string, [number, number]> = {
    '%': [0, 100],
    V: [215, 245],
    Hz: [49.9, 50.1],
    bar: [1, 3],
  }
  for (const channel of createMeter(type, 'meter1', 'GW001')) {
    const [low, high] = bounds[channel.unit ?? ''] ?? [0, 10_000_000]
    for (let time = FROM; time < FROM + DAY; time += 97_000) {
      const value = channel.valueAt(time)
      expect(typeof value).toBe(kinds[channel.kind])
      const number = typeof value === 'number' ? value : low
      expect(number).toBeGreaterThanOrEqual(low)
      expect(number).toBeLessThanOrEqual(high)
    }
  }
})

it('counters never fall, and grow by what flows', () => {
  for (const [type, counter, rate] of [
    ['energy', 'meter1/energy', 'meter1/power'],
    ['water', 'meter1/volume', 'meter1/flow'],
  ] as const) {
    const channels = new Map(createMeter(type, 'meter1', 'GW007').map((channel) => [channel.key, channel]))
    const at = (key: string, time: number): number => Number(channels.get(key)?.valueAt(time))
    let before = at(counter, FROM)
    let flowed = 0
    const step = 10_000
    for (let time = FROM; time < FROM + DAY; time += step) {
      const now = at(counter, time)
      expect(now).toBeGreaterThanOrEqual(before)
      before = now
      flowed += (at(rate, time) * step) / 3_600_000
    }
    const grown = at(counter, FROM + DAY) - at(counter, FROM)
    expect(Math.abs(grown / flowed - 1)).toBeLessThan(0.02)
  }
})

it('history gives the values that live would have given', () => {
  const channels = createMeter('heat', 'meter1', 'GW003')
  const readings = [...simulateHistory(channels, FROM, FROM + 3_600_000, 60_000)]
  expect(readings.filter((reading) => reading.channel.key === 'meter1/supply')).toHaveLength(60)
  for (const { channel, ts, value } of readings) expect(value).toBe(channel.valueAt(ts))
  const burner = readings.filter((reading) => reading.channel.key === 'meter1/burner')
  const repeats = burner.filter((reading, index) => reading.value === burner[index - 1]?.value)
  expect(repeats).toEqual([])
  expect(burner.length).toBeGreaterThan(4)
})
