import { describe, expect, it } from 'vitest'
import type { TrendAxis } from '#contract/model/trend.ts'
import { type ChartChannel, placedScales, scaleOf, scalesOf } from './chart-channel.ts'
import { fixedRange } from './plot-format.ts'

function channel(
  id: string,
  unit: string | null,
  axis: TrendAxis = 'auto',
  ends: Partial<Pick<ChartChannel, 'min' | 'max'>> = {},
): ChartChannel {
  return { id, name: id, unit, kind: 'number', lowLimit: null, highLimit: null, color: 0, axis, ...ends }
}

describe('the scale of a channel', () => {
  it('is that of its unit, of a side, or its own', () => {
    expect(scaleOf(channel('a', 'kW'))).toBe(scaleOf(channel('b', 'kW')))
    expect(scaleOf(channel('a', 'kW', 'left'))).toBe(scaleOf(channel('b', '°C', 'left')))
    expect(scaleOf(channel('a', 'kW', 'left'))).not.toBe(scaleOf(channel('b', 'kW', 'right')))
    expect(scaleOf(channel('a', 'kW', 'own'))).not.toBe(scaleOf(channel('b', 'kW', 'own')))
    expect(scaleOf(channel('a', 'kW', 'own'))).not.toBe(scaleOf(channel('b', 'kW')))
  })

  it('tells all the units on it, and takes the widest of the fixed ends', () => {
    const [scale] = scalesOf(
      [channel('a', 'kW', 'left', { min: 0, max: 50 }), channel('b', '°C', 'left', { min: -10 })],
      null,
    )
    expect(scale).toMatchObject({ unit: 'kW, °C', only: null, side: 'left', min: -10, max: 50 })
  })

  it('stands on its side; the others go where there is room', () => {
    const sides = (...channels: ChartChannel[]) =>
      placedScales(scalesOf(channels, null), 4).map(({ key, side }) => [key, side])
    expect(sides(channel('a', 'kW'), channel('b', '°C'), channel('c', 'bar'))).toEqual([
      ['unit:kW', 'left'],
      ['unit:°C', 'right'],
      ['unit:bar', 'left'],
    ])
    expect(sides(channel('a', 'kW'), channel('b', '°C', 'left'))).toEqual([
      ['unit:kW', 'right'],
      ['side:left', 'left'],
    ])
  })

  it('with a side of its own is drawn before others where there are too many', () => {
    const scales = scalesOf([channel('a', 'kW'), channel('b', '°C'), channel('c', 'bar', 'right')], null)
    expect(placedScales(scales, 2).map(({ key }) => key)).toEqual(['unit:kW', 'side:right'])
  })
})

describe('fixed ends', () => {
  it('win over the readings', () => {
    expect(fixedRange([20, 30], { min: 0, max: null })).toEqual([0, 30])
    expect(fixedRange([20, 30], { min: null, max: 100 })).toEqual([20, 100])
    expect(fixedRange([20, 30], { min: 0, max: 5 })).toEqual([0, 5])
    expect(fixedRange(null, { min: 0, max: 5 })).toEqual([0, 5])
    expect(fixedRange(null, { min: null, max: null })).toEqual([0, 1])
  })

  it('keep a size where all readings lie beyond the one that is fixed', () => {
    for (const ends of [
      { min: 50, max: null },
      { min: null, max: 10 },
    ]) {
      const [low, high] = fixedRange([20, 30], ends)
      expect(low).toBeLessThan(high)
      expect([low, high]).toContain(ends.min ?? ends.max)
    }
  })
})
