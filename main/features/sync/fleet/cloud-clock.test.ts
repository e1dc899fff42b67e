import { expect, test } from 'vitest'
import { stampOf } from '#platform/db/change-stamps.ts'
import { timelyStamp } from './cloud-clock.ts'

const NODE = 'a1b2c3d4'
const now = Date.UTC(2026, 5, 1)
const week = 7 * 86_400_000
const hour = 3_600_000
const at = (ms: number, count = 0, node = NODE) => stampOf(ms, count, node)
const base = at(now - 3 * week, 4, 'cccccccc')

test.each([
  ['a clock that is right', at(now - week), 0, now - week, at(now - week)],
  ['one that is an hour ahead, then and now', at(now - week + hour), hour, null, at(now - week)],
  [
    'one of 2035 that was put right before the change',
    at(Date.UTC(2035, 0), 7),
    0,
    now - week,
    at(now - week, 7),
  ],
  [
    'one of 2035 that was put right since',
    at(Date.UTC(2035, 0)),
    0,
    Date.UTC(2035, 0),
    at(now - 3 * week, 5),
  ],
  ['one that jumped once more', at(Date.UTC(2035, 0)), hour, Date.UTC(2035, 0), at(now - 3 * week, 5)],
  ['what nobody changed', base, 9 * hour, null, base],
])('%s', (_, stamp, ahead, queuedAt, timely) => {
  expect(timelyStamp({ stamp, base }, { now, ahead }, queuedAt)).toBe(timely)
})

test('a change stays later than what it changed, also at the end of a counter', () => {
  const full = at(now, 0xffff, 'cccccccc')
  const version = { stamp: at(now + 2 * hour), base: full }
  expect(timelyStamp(version, { now, ahead: 2 * hour + 5 }, null)).toBe(at(now + 1, 0))
})
