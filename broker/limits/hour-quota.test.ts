import { expect, test } from 'vitest'
import { HOUR, hourOf } from '#contract/model/quota.ts'
import { HourQuota } from './hour-quota.ts'

const START = hourOf(1_771_322_400_000)

test('exactly as many as the quota pass in an hour of the clock, and as many again in the next', () => {
  const quota = new HourQuota(START)
  const passIn = (at: number) => {
    let passed = 0
    for (; !quota.isUsedUp(at, 1_000) && passed < 5_000; passed++) quota.count(at)
    return passed
  }
  expect(passIn(START)).toBe(1_000)
  expect(passIn(START + HOUR - 1)).toBe(0)
  expect(passIn(START + HOUR)).toBe(1_000)
})

test('what was used before a restart counts', () => {
  const quota = new HourQuota(START + 5, 990)
  for (let n = 0; n < 10; n++) quota.count(START + 6)
  expect(quota.isUsedUp(START + 7, 1_000)).toBe(true)
  expect(quota.isUsedUp(START + HOUR, 1_000)).toBe(false)
})

test('a clock that is set back over the hour and forward again begins no hour anew', () => {
  const quota = new HourQuota(START)
  for (let n = 0; n < 10; n++) quota.count(START)
  expect(quota.isUsedUp(START - 1, 10)).toBe(false)
  quota.count(START - 1)
  expect(quota.isUsedUp(START, 10)).toBe(true)
  quota.count(START)
  expect(quota.messages(START - 1)).toBe(1)
  expect(quota.news(START + HOUR)).toEqual([
    { hour: START - HOUR, messages: 1 },
    { hour: START, messages: 11 },
  ])
})

test('tells each hour with all that it had, once', () => {
  const quota = new HourQuota(START)
  expect(quota.news(START)).toEqual([])
  quota.count(START + 1)
  expect(quota.news(START + 2)).toEqual([{ hour: START, messages: 1 }])
  expect(quota.news(START + 3)).toEqual([])
  quota.count(START + 4)
  quota.count(START + HOUR)
  expect(quota.news(START + HOUR + 1)).toEqual([
    { hour: START, messages: 2 },
    { hour: START + HOUR, messages: 1 },
  ])
  expect(quota.news(START + 2 * HOUR)).toEqual([])
})
