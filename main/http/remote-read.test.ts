import { expect, test } from 'vitest'
import { regexpSize } from './regexp-size.ts'
import { matcherOf, RegexpBudget } from './remote-read-matchers.ts'
import { pack, readRequest } from './remote-read-messages.ts'
import { planOf } from './remote-read-plan.ts'
import { snappy } from './snappy.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const start = Date.parse('2026-05-01T00:00:00Z')

test.each([0, 1, 127, 128, 65_536, 65_537, 1_000_000])(
  '%d bytes are packed as any Snappy unpacks them',
  async (length) => {
    const text = new Uint8Array(length).map((_, index) => (index * index) % 251)
    expect(Buffer.compare(snappy.uncompress(await pack(text)), text)).toBe(0)
  },
)

test('a body that claims to be huge is refused before it is unpacked', () => {
  // A length of 2^31 - 1, and nothing behind it.
  const bomb = new Uint8Array([0xff, 0xff, 0xff, 0xff, 0x07])
  expect(() => readRequest(bomb)).toThrow(expect.objectContaining({ code: 'remote_read_invalid' }))
})

test('matchers: a label that is missing is empty, expressions match whole values, bad ones are named', () => {
  const labels = { gateway: 'GW001', unit: 'kW' }
  const of = (type: 'EQ' | 'NEQ' | 'RE' | 'NRE', name: string, value: string) =>
    matcherOf([{ type, name, value }], new RegexpBudget())(labels)
  expect([
    of('EQ', 'unit', 'kW'),
    of('NEQ', 'unit', 'kW'),
    of('EQ', 'line', ''),
    of('NEQ', 'line', ''),
  ]).toEqual([true, false, true, false])
  expect([of('RE', 'gateway', 'GW'), of('RE', 'gateway', 'GW.*'), of('NRE', 'gateway', 'GW.*|x')]).toEqual([
    false,
    true,
    false,
  ])
  expect(() => of('RE', 'gateway', '(')).toThrow(expect.objectContaining({ code: 'remote_read_invalid' }))
  expect(() => of('RE', 'gateway', 'a'.repeat(1_001))).toThrow(/1000 characters/)
  // Back references are no regular expressions of RE2's.
  expect(() => of('RE', 'gateway', '(a)\\1')).toThrow(
    expect.objectContaining({ code: 'remote_read_invalid' }),
  )
})

test.each([
  '(.?){1000}',
  '(.?){1000}'.repeat(90),
  `(${'a'.repeat(980)}){1000}`,
  '(((.?){10}){10}){10,}',
  '[]](.?){1000}[[]',
  '\\Q[\\E(.?){1000}\\Q]\\E',
  '(?:\\Qab\\E|x[[:alpha:]]{900}y?){3}',
])('a regular expression that repeats too much is refused: %s', (pattern) => {
  // Before it is compiled: the second would take half a second, the third a whole one.
  expect(regexpSize(pattern)).toBeGreaterThan(2_000)
  expect(() => new RegexpBudget().compile(pattern)).toThrow(
    expect.objectContaining({ code: 'remote_read_invalid' }),
  )
})

test('the regular expressions of a request share what they may take', () => {
  const names = Array.from({ length: 60 }, (_, index) => `line-${index * 37}.temp`).join('|')
  const budget = new RegexpBudget()
  expect(budget.compile(`(?i)(${names})`).matches('LINE-37.temp')).toBe(true)
  expect(budget.compile('GW\\d{3}-[a-f0-9]{4,8}').matches('GW001-beef')).toBe(true)
  expect(() => budget.compile('(.?){450}')).toThrow(/repeat too much/)
  const many = new RegexpBudget()
  expect(() => Array.from({ length: 17 }, () => many.compile('a'))).toThrow(/16 regular expressions/)
})

const query = (
  hints: { stepMs: number; func?: string; rangeMs?: number },
  from = start,
  to = start + 6 * HOUR,
) => ({
  startTimestampMs: from,
  endTimestampMs: to,
  matchers: [],
  hints: { func: '', rangeMs: 0, startMs: from, endMs: to, ...hints },
})

test('steps of up to a minute, and functions that count readings, get single readings', () => {
  for (const hints of [
    { stepMs: 0 },
    { stepMs: MINUTE },
    { stepMs: HOUR, func: 'timestamp' },
    { stepMs: HOUR, func: 'count_over_time', rangeMs: HOUR },
    { stepMs: HOUR, func: 'rate', rangeMs: 5 * MINUTE },
    // A look-back of another length: what its instants are is not known.
    { stepMs: HOUR, from: start + 17 },
  ])
    expect(planOf(query(hints, 'from' in hints ? hints.from : start))).toEqual({ kind: 'raw' })
  expect(planOf({ ...query({ stepMs: HOUR }), hints: null })).toEqual({ kind: 'raw' })
})

test('longer steps get the last value before each instant, of both versions of Prometheus', () => {
  for (const from of [start - 5 * MINUTE, start - 5 * MINUTE + 1]) {
    const plan = planOf(query({ stepMs: 2 * HOUR }, from, start + 6 * HOUR))
    expect(plan).toMatchObject({ kind: 'spans', stride: 2, column: 'last' })
    const instants = [0, 2, 4, 6].map((hours) => start + hours * HOUR)
    expect(plan.kind === 'spans' && plan.edges).toEqual(instants.flatMap((at) => [at - 5 * MINUTE, at]))
  }
  expect(planOf(query({ stepMs: 2 * MINUTE }))).toMatchObject({ kind: 'spans', stride: 1, column: 'last' })
})

test('functions over a range get ten values in each, and of years no more spans than fit', () => {
  const plan = planOf(query({ stepMs: HOUR, func: 'max_over_time', rangeMs: HOUR }))
  expect(plan).toMatchObject({ kind: 'spans', stride: 1, column: 'max' })
  expect(plan.kind === 'spans' && (plan.edges[1] ?? 0) - (plan.edges[0] ?? 0)).toBe(6 * MINUTE)
  const years = query({ stepMs: 2 * MINUTE }, start - 5 * 365 * 24 * HOUR, start)
  expect(planOf(years)).toEqual({ kind: 'raw' })
})
