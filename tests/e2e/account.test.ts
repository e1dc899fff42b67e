import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { linkIs, signIn, startBrowser, type Visit, visit } from '#tests/fixtures/browser.ts'
import { ADMIN, PASSWORD, startSite, type TestSite } from '#tests/fixtures/site.ts'
import { totpCode } from '#tests/fixtures/totp.ts'
import { lookAt } from './gallery.ts'

/** What people do about their own accounts: each test goes on where the one before ended. */
let site: TestSite
let browser: Browser
let visitor: Visit
let page: Page
let secret: string
let recoveryCodes: string[]
beforeAll(async () => {
  ;[site, browser] = await Promise.all([startSite(), startBrowser()])
  visitor = await visit(browser, site.addresses.http ?? '')
  page = visitor.page
})
afterAll(async () => {
  await browser?.close()
  await site?.stop()
})

const OWN = 'hail over Manaus 9'
const button = (name: string | RegExp, of = page) => of.getByRole('button', { name })
const password = (label: string, of = page) => of.getByLabel(label, { exact: true })

/** By the user menu, as a person goes there. */
async function openAccount(of = page): Promise<void> {
  await of.getByRole('button', { name: /theme, language, sign out/ }).click()
  await of.getByRole('menuitem', { name: 'My account' }).click()
  await of.getByRole('heading', { name: 'My account' }).waitFor()
}

test('a password that somebody else gave is changed before anything else', async () => {
  const invited = await site.local.post('/api/v1/users', {
    email: 'kim@plant.example',
    name: 'Kim Souza',
    role: 'viewer',
    how: 'one_time_password',
  })
  const given = invited.json.entry.oneTimePassword as string
  const kim = await visit(browser, site.addresses.http ?? '')
  await kim.page.goto('/login')
  await kim.page.locator('input[autocomplete="username"]').fill('kim@plant.example')
  await password('Password', kim.page).fill(given)
  await button('Sign in', kim.page).click()
  await kim.page.getByRole('heading', { name: 'Choose your password' }).waitFor()
  await password('Current password', kim.page).fill(given)
  await password('New password', kim.page).fill('kim souza 12')
  await kim.page.getByText('Strength: very weak').waitFor()
  await password('New password', kim.page).fill(OWN)
  await kim.page.getByText('Strength: strong').waitFor()
  await password('New password again', kim.page).fill('something else')
  await button('Change the password', kim.page).click()
  await kim.page.getByText('The two are not the same.').waitFor()
  const found = await lookAt(kim, { name: 'first-password', language: 'en', axe: true })
  expect(found).toEqual([])
  await password('New password again', kim.page).fill(OWN)
  await button('Change the password', kim.page).click()
  await linkIs(kim.page, 'live')
  await kim.page.getByRole('link', { name: 'Fleet', exact: true }).first().waitFor()
  await kim.context.close()
})

test('a second factor is set up with the QR code, and its recovery codes are shown once', async () => {
  await page.goto('/login')
  await signIn(page)
  await openAccount()
  await button('Set up a second factor').click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Your password').fill('not the password')
  await dialog.getByRole('button', { name: 'Continue' }).click()
  await dialog.getByText('E-mail or password is wrong').waitFor()
  await dialog.getByLabel('Your password').fill(PASSWORD)
  await dialog.getByRole('button', { name: 'Continue' }).click()
  await dialog.getByRole('img', { name: 'QR code for the authenticator app' }).waitFor()
  expect(await lookAt(visitor, { name: 'factor-setup', language: 'en', axe: true })).toEqual([])
  secret = (await dialog.locator('code').innerText()).replaceAll(' ', '')
  await dialog.getByLabel('Code', { exact: true }).fill('000000')
  await button('Turn it on').click()
  await dialog.getByText('The code is wrong, or was used before').waitFor()
  await dialog.getByLabel('Code', { exact: true }).fill(totpCode(secret))
  await page.keyboard.press('Enter')
  await dialog.getByRole('list', { name: 'Recovery codes' }).waitFor()
  recoveryCodes = await dialog.getByRole('listitem').allInnerTexts()
  expect(recoveryCodes).toHaveLength(10)
  expect(await lookAt(visitor, { name: 'recovery-codes', language: 'en', axe: true })).toEqual([])
  await button('I have kept them').click()
  await page.getByText('10 recovery codes are left.').waitFor()
  expect(await page.getByText(recoveryCodes[0] ?? '').count()).toBe(0)
  expect(await lookAt(visitor, { name: 'account', language: 'en', axe: true, wide: true })).toEqual([])
})

test('signing in asks for the code, or for a recovery code', async () => {
  const other = await visit(browser, site.addresses.http ?? '')
  await other.page.goto('/login?to=%2Ffleet')
  await other.page.locator('input[autocomplete="username"]').fill(ADMIN)
  await password('Password', other.page).fill(PASSWORD)
  await other.page.keyboard.press('Enter')
  const code = other.page.locator('input[autocomplete="one-time-code"]')
  await code.waitFor()
  // It is where one types.
  expect(await code.evaluate((field) => field === document.activeElement)).toBe(true)
  await other.page.keyboard.type('000 000')
  await other.page.keyboard.press('Enter')
  await other.page.getByText('The code is wrong, or was used before').waitFor()
  expect(await lookAt(other, { name: 'login-code', language: 'en', axe: true })).toEqual([])
  await button('Use a recovery code instead', other.page).click()
  await other.page.getByLabel('Recovery code').fill((recoveryCodes[0] ?? '').toUpperCase())
  await button('Sign in', other.page).click()
  await linkIs(other.page, 'live')
  expect(new URL(other.page.url()).pathname).toBe('/fleet')

  // Elsewhere it is seen, and ended.
  await page.reload()
  await page.getByText('9 recovery codes are left.').waitFor()
  await button(/^Sign out of Chrome/).click()
  await other.page.waitForURL('**/login**')
  await other.context.close()
})

test('where nobody is there the window locks: nothing is left to see, and the password opens it', async () => {
  await site.local.send('PUT', '/api/v1/auth/settings', {
    registration: { isOpen: false, role: 'viewer' },
    passwordClasses: false,
    idleLockMinutes: 1,
  })
  await page.clock.install()
  await page.goto('/fleet')
  await linkIs(page, 'live')
  await page.clock.fastForward(50_000)
  await page.mouse.move(300, 300)
  await page.mouse.move(310, 310)
  await page.clock.fastForward(50_000)
  await linkIs(page, 'live')
  await page.clock.fastForward(61_000)
  await page.getByRole('heading', { name: 'Locked' }).waitFor()
  expect(await page.locator('main').innerText()).not.toContain('Gateways')
  expect(await lookAt(visitor, { name: 'locked', language: 'en', axe: true })).toEqual([])
  // The site refuses too, whatever the window shows.
  const answer = await page.request.get('/api/v1/gateways')
  expect(await answer.json()).toMatchObject({ code: 'session_locked' })
  await page.reload()
  await page.getByRole('heading', { name: 'Locked' }).waitFor()
  await password('Password').fill(PASSWORD)
  await button('Unlock').click()
  await page.locator('input[autocomplete="one-time-code"]').fill(totpCode(secret, 1))
  await button('Unlock').click()
  await linkIs(page, 'live')
  expect(new URL(page.url()).pathname).toBe('/fleet')
})

test('it is locked by hand as well; whoever is not that person signs out', async () => {
  await page.getByRole('button', { name: /theme, language, sign out/ }).click()
  await page.getByRole('menuitem', { name: 'Lock' }).click()
  await page.getByRole('heading', { name: 'Locked' }).waitFor()
  await button('Sign out').click()
  await page.waitForURL('**/login')
  expect((await page.request.get('/api/v1/auth/me')).status()).toBe(401)
})

test('with registration open, the label of a box makes an account that sees this box alone', async () => {
  const made = await site.local.post('/api/v1/gateways/provision', {
    code: 'GW-OWN',
    name: 'Pool pump',
    mac_address: 'aa:bb:cc:a1:b2:c3',
  })
  expect(made.status).toBe(201)
  await site.local.post('/api/v1/gateways/provision', { code: 'GW-OTHER', name: 'Boiler' })
  await site.local.send('PUT', '/api/v1/auth/settings', {
    registration: { isOpen: true, role: 'viewer' },
    passwordClasses: false,
    idleLockMinutes: null,
  })
  const guest = await visit(browser, site.addresses.http ?? '')
  await guest.page.goto('/login')
  await guest.page.getByRole('link', { name: "Make an account with a gateway's label" }).click()
  await guest.page.getByLabel('Label of the gateway').fill('ESP-FFFFFF')
  await guest.page.getByLabel('User name').fill('pool.owner')
  await guest.page.getByLabel('E-mail').fill('owner@home.example')
  await password('Password', guest.page).fill(OWN)
  await button('Make the account', guest.page).click()
  await guest.page.getByText('There is no free gateway with this label').waitFor()
  expect(await lookAt(guest, { name: 'register', language: 'en', axe: true })).toEqual([])
  await guest.page.getByLabel('Label of the gateway').fill('esp-a1b2c3')
  await button('Make the account', guest.page).click()
  await guest.page.getByText('The account pool.owner is made').waitFor()
  await guest.page.getByRole('link', { name: 'Sign in' }).click()
  await signIn(guest.page, { email: 'pool.owner', password: OWN })
  await guest.page.getByRole('link', { name: 'Fleet', exact: true }).first().click()
  await guest.page.getByText('Pool pump').first().waitFor()
  expect(await guest.page.getByText('Boiler').count()).toBe(0)
  await guest.context.close()
})
