import { expect, test } from 'vitest'
import { MASKED, maskedJson } from './mask-secrets.ts'

const masked = (details: Record<string, unknown>) => JSON.parse(maskedJson(details)) as unknown

test.each([
  'password',
  'newPassword',
  'password_hash',
  'passphrase',
  'secret',
  'clientSecret',
  'token',
  'refreshToken',
  'access_token',
  'key',
  'apiKey',
  'api_key',
  'private_key_pem',
  'privateKey',
  'keyPem',
  'pepper',
  'authorization',
  'Cookie',
  'recoveryCode',
  'otp',
  'totpSecret',
  'seed',
])('the value under "%s" is not kept', (name) => {
  expect(masked({ [name]: 'hunter2hunter2', before: { [name]: ['hunter2'] } })).toEqual({
    [name]: MASKED,
    before: { [name]: [MASKED] },
  })
})

test('what names a secret without being one stays', () => {
  const details = {
    apiKeyId: 'k1',
    keyPrefix: 'mw_1',
    keyAlgorithm: 'EC P-256',
    tokenCount: 3,
    passwordChangedAt: 5,
    tokens: 2,
    mustChangePassword: true,
    password: null,
    secret: '',
    code: 'GW001',
    hotplug: 'yes',
    reason: 'key lost',
  }
  expect(masked(details)).toEqual(details)
})

test('a private key or a token is not kept under any name', () => {
  const pem = '-----BEGIN EC PRIVATE KEY-----\nMHcCAQEE\n-----END EC PRIVATE KEY-----'
  const jwt = 'eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.c2ln'
  expect(masked({ note: pem, list: [`Bearer ${jwt}`], bytes: new Uint8Array(4) })).toEqual({
    note: MASKED,
    list: [MASKED],
    bytes: MASKED,
  })
})

test('one entry cannot fill the disk, nor the stack', () => {
  expect(maskedJson({ text: 'x'.repeat(1_000_000) }).length).toBeLessThan(5_000)
  expect(maskedJson({ list: Array.from({ length: 100_000 }, () => 'x'.repeat(100)) }).length).toBeLessThan(
    100,
  )
  let deep: Record<string, unknown> = {}
  for (let i = 0; i < 5_000; i++) deep = { deep }
  expect(maskedJson(deep).length).toBeLessThan(500)
})
