import { expect, it } from 'vitest'
import { normalizeMac } from '#contract/model/ids.ts'
import { faultOf, outage } from './faults.ts'
import { channelsOf, freeCodes, localMac, placeOf } from './fleet-plan.ts'
import { parseRate } from './rate.ts'

it('takes the free codes in order', () => {
  expect(freeCodes('SIM-', 3, new Set(['SIM-0001', 'SIM-0003']))).toEqual([
    'SIM-0002',
    'SIM-0004',
    'SIM-0005',
  ])
})

it('makes MACs that no maker gave out', () => {
  const mac = localMac()
  expect(normalizeMac(mac)).toBe(mac)
  expect(Number.parseInt(mac.slice(0, 2), 16) & 2).toBe(2)
})

it('names places apart and gives each its own channel keys', () => {
  const places = Array.from({ length: 60 }, (_, index) => placeOf(index))
  expect(new Set(places.map((place) => place.name)).size).toBe(60)
  for (const { meters } of places) {
    const keys = channelsOf(meters, 'x').map((channel) => channel.key)
    expect(keys.length).toBeGreaterThan(1)
    expect(new Set(keys).size).toBe(keys.length)
  }
})

it('spreads faults over every tenth gateway', () => {
  const given = Array.from({ length: 40 }, (_, index) => faultOf(index, ['offline', 'skew']))
  expect(given.filter((fault) => fault !== null)).toEqual(['offline', 'skew', 'offline', 'skew'])
  expect(faultOf(9, [])).toBeNull()
  expect(outage('skew', 1, 1)).toBeNull()
  expect(outage('flapping', 1, 1)?.up).toBeGreaterThan(1_000)
})

it.each([
  ['1/s', 1_000],
  ['10/s', 100],
  ['1/5s', 5_000],
  ['6/m', 10_000],
  ['1/2m', 120_000],
  ['0/s', null],
  ['5', null],
  ['1/s/s', null],
  ['9000/s', null],
])('reads the rate %s', (text, expected) => {
  expect(parseRate(text)).toBe(expected)
})
