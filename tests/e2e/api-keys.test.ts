import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { seriousFindings } from '#tests/fixtures/axe.ts'
import { signIn, startBrowser, visit } from '#tests/fixtures/browser.ts'
import { startSite, type TestSite } from '#tests/fixtures/site.ts'

let browser: Browser
let site: TestSite
beforeAll(async () => {
  ;[browser, site] = await Promise.all([startBrowser(), startSite()])
})
afterAll(async () => {
  await browser?.close()
  await site?.stop()
})

test('a key is made, shown once, used and revoked; nobody reads the word tenant', async () => {
  const { page, complaints } = await visit(browser, site.addresses.http ?? '')
  await page.goto('/admin/api-keys')
  await signIn(page)
  await page.getByText('No API keys yet').waitFor()
  await page.getByRole('button', { name: 'New key' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('button', { name: 'Make the key' }).click()
  await dialog.getByText('Give a name').waitFor()
  await dialog.getByLabel('Name', { exact: true }).fill('Node-RED')
  await dialog.getByRole('button', { name: 'Make the key' }).click()
  await dialog.getByText('Choose at least one').waitFor()
  expect(await dialog.textContent()).not.toMatch(/tenant/i)
  await dialog.getByLabel('See gateways').check()
  expect(await seriousFindings(page)).toEqual([])
  await dialog.getByRole('button', { name: 'Make the key' }).click()
  const key = (await page.getByLabel('API key', { exact: true }).textContent()) ?? ''
  expect(key).toMatch(/^mwk_[a-z0-9]{8}_[\w-]{43}$/)
  expect(await seriousFindings(page)).toEqual([])
  const headers = { authorization: `Bearer ${key}` }
  expect((await site.browser.get('/api/v1/gateways', headers)).status).toBe(200)
  expect((await site.browser.get('/api/v1/audit', headers)).status).toBe(403)
  await page.getByRole('button', { name: 'Done' }).click()
  await page.reload()
  await page.getByRole('grid').getByText('Node-RED').waitFor()
  expect(await page.locator('main').textContent()).not.toContain(key.slice(13))
  expect(await page.locator('main').textContent()).toContain(key.slice(0, 12))
  expect(await seriousFindings(page)).toEqual([])
  await page.getByRole('button', { name: 'Revoke' }).click()
  await dialog.getByRole('button', { name: 'Revoke' }).click()
  await page.getByRole('grid').getByText('Revoked').waitFor()
  expect((await site.browser.get('/api/v1/gateways', headers)).status).toBe(401)
  expect(complaints).toEqual([])
})
