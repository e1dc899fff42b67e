import { createHash, generateKeyPairSync } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isOfBox, proofOf } from './bind-proof.ts'
import { KeyChallenges } from './key-challenge.ts'

const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
const spki = publicKey.export({ type: 'spki', format: 'der' })
const hash = createHash('sha256').update(spki).digest('hex')
const other = '1'.repeat(64)
const point = spki.subarray(-65)

test.each<[string, string]>([
  ['PEM', publicKey.export({ type: 'spki', format: 'pem' }).toString()],
  ['base64 of DER', spki.toString('base64')],
  ['the point in hex', point.toString('hex')],
  ['the point in capital hex', point.toString('hex').toUpperCase()],
  ['the point in base64', point.toString('base64')],
  ['the coordinates alone in hex, as secure elements give them', point.subarray(1).toString('hex')],
  ['the coordinates alone in base64', point.subarray(1).toString('base64')],
])('a public key as %s is the same key', (_how, written) => {
  expect(proofOf({ fingerprint: hash, publicKey: written }).publicKeyHash).toBe(hash)
})

test.each<[string, string, string | undefined, boolean]>([
  ['the fingerprint of its key', hash, undefined, true],
  ['that and its key', hash, spki.toString('base64'), true],
  ['the fingerprint of its certificate, and its key', other, spki.toString('base64'), true],
  ['its key, and a foreign fingerprint', '2'.repeat(64), spki.toString('base64'), false],
  ['the right fingerprint, and a key that nobody can read', hash, 'AAAA', false],
  ['the right fingerprint, and another key', hash, Buffer.alloc(64, 7).toString('hex'), false],
])('a code with %s', (_what, fingerprint, key, isRight) => {
  const proof = proofOf({ fingerprint, publicKey: key })
  expect(isOfBox(proof, { publicKeyHash: hash, certificateHash: other })).toBe(isRight)
})

test('whatever a code holds, it is that of a box only with its fingerprint', () => {
  const hex = fc.stringMatching(/^[0-9a-f]{64}$/)
  fc.assert(
    fc.property(hex, fc.option(fc.string({ maxLength: 200 }), { nil: undefined }), (fingerprint, key) => {
      fc.pre(fingerprint !== hash)
      const proof = proofOf({ fingerprint, publicKey: key })
      expect(isOfBox(proof, { publicKeyHash: hash, certificateHash: null })).toBe(false)
    }),
  )
})

test('an unknown key is nobody’s, also where the code is as empty', () => {
  const proof = { fingerprint: '0'.repeat(64), publicKeyHash: null, hasPublicKey: false }
  expect(isOfBox(proof, { publicKeyHash: '', certificateHash: null })).toBe(false)
})

test('a challenge counts for its key, for five minutes, once', () => {
  const challenges = new KeyChallenges()
  const now = Date.UTC(2026, 10, 2, 8)
  const given = challenges.make(hash, now)
  expect(challenges.take(other, given, now)).toBe(false)
  expect(challenges.take(hash, null, now)).toBe(false)
  expect(challenges.take(hash, given.slice(1), now)).toBe(false)
  expect(challenges.take(hash, given, now + 5 * 60_000)).toBe(false)
  expect(challenges.take(hash, given, now + 4 * 60_000)).toBe(true)
  expect(challenges.take(hash, given, now + 4 * 60_000)).toBe(false)
})
