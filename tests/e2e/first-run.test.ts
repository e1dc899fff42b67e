import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, Download, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { say, startBrowser, type Visit, visit } from '#tests/fixtures/browser.ts'
import { type Credentials, unpack } from '#tests/fixtures/credentials.ts'
import { mosquittoPub } from '#tests/fixtures/mosquitto.ts'
import { watchFor } from '#tests/fixtures/seen-at.ts'
import { ADMIN, PASSWORD, temporaryFolder } from '#tests/fixtures/site.ts'
import { serveFresh } from '#tests/fixtures/site-process.ts'

/** A person's first hour, in one browser on one site: each test goes on where the one before ended. */
let dataDir: string
let site: Awaited<ReturnType<typeof serveFresh>>
let browser: Browser
let visitor: Visit
let page: Page
let gateway: Credentials
beforeAll(async () => {
  dataDir = await temporaryFolder()
  ;[site, browser] = await Promise.all([serveFresh(dataDir), startBrowser()])
  visitor = await visit(browser, site.httpUrl)
  page = visitor.page
})
afterAll(async () => {
  await browser?.close()
  await site?.stop()
  await rm(dataDir, { recursive: true, force: true })
})

/** A second is the aim; on a busy machine of two cores a browser, a site and a gateway share them. */
const VISIBLE_WITHIN = 5_000

const button = (name: string | RegExp, within: Page | Locator = page) => within.getByRole('button', { name })
const field = (name: string) => page.getByRole('textbox', { name })
const shows = (text: string | RegExp) => page.locator('main').getByText(text).first().waitFor()
const openFromRail = (name: string) => page.getByRole('link', { name, exact: true }).first().click()

test('the site is set up with the code of the console, and nothing is written before the summary', async () => {
  await page.goto('/')
  await page.waitForURL('**/setup')
  await field('One-time code').fill('AAAA-BBBB-CCCC-DDDD')
  await button('Continue').click()
  await shows('The set-up code is wrong')
  await field('One-time code').fill(site.setupCode.toLowerCase())
  await page.keyboard.press('Enter')
  await field('Site name').fill('Campinas')
  await button('Continue').click()
  await field('E-mail').fill(ADMIN)
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
  await page.getByLabel('Password again').fill('something else')
  await button('Continue').click()
  await shows('The two passwords differ.')
  await page.getByLabel('Password again').fill(PASSWORD)
  await button('Continue').click()
  for (const box of await page.getByRole('checkbox').all()) await box.uncheck()
  await page.getByRole('checkbox', { name: /127\.0\.0\.1/ }).check()
  await button('Continue').click()
  await shows('Nothing is written yet.')
  for (const answer of ['Campinas', ADMIN, '127.0.0.1']) await shows(answer)
  expect((await page.request.get('/api/v1/setup')).ok()).toBe(true)
  expect(await (await page.request.get('/api/v1/setup')).json()).toMatchObject({ done: false })
  await button('Set up the site').click()
  await page.getByRole('heading', { name: 'Campinas runs' }).waitFor({ timeout: 60_000 })
  const recovery = await page.locator('main .mono, main code, main output').first().innerText()
  expect(recovery.replace(/\s/g, '')).toMatch(/^[0-9A-Z-]{30,}$/)
  expect(await button('Add the first gateway').isDisabled()).toBe(true)
  await page.getByLabel('The recovery code is kept in a safe place').check()
  await button('Add the first gateway').click()
  await field('MAC address').waitFor()
  // Shown once: going back does not bring it again.
  expect(await page.getByText(recovery).count()).toBe(0)
})

test('the administrator signs in, and the empty Overview says what to do next', async () => {
  await page.context().clearCookies()
  await page.goto('/')
  await page.waitForURL('**/login')
  await field('E-mail').fill(ADMIN)
  await page.getByLabel('Password', { exact: true }).fill('not the password')
  await button('Sign in').click()
  await shows('E-mail or password is wrong')
  expect(await field('E-mail').inputValue()).toBe(ADMIN)
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'No gateway yet' }).waitFor()
  await page.getByRole('link', { name: 'Add the first gateway' }).click()
  await field('MAC address').waitFor()
})

test('a wrong MAC is refused in words and what was typed stays; then the gateway is made and its ZIP saved', async () => {
  await field('MAC address').fill('aa:bb:cc:dd:ee')
  await field('Code').fill('GW001')
  await field('Name').fill('Boiler room')
  await shows(/This is not a MAC address of a device: write twelve hex digits/)
  await button('Create gateway').click()
  expect(await field('MAC address').inputValue()).toBe('aa:bb:cc:dd:ee')
  expect(await field('Name').inputValue()).toBe('Boiler room')
  await field('MAC address').fill('AA-BB-CC-DD-EE-01')
  await button('Create gateway').click()
  await page.getByRole('heading', { name: 'GW001 is made' }).waitFor()
  await shows('Waiting for the first connection')
  const zip = await download(() => button(/^Download .*_certs\.zip$/).click())
  expect(zip.suggestedFilename()).toBe('aa-bb-cc-dd-ee-01_certs.zip')
  gateway = await unpack(await readFile(await zip.path()), join(dataDir, 'unzipped'))
  expect(gateway).toMatchObject({ clientId: 'aabbccddee01', telemetryTopic: 'mw/aabbccddee01/telemetry' })
})

test('the first reading of mosquitto_pub is on the screen that waits for it, in Fleet and on its page', async () => {
  expect(await reading('on the page that waits', 31.4)).toBeLessThan(VISIBLE_WITHIN)
  await shows('First reading:')
  await openFromRail('Fleet')
  const row = page.getByRole('row', { name: /GW001/ })
  await row.getByText('31.4').waitFor()
  expect(await reading('in Fleet', 22.6)).toBeLessThan(VISIBLE_WITHIN)
  await row.dblclick()
  await page.getByRole('heading', { name: /GW001/ }).waitFor()
  await page.locator('main canvas').waitFor()
  expect(await reading('on its page', 23.7)).toBeLessThan(VISIBLE_WITHIN)
  await button(/temperature.*23\.7/s).waitFor()
})

test('the wheel zooms the chart into its axis, and back', async () => {
  const plot = page.locator('main .u-over').first()
  const caption = page.locator('main caption').first()
  const range = page.getByRole('group', { name: 'Time range' })
  await button('1 h', range).and(page.locator('[aria-pressed="true"]')).waitFor()
  const whole = await caption.textContent()
  await plot.hover()
  await page.mouse.wheel(0, -600)
  await page.waitForURL(/range=\d+-\d+/)
  const inside = spanOf(page.url())
  expect(inside).toBeLessThan(3_600_000 * 0.6)
  await expect.poll(() => caption.textContent()).not.toBe(whole)
  expect(await button('1 h', range).getAttribute('aria-pressed')).toBe('false')
  await page.mouse.wheel(0, 600)
  await expect.poll(() => spanOf(page.url())).toBeGreaterThan(3_600_000 * 0.98)
  expect(spanOf(page.url())).toBeLessThan(3_600_000 * 1.02)
  await button('1 h', range).click()
  await page.waitForURL(/range=1h/)
})

test('Trends follows the channel live, and exports it as CSV', async () => {
  await openFromRail('Trends')
  await page.getByPlaceholder('Add a channel').fill('temp')
  await page.getByRole('option', { name: /temperature/ }).click()
  await page.keyboard.press('Escape')
  await page.locator('main canvas').waitFor()
  expect(await reading('in Trends', 24.8)).toBeLessThan(VISIBLE_WITHIN)
  await page
    .getByRole('row', { name: /temperature/ })
    .getByRole('cell', { name: '24.8' })
    .first()
    .waitFor()
  await page.getByRole('button', { name: 'Export', exact: true }).click()
  const csv = await download(() => page.getByRole('menuitem', { name: 'Readings as CSV' }).click())
  expect(csv.suggestedFilename()).toMatch(/^trend_.*Z\.csv$/)
  const lines = (await readFile(await csv.path(), 'utf8')).replace('\uFEFF', '').trim().split('\r\n')
  expect(lines[0]).toBe('gateway,channel,unit,time,value,quality')
  expect(
    lines.slice(1).map((line) =>
      line
        .split(',')
        .filter((_, column) => column !== 3)
        .join(','),
    ),
  ).toEqual([31.4, 22.6, 23.7, 24.8].map((value) => `GW001,temperature,,${value},0`))
})

test('suspended it is refused, resumed it is let in', async () => {
  await openFromRail('Fleet')
  await page.getByRole('link', { name: 'GW001' }).click()
  await button('Suspend').click()
  await button('Suspend', page.getByRole('dialog')).click()
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await page.getByRole('status').getByText('Suspended').waitFor()
  expect((await mosquittoPub(gateway, { message: '{"values":{"temperature":1}}' })).acknowledgedAt).toBeNull()
  await button('Resume').click()
  await button('Resume', page.getByRole('dialog')).click()
  await page.getByRole('status').getByText('Active').waitFor()
  expect((await mosquittoPub(gateway, { message: '{"values":{"temperature":2}}' })).code).toBe(0)
})

test('revoking asks for the code, ends the gateway, and its next try is listed with the reason in words', async () => {
  await button('More actions').click()
  await page.getByRole('menuitem', { name: 'Revoke' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByText('Its certificate is ended for good').waitFor()
  const confirm = button('Revoke', dialog)
  expect(await confirm.isDisabled()).toBe(true)
  await dialog.getByLabel('Type GW001 to confirm').fill('GW002')
  expect(await confirm.isDisabled()).toBe(true)
  await dialog.getByLabel('Type GW001 to confirm').fill('GW001')
  await confirm.click()
  await dialog.waitFor({ state: 'detached' })
  await page.getByRole('status').getByText('Revoked').waitFor()
  const refused = await mosquittoPub(gateway, { message: '{"values":{"temperature":3}}' })
  expect(refused).toMatchObject({ acknowledgedAt: null })
  expect(refused.code).not.toBe(0)
  await page.getByRole('tab', { name: /^Refusals \(\d\)$/ }).click()
  await shows('Gateway is revoked')
  await shows('Enroll it again for new credentials, or take the box out of service.')
})

test('after signing out nothing is left, not even by going back', async () => {
  await button(/sign out/).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await page.waitForURL('**/login*')
  await field('E-mail').waitFor()
  await page.goBack()
  await field('E-mail').waitFor()
  expect(await page.getByText('GW001').count()).toBe(0)
  expect((await page.request.get('/api/v1/gateways')).status()).toBe(401)
})

test('all the while the page broke no rule and asked nobody else', () => {
  expect(visitor.complaints).toEqual([])
  expect(visitor.outside).toEqual([])
})

/** Publishes as a gateway would. @returns how long after PUBACK the value was drawn, ms */
async function reading(where: string, value: number): Promise<number> {
  const { seenAt } = await watchFor(page, String(value))
  const message = JSON.stringify({ ts: Date.now(), values: { temperature: value } })
  const sent = await mosquittoPub(gateway, { message })
  expect(sent.acknowledgedAt).not.toBeNull()
  const delay = (await seenAt) - (sent.acknowledgedAt ?? 0)
  say(`PUBACK to visible, ${where}: ${delay} ms`)
  return delay
}

async function download(start: () => Promise<unknown>): Promise<Download> {
  const [file] = await Promise.all([page.waitForEvent('download'), start()])
  return file
}

/** The span of a fixed range in the address, ms. */
/** Of what the address says is shown: a zoom that reaches now again is live, `1h` or `3603s`, else `<from>-<to>`. */
function spanOf(url: string): number {
  const range = new URL(url).searchParams.get('range') ?? ''
  const live = /^(\d+)([smhd])$/.exec(range)
  if (live !== null)
    return Number(live[1]) * { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }[live[2] as 's']
  const [from = 0, to = 0] = range.split('-').map(Number)
  return to - from
}
