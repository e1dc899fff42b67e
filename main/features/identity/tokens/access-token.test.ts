import { createHmac, generateKeyPairSync, randomBytes } from 'node:crypto'
import { SignJWT } from 'jose'
import { expect, test } from 'vitest'
import { ACCESS_TOKEN_LIFE, readAccessToken, signAccessToken } from './access-token.ts'

const NOW = 1_771_322_400_000
const key = { secret: randomBytes(32), issuer: 'urn:millwright:site:0123' }
const of = { userId: 'user', sessionId: 'session', now: NOW }

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
const claims = {
  iss: key.issuer,
  aud: key.issuer,
  sub: 'user',
  sid: 'session',
  jti: 'j',
  exp: NOW / 1000 + 60,
}
/** A token by hand, signed as its header says or as the test wants. */
function forge(header: object, payload: object, secret: Uint8Array | null = key.secret): string {
  const text = `${encode(header)}.${encode(payload)}`
  const signature = secret === null ? '' : createHmac('sha256', secret).update(text).digest('base64url')
  return `${text}.${signature}`
}
const header = { alg: 'HS256', typ: 'at+jwt' }

test('a token of ours says who and by which session, for an hour', async () => {
  const token = await signAccessToken(key, of)
  expect(await readAccessToken(key, token, { now: NOW })).toEqual({
    userId: 'user',
    sessionId: 'session',
    expiresAt: NOW + ACCESS_TOKEN_LIFE * 1000,
  })
  const last = NOW + ACCESS_TOKEN_LIFE * 1000 - 1
  expect(await readAccessToken(key, token, { now: last })).not.toBeNull()
  expect(await readAccessToken(key, token, { now: last + 1 })).toBeNull()
  expect(await readAccessToken(key, forge(header, claims), { now: NOW })).not.toBeNull()
})

test.each([
  ['no algorithm', forge({ alg: 'none', typ: 'at+jwt' }, claims, null)],
  ['no algorithm in other letters', forge({ alg: 'NoNe', typ: 'at+jwt' }, claims, null)],
  ['no algorithm and a good signature', forge({ alg: 'none', typ: 'at+jwt' }, claims)],
  ['a foreign key', forge(header, claims, randomBytes(32))],
  ['an empty key', forge(header, claims, Buffer.alloc(0))],
  ['no signature', forge(header, claims, null)],
  ['another type', forge({ ...header, typ: 'JWT' }, claims)],
  ['another site as issuer', forge(header, { ...claims, iss: 'urn:millwright:site:9999' })],
  ['another audience', forge(header, { ...claims, aud: 'somebody' })],
  ['no expiry', forge(header, { ...claims, exp: undefined })],
  ['an expiry that is text', forge(header, { ...claims, exp: '9999999999' })],
  ['no session', forge(header, { ...claims, sid: undefined })],
  ['a session that is no text', forge(header, { ...claims, sid: { $ne: null } })],
  ['what is critical and unknown', forge({ ...header, crit: ['x'], x: 1 }, claims)],
  ['not a token', 'not.a.token'],
  ['nothing', ''],
  ['very much', `${'a'.repeat(3_000)}.b.c`],
])('%s is refused', async (_what, token) => {
  expect(await readAccessToken(key, token, { now: NOW })).toBeNull()
})

test('a public key for a secret, and every other algorithm, is refused', async () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  for (const alg of ['RS256', 'PS256']) {
    const token = await new SignJWT(claims).setProtectedHeader({ alg, typ: 'at+jwt' }).sign(privateKey)
    expect(await readAccessToken(key, token, { now: NOW })).toBeNull()
  }
  const other = await new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS512', typ: 'at+jwt' })
    .sign(randomBytes(64))
  expect(await readAccessToken(key, other, { now: NOW })).toBeNull()
})

test('one changed letter anywhere makes a token worthless', async () => {
  const token = await signAccessToken(key, of)
  for (let at = 0; at < token.length - 1; at += 7) {
    if (token[at] === '.') continue
    const changed = token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1)
    expect(await readAccessToken(key, changed, { now: NOW })).toBeNull()
  }
})
