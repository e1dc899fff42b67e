import { describe, expect, it } from 'vitest'
import { DashboardSchema } from '#contract/model/dashboard.ts'
import { firstDashboard } from './first-dashboard.ts'
import { arcPath, gaugeRange, shareOf } from './gauge.ts'
import { overlap } from './grid.ts'
import { barsOf, pathOf } from './state-bars.ts'
import { findTileChannels, namesOf, type TileChannel } from './tile-channel.ts'
import { kindsFor, leastSize, sizeFor } from './tile-kinds.ts'
import { crossedThreshold, thresholdsOf } from './tone.ts'

const id = (n: number) => `0190a000-0000-7000-8000-${String(n).padStart(12, '0')}`
const channel = (n: number, part: Partial<TileChannel> = {}): TileChannel => ({
  id: id(n),
  name: `channel ${n}`,
  gatewayId: id(900),
  gatewayCode: 'GW001',
  gatewayName: 'Sala das máquinas',
  unit: null,
  kind: 'number',
  lowLimit: null,
  highLimit: null,
  latest: null,
  ...part,
})

describe('thresholds', () => {
  it('are the own ones, or else the limits of the channel', () => {
    expect(thresholdsOf(undefined, { lowLimit: 5, highLimit: 22 })).toEqual([
      { side: 'below', value: 5, meaning: 'warning' },
      { side: 'above', value: 22, meaning: 'warning' },
    ])
    const own = [{ side: 'above', value: 30, meaning: 'critical' }] as const
    expect(thresholdsOf(own, { lowLimit: 5, highLimit: 22 })).toBe(own)
  })

  it('say the gravest that a value is beyond', () => {
    const thresholds = [
      { side: 'above', value: 20, meaning: 'notice' },
      { side: 'above', value: 30, meaning: 'critical' },
      { side: 'below', value: 0, meaning: 'warning' },
    ] as const
    expect(crossedThreshold(20, thresholds)).toBeNull()
    expect(crossedThreshold(21, thresholds)?.meaning).toBe('notice')
    expect(crossedThreshold(31, thresholds)?.meaning).toBe('critical')
    expect(crossedThreshold(-1, thresholds)?.meaning).toBe('warning')
  })
})

describe('a gauge', () => {
  const limits = { lowLimit: null, highLimit: null, unit: null }

  it('takes the ends it is given, and finds those that are missing', () => {
    expect(gaugeRange({ min: 0, max: 10 }, limits, 99)).toEqual({ min: 0, max: 10 })
    expect(gaugeRange({}, { ...limits, unit: '%' }, 40)).toEqual({ min: 0, max: 100 })
    expect(gaugeRange({}, { lowLimit: 10, highLimit: 40, unit: '°C' }, 20)).toEqual({ min: 0, max: 50 })
    expect(gaugeRange({}, limits, 1_946)).toEqual({ min: 0, max: 2_000 })
    expect(gaugeRange({}, limits, -3)).toEqual({ min: -5, max: 5 })
    expect(gaugeRange({}, limits, null)).toEqual({ min: 0, max: 1 })
  })

  it('never ends where it starts, whatever one end is', () => {
    for (const given of [{ min: 500 }, { max: -500 }, { min: 0 }, { max: 0 }]) {
      const { min, max } = gaugeRange(given, limits, 3)
      expect(min).toBeLessThan(max)
    }
  })

  it('stops at its ends', () => {
    expect(shareOf(-1, { min: 0, max: 10 })).toBe(0)
    expect(shareOf(5, { min: 0, max: 10 })).toBe(0.5)
    expect(shareOf(11, { min: 0, max: 10 })).toBe(1)
    // Half of 240 degrees from the lower left is the top.
    expect(arcPath(0, 0.5, 40)).toMatch(/ 50\.00,10\.00$/)
  })
})

describe('kinds of tiles', () => {
  it('suit their channels', () => {
    expect(kindsFor([channel(1)])[0]).toBe('sparkline')
    expect(kindsFor([channel(1), channel(2)])[0]).toBe('chart')
    expect(kindsFor([channel(1, { kind: 'boolean' })])[0]).toBe('states')
    expect(kindsFor([channel(1), channel(2, { kind: 'text' })])[0]).toBe('table')
    expect(kindsFor([])).toEqual(['text'])
    expect(kindsFor([channel(1, { kind: 'text' })])).not.toContain('gauge')
  })

  it('start no smaller than they may become', () => {
    for (const kind of ['value', 'sparkline', 'gauge', 'states', 'table', 'chart', 'text'] as const) {
      for (const count of [0, 1, 5, 32]) {
        expect(sizeFor(kind, count).w).toBeGreaterThanOrEqual(leastSize(kind).w)
        expect(sizeFor(kind, count).h).toBeGreaterThanOrEqual(leastSize(kind).h)
      }
    }
  })
})

describe('the first dashboard of a gateway', () => {
  it.each([1, 3, 8, 40])('of %i channels is whole and nothing lies over anything', (count) => {
    let made = 0
    const channels = Array.from({ length: count }, (_, n) =>
      channel(n, { unit: ['°C', 'bar', null][n % 3] ?? null, kind: n % 5 === 4 ? 'boolean' : 'number' }),
    )
    const dashboard = firstDashboard(channels, () => `t${made++}`)
    expect(DashboardSchema.parse(dashboard)).toEqual(dashboard)
    expect(dashboard.tiles.length).toBeGreaterThan(0)
    for (const [index, a] of dashboard.tiles.entries())
      for (const b of dashboard.tiles.slice(index + 1)) expect(overlap(a, b)).toBe(false)
  })
})

describe('channels', () => {
  it('of one name are told apart by their gateways', () => {
    const channels = [
      channel(1, { name: 'Pressure' }),
      channel(2, { name: 'Pressure', gatewayCode: 'GW002' }),
      channel(3, { name: 'Flow' }),
    ]
    expect([...namesOf(channels).values()]).toEqual(['GW001 Pressure', 'GW002 Pressure', 'Flow'])
  })

  it('are found by every word, whatever the case and the accents', () => {
    const channels = [channel(1, { name: 'Pressão', unit: 'bar' }), channel(2, { name: 'Flow' })]
    expect(findTileChannels(channels, 'maquinas PRESSAO').map((one) => one.id)).toEqual([id(1)])
    expect(findTileChannels(channels, '')).toHaveLength(2)
  })
})

describe('bars of states', () => {
  const window = { from: 0, to: 100 }
  const spans = [
    { from: 0, to: 50, state: 'true' },
    { from: 50, to: 60, state: null },
    { from: 60, to: 100, state: 'false' },
  ]

  it('are shares of the strip, and mean what the tile says', () => {
    const bars = barsOf(spans, 'boolean', window, [{ state: 'false', word: 'Stopped', meaning: 'critical' }])
    expect(bars.map(({ from, to, look, word }) => [from, to, look, word])).toEqual([
      [0, 0.5, 'plain', undefined],
      [0.5, 0.6, 'several', undefined],
      [0.6, 1, 'critical', 'Stopped'],
    ])
    expect(barsOf(spans, 'boolean', window, undefined).at(-1)?.look).toBe('off')
  })

  it('are one path a look, however many', () => {
    const many = Array.from({ length: 1_000 }, (_, n) => ({
      from: n,
      to: n + 1,
      state: n % 2 ? 'on' : 'auto',
    }))
    const paths = pathOf(barsOf(many, 'text', { from: 0, to: 1_000 }, undefined))
    expect(paths.map(({ look }) => look)).toEqual(['plain', 'other'])
  })
})
