import { expect, it } from 'vitest'
import { groupedHex, shortHex } from './hex.ts'

it('shortens what is long and groups the whole', () => {
  expect(shortHex('5E410CA7112233449bd2')).toBe('5e:41:0c:a7:11:…:9b:d2')
  expect(shortHex('5e410ca7')).toBe('5e:41:0c:a7')
  expect(groupedHex('b71f09ce')).toBe('b71f 09ce')
})
