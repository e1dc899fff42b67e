import { expect, test } from 'vitest'
import { credentialsFileName, normalizeMac, wireName } from './ids.ts'

test.each([
  'aa:bb:cc:dd:ee:0f',
  'AA-BB-CC-DD-EE-0F',
  'aabb.ccdd.ee0f',
  'AABBCCDDEE0F',
  '  aa:bb:cc:dd:ee:0f\n',
])('%j is one spelling of the same MAC', (text) => {
  expect(normalizeMac(text)).toBe('aa:bb:cc:dd:ee:0f')
})

test.each([
  ['too short', 'aa:bb:cc:dd:ee'],
  ['too long', 'aa:bb:cc:dd:ee:ff:00'],
  ['mixed separators', 'aa:bb-cc:dd:ee:ff'],
  ['not hexadecimal', 'aa:bb:cc:dd:ee:fg'],
  ['multicast', '01:00:5e:00:00:01'],
  ['broadcast', 'ff:ff:ff:ff:ff:ff'],
  ['nothing but zeros', '00:00:00:00:00:00'],
  ['empty', ''],
])('%s is no MAC of a box', (_why, text) => {
  expect(normalizeMac(text)).toBeNull()
})

test('a gateway is named on the wire by its MAC, or by its id where it has none', () => {
  const id = '01970000-0000-7000-8000-000000000001'
  expect(wireName({ id, mac: 'aa:bb:cc:dd:ee:0f' })).toBe('aabbccddee0f')
  expect(wireName({ id, mac: null })).toBe(id)
  expect(credentialsFileName({ id, mac: 'aa:bb:cc:dd:ee:0f' })).toBe('aa-bb-cc-dd-ee-0f_certs.zip')
})
