import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { EngineSupervisor } from '#desktop/shell/engine-supervisor.ts'
import { forkUtility } from '#desktop/testing/utility-process.ts'
import { openDesktopPage } from '../fixtures/desktop-page.ts'

/** The desktop's window without Electron: the built UI in Chromium, over a port, on the built engine in a process. */
const root = resolve(import.meta.dirname, '../..')
const folder = mkdtempSync(join(tmpdir(), 'desktop-ui-'))
const complaints: string[] = []
const pids: number[] = []
let browser: Browser
let page: Page
const supervisor = new EngineSupervisor({
  fork: () => {
    const engine = forkUtility(join(root, 'dist/main/desktop/utility/main.js'))
    pids.push(engine.pid ?? 0)
    return engine
  },
  startOptions: async () => ({
    dataDir: join(folder, 'site'),
    externalKey: new Uint8Array(32).fill(3),
    ports: { http: 0, https: 0, deviceHttps: 0, mqtts: 0 },
    addresses: null,
  }),
  log: () => undefined,
})

beforeAll(async () => {
  supervisor.start()
  browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  })
  page = await browser.newPage({ viewport: { width: 1366, height: 768 }, locale: 'en-GB' })
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  await openDesktopPage(page, supervisor, root)
})
afterAll(async () => {
  await browser.close()
  await supervisor.stop()
  rmSync(folder, { recursive: true, force: true })
})

test('a new site is set up in the window, and its administrator signs in', async () => {
  await page.getByRole('textbox', { name: 'Site name' }).fill('Plant 1')
  await next()
  await page.getByRole('textbox', { name: 'E-mail' }).fill('ana@plant.example')
  await page.getByLabel('Password', { exact: true }).fill('a plant of many gateways')
  await page.getByLabel('Password again').fill('a plant of many gateways')
  await next()
  await page.getByRole('checkbox', { name: /127\.0\.0\.1/ }).check()
  await next()
  await page.getByRole('button', { name: 'Set up the site' }).click()
  await page.getByText('Recovery code', { exact: true }).waitFor()
  await page.getByLabel('The recovery code is kept in a safe place').check()
  await page.getByRole('button', { name: 'Add the first gateway' }).click()
  await page.getByRole('textbox', { name: 'MAC' }).waitFor()
  expect(complaints).toEqual([])
})

test('the window tells that the engine crashed, and goes on when it is back', async () => {
  await page.getByRole('link', { name: 'Overview' }).first().click()
  await page.getByText('Live', { exact: true }).first().waitFor()
  process.kill(pids.at(-1) ?? 0, 'SIGKILL')
  await page.getByText('The engine stopped', { exact: false }).first().waitFor()
  await expect.poll(() => supervisor.state.state, { timeout: 30_000 }).toBe('running')
  // The window's session goes on.
  await page.getByText('Live', { exact: true }).first().waitFor()
  await page.getByRole('link', { name: 'Certificates' }).first().click()
  await page.getByRole('heading', { name: 'Certificates' }).waitFor()
  expect(complaints).toEqual([])
})

async function next(): Promise<void> {
  await page.getByRole('button', { name: 'Continue' }).click()
}
