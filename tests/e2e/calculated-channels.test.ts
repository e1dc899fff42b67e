import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { seriousFindings } from '#tests/fixtures/axe.ts'
import { linkIs, signIn, startBrowser, visit } from '#tests/fixtures/browser.ts'
import { eventually } from '#tests/fixtures/eventually.ts'
import { startSite, type TestSite } from '#tests/fixtures/site.ts'

let site: TestSite
let browser: Browser
let page: Page
beforeAll(async () => {
  ;[browser, site] = await Promise.all([startBrowser(), startSite()])
  const made = await site.local.post('/api/v1/gateways/provision', { code: 'GW001', name: 'Boiler house' })
  const now = Date.now()
  await site.engine.importReadings(
    made.json.gateway_id,
    Array.from({ length: 300 }, (_, n) => n).flatMap((n) => [
      {
        channel: 'power',
        kind: 'number' as const,
        unit: 'W',
        ts: now - n * 10_000,
        value: 1_000 + n,
        quality: 0,
      },
      { channel: 'mode', kind: 'text' as const, unit: null, ts: now - n * 10_000, value: 'auto', quality: 0 },
    ]),
  )
  page = (await visit(browser, site.addresses.http ?? '')).page
  await page.goto('/login')
  await signIn(page)
})
afterAll(async () => {
  await browser?.close()
  await site?.stop()
})

const dialog = () => page.getByRole('dialog')
const expression = () => dialog().getByRole('textbox', { name: 'Expression' })

test('a calculated channel is made, shown, changed and deleted', async () => {
  await page.goto('/trends')
  await linkIs(page, 'live')
  await page.getByRole('combobox', { name: 'Channels' }).click()
  await page.getByText('New calculated channel').click()
  await dialog().getByRole('textbox', { name: 'Name' }).fill('Power in kW')
  await dialog().getByRole('textbox', { name: 'Unit' }).fill('kW')

  // What is picked goes into the expression, and typing goes on behind it.
  await dialog().getByRole('combobox', { name: 'Insert a channel' }).click()
  // Texts cannot be calculated with.
  expect(await page.getByRole('option').allTextContents()).toEqual(['GW001 power'])
  await page.getByRole('option', { name: 'GW001 power' }).click()
  await eventually(async () => (await expression().inputValue()) === '[GW001/power]', 'the name')
  await page.keyboard.type(' / sin(2)')
  await dialog().getByText('There is no function sin.').waitFor()
  expect(await dialog().getByText('Character 17:').count()).toBe(1)
  await dialog().getByRole('button', { name: 'Show' }).click()
  expect(await page.evaluate(() => getSelection()?.toString())).toBe('sin')

  await expression().fill('[GW001/power] / 1000')
  await dialog().getByText('Maximum').waitFor()
  expect(await seriousFindings(page)).toEqual([])
  await dialog().getByRole('button', { name: 'Save' }).click()
  await dialog().waitFor({ state: 'detached' })

  const row = page.getByRole('row', { name: /Power in kW.*Calculated/ })
  await row.waitFor()
  await eventually(async () => /1\.\d\d/.test((await row.textContent()) ?? ''), 'a value')

  await page.getByRole('button', { name: 'Change the calculation of Power in kW' }).click()
  expect(await expression().inputValue()).toBe('[GW001/power] / 1000')
  await dialog().getByRole('button', { name: 'Delete' }).click()
  await dialog().getByRole('button', { name: 'Delete Power in kW?' }).click()
  await dialog().waitFor({ state: 'detached' })
  expect((await site.local.get('/api/v1/calculations')).json).toEqual({ calculations: [] })
})

test('the calendar is set in Settings', async () => {
  await page.goto('/settings')
  await linkIs(page, 'live')
  const card = page.locator('section').filter({ has: page.getByRole('heading', { name: 'Calendar' }) })
  await card.getByLabel('Shifts begin at').fill('6h30')
  await page.keyboard.press('Enter')
  await card.getByText('Sunday').click()
  await card.getByRole('button', { name: 'Save' }).click()
  await eventually(
    async () => (await site.local.get('/api/v1/site/calendar')).json.weekStart === 'sunday',
    'the calendar to be saved',
  )
  const { shiftStarts } = (await site.local.get('/api/v1/site/calendar')).json
  expect(shiftStarts).toEqual(['06:00', '06:30', '14:00', '22:00'])
})
