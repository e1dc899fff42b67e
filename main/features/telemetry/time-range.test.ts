import { expect, test } from 'vitest'
import { readRange } from './time-range.ts'

const now = Date.parse('2026-03-01T12:00:00Z')
const hour = 3_600_000

test('what is left out is the last 24 hours, now included', () => {
  expect(readRange({}, now)).toEqual({ from: now + 1 - 24 * hour, to: now + 1 })
  expect(readRange({ to: now - hour }, now)).toEqual({ from: now - 25 * hour, to: now - hour })
})

test('ms and ISO 8601 mean the same', () => {
  const from = '2026-03-01T10:00:00+02:00'
  expect(readRange({ from, to: now }, now)).toEqual({ from: now - 4 * hour, to: now })
})

test.each([
  ['turned around', { from: now, to: now - 1 }],
  ['empty', { from: now, to: now }],
  ['in microseconds', { from: 0, to: now * 1_000 }],
  ['before 1970', { from: -1, to: now }],
  ['of no zone', { from: '2026-02-17T10:00:00' }],
  ['empty text', { from: '' }],
  ['no time at all', { from: 'yesterday' }],
  ['a time that does not exist', { to: '2026-13-41T00:00:00Z' }],
])('a range that is %s is refused', (_what, range) => {
  expect(() => readRange(range, now)).toThrow(expect.objectContaining({ code: 'range_invalid' }))
})
