import { rm } from 'node:fs/promises'
import { pino } from 'pino'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createEngine } from '#engine/create-engine.ts'
import { linkIs, say, signIn, startBrowser, visit } from '#tests/fixtures/browser.ts'
import { type Credentials, unpack } from '#tests/fixtures/credentials.ts'
import { mosquittoPub } from '#tests/fixtures/mosquitto.ts'
import { ADMIN, PASSWORD, temporaryFolder } from '#tests/fixtures/site.ts'
import { anyPorts, type SiteProcess, serve } from '#tests/fixtures/site-process.ts'

let dataDir: string
let site: SiteProcess
let browser: Browser
let page: Page
let gateway: Credentials
beforeAll(async () => {
  dataDir = await temporaryFolder()
  await setUp()
  ;[browser, site] = await Promise.all([startBrowser(), serve(dataDir, anyPorts)])
  await site.local.post('/api/v1/gateways/provision', { code: 'GW001', name: 'Boiler room' })
  gateway = await unpack(
    (await site.local.get('/api/v1/gateways/GW001/credentials')).bytes,
    `${dataDir}/unzipped`,
  )
  page = (await visit(browser, site.httpUrl)).page
})
afterAll(async () => {
  await browser?.close()
  await site?.stop()
  await rm(dataDir, { recursive: true, force: true })
})

test('under an open page the engine dies and comes back: the page says so, and goes on by itself', async () => {
  await publish(31.4)
  await page.goto('/login')
  await signIn(page)
  await page.getByRole('link', { name: 'Fleet', exact: true }).first().click()
  const row = page.getByRole('row', { name: /GW001/ })
  await row.getByText('31.4').waitFor()
  await row.dblclick()
  const live = page.getByRole('button', { name: /temperature/ }).first()
  await live.getByText('31.4').waitFor()
  // A reload would forget this.
  await page.evaluate(() => Object.assign(globalThis, { stillTheSamePage: true }))

  await site.kill()
  await linkIs(page, 'lost')
  await page.getByText('Connection lost').waitFor()
  // What was known stays on the screen.
  await live.getByText('31.4').waitFor()

  const port = new URL(site.httpUrl).port
  site = await serve(dataDir, [
    '--http',
    port,
    '--https',
    '0',
    '--device-https',
    '0',
    '--mqtts',
    String(gateway.port),
  ])
  const back = Date.now()
  await linkIs(page, 'live', 60_000)
  say(`The link was live again ${Date.now() - back} ms after the engine was ready`)
  await publish(42.5)
  await live.getByText('42.5').waitFor()
  await page.getByRole('link', { name: 'Fleet', exact: true }).first().click()
  await row.getByText('42.5').waitFor()
  expect(await page.evaluate(() => 'stillTheSamePage' in globalThis)).toBe(true)
})

test('a call that was under way when the engine died fails with words, and works again after', async () => {
  await page.getByRole('link', { name: 'GW001' }).click()
  await page.getByRole('button', { name: 'More actions' }).click()
  await page.getByRole('menuitem', { name: 'Rename' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('textbox').fill('Boiler house')
  const { httpUrl } = site
  await site.kill()
  await linkIs(page, 'lost')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await dialog.getByText('The site does not answer').waitFor()
  expect(await dialog.getByRole('textbox').inputValue()).toBe('Boiler house')
  site = await serve(dataDir, [...anyPorts, '--http', new URL(httpUrl).port])
  await linkIs(page, 'live', 60_000)
  await dialog.getByRole('button', { name: 'Save' }).click()
  await dialog.waitFor({ state: 'detached' })
  await page.getByRole('heading', { name: 'GW001 Boiler house' }).waitFor()
  expect((await site.local.get('/api/v1/gateways/GW001')).json.name).toBe('Boiler house')
})

async function publish(value: number): Promise<void> {
  const message = JSON.stringify({ ts: Date.now(), values: { temperature: value } })
  expect((await mosquittoPub(gateway, { message })).code).toBe(0)
}

async function setUp(): Promise<void> {
  const engine = createEngine({ dataDir, host: 'site', listen: false, log: pino({ level: 'silent' }) })
  await engine.start()
  await engine.setup({
    siteName: 'Plant 1',
    admin: { email: ADMIN, password: PASSWORD },
    addresses: ['127.0.0.1'],
    names: [],
  })
  await engine.stop()
}
