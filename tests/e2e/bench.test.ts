import { readFile } from 'node:fs/promises'
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { SimulatedBoardOptions } from '#firmware/transport/rom-simulator/board-options.ts'
import { seriousFindings } from '#tests/fixtures/axe.ts'
import { importSimFirmware } from '#tests/fixtures/bench.ts'
import { startBoards, type TestBoards } from '#tests/fixtures/boards.ts'
import { linkIs, signIn, startBrowser, type Visit, visit } from '#tests/fixtures/browser.ts'
import { startSite, type TestSite } from '#tests/fixtures/site.ts'
import { lookAt } from './gallery.ts'

/** From an empty bench to gateways that are online, by keyboard; a board that fails and is retried; what a board says. */
let site: TestSite
let boards: TestBoards
let browser: Browser
let visitor: Visit
let page: Page

const kinds: Partial<SimulatedBoardOptions>[] = [
  // So slow that it is seen.
  { faults: { slowErase: 500 } },
  { faults: { wrongMd5: 'once' } },
  { chip: 'ESP32-S3' },
]

beforeAll(async () => {
  boards = await startBoards(3, {
    isPlugged: false,
    isPaced: true,
    each: (index) => kinds[index] ?? {},
  })
  process.env['MILLWRIGHT_SIMULATED_PORTS'] = boards.folder
  ;[browser, site] = await Promise.all([startBrowser(), startSite()])
  visitor = await visit(browser, site.addresses.http ?? '')
  page = visitor.page
  await page.goto('/login')
  await signIn(page)
})
afterAll(async () => {
  await browser?.close()
  await site?.stop()
  await boards?.stop()
})

const card = (name: string | RegExp) => page.getByRole('region', { name })
const button = (name: string, inside: Page | Locator = page) =>
  inside.getByRole('button', { name, exact: true })
/** The word that is read from three metres. */
const word = (of: Locator) => of.getByRole('heading', { level: 2 })

/** Goes on by Tab until the keyboard stands there. */
async function tabTo(target: Locator): Promise<void> {
  await target.waitFor()
  for (let step = 0; step < 80; step += 1) {
    if (await target.evaluate((element) => element === document.activeElement)) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`Not reached by Tab: ${String(target)}`)
}

async function looksRight(
  name: string,
  more: { phone?: boolean; wide?: boolean; axe?: boolean } = {},
): Promise<void> {
  const look = { name: `bench-${name}`, language: 'en', axe: true, phone: false, ...more }
  expect(await lookAt(visitor, look)).toEqual([])
}

test('an empty bench says what to look at, and where firmware comes from', async () => {
  await page.goto('/bench')
  await linkIs(page, 'live')
  await page.getByRole('heading', { name: 'No board is plugged in' }).waitFor()
  await page.getByRole('link', { name: 'To Firmware' }).waitFor()
  expect(await page.title()).toBe('Bench – Millwright')
  await looksRight('empty', { phone: true })
})

test('boards become gateways by keyboard alone; one fails, says why, and passes when it is retried', async () => {
  await importSimFirmware(site.local)
  await page.reload()
  await linkIs(page, 'live')
  await Promise.all(boards.boards.slice(0, 2).map((board) => board.plug()))
  await card(/^Port 2, /).waitFor()

  await tabTo(button('Add a network'))
  await page.keyboard.press('Enter')
  const wifi = page.getByRole('dialog', { name: 'Wi-Fi networks' })
  await wifi.waitFor()
  await tabTo(wifi.getByLabel('Name (SSID)'))
  await page.keyboard.type('PLANT-IOT')
  await tabTo(wifi.getByLabel('Password', { exact: true }))
  await page.keyboard.type('short')
  await page.keyboard.press('Enter')
  await wifi.getByText('Use 8 to 63 characters').waitFor()
  await page.keyboard.type(' no more')
  await page.keyboard.press('Enter')
  await wifi.waitFor({ state: 'detached' })
  await page.getByText('Password sealed here').waitFor()

  await tabTo(page.getByLabel('Pattern of the name'))
  await page.keyboard.press('Control+a')
  await page.keyboard.type('Hall 3 meter {n}')
  await page.getByText('Next: GW001, Hall 3 meter 1, then GW002').waitFor()
  await tabTo(page.getByLabel('Channel'))
  await page.keyboard.type('temperature')
  await page.keyboard.press('Tab')
  await page.keyboard.type('50')
  await page.keyboard.press('Tab')
  await page.keyboard.type('45')
  await page.keyboard.press('Enter')
  await page.getByText('The lowest value is above the highest').waitFor()
  await looksRight('set-up', { phone: true, wide: true })
  // The keyboard stands where the fault is.
  await page.keyboard.press('Control+a')
  await page.keyboard.type('40')
  await page.keyboard.press('Enter')
  const summary = page.getByRole('dialog', { name: 'Begin this run?' })
  await summary.getByText('temperature, 40 to 45').waitFor()
  await summary.getByText('2 boards are plugged in and wait for you to start them').waitFor()
  await looksRight('summary')
  // What one sees before anything begins is what one goes back from.
  await page.keyboard.press('Escape')
  await summary.waitFor({ state: 'detached' })
  await tabTo(page.getByLabel('Lowest value that passes'))
  await page.keyboard.press('Control+a')
  await page.keyboard.type('10')
  await page.keyboard.press('Enter')
  await summary.getByText('temperature, 10 to 45').waitFor()
  await page.keyboard.press('Enter')
  // What was there already may be no board: it begins only when it is asked for.
  await tabTo(button('Start all 2'))
  await page.keyboard.press('Enter')

  await page.getByRole('progressbar', { name: 'Writing' }).first().waitFor()
  await looksRight('running', { axe: false })
  const passed = card(/^Port/).filter({ hasText: 'Online' })
  await passed.getByText('Check passed, expected 10 to 45').waitFor()
  const failed = card(/^Port/).filter({ hasText: 'Failed to verify' })
  await failed.getByText('If it stays, replace the board.').waitFor()
  const tally = page.getByRole('region', { name: 'Tally' })
  await expect.poll(() => tally.innerText()).toMatch(/1\s+passed\s+1\s+failed\s+0\s+running/)
  await looksRight('failed', { phone: true })

  await tabTo(button('Retry', failed))
  await page.keyboard.press('Enter')
  await expect.poll(() => tally.innerText()).toMatch(/2\s+passed\s+0\s+failed/)
  // Each is where its port is, and leads to its gateway.
  await card(/^Port 1, /)
    .getByRole('link', { name: /^GW00\d Hall 3 meter \d$/ })
    .waitFor()
  await card(/^Port 2, /)
    .getByText('attempt 2')
    .or(word(card(/^Port 2, /)))
    .first()
    .waitFor()
})

test('a board starts by itself as it is plugged in, and another is free for the next when it is pulled', async () => {
  await card('Port 3, free').getByText('It starts by itself and becomes GW003.').waitFor()
  await boards.boards[2]?.plug()
  const third = card(/^Port 3, /)
  await third.getByText('GW003 Hall 3 meter 3').waitFor()
  await third.getByText('Online', { exact: true }).waitFor()
  await boards.boards[0]?.unplug()
  await card(/^Port \d, free$/).waitFor()
  await boards.boards[0]?.plug()

  await page.getByRole('link', { name: 'Result list' }).click()
  const results = page.getByRole('grid', { name: /^Results of run / })
  await results.getByRole('row', { name: /GW003 Hall 3 meter 3/ }).waitFor()
  expect(await results.getByRole('row').count()).toBeGreaterThanOrEqual(4)
  await looksRight('results', { phone: true })
  expect(await downloaded('CSV')).toContain('GW003')
  expect(await downloaded('PDF')).toMatch(/^%PDF-/)
  await page.goBack()
})

test('the run ends; what a board is, and what it says, is asked for one by one', async () => {
  await button('Stop after these').click()
  await page.getByText('The run has ended').waitFor({ timeout: 20_000 })
  const third = card(/^Port 3, /)
  const menu = async (item: string) => {
    await third.getByRole('button', { name: /^What else with/ }).click()
    await page.getByRole('menuitem', { name: item }).click()
  }
  await menu('Erase the flash')
  const erase = page.getByRole('dialog', { name: /^Erase the board/ })
  await button('Erase', erase).click()
  await erase.getByText(/^The text is not pts\/\d+$/).waitFor()
  await page.keyboard.press('Escape')
  await erase.waitFor({ state: 'detached' })
  await menu('Identify, read MAC')
  const identified = page.getByRole('dialog', { name: /^Identify: / })
  await identified.getByText('Identified').waitFor()
  await identified.getByText('ESP32-S3', { exact: true }).waitFor()
  expect(await seriousFindings(page)).toEqual([])
  await page.keyboard.press('Escape')
  await identified.waitFor({ state: 'detached' })

  await menu('Serial monitor')
  const lines = page.getByRole('log', { name: 'What the board says' })
  await page.getByText(/^Listening on pts/).waitFor()
  await button('Reset board').click()
  await lines.getByText('mw: broker connected').waitFor()
  await lines.getByText('Connected to the site').waitFor()
  await lines.getByText('Start after power-on').waitFor()
  await looksRight('monitor', { phone: true })
  await page.keyboard.press('/')
  await page.keyboard.type('WIFI connected')
  await expect.poll(() => lines.locator('time').count()).toBe(1)
  await page.keyboard.press('Escape')
  await button('Pause').click()
  await button('Go on').waitFor()
  expect(await downloaded('Save')).toMatch(/^\d{4}-\d\d-\d\dT.*Z\t/m)
  const line = page.getByLabel('Line to the board')
  await line.fill('MW {"id":1,"do":"restart"}')
  await line.press('Enter')
  await button('Go on').click()
  await lines.getByText('Start after a restart by itself').waitFor()
  await boards.boards[2]?.unplug()
  await page.getByText('The port is not open').waitFor()
})

test('the gateway carries its signed birth record; the bench speaks Portuguese', async () => {
  const { json } = await site.local.get('/api/v1/gateways')
  const gateway = json.gateways.find(({ code }: { code: string }) => code === 'GW001')
  await page.goto(`/gateways/${gateway.id}?tab=certificate`)
  const record = page.getByRole('heading', { name: 'Birth record' })
  await record.waitFor()
  const { record: signed, signature } = JSON.parse(await downloaded('Download'))
  expect(JSON.parse(signed).gateway.code).toBe('GW001')
  expect(Buffer.from(signature, 'base64')).toHaveLength(64)
  expect(await seriousFindings(page)).toEqual([])

  await page.goto('/bench/runs')
  await page.getByRole('grid', { name: 'Past runs' }).getByRole('row').nth(1).waitFor()
  await looksRight('runs', { axe: false })
  const portuguese = await visit(browser, site.addresses.http ?? '', {
    locale: 'pt-BR',
    storageState: await visitor.context.storageState(),
  })
  await portuguese.page.goto('/bench')
  await linkIs(portuguese.page, 'live')
  await portuguese.page.getByRole('heading', { name: 'Bancada' }).waitFor()
  const look = { name: 'bench', language: 'pt-BR', axe: false }
  expect(await lookAt(portuguese, look)).toEqual([])
  expect(visitor.complaints).toEqual([])
  expect(visitor.outside).toEqual([])
})

async function downloaded(name: string): Promise<string> {
  const saved = page.waitForEvent('download')
  await button(name).click()
  return (await readFile(await (await saved).path())).toString('latin1')
}
