import { expect, test } from 'vitest'
import { uuid7 } from './uuid7.ts'

test('ids carry the time, the version and the variant of RFC 9562', () => {
  const id = uuid7(0x0197_0000_0000)
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
})

test('ids made in the same millisecond keep their order', () => {
  const now = Date.now()
  const ids = Array.from({ length: 10_000 }, () => uuid7(now))
  expect(ids).toEqual([...ids].sort())
  expect(new Set(ids).size).toBe(ids.length)
})
