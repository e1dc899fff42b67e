import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { seriousFindings } from '#tests/fixtures/axe.ts'
import { linkIs, signIn, startBrowser, type Visit, visit } from '#tests/fixtures/browser.ts'
import { unpack } from '#tests/fixtures/credentials.ts'
import { eventually } from '#tests/fixtures/eventually.ts'
import { mosquittoSub } from '#tests/fixtures/mosquitto.ts'
import { startSite, type TestSite } from '#tests/fixtures/site.ts'

/** One organisation becomes two: groups, the second tenant, whose people change between them and are cut off. */
const CHOSEN = 'fog over the Recife 8'

let site: TestSite
let browser: Browser
let admin: Visit
beforeAll(async () => {
  ;[browser, site] = await Promise.all([startBrowser(), startSite()])
  for (const [code, name] of [
    ['GW001', 'Boiler'],
    ['GW002', 'Pump'],
    ['GW003', 'Gate'],
  ])
    await site.local.post('/api/v1/gateways/provision', { code, name })
  admin = await visit(browser, site.addresses.http ?? '')
  await admin.page.goto('/login')
  await signIn(admin.page)
})
afterAll(async () => {
  await browser?.close()
  await site?.stop()
})

const dialog = (page: Page) => page.getByRole('dialog')

/** Somebody with an account, signed in in a browser of their own. */
async function person(email: string, membership: object): Promise<Visit & { id: string }> {
  const invited = await site.local.post('/api/v1/users', { email, name: email, ...membership })
  expect(invited.status).toBe(201)
  const token = new URL(invited.json.entry.link).hash.slice(1)
  await site.local.post('/api/v1/invitations/accept', { token, password: CHOSEN })
  const visitor = await visit(browser, site.addresses.http ?? '')
  await visitor.page.goto('/login')
  await signIn(visitor.page, { email, password: CHOSEN })
  return { ...visitor, id: invited.json.user.id }
}

/** What stands in the table of the fleet. */
async function codes(page: Page): Promise<string[]> {
  const cells = page.locator('[role="grid"] [role="row"]:not([aria-rowindex="1"]) [role="gridcell"]')
  return (await cells.allTextContents()).filter((text) => /^(GW|AC)\d+$/.test(text)).toSorted()
}

function showsFleet(page: Page, expected: string[]): Promise<void> {
  return expect.poll(() => codes(page), { timeout: 20_000 }).toEqual(expected)
}

test('a site with one tenant never shows the word', async () => {
  const { page, complaints } = admin
  const said: string[] = []
  for (const path of [
    '/',
    '/fleet',
    '/fleet/add',
    '/fleet/import',
    '/fleet/profiles',
    '/claims',
    '/topics',
    '/doctor',
    '/trends',
    '/dashboards',
    '/certificates',
    '/admin/tenants',
    '/admin/users',
    '/admin/roles',
    '/admin/api-keys',
    '/admin/mqtt-clients',
    '/admin/audit',
    '/account',
    '/settings',
  ]) {
    await page.goto(path)
    await page.locator('main h1').first().waitFor()
    await page.waitForLoadState('networkidle')
    const [word] = (await page.locator('body').innerText()).match(/.*\btenants?\b(?!:).*/i) ?? []
    if (word !== undefined) said.push(`${path}: ${word}`)
  }
  expect(said).toEqual([])
  await page.goto('/admin')
  await page.getByRole('heading', { name: 'Groups', level: 1 }).waitFor()
  expect(new URL(page.url()).pathname).toBe('/admin/tenants')
  expect(complaints).toEqual([])
})

test('groups are made, arranged by keyboard and pointer, and gateways go into them from the fleet', async () => {
  const { page } = admin
  const add = async (name: string, below?: string) => {
    await page.getByRole('button', { name: 'Add a group' }).first().click()
    await dialog(page).getByRole('textbox', { name: 'Name' }).fill(name)
    if (below !== undefined) {
      await dialog(page).getByLabel('Below').and(page.locator('input')).click()
      await page.getByRole('option', { name: below, exact: true }).click()
    }
    await dialog(page).getByRole('button', { name: 'Add' }).click()
    await page.getByRole('treeitem', { name: new RegExp(`^${name} `) }).waitFor()
  }
  await page.goto('/admin/tenants')
  await add('Plant 1')
  await add('Line 1', 'Plant 1')
  await add('Yard')
  expect(await seriousFindings(page)).toEqual([])

  const line = page.getByRole('treeitem', { name: /^Line 1 / })
  expect(await line.getAttribute('aria-level')).toBe('2')
  await line.focus()
  await page.keyboard.press('Enter')
  await dialog(page).getByRole('textbox', { name: 'Name' }).fill('Line A')
  await page.keyboard.press('Enter')
  await page.getByRole('treeitem', { name: /^Line A / }).waitFor()

  await page.goto('/fleet')
  for (const name of ['GW001 Boiler', 'GW002 Pump'])
    await page
      .locator('label')
      .filter({ has: page.getByRole('checkbox', { name: new RegExp(name) }) })
      .click()
  await page.getByRole('button', { name: 'Move to group' }).click()
  await dialog(page).getByLabel('Group').and(page.locator('input')).click()
  await page.getByRole('option', { name: 'Plant 1 / Line A' }).click()
  await dialog(page).getByRole('button', { name: 'Move' }).click()
  await dialog(page).waitFor({ state: 'hidden' })
  await expect.poll(() => page.getByRole('gridcell', { name: 'Line A' }).count(), { timeout: 20_000 }).toBe(2)
  await page.getByRole('button', { name: 'Add filter' }).click()
  await page.getByRole('menuitem', { name: 'Plant 1', exact: true }).click()
  await showsFleet(page, ['GW001', 'GW002'])

  await page.goto('/admin/tenants')
  const plant = page.getByRole('treeitem', { name: /^Plant 1 2 gateways/ })
  await plant.focus()
  await page.keyboard.press('ArrowLeft')
  await expect.poll(() => page.getByRole('treeitem').count()).toBe(2)
  await page.keyboard.press('Delete')
  await dialog(page)
    .getByText(/goes to The top/)
    .waitFor()
  await page.keyboard.press('Escape')
})

test('a second organisation brings the tenants; suspending it puts its people and gateways out at once', async () => {
  const { page, complaints } = admin
  await page.goto('/admin/tenants')
  await page.getByRole('button', { name: 'More' }).click()
  await page.getByRole('menuitem', { name: 'Serve several organisations' }).click()
  await dialog(page).getByRole('textbox', { name: 'Name', exact: true }).fill('Acme Dairy')
  await dialog(page).getByRole('button', { name: 'Add' }).click()
  await page.getByRole('heading', { name: 'Tenants', level: 1 }).waitFor()
  const row = page.getByRole('row', { name: /Acme Dairy/ })
  expect(await row.textContent()).toContain('acme-dairy')
  expect(await seriousFindings(page)).toEqual([])

  await site.local.post('/api/v1/gateways/provision', { code: 'AC001', name: 'Vat', tenant: 'acme-dairy' })
  const zip = await site.local.get('/api/v1/gateways/AC001/credentials')
  const credentials = await unpack(zip.bytes, join(site.dataDir, 'unzipped', 'AC001'))
  const session = mosquittoSub(credentials, credentials.telemetryTopic.replace(/telemetry$/, 'commands'))
  await eventually(async () => session.output().includes('SUBACK'), 'the gateway listens')
  const member = await person('ana@acme.example', { tenant: 'acme-dairy', role: 'tenant_admin' })
  await member.page.goto('/fleet')
  await showsFleet(member.page, ['AC001'])

  await row.click()
  await page.getByRole('button', { name: 'Suspend' }).click()
  const suspend = dialog(page).getByRole('button', { name: 'Suspend' })
  expect(await suspend.isDisabled()).toBe(true)
  await dialog(page).getByRole('textbox', { name: 'Type Acme Dairy to confirm' }).fill('Acme Dairy')
  await suspend.click()
  await member.page.waitForURL('**/login**')
  await eventually(
    async () => (await site.local.get('/api/v1/gateways/AC001')).json.online === false,
    'its gateway is out',
    1_000,
  )
  session.child.kill()
  await session.ended
  await row.getByText('Suspended').waitFor()
  await page.getByRole('button', { name: 'Resume' }).click()
  await dialog(page).getByRole('button', { name: 'Resume' }).click()
  await row.getByText('Active').waitFor()
  await signIn(member.page, { email: 'ana@acme.example', password: CHOSEN })
  await showsFleet(member.page, ['AC001'])
  await member.context.close()
  expect(complaints).toEqual([])
})

test('who has two tenants changes between them in every window, and sees nothing of the one before', async () => {
  const { page, context, id, complaints } = await person('bo@both.example', {
    tenant: 'plant-1',
    role: 'viewer',
  })
  await site.local.send('PUT', `/api/v1/users/${id}/memberships/acme-dairy`, { role: 'viewer' })
  await page.goto('/fleet')
  await showsFleet(page, ['GW001', 'GW002', 'GW003'])
  const other = await context.newPage()
  await other.goto('/fleet')
  await showsFleet(other, ['GW001', 'GW002', 'GW003'])

  await page.getByRole('button', { name: /Tenant:/ }).click()
  await page.getByRole('menuitem', { name: 'Acme Dairy' }).click()
  await showsFleet(page, ['AC001'])
  expect(new URL(page.url()).pathname).toBe('/fleet')
  // A message wakes the streams of the other window, which then begins anew.
  const gateway = (await site.local.get('/api/v1/gateways/GW001')).json.id
  await eventually(async () => {
    await site.local.send('PATCH', `/api/v1/gateways/${gateway}`, { name: `Boiler ${Date.now() % 1_000}` })
    return (await codes(other)).includes('AC001')
  }, 'the other window followed')
  expect(await codes(other)).toEqual(['AC001'])

  const vat = (await site.local.get('/api/v1/gateways/AC001')).json.id
  await page.goto(`/gateways/${vat}`)
  await page.getByRole('heading', { name: /AC001/ }).waitFor()
  await page.getByRole('button', { name: /Tenant:/ }).click()
  await page.getByRole('menuitem', { name: 'Plant 1' }).click()
  await page.waitForURL((url) => url.pathname === '/')
  await page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor()
  await linkIs(page, 'live')
  expect(await page.content()).not.toContain('AC001')
  expect(complaints).toEqual([])
  await context.close()
})

test('an administrator of the site looks at one tenant, and at all again', async () => {
  const { page } = admin
  await page.goto('/fleet')
  await showsFleet(page, ['AC001', 'GW001', 'GW002', 'GW003'])
  const choose = async (name: string) => {
    await page.getByRole('button', { name: /Tenant:/ }).click()
    await page.getByRole('menuitem', { name }).click()
  }
  await choose('Acme Dairy')
  await showsFleet(page, ['AC001'])
  expect(await page.getByRole('columnheader', { name: 'Tenant' }).count()).toBe(0)
  await choose('All tenants')
  await showsFleet(page, ['AC001', 'GW001', 'GW002', 'GW003'])
})
