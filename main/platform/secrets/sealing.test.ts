import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { Sealer } from './sealing.ts'
import { SiteKey } from './site-key.ts'

const key = randomBytes(32)
const sealer = new Sealer(new SiteKey(Buffer.from(key)))
const secret = Buffer.from('a private key')
const damaged = expect.objectContaining({ code: 'data_damaged' })

test('a box opens in its own place only', () => {
  const box = sealer.seal('ca-key', 'id-1', secret)
  expect(sealer.open('ca-key', 'id-1', box)).toEqual(secret)
  expect(new Sealer(new SiteKey(Buffer.from(key))).open('ca-key', 'id-1', box)).toEqual(secret)
  expect(() => sealer.open('ca-key', 'id-2', box)).toThrow(damaged)
  expect(() => sealer.open('gateway-key', 'id-1', box)).toThrow(damaged)
  expect(() => new Sealer(new SiteKey(randomBytes(32))).open('ca-key', 'id-1', box)).toThrow(damaged)
})

test('every changed bit and every cut is noticed', () => {
  const box = sealer.seal('ca-key', 'id-1', secret)
  for (let at = 0; at < box.length; at++) {
    const changed = box.with(at, (box[at] ?? 0) ^ 1)
    expect(() => sealer.open('ca-key', 'id-1', changed)).toThrow(damaged)
    expect(() => sealer.open('ca-key', 'id-1', box.subarray(0, at))).toThrow(damaged)
  }
})

test('equal secrets have different boxes; nothing of the secret shows', () => {
  const one = sealer.seal('ca-key', 'id-1', secret)
  expect(Buffer.from(one).equals(sealer.seal('ca-key', 'id-1', secret))).toBe(false)
  expect(Buffer.from(one).includes(secret)).toBe(false)
})

test('derived keys differ by purpose and from sealing keys', () => {
  expect(sealer.derive('audit')).toEqual(sealer.derive('audit'))
  expect(sealer.derive('audit')).not.toEqual(sealer.derive('pepper'))
  expect(sealer.derive('audit')).toHaveLength(32)
  expect(() => sealer.derive('a:b')).toThrow()
})

test('a destroyed site key derives nothing any more', () => {
  const siteKey = new SiteKey(Buffer.from(key))
  const before = siteKey.derive('x')
  siteKey.destroy()
  expect(siteKey.derive('x')).not.toEqual(before)
})
