import { expect, test } from 'vitest'
import { fillPattern, hasNumber, nextNumber } from './naming-pattern.ts'

const values = { n: 7, mac: '24:6f:28:0a:1b:2c', label: 'ESP-0A1B2C' }

test.each([
  ['GW{n:03}', 'GW007'],
  ['GW{n}', 'GW7'],
  ['GW{n:3}-B', 'GW007-B'],
  ['{mac}', '0A1B2C'],
  ['Press {n:02}, {label}', 'Press 07, ESP-0A1B2C'],
])('%s is %s', (pattern, name) => {
  expect(fillPattern(pattern, values)).toBe(name)
})

test('a number that has more digits than its place keeps them', () => {
  expect(fillPattern('GW{n:03}', { ...values, n: 12_345 })).toBe('GW12345')
})

test.each([
  ['GW{n:03}', ['GW001', 'gw041', 'GW-99', 'XGW100', 'GW'], 42],
  ['{label} {n}', ['ESP-1 3', 'ESP-2 12'], 13],
  ['A.{n}', ['AB9', 'A.2'], 3],
  ['{mac}', ['0A1B2C'], 1],
  ['GW{n:03}', [], 1],
])('after the highest of %s among %j comes %i', (pattern, names, next) => {
  expect(nextNumber(pattern, names)).toBe(next)
})

test('what has no number does not tell boards apart by it', () => {
  expect([hasNumber('GW{n:03}'), hasNumber('GW{mac}'), hasNumber('GW')]).toEqual([true, false, false])
})
