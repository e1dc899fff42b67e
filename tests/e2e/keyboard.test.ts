import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { linkIs, signIn, startBrowser, visit } from '#tests/fixtures/browser.ts'
import { localClient } from '#tests/fixtures/plant.ts'
import { startSite, type TestSite } from '#tests/fixtures/site.ts'

/** The main flows without a mouse. */
let site: TestSite
let browser: Browser
let page: Page
beforeAll(async () => {
  ;[browser, site] = await Promise.all([startBrowser(), startSite()])
  const client = localClient(site)
  for (const [code, name] of [
    ['GW001', 'Boiler house'],
    ['GW002', 'Chiller plant'],
    ['GW003', 'Water intake'],
    ['GW004', 'Compressor room'],
    ['GW005', 'Water tower'],
  ] as const)
    await client.gateways.provision({ code, name }, { context: { idempotencyKey: code } })
  page = (await visit(browser, site.addresses.http ?? '')).page
  await page.goto('/login')
  await signIn(page)
})
afterAll(async () => {
  await browser?.close()
  await site?.stop()
})

const press = async (...keys: string[]) => {
  for (const key of keys) await page.keyboard.press(key)
}
/** What the keyboard stands on, by the name that a screen reader says. */
const focused = () =>
  page.evaluate(() => {
    const element = document.activeElement as HTMLElement | null
    return (element?.getAttribute('aria-label') ?? element?.textContent ?? '').trim().slice(0, 100)
  })
const activeRow = () => page.locator('[role="grid"] [role="row"][data-active]')
const selectedRows = () => page.locator('[role="grid"] [role="row"][aria-selected="true"]')

test('the skip link is first and leads to the content', async () => {
  await page.goto('/')
  await linkIs(page, 'live')
  await press('Tab')
  expect(await focused()).toBe('Skip to the content')
  await press('Enter')
  expect(await page.evaluate(() => document.activeElement?.id)).toBe('main')
})

test('the rail is reached by Tab, and each screen opens by Enter with the keyboard at its content', async () => {
  for (const screen of ['Fleet', 'Trends', 'Certificates', 'Settings']) {
    await page.goto('/')
    await linkIs(page, 'live')
    await tabTo(screen)
    // What is focused is seen.
    const outline = await page.evaluate(
      () => getComputedStyle(document.activeElement as Element).outlineStyle,
    )
    expect(outline).not.toBe('none')
    await press('Enter')
    await page.getByRole('heading', { name: screen, level: 1 }).waitFor()
    expect(await page.title()).toBe(`${screen} – Millwright`)
  }
})

test('Ctrl-K finds a gateway by its name and opens it; Escape closes it and gives the focus back', async () => {
  await page.goto('/')
  await linkIs(page, 'live')
  await press('Control+k')
  const finder = page.getByRole('dialog')
  await finder.getByRole('textbox').waitFor()
  await page.keyboard.type('intake')
  await finder.getByText('Water intake').waitFor()
  await press('Enter')
  await page.getByRole('heading', { name: 'GW003 Water intake' }).waitFor()
  await tabTo('Suspend')
  await press('Control+k')
  await finder.getByRole('textbox').waitFor()
  await press('Escape')
  await finder.waitFor({ state: 'detached' })
  await expect.poll(focused).toBe('Suspend')
  await press('Control+k')
  await finder.getByRole('textbox').waitFor()
  await page.keyboard.type('theme: dark')
  await finder.getByText('Theme: dark').waitFor()
  await press('Enter')
  await page.locator('html[data-mantine-color-scheme="dark"]').waitFor()
})

test('in Fleet / filters, arrows move, Space chooses, Enter opens, Escape lets go', async () => {
  await page.goto('/fleet')
  const grid = page.getByRole('grid')
  await page.getByText('GW005').first().waitFor()
  await press('/')
  expect(await focused()).toBe('Filter the gateways')
  await page.keyboard.type('water')
  await expect.poll(() => grid.getAttribute('aria-rowcount')).toBe('3')
  await press('Escape')
  await expect.poll(() => grid.getAttribute('aria-rowcount')).toBe('6')
  await tabTo('Fleet', '[role="grid"]')
  await press('ArrowDown', 'ArrowDown')
  await expect.poll(() => activeRow().textContent()).toContain('GW002')
  expect(await grid.getAttribute('aria-activedescendant')).toBe(await activeRow().getAttribute('id'))
  await press('Space')
  await expect.poll(() => selectedRows().count()).toBe(1)
  await press('ArrowDown', 'ArrowDown', 'Shift+Space')
  await expect.poll(() => selectedRows().count()).toBe(3)
  await page.getByRole('region', { name: 'Chosen gateways' }).getByText('3 selected').waitFor()
  await press('Escape')
  await expect.poll(() => selectedRows().count()).toBe(0)
  await press('Control+a')
  await expect.poll(() => selectedRows().count()).toBe(5)
  await press('Escape', 'Home')
  await expect.poll(() => activeRow().textContent()).toContain('GW001')
  await press('End')
  await expect.poll(() => activeRow().textContent()).toContain('GW005')
  await press('Enter')
  await page.getByRole('heading', { name: 'GW005 Water tower' }).waitFor()
  // Back is where one was.
  await page.goBack()
  await expect.poll(() => activeRow().textContent()).toContain('GW005')
})

test('a gateway is suspended by keyboard alone: the dialog takes the focus, holds it and gives it back', async () => {
  await page.goto('/fleet')
  await page.getByText('GW005').first().waitFor()
  await page.getByRole('link', { name: 'GW004' }).focus()
  await press('Enter')
  await page.getByRole('heading', { name: 'GW004 Compressor room' }).waitFor()
  await tabTo('Suspend')
  await press('Enter')
  const dialog = page.getByRole('dialog', { name: 'Suspend GW004?' })
  await dialog.waitFor()
  for (let count = 0; count < 8; count += 1) {
    await press('Tab')
    expect(await dialog.evaluate((element) => element.contains(document.activeElement))).toBe(true)
  }
  await press('Escape')
  await dialog.waitFor({ state: 'detached' })
  await expect.poll(focused).toBe('Suspend')
  await press('Enter')
  await dialog.waitFor()
  await dialog.getByLabel('Reason, optional').focus()
  await page.keyboard.type('Maintenance')
  await press('Enter')
  await dialog.waitFor({ state: 'detached' })
  await page.getByRole('status').getByText('Suspended').waitFor()
})

test('tabs of a gateway move by arrows and open by Enter', async () => {
  await page.getByRole('tab', { name: 'Readings' }).focus()
  await press(...Array<string>(5).fill('ArrowRight'), 'Enter')
  await page.waitForURL(/tab=history/)
  await page.getByRole('tabpanel').getByText('Maintenance').waitFor()
  expect(await focused()).toBe('History')
})

/** Presses Tab until the named thing, or one that the selector means, has the focus. */
async function tabTo(name: string, selector = '*'): Promise<void> {
  for (let count = 0; count < 60; count += 1) {
    await press('Tab')
    const there = await page.evaluate(
      ([wanted, meant]) => {
        const element = document.activeElement
        const label = (element?.getAttribute('aria-label') ?? element?.textContent ?? '').trim()
        return label === wanted && (element?.matches(meant) ?? false)
      },
      [name, selector] as const,
    )
    if (there) return
  }
  throw new Error(`${name} is not reached by Tab`)
}
