import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { expect, it } from 'vitest'
import { verifyBirthRecord } from './verify-birth-record.ts'

const { publicKey, privateKey } = generateKeyPairSync('ed25519')
const record = '{"gateway":{"code":"GW1"},"version":1}'
const signed = {
  record,
  signature: sign(null, Buffer.from(record), privateKey).toString('base64'),
  keyId: createHash('sha256')
    .update(Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url'))
    .digest('hex'),
  publicKey: publicKey.export({ format: 'pem', type: 'spki' }).toString(),
}
const other = generateKeyPairSync('ed25519').publicKey.export({ format: 'pem', type: 'spki' }).toString()
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey

it('takes what the site signed', () => {
  expect(verifyBirthRecord(signed)).toBe(true)
})

it.each([
  ['another record', { record: record.replace('GW1', 'GW2') }],
  ['another signature', { signature: Buffer.alloc(64).toString('base64') }],
  ['another key', { publicKey: other }],
  ['another id of the key', { keyId: '0'.repeat(64) }],
  ['a key of another kind', { publicKey: rsa.export({ format: 'pem', type: 'spki' }).toString() }],
  ['no key', { publicKey: 'x' }],
])('refuses %s', (_, changed) => {
  expect(verifyBirthRecord({ ...signed, ...changed })).toBe(false)
})
