import http, { type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { ExpectedError } from '#contract/errors.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { ResolveHost } from '#platform/outbound/pinned-address.ts'
import { endpointOrigins, OidcClient } from './oidc-client.ts'
import type { Provider } from './provider.ts'

/** An issuer whose every answer a test decides: no real one could be brought to lie. */
interface Lies {
  discovery: Record<string, unknown>
  claims: Record<string, unknown>
  userinfo: Record<string, unknown>
  token: (claims: Record<string, unknown>) => Promise<string>
  tokenStatus: number
}

const checks = { state: 'a-state', nonce: 'a-nonce', codeVerifier: 'v'.repeat(43) }
const now = () => Math.floor(Date.now() / 1000)
const clock: Clock = { now: () => Date.now() }
let server: Server
let url: string
let keys: { privateKey: CryptoKey; publicKey: CryptoKey }
let foreign: { privateKey: CryptoKey }
let lies: Lies
const calls: string[] = []

beforeAll(async () => {
  ;[keys, foreign] = await Promise.all([
    generateKeyPair('ES256', { extractable: true }),
    generateKeyPair('ES256'),
  ])
  const jwks = { keys: [{ ...(await exportJWK(keys.publicKey)), kid: 'one', use: 'sig', alg: 'ES256' }] }
  server = http.createServer((request, response) => {
    const path = request.url?.split('?')[0] ?? ''
    calls.push(path)
    const send = (status: number, body: unknown) => {
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end(JSON.stringify(body))
    }
    if (path === '/.well-known/openid-configuration') send(200, lies.discovery)
    else if (path === '/jwks') send(200, jwks)
    else if (path === '/userinfo') send(200, lies.userinfo)
    else if (lies.tokenStatus !== 200) send(lies.tokenStatus, { error: 'invalid_client' })
    else
      void lies
        .token(lies.claims)
        .then((id_token) => send(200, { access_token: 'opaque', token_type: 'Bearer', id_token }))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})
beforeEach(() => {
  calls.length = 0
  lies = {
    discovery: {
      issuer: url,
      authorization_endpoint: `${url}/authorize`,
      token_endpoint: `${url}/token`,
      jwks_uri: `${url}/jwks`,
      userinfo_endpoint: `${url}/userinfo`,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['ES256'],
    },
    claims: {
      iss: url,
      aud: 'millwright',
      sub: 'ana',
      nonce: checks.nonce,
      iat: now(),
      exp: now() + 300,
      email: 'ana@plant.example',
      email_verified: true,
      groups: ['line-1'],
    },
    userinfo: { sub: 'ana' },
    token: (claims) => signed(claims),
    tokenStatus: 200,
  }
})

const signed = (claims: Record<string, unknown>, key = keys.privateKey, header = {}) =>
  new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: 'one', ...header }).sign(key)

const provider = (changes: Partial<Provider> = {}): Provider => ({
  id: 'p',
  name: 'Liar',
  issuer: url,
  clientId: 'millwright',
  sealedSecretId: null,
  scopes: 'email',
  groupClaim: 'groups',
  mappings: [],
  siteAdminGroup: null,
  makesAccounts: true,
  trustsEmail: false,
  destinations: [{ origin: url, insideNetwork: true }],
  caCertificate: null,
  enabled: true,
  createdAt: 1,
  ...changes,
})

async function come(
  changes: Partial<Provider> = {},
  query = 'code=c&state=a-state',
  secret: string | null = null,
) {
  const cameBack = new URL(`http://localhost/callback?${query}`)
  try {
    return await new OidcClient(clock).exchange(provider(changes), secret, { ...checks, cameBack })
  } catch (error) {
    if (!(error instanceof ExpectedError)) throw error
    return error.code
  }
}

test('what it says of a person is read, from the token first and else from the userinfo endpoint', async () => {
  expect(await come()).toEqual({
    subject: 'ana',
    email: 'ana@plant.example',
    emailVerified: true,
    name: null,
    groups: ['line-1'],
  })
  expect(calls).toEqual(['/.well-known/openid-configuration', '/token', '/jwks'])
  const { groups: _, ...claims } = lies.claims
  lies.claims = claims
  lies.userinfo = { sub: 'ana', groups: ['line-2'], email: 'other@plant.example' }
  expect(await come()).toMatchObject({ email: 'ana@plant.example', groups: ['line-2'] })
  lies.userinfo = { sub: 'somebody else', groups: ['line-2'] }
  expect(await come()).toBe('sign_on_invalid')
})

describe('a token is refused that', () => {
  test.each<[string, Record<string, unknown>]>([
    ['has another nonce', { nonce: 'another' }],
    ['has no nonce', { nonce: undefined }],
    ['is for another client', { aud: 'somebody' }],
    ['is also for another client, and does not say for whom', { aud: ['millwright', 'somebody'] }],
    ['is of another issuer', { iss: 'https://evil.example' }],
    ['has expired', { exp: now() - 3_600 }],
    ['never expires', { exp: undefined }],
    ['is not valid yet', { nbf: now() + 3_600 }],
    ['names nobody', { sub: undefined }],
    ['was authorized for another', { azp: 'somebody', aud: ['millwright', 'somebody'] }],
  ])('%s', async (_what, changes) => {
    lies.claims = JSON.parse(JSON.stringify({ ...lies.claims, ...changes }))
    expect(await come()).toBe('sign_on_invalid')
  })

  test('is signed by somebody else, or by nobody', async () => {
    lies.token = (claims) => signed(claims, foreign.privateKey)
    expect(await come()).toBe('sign_on_invalid')
    lies.token = async (claims) => new UnsecuredJWT(claims).encode()
    expect(await come()).toBe('sign_on_invalid')
    lies.token = async (claims) => `${(await signed(claims)).split('.').slice(0, 2).join('.')}.`
    expect(await come()).toBe('sign_on_invalid')
    lies.token = async (claims) =>
      new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).sign(Buffer.from('millwright'.repeat(5)))
    expect(await come()).toBe('sign_on_invalid')
    lies.token = (claims) => signed(claims, keys.privateKey, { kid: 'unknown' })
    expect(await come()).toBe('sign_on_invalid')
    lies.token = async () => 'no token'
    expect(await come()).toBe('sign_on_invalid')
  })

  test('is there without a code, or comes for another state', async () => {
    expect(await come({}, 'state=a-state')).toBe('sign_on_invalid')
    expect(await come({}, 'code=c&state=other')).toBe('sign_on_invalid')
    expect(await come({}, 'code=c')).toBe('sign_on_invalid')
    expect(await come({}, 'code=c&state=a-state&state=a-state')).toBe('sign_on_invalid')
    expect(await come({}, 'error=access_denied&state=a-state')).toBe('sign_on_denied')
    expect(calls.filter((path) => path === '/token')).toEqual([])
  })
})

test('a clock that is a minute off is no reason to refuse', async () => {
  lies.claims = { ...lies.claims, iat: now() + 40, exp: now() - 40 }
  expect(await come()).toMatchObject({ subject: 'ana' })
})

test('a client that the provider does not know is the site, not the person', async () => {
  lies.tokenStatus = 401
  expect(await come({}, undefined, 'wrong secret')).toBe('sign_on_unavailable')
})

describe('what an issuer says of itself', () => {
  const start = async (changes: Partial<Provider> = {}, resolve?: ResolveHost) => {
    try {
      const client = new OidcClient(clock, resolve)
      return await client.authorizationUrl(provider(changes), checks, 'http://localhost/callback')
    } catch (error) {
      if (!(error instanceof ExpectedError)) throw error
      return { code: error.code, ...error.data }
    }
  }

  test('leads the browser there with PKCE, state and nonce', async () => {
    const href = await new OidcClient(clock).authorizationUrl(provider(), checks, 'http://localhost/callback')
    expect(href.origin + href.pathname).toBe(`${url}/authorize`)
    expect(Object.fromEntries(href.searchParams)).toMatchObject({
      response_type: 'code',
      client_id: 'millwright',
      scope: 'openid email',
      state: checks.state,
      nonce: checks.nonce,
      code_challenge_method: 'S256',
      redirect_uri: 'http://localhost/callback',
    })
    expect(href.searchParams.get('code_challenge')).toMatch(/^[\w-]{43}$/)
  })

  test.each(['authorization_endpoint', 'token_endpoint', 'jwks_uri', 'userinfo_endpoint'])(
    'counts for nothing where %s leads elsewhere',
    async (endpoint) => {
      lies.discovery = { ...lies.discovery, [endpoint]: 'https://elsewhere.example/x' }
      expect(await start()).toEqual({ code: 'outbound_not_listed', origin: 'https://elsewhere.example' })
      lies.discovery = { ...lies.discovery, [endpoint]: 'http://169.254.169.254/latest/meta-data' }
      expect(await start()).toMatchObject({ code: 'outbound_address_invalid' })
      lies.discovery = { ...lies.discovery, [endpoint]: 'javascript:alert(1)' }
      expect(await start()).toMatchObject({ code: 'outbound_address_invalid' })
      expect(calls.filter((path) => path !== '/.well-known/openid-configuration')).toEqual([])
    },
  )

  test('must be what it was asked by', async () => {
    lies.discovery = { ...lies.discovery, issuer: 'https://evil.example' }
    expect(await start()).toMatchObject({ code: 'sign_on_unavailable' })
  })

  test('is not asked for where its address is inside the plant and nobody said so', async () => {
    const destinations = [{ origin: url, insideNetwork: false }]
    expect(await start({ destinations })).toMatchObject({ code: 'outbound_inside_network' })
    const issuer = 'https://id.plant.example'
    const inside: ResolveHost = async () => [{ address: '192.168.4.2', family: 4 }]
    expect(
      await start({ issuer, destinations: [{ origin: issuer, insideNetwork: false }] }, inside),
    ).toMatchObject({ code: 'outbound_inside_network', address: '192.168.4.2' })
    const metadata: ResolveHost = async () => [{ address: '169.254.169.254', family: 4 }]
    expect(
      await start({ issuer, destinations: [{ origin: issuer, insideNetwork: true }] }, metadata),
    ).toMatchObject({ code: 'outbound_address_refused' })
    expect(calls).toEqual([])
  })

  test('is asked for once in a while, and after a failure not at once again', async () => {
    let time = Date.now()
    const client = new OidcClient({ now: () => time })
    const ask = () =>
      client.authorizationUrl(provider(), checks, 'http://localhost/callback').catch(() => 'failed')
    await Promise.all([ask(), ask(), ask()])
    await ask()
    expect(calls.length).toBe(1)
    time += 11 * 60_000
    await ask()
    expect(calls.length).toBe(2)
    lies.discovery = { issuer: url }
    client.forget('p')
    expect([await ask(), await ask(), calls.length]).toEqual(['failed', 'failed', 3])
    time += 11_000
    await ask()
    expect(calls.length).toBe(4)
  })

  test('may leave out what signing in needs: that is said', async () => {
    lies.discovery = { issuer: url }
    expect(await start()).toMatchObject({ code: 'sign_on_unavailable' })
    expect(endpointOrigins({ issuer: url })).toEqual([])
  })
})
