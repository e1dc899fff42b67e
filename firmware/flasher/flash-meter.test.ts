import { expect, test } from 'vitest'
import type { FlashProgress } from '#contract/model/board.ts'
import { FlashMeter } from './flash-meter.ts'

function meterOf(total: number) {
  const told: FlashProgress[] = []
  let now = 0
  const meter = new FlashMeter(
    total,
    (progress) => told.push(progress),
    () => now,
  )
  return { meter, last: () => told.at(-1), wait: (ms: number) => (now += ms) }
}

test('tells the rate of the last seconds and what time is left', () => {
  const { meter, last, wait } = meterOf(100_000)
  meter.add('app', 0)
  expect(last()).toEqual({ part: 'app', done: 0, total: 100_000, rate: null, secondsLeft: null })
  wait(1_000)
  meter.add('app', 10_000)
  expect(last()).toMatchObject({ done: 10_000, rate: 10_000, secondsLeft: 9 })
  for (let second = 0; second < 10; second++) {
    wait(1_000)
    meter.add('app', 5_000)
  }
  expect(last()).toMatchObject({ done: 60_000, rate: 5_000, secondsLeft: 8 })
})

test('forgets what a part that begins anew had counted', () => {
  const { meter, last, wait } = meterOf(1_000)
  meter.add('app', 600)
  meter.takeBack(600)
  wait(500)
  meter.add('app', 0)
  expect(last()).toMatchObject({ done: 0, rate: null })
})

test('never tells more than there is', () => {
  const { meter, last } = meterOf(1_001)
  meter.add('app', 1_004)
  expect(last()).toMatchObject({ done: 1_001 })
})
