import { createHash, createPublicKey } from 'node:crypto'
import { expect, test } from 'vitest'
import { birthRecordKey, canonicalJson, isSignedBy, signRecord } from './birth-record.ts'

test('the same record is the same text, whatever the order of its keys', () => {
  const record = canonicalJson({ b: [1, { z: null, a: 'ü"' }], a: true, left: undefined })
  expect(record).toBe('{"a":true,"b":[1,{"a":"ü\\"","z":null}]}')
  expect(canonicalJson({ a: true, b: [1, { a: 'ü"', z: null }] })).toBe(record)
})

test('a seed gives one key; its signature holds for the exact text and nothing else', () => {
  const key = birthRecordKey(new Uint8Array(32).fill(7))
  expect(birthRecordKey(new Uint8Array(32).fill(7)).publicPem).toBe(key.publicPem)
  expect(birthRecordKey(new Uint8Array(32).fill(8)).keyId).not.toBe(key.keyId)
  const raw = createPublicKey(key.publicPem).export({ format: 'der', type: 'spki' }).subarray(-32)
  expect(key.keyId).toBe(createHash('sha256').update(raw).digest('hex'))
  const signature = signRecord('{"a":1}', key)
  expect(isSignedBy('{"a":1}', signature, key.publicPem)).toBe(true)
  expect(isSignedBy('{"a":2}', signature, key.publicPem)).toBe(false)
})
