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
  await page.getByText('Site', { exact: false }).first().waitFor()
  await page.screenshot({ path: '/work/tmp/e/desktop-1.png' })
  expect(complaints).toEqual([])
})
