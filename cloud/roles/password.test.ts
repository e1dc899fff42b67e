import { createHash, createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import { newPassword, scramVerifier } from './password.ts'

/** RFC 7677 section 3: the exchange of its example. */
const messages = [
  'n=user,r=rOprNGfwEbeRWgbNEkqO',
  'r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096',
  'c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0',
].join(',')

test('a verifier accepts the proof of the example of RFC 7677 and answers with its signature', () => {
  const verifier = scramVerifier('pencil', Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64'))
  const [, salt, stored = '', server = ''] =
    /^SCRAM-SHA-256\$4096:([^$]+)\$([^:]+):(.+)$/.exec(verifier) ?? []
  expect(salt).toBe('W22ZaJ0SNY7soEsUEjb6gQ==')
  const storedKey = Buffer.from(stored, 'base64')
  const signature = createHmac('sha256', storedKey).update(messages).digest()
  const proof = Buffer.from('dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=', 'base64')
  const clientKey = proof.map((byte, index) => byte ^ (signature[index] ?? 0))
  expect(createHash('sha256').update(clientKey).digest()).toEqual(storedKey)
  expect(createHmac('sha256', Buffer.from(server, 'base64')).update(messages).digest('base64')).toBe(
    '6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=',
  )
})

test('passwords have 192 bits, no two alike, and need no quoting', () => {
  const made = new Set(Array.from({ length: 100 }, newPassword))
  expect(made.size).toBe(100)
  for (const password of made) expect(password).toMatch(/^[\w-]{32}$/)
})
