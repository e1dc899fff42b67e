import { readFileSync } from 'node:fs'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { seriousFindings } from '#tests/fixtures/axe.ts'
import { linkIs, signIn, startBrowser, type Visit, visit } from '#tests/fixtures/browser.ts'
import { startSite, type TestSite } from '#tests/fixtures/site.ts'

/** The audit on its screen: who did what, the proof of it, and as a file. */
let site: TestSite
let browser: Browser
let visitor: Visit
let page: Page

beforeAll(async () => {
  ;[browser, site] = await Promise.all([startBrowser(), startSite()])
  for (const code of ['GW001', 'GW002'])
    await site.local.post('/api/v1/gateways/provision', { code, name: `Boiler ${code}` })
  await site.local.post('/api/v1/gateways/GW001/suspend', { reason: 'door open' })
  // Fails, for it is suspended already.
  await site.local.post('/api/v1/gateways/GW001/suspend', {})
  visitor = await visit(browser, site.addresses.http ?? '')
  page = visitor.page
  await page.goto('/login')
  await signIn(page)
})
afterAll(async () => {
  await browser?.close()
  await site?.stop()
})
beforeEach(async () => {
  await page.goto('/admin/audit')
  await linkIs(page, 'live')
})

const rows = () => page.getByRole('grid', { name: 'Audit' }).getByRole('row')
const row = (text: string | RegExp) => rows().filter({ hasText: text }).first()

test('the newest entry stands first, and one opens with what was before and after', async () => {
  await row('gateway.suspend').waitFor()
  expect(await rows().nth(1).innerText()).toContain('auth.login')
  await rows().filter({ hasText: 'gateway.suspend' }).nth(1).click()
  const panel = page.getByRole('complementary', { name: /^Entry \d+$/ })
  await panel.getByText('/api/v1/gateways/GW001/suspend').waitFor()
  const change = panel.getByRole('row').filter({ hasText: 'claimed' })
  expect(await change.innerText()).toMatch(/claimed\s+suspended/)
  await panel.getByText('door open').waitFor()
  expect(page.url()).toMatch(/entry=\d+/)
  expect(await seriousFindings(page)).toEqual([])
  await panel.getByRole('button', { name: 'Only about this object' }).click()
  await row('auth.login').waitFor({ state: 'detached' })
  await row('GW002').waitFor({ state: 'detached' })
  expect(await rows().count()).toBe(4)
  await panel.getByRole('button', { name: 'Close' }).click()
  expect(await panel.count()).toBe(0)
})

test('filters stand in the address, and are taken away again', async () => {
  await page.getByRole('button', { name: '+ Filter' }).click()
  await page.getByRole('menuitem', { name: 'Failed' }).click()
  await row('gateway_state_conflict').waitFor()
  await row('auth.login').waitFor({ state: 'detached' })
  expect(page.url()).toContain('outcome=failed')
  await page.reload()
  await row('gateway_state_conflict').waitFor()
  await page.getByRole('textbox', { name: 'Find in entries' }).fill('nothing like it')
  await page.getByText('No entry fits').waitFor()
  expect(await seriousFindings(page)).toEqual([])
  await page.getByRole('button', { name: 'Remove all filters' }).click()
  await row('auth.login').waitFor()
  expect(new URL(page.url()).search).toBe('')
})

test('the chain is proved on request, and the screen says until where', async () => {
  await page.getByText(/was not proved yet/).waitFor()
  await page.getByRole('button', { name: 'Verify' }).click()
  const proof = page.getByText(/^Chain verified up to entry \d+ at /)
  await proof.waitFor()
  await row('audit.verify').waitFor()
  expect(await proof.innerText()).toMatch(/entry [1-9]/)
})

test('how long entries are kept is chosen, and is an entry', async () => {
  await page.getByRole('button', { name: 'Change' }).click()
  const dialog = page.getByRole('dialog', { name: 'How long entries are kept' })
  await dialog.getByRole('radio', { name: 'For a number of days' }).check()
  const days = dialog.getByRole('textbox', { name: 'Days' })
  await days.fill('10')
  expect(await dialog.getByRole('button', { name: 'Save' }).isDisabled()).toBe(true)
  await days.fill('400')
  expect(await seriousFindings(page)).toEqual([])
  await dialog.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Entries are kept for 400 days.').waitFor()
  await row('audit.settings').waitFor()
})

test('what is filtered is exported as a job, whose file the list of jobs has', async () => {
  await page.goto('/admin/audit?action=gateway.')
  await row('gateway.suspend').waitFor()
  await page.getByRole('button', { name: 'Export' }).click()
  await page.getByRole('menuitem', { name: 'JSON lines' }).click()
  await page.getByText('The export was started').waitFor()
  await page.getByRole('button', { name: /^Jobs/ }).click()
  const download = page.waitForEvent('download')
  await page.getByRole('button', { name: /^Download the file of/ }).click()
  const lines = readFileSync(await (await download).path(), 'utf8')
    .trimEnd()
    .split('\n')
  const actions = lines.map((line) => (JSON.parse(line) as { action: string }).action)
  expect(actions).toEqual(['gateway.provision', 'gateway.provision', 'gateway.suspend', 'gateway.suspend'])
})

test('it is as readable on a phone, in the dark and in Portuguese', async () => {
  const other = await visit(browser, site.addresses.http ?? '', {
    viewport: { width: 400, height: 800 },
    colorScheme: 'dark',
    locale: 'pt-BR',
  })
  await other.page.goto('/login?to=/admin/audit')
  await signIn(other.page)
  await other.page.getByRole('grid', { name: 'Auditoria' }).getByRole('row').nth(2).click()
  await other.page.getByRole('complementary', { name: /^Entrada \d+$/ }).waitFor()
  expect(await seriousFindings(other.page)).toEqual([])
  await other.context.close()
  expect(visitor.complaints).toEqual([])
})
