import { expect, test } from 'vitest'
import { integer, objectIdentifier, octetString, sequence, time, tlv } from './der.ts'
import { readElements } from './der-reader.ts'

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

test.each([
  [0, '020100'],
  [127, '02017f'],
  [128, '02020080'],
  [256, '02020100'],
  [2 ** 40, '0206010000000000'],
])('INTEGER %d', (value, expected) => expect(hex(integer(value))).toBe(expected))

test('INTEGER of octets is positive and minimal', () => {
  expect(hex(integer(Uint8Array.of(0, 0, 0x80)))).toBe('02020080')
  expect(hex(integer(Uint8Array.of(0, 0x7f)))).toBe('02017f')
})

test('OBJECT IDENTIFIER with large arcs', () => {
  expect(hex(objectIdentifier('1.2.840.10045.4.3.2'))).toBe('06082a8648ce3d040302')
  expect(hex(objectIdentifier('2.5.29.20'))).toBe('0603551d14')
})

test('times: UTCTime through 2049, then GeneralizedTime, whole seconds', () => {
  expect(time(Date.UTC(2049, 11, 31, 23, 59, 59, 999)).toString('latin1', 2)).toBe('491231235959Z')
  expect(time(Date.UTC(2049, 11, 31))[0]).toBe(0x17)
  expect(time(Date.UTC(2050, 0, 1)).toString('latin1', 2)).toBe('20500101000000Z')
  expect(time(Date.UTC(2050, 0, 1))[0]).toBe(0x18)
})

test.each([0, 127, 128, 255, 256, 65_535, 65_536])('lengths of %d octets read back', (size) => {
  const [outer, second] = readElements(Buffer.concat([sequence(octetString(Buffer.alloc(size, 7))), tlv(5)]))
  expect(second?.tag).toBe(5)
  const [inner] = readElements(outer?.content ?? new Uint8Array())
  expect(inner?.content).toHaveLength(size)
})

test('a length past the end is refused', () => {
  expect(() => readElements(Uint8Array.of(0x30, 5, 1))).toThrow('past its end')
})
