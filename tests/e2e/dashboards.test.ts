import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { linkIs, signIn, startBrowser, type Visit, visit } from '#tests/fixtures/browser.ts'
import { type Plant, startPlant } from '#tests/fixtures/plant.ts'
import { startSite, type TestSite } from '#tests/fixtures/site.ts'
import { lookAt } from './gallery.ts'

let browser: Browser
let site: TestSite
let plant: Plant
let visitor: Visit
let page: Page
beforeAll(async () => {
  ;[browser, site] = await Promise.all([startBrowser(), startSite()])
  plant = await startPlant(site)
  visitor = await visit(browser, site.addresses.http ?? '', { acceptDownloads: true })
  page = visitor.page
  await page.goto('/login')
  await signIn(page)
})
afterAll(async () => {
  await browser?.close()
  await plant?.stop()
  await site?.stop()
})

const button = (name: string | RegExp) => page.getByRole('button', { name, exact: typeof name === 'string' })
const panel = () => page.getByRole('complementary')
const grip = (title: string) => button(`Move ${title}`)
/** A tile's place and size as the style sheet has them. */
const place = (tile: Locator) =>
  tile.evaluate((element) => {
    const cell = element.closest<HTMLElement>('[style*="--x"]')
    return ['--x', '--y', '--w', '--h'].map((name) => Number(cell?.style.getPropertyValue(name)))
  })
const tileNamed = (title: string) => page.getByRole('article', { name: title, exact: true })
const look = async (name: string, more = {}) =>
  expect(await lookAt(visitor, { name, language: 'en', axe: true, ...more })).toEqual([])

/** Ticks channels and adds a tile of the suggested kind, or another. */
async function addTile(channels: string[], kind?: string): Promise<void> {
  if (!(await panel().isVisible())) await button('Add tile').click()
  for (const channel of channels) {
    await panel().getByRole('textbox', { name: 'Channels' }).fill(channel)
    const words = channel.split(' ').join(String.raw`\s*`)
    await panel()
      .getByRole('checkbox', { name: new RegExp(`^${words}`) })
      .check()
  }
  if (kind !== undefined) await panel().getByRole('radio', { name: kind, exact: true }).check()
  await panel().getByRole('button', { name: 'Add tile' }).click()
  await panel().getByRole('button', { name: 'Done' }).click()
}

test('an empty list says what a dashboard is, and offers to make one', async () => {
  await page.goto('/dashboards')
  await page.getByRole('heading', { name: 'There are no dashboards yet' }).waitFor()
  await button(/^Make one of/).waitFor()
  expect(await page.title()).toBe('Dashboards – Millwright')
  await look('dashboards-empty')
})

test('a dashboard is made by hand: tiles added, moved, resized, named, saved, and there after a reload', async () => {
  await button('New dashboard').click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Name of the dashboard').fill('Boiler')
  await dialog.getByRole('button', { name: 'Create' }).click()
  await page.getByRole('heading', { name: 'Edit Boiler' }).waitFor()

  await addTile(['GW001 boiler/supply'])
  await addTile(['GW001 boiler/pressure'], 'Gauge')
  await addTile(['GW001 boiler/supply', 'GW001 boiler/return'])
  await addTile(['GW001 boiler/burner', 'GW001 boiler/mode'])
  await addTile(['GW001 boiler/supply', 'GW001 boiler/burner', 'GW002 chiller1/power'])
  expect(await place(grip('boiler/supply'))).toEqual([1, 1, 3, 2])
  expect(await place(grip('boiler/pressure'))).toEqual([4, 1, 3, 3])

  // By mouse: three columns to the right, and onto the gauge, which gives way.
  await drag(grip('boiler/supply'), 3, 0)
  expect(await place(grip('boiler/supply'))).toEqual([4, 1, 3, 2])
  expect(await place(grip('boiler/pressure'))).toEqual([4, 3, 3, 3])
  await button('Undo').click()
  expect(await place(grip('boiler/supply'))).toEqual([1, 1, 3, 2])
  expect(await place(grip('boiler/pressure'))).toEqual([4, 1, 3, 3])
  await drag(tileAround(grip('boiler/supply')).locator('[role="presentation"]').last(), 0, 1)
  expect(await place(grip('boiler/supply'))).toEqual([1, 1, 3, 3])

  // By keyboard, said to screen readers.
  await grip('boiler/supply').focus()
  await page.keyboard.press('Shift+ArrowUp')
  expect(await place(grip('boiler/supply'))).toEqual([1, 1, 3, 2])
  for (let presses = 0; presses < 3; presses++) await page.keyboard.press('ArrowDown')
  await page.getByRole('status').getByText('boiler/supply: column 1, row 4, 3 wide, 2 high').waitFor()
  expect(await place(grip('boiler/supply'))).toEqual([1, 4, 3, 2])
  await page.keyboard.press('Control+z')
  expect(await place(grip('boiler/supply'))).toEqual([1, 1, 3, 2])

  // What is deleted comes back.
  await grip('boiler/pressure').focus()
  await page.keyboard.press('Delete')
  await expect.poll(() => grip('boiler/pressure').count()).toBe(0)
  await button('Undo').click()
  await grip('boiler/pressure').waitFor()

  await button('Options of boiler/pressure').click()
  await panel().getByLabel('Title').fill('Steam pressure')
  await panel().getByLabel('Maximum').fill('4,5')
  await button('Add a threshold').click()
  await panel().getByLabel('Value', { exact: true }).last().fill('0.5')
  await look('dashboard-edit', { wide: true })
  await panel().getByRole('button', { name: 'Done' }).click()
  await page.getByLabel('Name of the dashboard').fill('Boiler house')
  await page.keyboard.press('Control+s')
  await page.getByRole('heading', { name: 'Boiler house', level: 1 }).waitFor()

  await page.reload()
  await linkIs(page, 'live')
  // Above half a bar is a warning now; a warning has its word.
  await tileNamed('Steam pressure').getByText('Warning, above 0.5').waitFor()
  await tileNamed('boiler/supply').getByText('°C').waitFor()
  expect(await place(tileNamed('Steam pressure'))).toEqual([4, 1, 3, 3])
  await expect.poll(() => page.getByRole('article').count()).toBe(5)
  await page
    .getByRole('row', { name: /chiller1\/power/ })
    .getByRole('cell')
    .nth(2)
    .getByText(/\d/)
    .waitFor()
  await look('dashboard', { wide: true })
})

test('values are live, and Ctrl-K finds the dashboard by its name', async () => {
  const value = tileNamed('boiler/supply').locator('[title]').last()
  const before = await value.getAttribute('title')
  await expect.poll(() => value.getAttribute('title')).not.toBe(before)
  await page.goto('/')
  await linkIs(page, 'live')
  await page.keyboard.press('Control+k')
  await page.getByRole('dialog').getByRole('textbox').fill('boiler ho')
  await page.getByRole('dialog').getByText('Boiler house', { exact: true }).first().waitFor()
  await page.goto('/dashboards')
  await page.getByRole('link', { name: 'Boiler house' }).waitFor()
  await look('dashboards')
  await page.getByRole('link', { name: 'Boiler house' }).click()
  await page.getByRole('heading', { name: 'Boiler house', level: 1 }).waitFor()
})

test('full screen hides the frame and tells the time and the link; Escape leaves it', async () => {
  await button('Full screen').click()
  await button('Leave full screen').waitFor()
  expect(await page.getByRole('navigation').count()).toBe(0)
  await page
    .locator('time')
    .getByText(/\d\d:\d\d:\d\d/)
    .waitFor()
  await look('dashboard-full', { wide: true })
  const { full } = Object.fromEntries(new URL(page.url()).searchParams)
  expect(full).toBe('true')
  // Also by its address, as a browser on a wall is started.
  await page.reload()
  await linkIs(page, 'live')
  await tileNamed('boiler/supply').waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('navigation', { name: 'Main' }).waitFor()
})

test('it is printed on one A4 page, and saved as a picture', async () => {
  const pdf = (await page.pdf({ preferCSSPageSize: true, printBackground: true })).toString('latin1')
  const boxes = [...pdf.matchAll(/\/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]/g)].map(([, width, height]) => [
    Math.round(Number(width)),
    Math.round(Number(height)),
  ])
  // 297 x 210 mm in points.
  expect(boxes).toEqual([[842, 595]])
  await button('More actions').click()
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('menuitem', { name: 'Save as PNG' }).click(),
  ])
  expect(download.suggestedFilename()).toBe('Dashboard Boiler house.png')
  await download.saveAs(`${import.meta.dirname}/output/dashboard.png`)
})

test('changes that are not saved are not lost by leaving', async () => {
  await button('Edit').click()
  await grip('boiler/supply').focus()
  await page.keyboard.press('Shift+ArrowRight')
  await page.getByRole('link', { name: 'Fleet', exact: true }).click()
  const dialog = page.getByRole('dialog', { name: 'Leave without saving?' })
  await dialog.getByRole('button', { name: 'Go on editing' }).click()
  await dialog.waitFor({ state: 'detached' })
  expect(await place(grip('boiler/supply'))).toEqual([1, 1, 4, 2])
  await page.getByRole('link', { name: 'Fleet', exact: true }).click()
  await dialog.getByRole('button', { name: 'Discard' }).click()
  await page.getByRole('heading', { name: 'Fleet', level: 1 }).waitFor()
})

test('who saves second is told, and loses nothing: a copy, or what the other saved', async () => {
  await page.goto('/dashboards')
  await button('Actions for Boiler house').click()
  await page.getByRole('menuitem', { name: 'Share' }).click()
  const shared = page.getByRole('row', { name: /^Boiler house (Site administrators|Everyone of)/ })
  await shared.waitFor()
  // The local administrator is another person, and sees only what is shared.
  const { views } = await plant.client.views.list({ kind: 'dashboard' })
  expect(views.map(({ name }) => name)).toEqual(['Boiler house'])
  const [saved] = views
  await shared.getByRole('link').click()
  await button('Edit').click()
  await grip('boiler/supply').focus()
  await page.keyboard.press('Shift+ArrowDown')
  await plant.client.views.update({
    viewId: saved?.id ?? '',
    version: saved?.version ?? 0,
    name: 'Boiler house 1',
  })
  const alert = page.getByRole('alert')
  await alert.getByText(/^Changed by .* meanwhile$/).waitFor()
  expect(await button('Save').isDisabled()).toBe(true)
  await alert.getByRole('button', { name: 'Save mine as a copy' }).click()
  await page.getByRole('heading', { name: 'Boiler house (copy)', level: 1 }).waitFor()
  expect(await place(tileNamed('boiler/supply'))).toEqual([1, 1, 3, 3])
  await page.goto('/dashboards')
  await page.getByRole('row', { name: /Boiler house \(copy\) Only you/ }).waitFor()
})

test('one deleted elsewhere is not shown on', async () => {
  const { views } = await plant.client.views.list({ kind: 'dashboard' })
  await page.getByRole('link', { name: 'Boiler house 1' }).click()
  await tileNamed('boiler/supply').waitFor()
  await plant.client.views.delete({ viewId: views[0]?.id ?? '' })
  await page.getByRole('heading', { name: 'This dashboard is not here', level: 2 }).waitFor()
  expect(await page.getByRole('article').count()).toBe(0)
})

test('the screens hold in Portuguese', async () => {
  const other = await visit(browser, site.addresses.http ?? '', { locale: 'pt-BR' })
  await other.page.goto('/login')
  await signIn(other.page)
  await other.page.goto('/dashboards')
  await other.page.getByRole('button', { name: 'Novo painel' }).first().click()
  const dialog = other.page.getByRole('dialog')
  await dialog.getByLabel('Nome do painel').fill('Água')
  await dialog.getByLabel('Começar com os canais de').click()
  await other.page.getByRole('option', { name: /GW003/ }).click()
  await dialog.getByRole('button', { name: 'Criar' }).click()
  await other.page.locator('[data-tile]').first().click()
  const found = await lookAt(other, { name: 'dashboard-edit', language: 'pt-BR', axe: false })
  await other.page.getByRole('button', { name: 'Cancelar' }).click()
  await other.page.getByRole('article').first().waitFor()
  found.push(...(await lookAt(other, { name: 'dashboard', language: 'pt-BR', axe: false })))
  await other.context.close()
  expect(found).toEqual([])
})

function tileAround(inside: Locator): Locator {
  return inside.locator('xpath=ancestor::*[contains(@style, "--x")]')
}

/** Drags by so many cells. */
async function drag(from: Locator, columns: number, rows: number): Promise<void> {
  const grid = from.locator('xpath=ancestor::*[contains(@style, "--rows")]')
  const cell = await grid.evaluate((element) => (element.clientWidth + 8) / 12)
  await from.hover()
  const box = await from.boundingBox()
  if (box === null) throw new Error('nothing to drag')
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2]
  await page.mouse.move(x, y)
  await page.mouse.down()
  for (let step = 1; step <= 4; step++)
    await page.mouse.move(x + (columns * cell * step) / 4, y + (rows * 64 * step) / 4)
  await page.mouse.up()
}
