import { describe, expect, it } from 'vitest'
import { AXES, type ChartChannel, scalesOf } from './chart-channel.ts'
import { timeLabels, valueLabels, valueRange } from './plot-format.ts'

const channel = (id: string, unit: string | null): ChartChannel => ({
  id,
  name: id,
  unit,
  kind: 'number',
  lowLimit: null,
  highLimit: null,
  color: 0,
})

describe('axis labels', () => {
  it('gives the day at midnight and the time else', () => {
    const midnight = new Date(2026, 10, 21).getTime()
    expect(timeLabels([midnight, midnight + 3_600_000], 3_600_000, 'en-GB')).toEqual(['21 Nov', '01:00'])
    expect(timeLabels([midnight + 1_500], 500, 'en-GB')).toEqual(['00:00:01.500'])
    expect(timeLabels([midnight + 3_600_000], 86_400_000, 'pt-BR')).toEqual(['21 de nov.'])
  })

  it('has the decimals that the step needs, in the locale', () => {
    expect(valueLabels([0, 0.25, 0.5], 0.25, 'en')).toEqual(['0.00', '0.25', '0.50'])
    expect(valueLabels([1_000, 1_500], 500, 'pt-BR')).toEqual(['1.000', '1.500'])
    expect(valueLabels([3_040_583], 500, 'en')).toEqual(['3,040,583'])
    expect(valueLabels([200_000_000], 50_000_000, 'en')).toEqual(['200M'])
  })
})

describe('value range', () => {
  it('has air around the data and never dips below zero for quantities that do not', () => {
    expect(valueRange(5, 10, [])).toEqual([4.5, 10.5])
    expect(valueRange(0.1, 10, [])[0]).toBe(0)
    expect(valueRange(-1, 10, [])[0]).toBeLessThan(-1)
    expect(valueRange(7, 7, [])).toEqual([6.5, 7.5])
  })

  it('shows limits that are near and not those that would flatten the line', () => {
    expect(valueRange(5, 9, [10])[1]).toBeGreaterThan(10)
    expect(valueRange(5, 9, [1_000])[1]).toBeLessThan(10)
  })

  it('has a size where every value is zero', () => {
    expect(valueRange(0, 0, [])).toEqual([0, 0.5])
  })
})

describe('scales', () => {
  it('shares one among channels of a unit and gives each without a unit its own', () => {
    const scales = scalesOf(
      [channel('a', 'kW'), channel('b', 'kW'), channel('c', null), channel('d', null)],
      null,
    )
    expect(scales.map((scale) => [scale.unit, scale.only?.id ?? null])).toEqual([
      ['kW', null],
      [null, 'c'],
      [null, 'd'],
    ])
  })

  it('puts the focused channel first, so that its axis is among those drawn', () => {
    const many = ['a', 'b', 'c', 'd', 'e', 'f'].map((id) => channel(id, id))
    expect(scalesOf(many, 'f').slice(0, AXES)[0]?.unit).toBe('f')
  })
})
