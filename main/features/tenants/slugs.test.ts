import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SlugSchema } from '#contract/model/ids.ts'
import { freeSlug, isReserved, slugOf } from './slugs.ts'

test.each([
  ['Aurora Dairy', 'aurora-dairy'],
  ['  São João -- Usina_2 ', 'sao-joao-usina-2'],
  ['Łódź & Söhne', 'odz-sohne'],
  ['水処理', 'tenant'],
  ['---', 'tenant'],
  [`${'a'.repeat(62)} b`, 'a'.repeat(62)],
])('%s gives %s', (name, slug) => {
  expect(slugOf(name, 'tenant')).toBe(slug)
})

test('a slug of any name is one that the contract takes', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (name) => {
      expect(SlugSchema.safeParse(slugOf(name)).success).toBe(true)
    }),
  )
})

test('a slug that is taken or reserved gets a number', () => {
  expect(freeSlug('acme', new Set())).toBe('acme')
  expect(freeSlug('acme', new Set(['acme', 'acme-2']))).toBe('acme-3')
  expect(freeSlug('all', new Set())).toBe('all-2')
  expect(freeSlug('a'.repeat(63), new Set(['a'.repeat(63)]))).toBe(`${'a'.repeat(61)}-2`)
})

test('nobody gets a slug that reads as the id of another tenant', () => {
  const id = '0198f2c6-7d1e-7a3b-9c4d-5e6f70819203'
  expect(isReserved(id)).toBe(true)
  expect(freeSlug(id, new Set())).toBe('tenant')
})
