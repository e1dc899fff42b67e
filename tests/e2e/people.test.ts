import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { seriousFindings } from '#tests/fixtures/axe.ts'
import { linkIs, signIn, startBrowser, visit } from '#tests/fixtures/browser.ts'
import { startSite, type TestSite } from '#tests/fixtures/site.ts'

/** From an invitation to a person who sees their part of the plant and nothing else, each in a browser of their own. */
const CHOSEN = 'fog over the Recife 8'

let site: TestSite
let browser: Browser
let admin: Page
beforeAll(async () => {
  ;[browser, site] = await Promise.all([startBrowser(), startSite()])
  const group = async (name: string): Promise<string> =>
    (await site.local.post('/api/v1/groups', { name })).json.id
  const [hall, yard] = [await group('Boiler hall'), await group('Yard')]
  for (const [code, name, place] of [
    ['GW001', 'Boiler 1', hall],
    ['GW002', 'Gate', yard],
    ['GW003', 'Office', undefined],
  ])
    await site.local.post('/api/v1/gateways/provision', { code, name, group: place })
  admin = (await visit(browser, site.addresses.http ?? '')).page
  await admin.goto('/login')
  await signIn(admin)
})
afterAll(async () => {
  await browser?.close()
  await site?.stop()
})

const dialog = () => admin.getByRole('dialog')

/** Fills the dialog in and gives what is shown once. */
async function invite(email: string, fill: () => Promise<void>): Promise<string> {
  await admin.goto('/admin/users')
  await admin.getByRole('button', { name: 'Invite' }).click()
  await dialog().getByRole('textbox', { name: 'E-mail' }).fill(email)
  await fill()
  await dialog().getByRole('button', { name: 'Invite' }).click()
  await dialog().getByText('it is not shown again').waitFor()
  const shown = (await dialog().locator('code').textContent()) ?? ''
  await dialog().getByRole('button', { name: 'Done' }).click()
  return shown
}

/** The same page at the address that this machine reaches. */
const pathOf = (link: string) => new URL(link).pathname + new URL(link).hash

test('an invited person chooses a password, sees only their group, and is out as soon as they are suspended', async () => {
  const link = await invite('caro@plant.example', async () => {
    await dialog().getByLabel('Some groups').check()
    await dialog().getByRole('combobox', { name: 'Groups' }).click()
    await admin.getByRole('option', { name: 'Boiler hall' }).click()
  })
  const row = admin.getByRole('row', { name: /caro@plant\.example/ })
  expect(await row.textContent()).toMatch(/Invited.*Viewer.*Boiler hall/)

  const { page, complaints } = await visit(browser, site.addresses.http ?? '')
  await page.goto(pathOf(link))
  await page.getByRole('heading', { name: 'Invitation' }).waitFor()
  // The token is out of the address before anybody looks at it.
  expect(new URL(page.url()).hash).toBe('')
  expect(await page.getByText('c…').textContent()).toContain('@plant.example')
  await page.getByLabel('Name').fill('Caro Prado')
  await page.getByLabel('Password', { exact: true }).fill('password1234')
  await page.getByLabel('The password again').fill('password1234')
  await page.getByRole('button', { name: 'Go on' }).click()
  await page.getByRole('alert').waitFor()
  await page.getByLabel('Password', { exact: true }).fill(CHOSEN)
  await page.getByLabel('The password again').fill(CHOSEN)
  await page.getByRole('button', { name: 'Go on' }).click()
  await linkIs(page, 'live')

  await page.goto('/fleet')
  await page.getByRole('grid').getByText('GW001').waitFor()
  expect(await page.getByRole('grid').getAttribute('aria-rowcount')).toBe('2')
  expect(await page.content()).not.toMatch(/GW002|GW003|Yard/)
  expect(await page.getByRole('link', { name: 'Administration' }).count()).toBe(0)
  await page.goto('/admin/users')
  await page.getByText('permission', { exact: false }).first().waitFor()
  expect(await page.content()).not.toContain('admin@plant.example')

  // The link does nothing a second time.
  const { page: other } = await visit(browser, site.addresses.http ?? '')
  await other.goto(pathOf(link))
  await other.getByText('This link or code was used already').waitFor()
  await other.context().close()

  await page.goto('/fleet')
  await page.getByRole('grid').getByText('GW001').waitFor()
  await admin.reload()
  await row.click()
  await admin.getByRole('button', { name: 'Suspend' }).click()
  await dialog().getByRole('button', { name: 'Suspend' }).click()
  await page.waitForURL('**/login**')
  await row.getByText('Suspended').waitFor()
  expect(complaints).toEqual([])
})

test('a one-time password leads to a password of one’s own', async () => {
  const password = await invite('dora@plant.example', () =>
    dialog().getByLabel('A one-time password').check(),
  )
  expect(password).toMatch(/^[A-Za-z2-9]{20}$/)
  const { page } = await visit(browser, site.addresses.http ?? '')
  await page.goto('/login')
  await page.getByLabel('E-mail or user name').fill('dora@plant.example')
  await page.locator('input[type="password"]').fill(password)
  await page.locator('button[type="submit"]').click()
  const fields = page.locator('input[type="password"]')
  await expect.poll(() => fields.count()).toBe(3)
  await fields.nth(0).fill(password)
  await fields.nth(1).fill(CHOSEN)
  await fields.nth(2).fill(CHOSEN)
  await page.locator('button[type="submit"]').click()
  await linkIs(page, 'live')
})

test('a role is made in the matrix, given, and its rights follow each change at once', async () => {
  await admin.goto('/admin/roles')
  await admin.getByRole('button', { name: 'New role' }).click()
  await admin.getByRole('textbox', { name: 'Name of the role' }).fill('Meter reader')
  await admin.getByRole('checkbox', { name: 'See gateways' }).check()
  expect(await admin.getByRole('checkbox', { name: 'Change the settings of the site' }).isDisabled()).toBe(
    true,
  )
  await admin.getByRole('button', { name: 'Save' }).click()
  await admin.getByRole('columnheader', { name: 'Meter reader 0 people' }).waitFor()

  const link = await invite('rita@plant.example', async () => {
    await dialog().getByRole('combobox', { name: 'Role' }).click()
    await admin.getByRole('option', { name: 'Meter reader' }).click()
  })
  const { page } = await visit(browser, site.addresses.http ?? '')
  await page.goto(pathOf(link))
  await page.getByLabel('Name').fill('Rita')
  await page.getByLabel('Password', { exact: true }).fill(CHOSEN)
  await page.getByLabel('The password again').fill(CHOSEN)
  await page.getByRole('button', { name: 'Go on' }).click()
  await linkIs(page, 'live')
  expect(await page.getByRole('link', { name: 'Trends' }).count()).toBe(0)

  await admin.goto('/admin/roles')
  await admin.getByRole('button', { name: 'Actions for Meter reader' }).click()
  await admin.getByRole('menuitem', { name: 'Change' }).click()
  await admin.getByRole('checkbox', { name: 'See readings' }).check()
  await admin.getByRole('button', { name: 'Save' }).click()
  await admin.getByRole('button', { name: 'Actions for Meter reader' }).click()
  await admin.getByRole('menuitem', { name: 'Delete' }).click()
  await dialog().getByRole('button', { name: 'Delete' }).click()
  await dialog().getByText('1 people have the role').waitFor()
  await page.reload()
  await page.getByRole('link', { name: 'Trends' }).waitFor()
})

test('the screens of people have nothing serious for axe-core, in both themes', async () => {
  const link = await invite('axe@plant.example', async () => {})
  for (const colorScheme of ['light', 'dark'] as const) {
    await admin.emulateMedia({ colorScheme })
    await admin.goto('/admin/users')
    await admin.getByRole('row', { name: /dora@plant\.example/ }).click()
    await admin.getByRole('complementary').waitFor()
    expect(await seriousFindings(admin)).toEqual([])
    await admin.getByRole('button', { name: 'Invite' }).click()
    await dialog().waitFor()
    expect(await seriousFindings(admin)).toEqual([])
    await admin.goto('/admin/roles')
    await admin.getByRole('button', { name: 'New role' }).click()
    expect(await seriousFindings(admin)).toEqual([])
    const { page, context } = await visit(browser, site.addresses.http ?? '', { colorScheme })
    await page.goto(pathOf(link))
    await page.getByLabel('Name').waitFor()
    expect(await seriousFindings(page)).toEqual([])
    await context.close()
  }
})
