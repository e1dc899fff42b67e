import { describe, expect, it } from 'vitest'
import { assignColors, findChannels, formatChannels, MOST_CHANNELS, parseChannels } from './trend-search.ts'

const id = (n: number) => `0190a000-0000-7000-8000-${String(n).padStart(12, '0')}`

describe('trend address', () => {
  it('holds the channels in their order and drops what is none', () => {
    expect(parseChannels(formatChannels([id(2), id(1)]))).toEqual([id(2), id(1)])
    expect(parseChannels(`${id(1)},nonsense,${id(1)},<script>`)).toEqual([id(1)])
    expect(parseChannels(undefined)).toEqual([])
    expect(parseChannels(12)).toEqual([])
    expect(formatChannels([])).toBeUndefined()
  })

  it('takes no more than a chart can show', () => {
    expect(parseChannels(Array.from({ length: 50 }, (_, n) => id(n)).join(','))).toHaveLength(MOST_CHANNELS)
  })
})

describe('colours', () => {
  it('stay with a channel while others come and go', () => {
    const first = assignColors(['a', 'b', 'c'], new Map())
    expect([...first]).toEqual([
      ['a', 0],
      ['b', 1],
      ['c', 2],
    ])
    const second = assignColors(['c', 'd', 'b'], first)
    expect(second.get('c')).toBe(2)
    expect(second.get('b')).toBe(1)
    expect(second.get('d')).toBe(0)
  })

  it('are distinct for every channel', () => {
    const colors = assignColors(
      ['x', 'y'],
      new Map([
        ['x', 3],
        ['y', 3],
      ]),
    )
    expect(new Set(colors.values()).size).toBe(2)
  })
})

describe('finding channels', () => {
  const channels = [
    {
      id: 'a',
      gatewayCode: 'GW001',
      gatewayName: 'Sala das máquinas',
      name: 'Pressão',
      key: 'p1',
      unit: 'bar',
    },
    {
      id: 'b',
      gatewayCode: 'GW002',
      gatewayName: 'Boiler house',
      name: 'Temperature',
      key: 't1',
      unit: '°C',
    },
  ]

  it('looks for every word, whatever the case and the accents', () => {
    expect(findChannels(channels, 'maquinas PRESSAO', 10).map((one) => one.id)).toEqual(['a'])
    expect(findChannels(channels, 'gw002 temp', 10).map((one) => one.id)).toEqual(['b'])
    expect(findChannels(channels, '', 10)).toHaveLength(2)
    expect(findChannels(channels, '', 1)).toHaveLength(1)
    expect(findChannels(channels, 'gw001 temp', 10)).toEqual([])
  })
})
