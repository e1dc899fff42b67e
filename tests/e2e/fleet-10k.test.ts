import { pino } from 'pino'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createEngine } from '#engine/create-engine.ts'
import { linkIs, say, signIn, startBrowser, type Visit, visit } from '#tests/fixtures/browser.ts'
import { insertFleet, type LargeFleet } from '#tests/fixtures/large-fleet.ts'
import { ADMIN, PASSWORD, startSite, type TestSite, temporaryFolder } from '#tests/fixtures/site.ts'

const GATEWAYS = 10_000
/** As many send at a time: each message of the list's stream then changes this many rows. */
const SENDING = 500

let site: TestSite
let fleet: LargeFleet
let browser: Browser
let visitor: Visit
let page: Page
let updates: Updates
beforeAll(async () => {
  const dataDir = await temporaryFolder()
  await setUp(dataDir)
  fleet = await insertFleet(dataDir, GATEWAYS)
  ;[browser, site] = await Promise.all([startBrowser(), startSite({ dataDir })])
  updates = sendReadings()
  visitor = await visit(browser, site.addresses.http ?? '')
  page = visitor.page
  await page.goto('/login')
  await signIn(page)
})
afterAll(async () => {
  await updates?.stop()
  await browser?.close()
  await site?.stop()
})

const grid = () => page.getByRole('grid')
const bodyRows = () => grid().locator('[role="row"]:not([aria-rowindex="1"])')

test('the table of ten thousand opens, and holds only the rows that are seen', async () => {
  await page.goto('/settings')
  await linkIs(page, 'live')
  const first = await openFleet()
  await page.getByRole('link', { name: 'Settings' }).first().click()
  await grid().waitFor({ state: 'detached' })
  const again = await openFleet()
  say(
    `Fleet of ${GATEWAYS}: rows ${first.toFixed(0)} ms after the first click, ${again.toFixed(0)} ms after another`,
  )
  expect(await grid().getAttribute('aria-rowcount')).toBe(String(GATEWAYS + 1))
  await page.getByRole('status').getByText('10,000 gateways').waitFor()
  const reloadedAt = Date.now()
  await page.reload()
  await bodyRows().first().waitFor()
  say(`Fleet of ${GATEWAYS}: rows ${Date.now() - reloadedAt} ms after a reload`)
  expect(await bodyRows().count()).toBeLessThan(100)
  expect(await bodyRows().first().textContent()).toContain('G00001')
})

test('scrolling stays smooth while rows change', async () => {
  await linkIs(page, 'live')
  const figures = await scrolled(page)
  const sorted = figures.frames.toSorted((a, b) => a - b)
  const at = (share: number): string => (sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toFixed(1)
  say(
    `Scrolling three rows a frame under ${SENDING} changes a second: ${sorted.length} frames, ` +
      `median ${at(0.5)} ms, p95 ${at(0.95)} ms, longest ${at(1)} ms; longest task ${figures.longestTask.toFixed(0)} ms`,
  )
  expect(figures.mostRows).toBeLessThan(100)
  expect(figures.reached).toBe(GATEWAYS + 1)
})

test('values go on changing in the rows that are seen', async () => {
  await grid().focus()
  await page.keyboard.press('Home')
  const first = grid().locator('[aria-rowindex="2"]')
  await first.getByText('power').waitFor()
  const before = await first.textContent()
  await expect.poll(() => first.textContent(), { timeout: 15_000 }).not.toBe(before)
})

test('it is sorted and filtered as a whole, not as what is seen', async () => {
  const first = bodyRows().first()
  await page.getByRole('columnheader', { name: 'Code' }).getByRole('button').click()
  await expect.poll(() => first.textContent()).toContain('G10000')
  await page.getByRole('textbox', { name: 'Filter the gateways' }).fill('g0777')
  // Ten, and the head.
  await expect.poll(() => grid().getAttribute('aria-rowcount')).toBe('11')
  await expect.poll(() => first.textContent()).toContain('G07779')
  await page.keyboard.press('Escape')
  await expect.poll(() => grid().getAttribute('aria-rowcount')).toBe(String(GATEWAYS + 1))
  await page.keyboard.press('Control+k')
  await page.getByRole('dialog').getByRole('textbox').fill('G07777')
  await page.getByRole('dialog').getByText('G07777').first().waitFor()
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: /G07777/ }).waitFor()
  expect(visitor.complaints).toEqual([])
})

async function setUp(dataDir: string): Promise<void> {
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

interface Updates {
  stop(): Promise<void>
}

/** A reading of each of the first gateways a second, through the store as live ones come. */
function sendReadings(): Updates {
  let running = true
  const done = (async () => {
    for (let round = 0; running; round += 1) {
      const startedAt = performance.now()
      const ts = Date.now()
      for (const id of fleet.ids.slice(0, SENDING)) {
        if (!running) break
        const value = Math.round(1_000 * Math.random()) / 10
        await site.engine.importReadings(id, [
          { channel: 'power', kind: 'number', unit: 'kW', ts, value, quality: 0 },
        ])
      }
      await new Promise((next) => setTimeout(next, Math.max(0, 1_000 - (performance.now() - startedAt))))
    }
  })()
  return {
    stop: async () => {
      running = false
      await done
    },
  }
}

/** From the click to the first rows, ms, by the page's own clock. */
function openFleet(): Promise<number> {
  return page.evaluate(async () => {
    const startedAt = performance.now()
    document.querySelector<HTMLElement>('a[href="/fleet"]')?.click()
    while (document.querySelectorAll('[role="grid"] [role="row"]').length < 10)
      await new Promise((done) => requestAnimationFrame(done))
    return performance.now() - startedAt
  })
}

/** Scrolls on for 240 frames as a quick wheel does, then in leaps to the end; times in ms, of the former. */
async function scrolled(
  on: Page,
): Promise<{ frames: number[]; longestTask: number; mostRows: number; reached: number }> {
  return on.evaluate(async () => {
    const scroller = document.querySelector('[role="grid"]')
    if (scroller === null) throw new Error('no table')
    let longestTask = 0
    const observer = new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) longestTask = Math.max(longestTask, entry.duration)
    })
    observer.observe({ entryTypes: ['longtask'] })
    const frame = (): Promise<number> => new Promise((done) => requestAnimationFrame(done))
    const frames: number[] = []
    let mostRows = 0
    let reached = 0
    let before = await frame()
    for (let step = 0; step < 240; step += 1) {
      scroller.scrollBy(0, 96)
      const now = await frame()
      frames.push(now - before)
      before = now
    }
    observer.disconnect()
    for (let step = 1; step <= 20; step += 1) {
      scroller.scrollTop = (scroller.scrollHeight - scroller.clientHeight) * (step / 20)
      await frame()
      await frame()
      const rows = [...scroller.querySelectorAll('[role="row"]')]
      mostRows = Math.max(mostRows, rows.length)
      reached = Math.max(reached, ...rows.map((row) => Number(row.getAttribute('aria-rowindex'))))
    }
    return { frames, longestTask, mostRows, reached }
  })
}
