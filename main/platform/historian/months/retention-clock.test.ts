import { rmSync } from 'node:fs'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { DAY, HOUR } from '../blocks/rollup-columns.ts'
import { makeFolder } from '../testing/temp-folder.ts'
import { RetentionClock } from './retention-clock.ts'

const START = Date.UTC(2026, 10, 21)
let dir: string
let time: number
let up: number

beforeEach(() => {
  dir = makeFolder()
  time = START
  up = 0
})
afterEach(() => rmSync(dir, { recursive: true }))

const started = (): RetentionClock => new RetentionClock(dir, { now: () => time }, () => up)
const pass = (ms: number): void => {
  time += ms
  up += ms
}

test('goes as the site’s clock goes', () => {
  const clock = started()
  expect(clock.now()).toBe(START)
  pass(400 * DAY)
  expect(clock.now()).toBe(START + 400 * DAY)
})

test('a leap ahead counts only after a day, and not at all when it is set right', () => {
  const clock = started()
  clock.now()
  time += 800 * DAY
  expect(clock.now()).toBe(START)
  pass(23 * HOUR)
  expect(clock.now()).toBe(START + 23 * HOUR)
  time -= 800 * DAY
  expect(clock.now()).toBe(START + 23 * HOUR)
  time += 800 * DAY
  clock.now()
  pass(DAY)
  expect(clock.now()).toBe(START + 801 * DAY + 23 * HOUR)
})

test('a leap while the program was off is doubted too, across starts', () => {
  started().now()
  time += 30 * DAY
  up = 0
  expect(started().now()).toBe(START)
  pass(HOUR)
  const clock = started()
  expect(clock.now()).toBe(START)
  pass(DAY)
  expect(clock.now()).toBe(START + 31 * DAY + HOUR)
})

test('a weekend off is believed at once, and so is a clock that goes back', () => {
  started().now()
  time += 2 * DAY
  expect(started().now()).toBe(START + 2 * DAY)
  time -= 365 * DAY
  expect(started().now()).toBe(time)
})

test('the days of a PC that is off each night add up', () => {
  started().now()
  time += 30 * DAY
  for (let day = 0; day < 3; day++) {
    const clock = started()
    for (let hour = 0; hour < 8; hour++) {
      clock.now()
      pass(HOUR)
    }
    clock.now()
    time += 16 * HOUR
    up = 0
  }
  expect(started().now()).toBe(time)
})
