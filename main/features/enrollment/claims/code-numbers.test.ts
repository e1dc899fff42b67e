import { expect, test } from 'vitest'
import { CodeNumbers } from './code-numbers.ts'

test.each([
  ['GW{n:03}', [], ['GW001', 'GW002']],
  ['GW{n:03}', ['GW001', 'GW041', 'GWX', 'AB100'], ['GW042', 'GW043']],
  ['GW{n}', ['GW9'], ['GW10', 'GW11']],
  ['{n:2}-line', ['07-line', '8-liner'], ['08-line', '09-line']],
  // More digits than the pattern has are a number all the same.
  ['P{n:02}', ['P99'], ['P100', 'P101']],
  // What is no number of ours does not count: it could be no one's to count on from.
  ['GW{n}', ['GW99999999999999999999', 'GW'], ['GW1', 'GW2']],
])('%s beside %j', (pattern, taken, expected) => {
  const numbers = new CodeNumbers(pattern, taken)
  expect([numbers.take(), numbers.take()]).toEqual(expected)
})

test('a number that came to nothing is given out again, the lowest first', () => {
  const numbers = new CodeNumbers('A{n}', [])
  const given = [numbers.take(), numbers.take(), numbers.take()]
  for (const code of given.toReversed()) numbers.giveBack(code)
  expect([numbers.take(), numbers.take(), numbers.take(), numbers.take()]).toEqual(['A1', 'A2', 'A3', 'A4'])
})
