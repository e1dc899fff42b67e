import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { SignOnProvider } from '#contract/api/sign-on.ts'
import { CLIENT, type IssuerAccount, OidcIssuer } from '#tests/fixtures/oidc-issuer.ts'
import { startSite, type TestSite } from '#tests/fixtures/site.ts'
import { type Page, Wanderer } from '#tests/fixtures/wanderer.ts'
import { People } from './people.ts'

let site: TestSite
let issuer: OidcIssuer
let people: People
let provider: SignOnProvider
let tenantId: string
let southId: string
const groups: Record<string, string> = {}

beforeAll(async () => {
  ;[site, issuer] = await Promise.all([startSite(), OidcIssuer.start()])
  people = await People.of(site)
  tenantId = (await site.local.get('/api/v1/tenants')).json.tenants[0].id
  southId = (await site.engine.createTenant({ slug: 'south', name: 'South' })).id
  for (const name of ['Line 1', 'Line 2'])
    groups[name] = (await site.local.post('/api/v1/groups', { tenant: tenantId, name })).json.id
  const made = await site.local.post('/api/v1/sign-on/providers', settings())
  if (made.status !== 201) throw new Error(made.text)
  provider = made.json
  issuer.register(provider.redirectUris)
})
afterAll(async () => {
  await issuer?.stop()
  await people?.close()
  await site?.stop()
})
beforeEach(() => change({ makesAccounts: true, trustsEmail: false, enabled: true }))

const settings = () => ({
  name: 'Plant login',
  issuer: issuer.url,
  clientId: CLIENT.id,
  clientSecret: CLIENT.secret,
  scopes: 'email profile groups',
  groupClaim: 'groups',
  mappings: [
    { group: 'line-1', tenantId, roleId: 'operator', reach: 'groups', groupIds: [groups['Line 1'] ?? ''] },
    { group: 'line-2', tenantId, roleId: 'operator', reach: 'groups', groupIds: [groups['Line 2'] ?? ''] },
    { group: 'readers', tenantId, roleId: 'viewer', reach: 'tenant', groupIds: [] },
    { group: 'south', tenantId: southId, roleId: 'tenant_admin', reach: 'tenant', groupIds: [] },
  ],
  siteAdminGroup: 'site-admins',
  makesAccounts: true,
  trustsEmail: false,
  destinations: [{ origin: issuer.url, insideNetwork: true }],
  caCertificate: null,
  enabled: true,
})
async function change(changes: Record<string, unknown>): Promise<void> {
  const answer = await site.local.send('PATCH', `/api/v1/sign-on/providers/${provider.id}`, changes)
  expect(answer.json).toMatchObject({ id: provider.id })
}

const origin = () => site.addresses.http ?? ''
const startUrl = (to = '/fleet') =>
  `${origin()}/api/v1/auth/sign-on/${provider.id}/start?to=${encodeURIComponent(to)}`
const isCallback = (url: URL) => url.origin === origin() && url.pathname.endsWith('/callback')

/** Someone of the provider, with what it says of them. */
function account(login: string, claims: IssuerAccount = {}): string {
  issuer.accounts.set(login, {
    email: `${login}@plant.example`,
    email_verified: true,
    name: login,
    ...claims,
  })
  return login
}

/** As far as the way back to the site, which is not gone yet. */
async function toCallback(login: string, browser = new Wanderer(), to?: string) {
  const asked = await browser.go(startUrl(to))
  expect(asked.text).toContain('name="login"')
  const back = await browser.go(asked.url, { form: { login }, stop: isCallback })
  return { browser, callback: new URL(back.headers.location ?? '', back.url) }
}

async function signIn(login: string, browser = new Wanderer()): Promise<{ browser: Wanderer; page: Page }> {
  const { callback } = await toCallback(login, browser)
  return { browser, page: await browser.go(callback, { stop: (next) => next.pathname === '/login' }) }
}

/** The code that the sign-in page is given; null where they are in. */
const failure = ({ status, headers }: Page) =>
  status === 200 ? null : new URL(headers.location ?? '', origin()).searchParams.get('error')

async function whoIs(browser: Wanderer) {
  const page = await browser.ask(`${origin()}/api/v1/auth/me`)
  return JSON.parse(page.text)
}

const audited = async (action: string) => {
  const rows = await people.db
    .selectFrom('auditEntries')
    .select(['action', 'outcome', 'errorCode', 'details', 'actorKind', 'tenantId', 'objectId'])
    .where('action', '=', action)
    .orderBy('seq', 'desc')
    .execute()
  return rows.map(({ details, ...row }) => ({ ...row, details: JSON.parse(details) }))
}

test('the sign-in page is told names and ids, and only of what is turned on', async () => {
  const ask = async () => (await site.browser.get('/api/v1/auth/sign-on')).json
  expect(await ask()).toEqual({ providers: [{ id: provider.id, name: 'Plant login' }] })
  await change({ enabled: false })
  expect(await ask()).toEqual({ providers: [] })
  expect(failure(await new Wanderer().ask(startUrl()))).toBe('sign_on_unknown')
})

test('the secret of the client is never told again, and lies sealed', async () => {
  const listed = await site.local.get('/api/v1/sign-on/providers')
  expect(listed.json.providers).toMatchObject([{ id: provider.id, hasSecret: true }])
  const stored = await people.db
    .selectFrom('sealedSecrets')
    .select('box')
    .where('purpose', '=', 'sign-on-client')
    .execute()
  expect(stored).toHaveLength(1)
  const audit = await people.db.selectFrom('auditEntries').select('details').execute()
  for (const text of [
    listed.text,
    JSON.stringify(audit),
    Buffer.from(stored[0]?.box ?? '').toString('latin1'),
  ])
    expect(text).not.toContain(CLIENT.secret)
})

test('a first sign-in makes the account, with the rights of the groups, and a session that says who vouched', async () => {
  const { browser, page } = await signIn(account('ana', { groups: ['line-1', 'line-2', 'other'] }))
  expect(page.status).toBe(200)
  expect(page.headers['cache-control']).toBe('no-store')
  expect(page.text).toContain('content="0;url=/fleet"')
  expect(page.headers['set-cookie']?.join()).toMatch(
    /__Host-millwright=[^;]+; .*HttpOnly; Secure; SameSite=Strict/,
  )
  expect(await whoIs(browser)).toMatchObject({
    kind: 'person',
    email: 'ana@plant.example',
    name: 'ana',
    role: 'operator',
    reach: 'groups',
    tenantId,
    pending: null,
  })
  const { id } = await whoIs(browser)
  const held = await people.db
    .selectFrom('membershipGroups')
    .select('groupId')
    .where('userId', '=', id)
    .execute()
  expect(held.map(({ groupId }) => groupId)).toEqual([groups['Line 1'], groups['Line 2']])
  const sessions = await people.db
    .selectFrom('sessions')
    .select('providerId')
    .where('userId', '=', id)
    .execute()
  expect(sessions).toEqual([{ providerId: provider.id }])
  expect((await audited('sign_on.account'))[0]).toMatchObject({
    outcome: 'done',
    actorKind: 'system',
    objectId: id,
    details: { providerId: provider.id, account: 'made', given: [{ roleId: 'operator', reach: 'groups' }] },
  })
  expect((await audited('auth.sign_on'))[0]).toMatchObject({ outcome: 'done', actorKind: 'user', tenantId })
})

test('rights follow the groups at every sign-in, and what a person gave stays', async () => {
  const login = account('bo', { groups: ['readers', 'south'] })
  const { browser } = await signIn(login)
  const { id } = await whoIs(browser)
  const rights = async () =>
    people.db
      .selectFrom('memberships')
      .select(['tenantId', 'roleId', 'providerId'])
      .where('userId', '=', id)
      .orderBy('tenantId')
      .execute()
  expect(await rights()).toEqual([
    { tenantId, roleId: 'viewer', providerId: provider.id },
    { tenantId: southId, roleId: 'tenant_admin', providerId: provider.id },
  ])
  // Somebody here decides what they are in the first tenant; the provider takes the second away.
  await people.db
    .updateTable('memberships')
    .set({ roleId: 'operator', providerId: null })
    .where('userId', '=', id)
    .where('tenantId', '=', tenantId)
    .execute()
  account('bo', { groups: ['line-1'] })
  await signIn(login)
  expect(await rights()).toEqual([{ tenantId, roleId: 'operator', providerId: null }])
  expect((await audited('sign_on.account'))[0]).toMatchObject({
    tenantId: southId,
    details: { taken: [southId] },
  })
  const before = (await audited('sign_on.account')).length
  await signIn(login)
  expect((await audited('sign_on.account')).length).toBe(before)
  // With nothing left they are nobody here.
  await people.db.deleteFrom('memberships').where('userId', '=', id).execute()
  account('bo', { groups: [] })
  expect(failure((await signIn(login)).page)).toBe('account_without_tenant')
})

test('a group makes site administrators, and takes it again', async () => {
  const login = account('boss', { groups: ['site-admins'] })
  const { browser } = await signIn(login)
  expect(await whoIs(browser)).toMatchObject({ ofSite: true, role: 'site_admin' })
  account('boss', { groups: ['readers'] })
  const again = await signIn(login)
  expect(await whoIs(again.browser)).toMatchObject({ ofSite: false, role: 'viewer' })
  expect(await whoIs(browser)).toMatchObject({ ofSite: false })
})

describe('who has no account', () => {
  test('gets none without a group that gives a right, nor where accounts are not made', async () => {
    expect(failure((await signIn(account('stranger', { groups: ['unknown'] }))).page)).toBe(
      'sign_on_no_account',
    )
    await change({ makesAccounts: false })
    expect(failure((await signIn(account('stranger', { groups: ['readers'] }))).page)).toBe(
      'sign_on_no_account',
    )
    const made = await people.db
      .selectFrom('users')
      .select('id')
      .where('email', 'like', 'stranger%')
      .execute()
    expect(made).toEqual([])
    expect((await audited('auth.sign_on'))[0]).toMatchObject({
      outcome: 'refused',
      errorCode: 'sign_on_no_account',
    })
  })

  test('an address that the provider does not vouch for opens nothing, whether or not somebody here has it', async () => {
    const known = await people.add('viewer', tenantId)
    const email = `${known.id}@plant.example`
    for (const claims of [
      { email, email_verified: false },
      { email: 'nobody@plant.example', email_verified: false },
    ])
      expect(failure((await signIn(account('liar', { ...claims, groups: ['readers'] }))).page)).toBe(
        'sign_on_email_unverified',
      )
    issuer.accounts.set('mute', { groups: ['readers'] })
    expect(failure((await signIn('mute')).page)).toBe('sign_on_email_unverified')
    // Unless a site administrator says that this provider's addresses are good.
    await change({ trustsEmail: true })
    const { browser } = await signIn(
      account('liar', { email: ` ${email.toUpperCase()}`, email_verified: false }),
    )
    expect(await whoIs(browser)).toMatchObject({ id: known.id })
  })

  test('is linked to the account with their verified address, invited ones too, and known by name from then on', async () => {
    const known = await people.add('viewer', tenantId)
    await people.db.updateTable('users').set({ state: 'invited' }).where('id', '=', known.id).execute()
    await change({ makesAccounts: false })
    const { browser } = await signIn(account('cara', { email: `${known.id}@plant.example` }))
    expect(await whoIs(browser)).toMatchObject({ id: known.id, role: 'viewer' })
    account('cara', { email: 'changed@plant.example' })
    expect(await whoIs((await signIn('cara')).browser)).toMatchObject({ id: known.id })
  })

  test('an address alone opens no account of a site administrator', async () => {
    const admin = await people.add('site_admin', null)
    const email = `${admin.id}@plant.example`
    expect(failure((await signIn(account('climber', { email, groups: ['readers'] }))).page)).toBe(
      'sign_on_no_account',
    )
    const { browser } = await signIn(account('climber', { email, groups: ['site-admins'] }))
    expect(await whoIs(browser)).toMatchObject({ id: admin.id, ofSite: true })
    // A person made them one: the groups do not take it away.
    account('climber', { email, groups: [] })
    expect(await whoIs((await signIn('climber')).browser)).toMatchObject({ ofSite: true })
  })
})

describe('whoever made an account for a person', () => {
  const CHOSEN = 'fog over the Recife 8'
  const tokenOf = (link: string) => link.split('#')[1] ?? ''
  const accept = (token: string) =>
    site.browser.post('/api/v1/invitations/accept', { token, name: 'V', password: CHOSEN })
  const byPassword = (email: string) => site.browser.post('/api/v1/auth/session', { email, password: CHOSEN })

  test('and took their invitation is out when its owner signs in, with all that was made meanwhile', async () => {
    const admin = await people.api(await people.add('tenant_admin', tenantId))
    const email = 'victim@plant.example'
    const { user, entry } = await admin.users.invite({ email, role: 'tenant_admin' })
    expect((await accept(tokenOf(entry.link ?? ''))).status).toBe(200)
    const cookie = (await byPassword(email)).headers['set-cookie']?.[0]?.split(';')[0] ?? ''
    const tokens = (await site.browser.post('/api/v1/auth/login', { email, password: CHOSEN })).json
    const key = await site.browser.post(
      '/api/v1/api-keys',
      { name: 'k', scopes: ['gateways:read'], reach: 'own' },
      { cookie },
    )
    expect(key.status).toBe(201)
    const mqtt = await site.browser.post('/api/v1/auth/mqtt-credentials', {}, { cookie })
    expect(mqtt.status).toBe(201)
    const client = () =>
      people.db
        .selectFrom('mqttClients')
        .select('passwordHash')
        .where('ownerUserId', '=', user.id)
        .executeTakeFirstOrThrow()
    expect((await client()).passwordHash).not.toBeNull()
    const reset = (await admin.users.reset({ userId: user.id, how: 'link' })).entry
    // The reset ended the password: somebody who holds its link sets one again, and signs in.
    expect((await accept(tokenOf(reset.link ?? ''))).status).toBe(200)
    const again = (await byPassword(email)).headers['set-cookie']?.[0]?.split(';')[0] ?? ''
    const open = (await admin.users.reset({ userId: user.id, how: 'link' })).entry
    const { browser } = await signIn(account('victim', { groups: ['site-admins', 'south'] }))
    expect(await whoIs(browser)).toMatchObject({ id: user.id, ofSite: true, pending: null })
    for (const headers of [
      { cookie },
      { cookie: again },
      { authorization: `Bearer ${tokens.access_token}` },
      { authorization: `Bearer ${key.json.secret}` },
    ])
      expect((await site.browser.get('/api/v1/auth/me', headers)).status).toBe(401)
    expect((await byPassword(email)).json).toMatchObject({ code: 'wrong_credentials' })
    expect((await accept(tokenOf(open.link ?? ''))).json).toMatchObject({ code: 'invitation_unknown' })
    expect(await client()).toEqual({ passwordHash: null })
  })

  test.each(['link', 'one_time_password'] as const)(
    'gets at nothing that groups give it later, by a reset (%s) from before',
    async (how) => {
      const login = `late-${how.replaceAll('_', '-')}`
      const { browser } = await signIn(account(login, { groups: ['readers'] }))
      const { id, email } = await whoIs(browser)
      const admin = await people.api(await people.add('tenant_admin', tenantId))
      const { entry } = await admin.users.reset({ userId: id, how })
      account(login, { groups: ['readers', 'south'] })
      expect(await whoIs((await signIn(login)).browser)).toMatchObject({ id, pending: null })
      if (how === 'link')
        expect((await accept(tokenOf(entry.link ?? ''))).json).toMatchObject({ code: 'invitation_unknown' })
      else {
        const password = entry.oneTimePassword ?? ''
        const tried = await site.browser.post('/api/v1/auth/session', { email, password })
        expect(tried.json).toMatchObject({ code: 'wrong_credentials' })
      }
    },
  )

  test('gets at nothing either by a password that was set before', async () => {
    const { browser } = await signIn(account('early', { groups: ['readers'] }))
    const { id, email } = await whoIs(browser)
    const admin = await people.api(await people.add('tenant_admin', tenantId))
    await accept(tokenOf((await admin.users.reset({ userId: id, how: 'link' })).entry.link ?? ''))
    const cookie = (await byPassword(email)).headers['set-cookie']?.[0]?.split(';')[0] ?? ''
    expect((await site.browser.get('/api/v1/auth/me', { cookie })).status).toBe(200)
    // As long as the groups say the same, the password that an administrator gave stays.
    await signIn('early')
    expect((await byPassword(email)).status).toBe(200)
    account('early', { groups: ['readers', 'site-admins'] })
    const admitted = await signIn('early')
    expect(await whoIs(admitted.browser)).toMatchObject({ id, ofSite: true })
    expect((await site.browser.get('/api/v1/auth/me', { cookie })).status).toBe(401)
    expect((await byPassword(email)).json).toMatchObject({ code: 'wrong_credentials' })
  })
})

test('a suspended account stays out', async () => {
  const { browser } = await signIn(account('sid', { groups: ['readers'] }))
  const { id } = await whoIs(browser)
  await people.db.updateTable('users').set({ state: 'suspended' }).where('id', '=', id).execute()
  expect(await whoIs(browser)).toMatchObject({ code: 'not_signed_in' })
  expect(failure((await signIn('sid')).page)).toBe('account_suspended')
})

describe('the way back', () => {
  test('counts once', async () => {
    const { browser, callback } = await toCallback(account('dan', { groups: ['readers'] }))
    const cookies = new Map(browser.cookies.get(callback.host))
    expect((await browser.ask(callback)).status).toBe(200)
    browser.cookies.set(callback.host, cookies)
    expect(failure(await browser.ask(callback))).toBe('sign_on_expired')
  })

  test('counts only in the browser that began', async () => {
    const { callback } = await toCallback(account('dan', { groups: ['readers'] }))
    expect(failure(await new Wanderer().ask(callback))).toBe('sign_on_expired')
    const other = await toCallback(account('dan', { groups: ['readers'] }))
    const mine = await toCallback(account('eve', { groups: ['readers'] }))
    expect(failure(await other.browser.ask(mine.callback))).toBe('sign_on_expired')
  })

  test('counts only with its own state, code and issuer', async () => {
    const start = () => toCallback(account('dan', { groups: ['readers'] }))
    const tampered = async (tamper: (url: URL) => void) => {
      const { browser, callback } = await start()
      tamper(callback)
      return failure(await browser.ask(callback))
    }
    expect(await tampered((url) => url.searchParams.set('state', 'x'.repeat(43)))).toBe('sign_on_expired')
    expect(await tampered((url) => url.searchParams.delete('state'))).toBe('sign_on_expired')
    expect(await tampered((url) => url.searchParams.set('code', 'another'))).toBe('sign_on_invalid')
    expect(await tampered((url) => url.searchParams.delete('code'))).toBe('sign_on_invalid')
    // RFC 9207
    expect(await tampered((url) => url.searchParams.set('iss', 'https://evil.example'))).toBe(
      'sign_on_invalid',
    )
    const pass = await start()
    pass.callback.pathname = pass.callback.pathname.replace(
      provider.id,
      '01a1ffbb-0000-7000-8000-000000000009',
    )
    expect(failure(await pass.browser.ask(pass.callback))).toBe('sign_on_expired')
  })

  test('a person who is refused there is told so, and nothing of what the provider writes gets through', async () => {
    const browser = new Wanderer()
    const asked = await browser.go(startUrl())
    const back = await browser.go(asked.url, { form: { deny: '1' }, stop: isCallback })
    const page = await browser.ask(new URL(back.headers.location ?? '', back.url))
    expect(failure(page)).toBe('sign_on_denied')
    expect(page.headers.location).toBe('/login?error=sign_on_denied')
    expect((await audited('auth.sign_on'))[0]).toMatchObject({ details: { reason: 'access_denied' } })
  })
})

test.each([
  ['/fleet?x=1#y', '/fleet?x=1#y'],
  ['//evil.example', '/'],
  ['/\\evil.example', '/'],
  ['/\t/evil.example', '/'],
  ['https://evil.example', '/'],
  ['javascript:alert(1)', '/'],
  ['/"><script>alert(1)</script>', '/%22%3E%3Cscript%3Ealert(1)%3C/script%3E'],
])('asked for %s, it goes on to %s', async (to, expected) => {
  const { browser, callback } = await toCallback(
    account('ana', { groups: ['line-1', 'line-2'] }),
    new Wanderer(),
    to,
  )
  expect((await browser.ask(callback)).text).toContain(`content="0;url=${expected}"`)
})

test('turned off, its sessions end at once', async () => {
  const { browser } = await signIn(account('fay', { groups: ['readers'] }))
  expect(await whoIs(browser)).toMatchObject({ name: 'fay' })
  await change({ enabled: false })
  expect(await whoIs(browser)).toMatchObject({ code: 'not_signed_in' })
})

test('another issuer gets no secret of the one before, and knows nobody', async () => {
  const other = await OidcIssuer.start()
  try {
    await change({ issuer: other.url, destinations: [{ origin: other.url, insideNetwork: true }] })
    const [listed] = (await site.local.get('/api/v1/sign-on/providers')).json.providers
    expect(listed).toMatchObject({ issuer: other.url, hasSecret: false })
    expect(await people.db.selectFrom('signOnIdentities').selectAll().execute()).toEqual([])
    expect((await audited('sign_on.update'))[0]).toMatchObject({
      details: { before: { issuer: issuer.url }, after: { issuer: other.url }, credential: 'removed' },
    })
  } finally {
    const { issuer: url, destinations, clientSecret } = settings()
    await change({ issuer: url, destinations, clientSecret })
    await other.stop()
  }
})

test('a provider that is down, or calls itself something else, is a clear answer', async () => {
  const gone = await OidcIssuer.start()
  await gone.stop()
  const made = await site.local.post('/api/v1/sign-on/providers', {
    ...settings(),
    name: 'Gone',
    issuer: gone.url,
    destinations: [{ origin: gone.url, insideNetwork: true }],
  })
  const url = `${origin()}/api/v1/auth/sign-on/${made.json.id}/start`
  expect(failure(await new Wanderer().ask(url))).toBe('sign_on_unavailable')
  const alias = issuer.url.replace('127.0.0.1', 'localhost')
  const changed = { issuer: alias, destinations: [{ origin: alias, insideNetwork: true }] }
  await site.local.send('PATCH', `/api/v1/sign-on/providers/${made.json.id}`, changed)
  expect(failure(await new Wanderer().ask(url))).toBe('sign_on_unavailable')
  expect((await site.local.send('DELETE', `/api/v1/sign-on/providers/${made.json.id}`)).status).toBe(204)
})

test('asked what it offers, an issuer is called by the rules, and the answer says what is still needed', async () => {
  const ask = async (changes: Record<string, unknown> = {}) => {
    const { issuer: url, destinations, caCertificate } = settings()
    const given = { issuer: url, destinations, caCertificate, ...changes }
    return (await site.local.post('/api/v1/sign-on/test', given)).json
  }
  expect(await ask()).toMatchObject({
    issuer: issuer.url,
    authorizationEndpoint: `${issuer.url}/auth`,
    keys: 1,
    pkce: true,
    unlisted: [],
    signingAlgorithms: ['RS256'],
    claims: expect.arrayContaining(['groups']),
  })
  const before = issuer.calls.length
  expect(await ask({ destinations: [] })).toMatchObject({ code: 'outbound_not_listed' })
  const unsaid = [{ origin: issuer.url, insideNetwork: false }]
  expect(await ask({ destinations: unsaid })).toMatchObject({ code: 'outbound_inside_network', status: 403 })
  expect(await ask({ caCertificate: 'no certificate' })).toMatchObject({ code: 'input_invalid' })
  for (const bad of ['http://plant.example', 'ftp://x', 'x', 'https://u:p@id.example', `${issuer.url}/?a=b`])
    expect(await ask({ issuer: bad })).toMatchObject({ code: 'outbound_address_invalid' })
  expect(issuer.calls.length).toBe(before)
})

test.each([
  ['a role of the site', { roleId: 'site_admin' }, 'not_found'],
  ['a role that is not there', { roleId: '01a1ffbb-0000-7000-8000-000000000009' }, 'not_found'],
  ['a tenant that is not there', { tenantId: '01a1ffbb-0000-7000-8000-000000000009' }, 'tenant_unknown'],
  ['no group', { reach: 'groups' }, 'input_invalid'],
  ['a foreign group', { reach: 'groups', groupIds: ['01a1ffbb-0000-7000-8000-000000000009'] }, 'not_found'],
])('a line that gives %s is refused', async (_what, changed, code) => {
  const line = { group: 'x', tenantId: southId, roleId: 'viewer', reach: 'tenant', groupIds: [], ...changed }
  const path = `/api/v1/sign-on/providers/${provider.id}`
  expect((await site.local.send('PATCH', path, { mappings: [line] })).json).toMatchObject({ code })
  const elsewhere = {
    ...line,
    ...(code === 'not_found' && { reach: 'groups', roleId: 'viewer', groupIds: [groups['Line 1']] }),
  }
  if (code === 'not_found')
    expect((await site.local.send('PATCH', path, { mappings: [elsewhere] })).json).toMatchObject({ code })
})

test('names stand once', async () => {
  const again = { ...settings(), name: 'PLANT LOGIN' }
  expect((await site.local.post('/api/v1/sign-on/providers', again)).json).toMatchObject({
    code: 'sign_on_name_taken',
  })
})

test('nothing is called before somebody presses the button', async () => {
  const before = issuer.calls.length
  await site.browser.get('/api/v1/auth/sign-on')
  await site.local.get('/api/v1/sign-on/providers')
  await change({ name: 'Plant login' })
  expect(issuer.calls.length).toBe(before)
})

test('deleted, it takes its sessions and what its groups gave along, and leaves the accounts', async () => {
  const { browser } = await signIn(account('gus', { groups: ['readers', 'site-admins'] }))
  const { id } = await whoIs(browser)
  expect((await site.local.send('DELETE', `/api/v1/sign-on/providers/${provider.id}`)).status).toBe(204)
  expect(await whoIs(browser)).toMatchObject({ code: 'not_signed_in' })
  const user = await people.db
    .selectFrom('users')
    .select(['siteAdmin', 'state'])
    .where('id', '=', id)
    .execute()
  expect(user).toEqual([{ siteAdmin: 0, state: 'active' }])
  expect(await people.db.selectFrom('memberships').selectAll().where('userId', '=', id).execute()).toEqual([])
  const secrets = await people.db
    .selectFrom('sealedSecrets')
    .select('id')
    .where('purpose', '=', 'sign-on-client')
    .execute()
  expect(secrets).toEqual([])
})
