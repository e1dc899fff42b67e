import { rm } from 'node:fs/promises'
import { pino } from 'pino'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createEngine } from '#engine/create-engine.ts'
import { linkIs, signIn, startBrowser, visit } from '#tests/fixtures/browser.ts'
import { type Credentials, unpack } from '#tests/fixtures/credentials.ts'
import { mosquittoPub } from '#tests/fixtures/mosquitto.ts'
import { ADMIN, PASSWORD, temporaryFolder } from '#tests/fixtures/site.ts'
import { anyPorts, type SiteProcess, serve } from '#tests/fixtures/site-process.ts'

/** A dashboard on the wall of a control room, while the site dies and comes back. */
let dataDir: string
let site: SiteProcess
let browser: Browser
let page: Page
let gateway: Credentials
beforeAll(async () => {
  dataDir = await temporaryFolder()
  const engine = createEngine({ dataDir, host: 'site', listen: false, log: pino({ level: 'silent' }) })
  await engine.start()
  await engine.setup({
    siteName: 'Plant 1',
    admin: { email: ADMIN, password: PASSWORD },
    addresses: ['127.0.0.1'],
    names: [],
  })
  await engine.stop()
  ;[browser, site] = await Promise.all([startBrowser(), serve(dataDir, anyPorts)])
  await site.local.post('/api/v1/gateways/provision', { code: 'GW001', name: 'Boiler room' })
  gateway = await unpack(
    (await site.local.get('/api/v1/gateways/GW001/credentials')).bytes,
    `${dataDir}/unzipped`,
  )
  await publish(31.4)
  page = (await visit(browser, site.httpUrl)).page
})
afterAll(async () => {
  await browser?.close()
  await site?.stop()
  await rm(dataDir, { recursive: true, force: true })
})

test('it says that the link is lost, dims its values, and goes on by itself without a reload', async () => {
  const [{ id }] = (await site.local.get('/api/v1/channels')).json.channels as [{ id: string }]
  const tiles = (['value', 'gauge', 'chart'] as const).map((kind, index) => ({
    id: kind,
    kind,
    x: index * 4,
    y: 0,
    w: 4,
    h: 5,
    channelIds: [id],
    options: {},
  }))
  const made = await site.local.post('/api/v1/views', {
    kind: 'dashboard',
    name: 'Wall',
    shared: true,
    content: { columns: 12, tiles, range: '15m' },
  })
  expect(made.status).toBe(201)
  await page.goto('/login')
  await signIn(page)
  await page.goto(`/dashboards/${made.json.id}?full`)
  const value = page
    .getByRole('article')
    .first()
    .getByText(/^31\.4|^42\.5/)
  await value.waitFor()
  const color = () => value.evaluate((element) => getComputedStyle(element).color)
  const live = await color()
  // A reload would forget this.
  await page.evaluate(() => Object.assign(globalThis, { stillTheSamePage: true }))

  await site.kill()
  await linkIs(page, 'lost')
  await value.waitFor()
  expect(await color()).not.toBe(live)

  const port = new URL(site.httpUrl).port
  site = await serve(dataDir, [...anyPorts, '--http', port, '--mqtts', String(gateway.port)])
  await linkIs(page, 'live', 60_000)
  await publish(42.5)
  await page.getByRole('article').nth(0).getByText('42.5').waitFor()
  await page.getByRole('article').nth(1).getByText('42.5', { exact: true }).waitFor()
  expect(await color()).toBe(live)
  expect(await page.evaluate(() => 'stillTheSamePage' in globalThis)).toBe(true)
})

async function publish(value: number): Promise<void> {
  const message = JSON.stringify({ ts: Date.now(), values: { temperature: value } })
  expect((await mosquittoPub(gateway, { message })).code).toBe(0)
}
