import { expect, it } from 'vitest'
import {
  clockOf,
  durationUnder,
  limitsFormOf,
  limitsInput,
  limitsProblems,
  minutesOf,
  noLimits,
  rateOf,
} from './limits-form.ts'

it('reads times of day and rates as people write them', () => {
  expect(['22:00', '6', '6h30', '06.15', '0600', ' 23:59 '].map(minutesOf)).toEqual([
    1_320, 360, 390, 375, 360, 1_439,
  ])
  expect(['24:00', '', '6:60', 'night', '-1'].map(minutesOf)).toEqual([null, null, null, null, null])
  expect(['100', '1,5', '0.5', '', '1e3', '2000000'].map(rateOf)).toEqual([100, 1.5, null, null, null, null])
  expect(clockOf(390)).toBe('06:30')
})

it('checks only what is turned on', () => {
  const wrong = { ...noLimits, rate: 'x', from: 'x', to: '' }
  expect(limitsProblems(wrong)).toEqual({})
  expect(limitsProblems({ ...wrong, isLimited: true, hasWindow: true })).toEqual({
    rate: 'rate',
    from: 'time',
    to: 'time',
  })
  expect(limitsProblems({ ...noLimits, hasWindow: true, from: '6:00', to: '06:00' })).toEqual({
    to: 'sameTime',
  })
})

it('goes to the contract and back', () => {
  const limits = {
    bytesPerSecond: 1_500,
    window: { from: 1_320, to: 360 },
    sendsPasswordHashes: true,
    takesTenants: true,
  }
  expect(limitsInput(limitsFormOf(limits))).toEqual(limits)
  const none = { bytesPerSecond: null, window: null, sendsPasswordHashes: false, takesTenants: false }
  expect(limitsInput(limitsFormOf(none))).toEqual(none)
  expect(limitsInput(noLimits)).toEqual(none)
})

it('counts how long it takes: the slower of line and limit, in the hours that are open', () => {
  const open = { bytesPerSecond: null, window: null, sendsPasswordHashes: false, takesTenants: false }
  expect(durationUnder(open, 1_000_000, 60)).toBe(60)
  expect(durationUnder({ ...open, bytesPerSecond: 1_000 }, 1_000_000, 60)).toBe(1_000)
  // Eight hours over midnight: what fits goes at once, the rest on the next nights.
  const night = { ...open, window: { from: 1_320, to: 360 } }
  expect(durationUnder(night, 1, 60)).toBe(60)
  expect(durationUnder(night, 1, 20 * 3_600)).toBe((24 + 24 + 4) * 3_600)
})
