import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { toCredentials } from '#simulator/gateway-credentials.ts'
import { createMeter } from '#simulator/meters.ts'
import { SimulatedGateway } from '#simulator/simulated-gateway.ts'
import { seriousFindings } from '#tests/fixtures/axe.ts'
import { signIn, startBrowser, type Visit, visit } from '#tests/fixtures/browser.ts'
import { localClient } from '#tests/fixtures/plant.ts'
import { startSite, type TestSite } from '#tests/fixtures/site.ts'
import { unzipped } from '#tests/fixtures/unzip.ts'

let site: TestSite
let browser: Browser
let admin: Visit
let folder = ''
beforeAll(async () => {
  ;[browser, site, folder] = await Promise.all([
    startBrowser(),
    startSite(),
    mkdtemp(join(tmpdir(), 'mw-import-')),
  ])
  admin = await visit(browser, site.addresses.http ?? '', { acceptDownloads: true })
  await admin.page.goto('/login')
  await signIn(admin.page)
})
afterAll(async () => {
  await browser?.close()
  await site?.stop()
  await rm(folder, { recursive: true, force: true })
})

const output = (name: string) => ({ path: join('tests/e2e/output', `${name}.png`) })
const status = (page: Page, text: RegExp) => page.getByRole('status').filter({ hasText: text }).waitFor()

async function themes(page: Page, name: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    await page.screenshot(output(`${name}-${colorScheme}`))
    expect(await seriousFindings(page)).toEqual([])
  }
  await page.setViewportSize({ width: 400, height: 800 })
  await page.screenshot(output(`${name}-400`))
  const width = await page.evaluate(() => document.documentElement.scrollWidth)
  expect(width).toBeLessThanOrEqual(400)
  await page.setViewportSize({ width: 1366, height: 768 })
  await page.emulateMedia({ colorScheme: 'light' })
}

test('a file becomes gateways: looked at, made, handed over, erased', async () => {
  const { page, complaints } = admin
  await page.goto('/fleet/import')
  await page
    .getByLabel('Or paste the rows')
    .fill('mac;code;name;group\naa:bb:cc:dd:ee:01;GW001;Boiler;Plant 1/Line 2\nzz;GW002;Pump;\n')
  await page.getByRole('button', { name: 'Look at the file' }).click()
  await status(page, /0 new.*2 with a problem/)
  await page.getByText('There is no group Plant 1/Line 2').first().waitFor()
  await page.getByLabel('Make groups that rows name').check()
  await page.getByRole('button', { name: 'Look at the file' }).click()
  await status(page, /1 new.*1 with a problem/)
  await page.getByText('Plant 1, Plant 1/Line 2').waitFor()
  await themes(page, 'import-look')
  await page.getByRole('button', { name: 'Create 1 gateway' }).click()
  await status(page, /1 created, 0 there already, 1 not done/)
  await page.getByText('1 private key waits').waitFor()
  await themes(page, 'import-result')
  // The job stands in the address: another look at it later is the same.
  await page.reload()
  const download = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Download all' }).click()
  const file = join(folder, 'all.zip')
  await (await download).saveAs(file)
  expect([...(await unzipped(await readFile(file))).keys()]).toEqual([
    'aa-bb-cc-dd-ee-01_certs.zip',
    'report.csv',
    'labels.pdf',
  ])
  await page.getByRole('button', { name: 'They arrived' }).click()
  await page.getByText('1 private key waits').waitFor({ state: 'detached' })
  expect((await site.local.get('/api/v1/gateways/GW001/credentials')).status).toBe(410)
  expect(complaints).toEqual([])
})

test('a command waits for its gateway, goes, and shows what was answered', async () => {
  const { page, complaints } = admin
  const made = toCredentials(await localClient(site).gateways.provision({ code: 'GW9', name: 'Gate' }))
  const channels = createMeter('climate', 'room', 'GW9')
  const box = new SimulatedGateway({ credentials: made, channels, interval: 500, fault: null, now: Date.now })
  try {
    await page.goto(`/gateways/${made.gatewayId}?tab=commands`)
    await page.getByText('The gateway is offline').waitFor()
    await page.getByRole('combobox', { name: 'Command' }).fill('report')
    await page.getByLabel('Arguments').fill('{nothing')
    await page.getByRole('button', { name: 'Send', exact: true }).click()
    await page.getByText('This is not JSON').waitFor()
    await page.getByLabel('Arguments').fill('{"since": 5}')
    await page.getByRole('button', { name: 'Send', exact: true }).click()
    await page.getByText('waits for the gateway', { exact: true }).waitFor()
    await themes(page, 'commands-waiting')
    box.start()
    await page.getByText('done', { exact: true }).waitFor()
    await page.getByRole('button', { name: /report/ }).click()
    await page.getByText('"channels":').waitFor()
    await page.getByText('"since": 5').waitFor()
    await themes(page, 'commands-done')
    await page.getByRole('button', { name: 'Send again' }).click()
    await expect.poll(() => page.getByText('done', { exact: true }).count()).toBe(2)
    expect(complaints).toEqual([])
  } finally {
    await box.stop()
  }
})
