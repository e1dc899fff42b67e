import { expect, it } from 'vitest'
import { alignColumns, printable } from './table.ts'

it('aligns text to the left and numbers to the right, without trailing spaces', () => {
  expect(
    alignColumns([
      ['CODE', 'READINGS', 'NAME'],
      ['GW001', 5, 'Boiler'],
      ['GW2', 12_345, ''],
    ]),
  ).toEqual(['CODE   READINGS  NAME', 'GW001         5  Boiler', 'GW2       12345'])
})

it('counts what is seen: combined letters and signs outside the first plane are one column', () => {
  const [first = '', second = ''] = alignColumns([
    ['a\u0301gua', 'x'],
    ['água', 'x'],
  ])
  expect([...new Intl.Segmenter().segment(first)].length).toBe(
    [...new Intl.Segmenter().segment(second)].length,
  )
})

it('shows no control characters, so that a name cannot steer the terminal', () => {
  expect(printable('a\u001b[2Jb\u202ec\n')).toBe('a\ufffd[2Jb\ufffdc\ufffd')
})
