import { expect, test } from 'vitest'
import { timeKindOf, timeReader } from './cell-time.ts'

const at = Date.parse('2026-02-17T10:00:00Z')
const read = (time: 'iso' | 's' | 'ms', text: string, timeZone = 'UTC') =>
  timeReader({ time, timeZone })(text)

test.each([
  ['2026-02-17T10:00:00Z', 0],
  ['2026-02-17 10:00:00.250Z', 250],
  ['2026-02-17T10:00:00,5Z', 500],
  ['2026-02-17T10:00:00.123456789Z', 123],
  ['2026-02-17T07:00:00-03:00', 0],
  ['2026-02-17T15:30:00+0530', 0],
  ['2026-02-17T11:00+01', 0],
  ['2026-02-17T10:00', 0],
  ['2026-02-17', -36_000_000],
])('%s is a time', (text, offset) => expect(read('iso', text)).toBe(at + offset))

test('without a zone it is of the zone given', () => {
  expect(read('iso', '2026-02-17 07:00:00', 'America/Sao_Paulo')).toBe(at)
})

test.each([
  '2026-02-31T10:00:00Z',
  '2026-13-01',
  '17/02/2026 10:00',
  '2026-02-17T25:00Z',
  '',
  'yesterday',
  '1771322400',
])('%s is no ISO time', (text) => expect(read('iso', text)).toBeNull())

test('seconds and ms since 1970, told apart by their size', () => {
  expect(read('s', '1771322400')).toBe(at)
  expect(read('s', '1771322400.25')).toBe(at + 250)
  expect(read('ms', ' 1771322400000 ')).toBe(at)
  expect(read('ms', '2026-02-17')).toBeNull()
  expect([timeKindOf('1771322400'), timeKindOf('1771322400000'), timeKindOf('2026-02-17')]).toEqual([
    's',
    'ms',
    'iso',
  ])
})
