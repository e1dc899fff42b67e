import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { ElectronApplication, Page } from 'playwright-core'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { EngineState } from '#contract/shell.ts'
import { launch, makePlace, type Place } from './desktop-app.ts'

let place: Place
let app: ElectronApplication | null = null

beforeEach(() => {
  place = makePlace()
})
afterEach(async () => {
  await app?.close().catch(() => undefined)
  app = null
  place.remove()
})

test('shows the set-up of a new site in a page without Node', async () => {
  const { page } = await start()
  await page.getByRole('heading').first().waitFor()
  expect(page.url()).toMatch(/^app:\/\/ui\//)
  const powers = await page.evaluate(() => ({
    shell: Object.keys(globalThis.millwright ?? {}).length > 0,
    node: ['require', 'process', 'module', 'Buffer'].filter((name) => name in globalThis),
  }))
  expect(powers).toEqual({ shell: true, node: [] })
})

test('refuses windows, navigation and the network', async () => {
  const { app: electron, page } = await start()
  await page.evaluate(() => {
    open('https://example.com/')
    location.href = 'https://example.com/'
  })
  await page.waitForTimeout(500)
  expect(electron.windows()).toHaveLength(1)
  expect(page.url()).toMatch(/^app:\/\/ui\//)
  const fetched = await page.evaluate(() =>
    fetch('https://example.com/').then(
      () => 'answered',
      () => 'refused',
    ),
  )
  expect(fetched).toBe('refused')
})

test('starts the engine again when its process is killed, and the page hears of it', async () => {
  const { app: electron, page } = await start()
  await page.evaluate(() => {
    const states: EngineState[] = []
    Object.assign(globalThis, { states })
    globalThis.millwright?.onEngineState((state) => states.push(state))
  })
  await expect.poll(() => statesOf(page), { timeout: 30_000 }).toContain('running')
  const pid = await electron.evaluate(
    ({ app: self }) => self.getAppMetrics().find(({ name }) => name === 'Millwright engine')?.pid ?? 0,
  )
  expect(pid).toBeGreaterThan(0)
  process.kill(pid, 'SIGKILL')
  await expect.poll(() => statesOf(page), { timeout: 30_000 }).toContain('crashed')
  await expect.poll(async () => (await statesOf(page)).at(-1), { timeout: 30_000 }).toBe('running')
})

test('quits only when the engine has stopped', async () => {
  const { app: electron } = await start()
  await expect.poll(() => existsSync(join(place.dataDir, 'run.json')), { timeout: 30_000 }).toBe(true)
  const ended = new Promise((done) => electron.process().once('exit', done))
  await electron.evaluate(({ app: self }) => self.quit())
  expect(await ended).toBe(0)
  // The engine removes it as it stops: a killed one leaves it.
  expect(existsSync(join(place.dataDir, 'run.json'))).toBe(false)
  app = null
})

async function start(): Promise<{ app: ElectronApplication; page: Page }> {
  const launched = await launch(place)
  app = launched.app
  return launched
}

function statesOf(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    (globalThis as unknown as { states: EngineState[] }).states.map(({ state }) => state),
  )
}
