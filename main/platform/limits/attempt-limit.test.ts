import { expect, test } from 'vitest'
import { AttemptLimit } from './attempt-limit.ts'

test('the window slides: the oldest failure decides when the next try is allowed', () => {
  const limit = new AttemptLimit(3, 1_000)
  for (const at of [0, 100, 200]) {
    expect(limit.wait('a', at)).toBe(0)
    limit.fail('a', at)
  }
  expect(limit.wait('a', 300)).toBe(700)
  expect(limit.wait('b', 300)).toBe(0)
  expect(limit.wait('a', 1_000)).toBe(0)
  limit.fail('a', 1_000)
  expect(limit.wait('a', 1_000)).toBe(100)
})

test('a success forgets the failures', () => {
  const limit = new AttemptLimit(1, 1_000)
  limit.fail('a', 0)
  limit.clear('a')
  expect(limit.wait('a', 1)).toBe(0)
})

test('the key that failed longest ago is forgotten first', () => {
  const limit = new AttemptLimit(1, 1_000, 2)
  for (const key of ['a', 'b', 'a', 'c']) limit.fail(key, 0)
  expect(['a', 'b', 'c'].map((key) => limit.wait(key, 1) > 0)).toEqual([true, false, true])
})
