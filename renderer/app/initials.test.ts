import { expect, it } from 'vitest'
import { initials } from './initials.ts'

it.each([
  ['Marta Ferreira', 'MF'],
  ['ana@plant.example', 'AN'],
  ['joão da silva', 'JS'],
  ['marta.ferreira@plant.example', 'MF'],
  ['X', 'X'],
  ['', '?'],
])('%s is %s', (name, expected) => {
  expect(initials(name)).toBe(expected)
})
