import { describe, expect, it } from 'vitest'
import {
  formatSpan,
  isSameTrend,
  parseSpan,
  searchOf,
  settingsOf,
  type TrendSettings,
  withChannels,
} from './trend-address.ts'

const id = (n: number) => `0190a000-0000-7000-8000-${String(n).padStart(12, '0')}`
const settings: TrendSettings = {
  channels: [
    { id: id(1), axis: 'left', min: null, max: null },
    { id: id(2), axis: 'auto', min: null, max: null },
    { id: id(3), axis: 'own', min: -0.5, max: 1e6 },
    { id: id(4), axis: 'auto', min: 0, max: null },
  ],
  compare: 7 * 86_400_000,
  bands: true,
  annotations: false,
}

describe('the address of a trend', () => {
  it('holds scales, fixed ends, comparison, limits and annotations', () => {
    const search = searchOf(settings)
    expect(search).toMatchObject({
      axes: '0:l,2:o:-0.5:1000000,3:a:0:',
      compare: '7d',
      limits: 'on',
      notes: 'off',
    })
    expect(settingsOf({ ...search })).toEqual(settings)
  })

  it('says nothing of what is as usual', () => {
    const plain = settingsOf({ channels: id(1) })
    expect(plain).toMatchObject({ compare: null, bands: false, annotations: true })
    expect(searchOf(plain)).toEqual({ channels: id(1) })
  })

  it('leaves out what is nonsense', () => {
    expect(
      settingsOf({ channels: id(1), axes: '0:x,0:o:9:3,zz,:l,7:l', compare: '3y', limits: 'perhaps' }),
    ).toEqual({
      channels: [{ id: id(1), axis: 'own', min: null, max: null }],
      compare: null,
      bands: false,
      annotations: true,
    })
    expect(settingsOf({ compare: '99999d' }).compare).toBeNull()
  })

  it('keeps settings with their channels when others come and go', () => {
    const fewer = withChannels(settings, [id(3), id(9)])
    expect(fewer.channels).toEqual([settings.channels[2], { id: id(9), axis: 'auto', min: null, max: null }])
    expect(
      isSameTrend(
        settings,
        withChannels(
          settings,
          settings.channels.map((one) => one.id),
        ),
      ),
    ).toBe(true)
    expect(isSameTrend(settings, fewer)).toBe(false)
  })

  it('writes spans in the longest unit that says them whole', () => {
    for (const text of ['1d', '90m', '36h', '45s']) expect(formatSpan(parseSpan(text) ?? 0)).toBe(text)
  })
})
