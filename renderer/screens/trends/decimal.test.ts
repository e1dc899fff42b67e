import { expect, it } from 'vitest'
import { numberText, parseDecimal } from './decimal.ts'

it('reads numbers as they are written in a language', () => {
  expect(parseDecimal(' 1.5 ', 'en')).toBe(1.5)
  expect(parseDecimal('1,5', 'pt-BR')).toBe(1.5)
  expect(parseDecimal('−0,25', 'pt-BR')).toBe(-0.25)
  expect(parseDecimal('3e2', 'en')).toBe(300)
  expect(parseDecimal('', 'en')).toBeNull()
  for (const text of ['1.2.3', 'abc', '1e999', '--1', '1 000'])
    expect(parseDecimal(text, 'en')).toBeUndefined()
  expect(parseDecimal('1,5', 'en')).toBeUndefined()
})

it('writes what it reads', () => {
  for (const language of ['en', 'pt-BR'])
    for (const value of [0, -1.5, 0.001, 1e21])
      expect(parseDecimal(numberText(value, language), language)).toBe(value)
  expect(numberText(null, 'en')).toBe('')
})
