import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { SignOnProvider } from '#contract/api/sign-on.ts'
import { seriousFindings } from '#tests/fixtures/axe.ts'
import { linkIs, signIn, startBrowser, type Visit, visit } from '#tests/fixtures/browser.ts'
import { CLIENT, OidcIssuer } from '#tests/fixtures/oidc-issuer.ts'
import { startSite, type TestSite } from '#tests/fixtures/site.ts'

/**
 * Signing in with a provider as a person does it. Site (localhost) and provider (127.0.0.1) are different sites for the
 * browser, so that its rules about cookies are at work.
 */
let site: TestSite
let issuer: OidcIssuer
let browser: Browser
let admin: Visit
let provider: SignOnProvider

beforeAll(async () => {
  ;[browser, site, issuer] = await Promise.all([startBrowser(), startSite(), OidcIssuer.start()])
  issuer.accounts.set('ana', {
    email: 'ana@plant.example',
    email_verified: true,
    name: 'Ana Lima',
    groups: ['operators'],
  })
  issuer.accounts.set('stranger', { email: 'x@plant.example', email_verified: true, groups: [] })
  await site.local.post('/api/v1/gateways/provision', { code: 'GW001', name: 'Boiler house' })
  admin = await visit(browser, site.addresses.http ?? '')
  await admin.page.goto('/login')
  await signIn(admin.page)
})
afterAll(async () => {
  await browser?.close()
  await issuer?.stop()
  await site?.stop()
})

/** Presses the button on the sign-in page, and says at the provider who they are. */
async function comeAs(page: Page, login: string): Promise<void> {
  await page.getByRole('link', { name: 'Sign in with Plant login' }).click()
  await page.getByLabel('Name').fill(login)
  await page.getByRole('button', { name: 'Go on' }).click()
}

test('a site administrator adds a provider: nothing is called before its address is ticked', async () => {
  const { page } = admin
  await page.goto('/settings')
  await page.getByRole('button', { name: 'Add provider' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Name', { exact: true }).fill('Plant login')
  await dialog.getByLabel('Issuer').fill(issuer.url)
  await dialog.getByLabel('Client ID').fill(CLIENT.id)
  await dialog.getByLabel('Client secret').fill(CLIENT.secret)
  await dialog.getByRole('button', { name: 'Save' }).click()
  await dialog.getByText('the site calls nothing that is not ticked').waitFor()
  const test = dialog.getByRole('button', { name: 'Test' })
  expect(await test.isDisabled()).toBe(true)
  await dialog.getByLabel(`The site may call ${issuer.url}`).check()
  await test.click()
  await dialog.getByText('127.0.0.1 is 127.0.0.1: inside the plant network').waitFor()
  expect(issuer.calls).toEqual([])
  await dialog.getByLabel(`${issuer.url} is inside the plant network`).check()
  await test.click()
  await dialog.getByText('The issuer answers').waitFor()
  expect(issuer.calls).toEqual(['GET /.well-known/openid-configuration', 'GET /jwks'])
  await dialog.getByLabel('Scopes').fill('email profile groups')
  await dialog.getByRole('button', { name: 'Add line' }).click()
  const line = dialog.getByRole('group', { name: 'Line 1' })
  await line.getByLabel('Group there').fill('operators')
  await line.getByLabel('Role here').click()
  await page.getByRole('option', { name: 'Operator' }).click()
  expect(await seriousFindings(page)).toEqual([])
  await dialog.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('dialog', { name: 'Plant login is added' }).waitFor()
  expect(await seriousFindings(page)).toEqual([])
  const { providers } = (await site.local.get('/api/v1/sign-on/providers')).json
  provider = providers[0]
  expect(provider).toMatchObject({
    issuer: issuer.url,
    hasSecret: true,
    mappings: [{ group: 'operators', roleId: 'operator', reach: 'tenant' }],
    destinations: [{ origin: issuer.url, insideNetwork: true }],
  })
  issuer.register(provider.redirectUris)
  expect(admin.complaints).toEqual([])
})

test('a person signs in there and lands, signed in, on the page they wanted', async () => {
  const { page, complaints, context } = await visit(browser, site.addresses.http ?? '')
  await page.goto('/fleet')
  await page.waitForURL(/\/login/)
  expect(await seriousFindings(page)).toEqual([])
  await comeAs(page, 'ana')
  await page.waitForURL(/\/fleet/)
  await linkIs(page, 'live')
  await page.getByText('GW001').first().waitFor()
  const cookie = (await context.cookies()).find(({ name }) => name === '__Host-millwright')
  expect(cookie).toMatchObject({ sameSite: 'Strict', httpOnly: true, secure: true })
  expect((await context.cookies()).some(({ name }) => name.includes('sign-on'))).toBe(false)
  // The mapped role counts: an operator sees no sign-on settings.
  await page.goto('/settings')
  await page.getByText('Appearance').first().waitFor()
  expect(await page.getByRole('button', { name: 'Add provider' }).count()).toBe(0)
  // What was used does not count again: the way back opens nothing.
  await page.goto(`/api/v1/auth/sign-on/${provider.id}/callback?code=x&state=y`)
  await page.waitForURL(/\/login/)
  await page.getByText('This sign-in took too long, was used before, or began in another browser').waitFor()
  // They are signed in all the same, and stay so.
  await page.goto('/')
  await linkIs(page, 'live')
  expect(complaints).toEqual([])
  await context.close()
})

test('the session counts from the first request on, though the way there began at another site', async () => {
  // A page that the site itself makes for a session: browsers hold the cookie back while a navigation is another site's.
  const { page, context } = await visit(browser, site.addresses.http ?? '')
  await page.goto(`/api/v1/auth/sign-on/${provider.id}/start?to=/api/v1/auth/me`)
  await page.getByLabel('Name').fill('ana')
  await page.getByRole('button', { name: 'Go on' }).click()
  await page.waitForURL(/\/auth\/me$/)
  expect(JSON.parse(await page.locator('body').innerText())).toMatchObject({ email: 'ana@plant.example' })
  await context.close()
})

test('who has no right here is told so on the sign-in page, and can go on with a password', async () => {
  const { page, context } = await visit(browser, site.addresses.http ?? '')
  await page.goto('/login')
  await comeAs(page, 'stranger')
  await page.getByText('You have no account here, and your groups give you none').waitFor()
  expect(await seriousFindings(page)).toEqual([])
  await signIn(page)
  await context.close()
})

test('a provider that is down is said, in Portuguese too', async () => {
  const { page, context } = await visit(browser, site.addresses.http ?? '', { locale: 'pt-BR' })
  const url = `/api/v1/auth/sign-on/${provider.id}/start`
  const gone = 'http://127.0.0.1:9'
  const destinations = [{ origin: gone, insideNetwork: true }]
  await site.local.send('PATCH', `/api/v1/sign-on/providers/${provider.id}`, { issuer: gone, destinations })
  await page.goto(url)
  await page.waitForURL(/\/login\?error=sign_on_unavailable/)
  await page.getByText('O provedor não pode ser usado agora').waitFor()
  // Nothing that a stranger could learn of the network stands there.
  expect(await page.locator('body').innerText()).not.toContain('127.0.0.1')
  await context.close()
})
