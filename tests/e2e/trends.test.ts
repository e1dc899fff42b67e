import { readFile } from 'node:fs/promises'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { seriousFindings } from '#tests/fixtures/axe.ts'
import { linkIs, signIn, startBrowser, type Visit, visit } from '#tests/fixtures/browser.ts'
import { eventually } from '#tests/fixtures/eventually.ts'
import { startSite, type TestSite } from '#tests/fixtures/site.ts'
import { lookAt } from './gallery.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

let site: TestSite
let browser: Browser
let visitor: Visit
let page: Page
let ids: string[]
let feeding: ReturnType<typeof setInterval>

beforeAll(async () => {
  ;[browser, site] = await Promise.all([startBrowser(), startSite()])
  const made = await site.local.post('/api/v1/gateways/provision', { code: 'GW001', name: 'Boiler house' })
  const gatewayId = made.json.gateway_id
  const now = Date.now()
  const wave = (ts: number, period: number) => Math.sin((ts / period) * 2 * Math.PI)
  const reading = (channel: string, unit: string, ts: number, value: number) => ({
    channel,
    unit,
    kind: 'number' as const,
    ts: Math.round(ts),
    value: Math.round(value * 100) / 100,
    quality: 0,
  })
  const both = (ts: number) => [
    reading('supply', '°C', ts, 70 + 8 * wave(ts, DAY) + 3 * wave(ts, 365 * DAY)),
    reading('pressure', 'bar', ts, 2 + 0.2 * wave(ts, HOUR)),
  ]
  // A year of a reading an hour; the last hour, and that of yesterday, of a reading a second.
  for (let from = now - 365 * DAY; from < now - HOUR; from += 60 * DAY) {
    const hours = Math.min(60 * 24, Math.floor((now - HOUR - from) / HOUR))
    await site.engine.importReadings(
      gatewayId,
      Array.from({ length: hours }, (_, hour) => both(from + hour * HOUR)).flat(),
    )
  }
  for (const from of [now - DAY - HOUR, now - HOUR])
    await site.engine.importReadings(
      gatewayId,
      Array.from({ length: 3_600 }, (_, second) => both(from + second * 1_000)).flat(),
    )
  feeding = setInterval(() => {
    site.engine.importReadings(gatewayId, both(Date.now())).catch(() => undefined)
  }, 500)
  const { channels } = (await site.local.get('/api/v1/channels?gateway=GW001')).json
  ids = ['supply', 'pressure'].map((key) => channels.find((one: { key: string }) => one.key === key).id)
  visitor = await visit(browser, site.addresses.http ?? '', { acceptDownloads: true })
  page = visitor.page
  await page.goto('/login')
  await signIn(page)
})
afterAll(async () => {
  clearInterval(feeding)
  await browser?.close()
  await site?.stop()
})

const button = (name: string | RegExp) => page.getByRole('button', { name, exact: typeof name === 'string' })
const item = (name: string | RegExp) => page.getByRole('menuitem', { name })
const dialog = () => page.getByRole('dialog')
const chart = () => page.getByRole('application')
const search = () => new URL(page.url()).searchParams
/** The one that is seen; the one before it is for screen readers. */
const table = () => page.getByRole('table').last()
const rowOf = (channel: string) => table().getByRole('row', { name: new RegExp(`^${channel}`) })

/** Opens trends and waits for the figures, which come after the chart. */
async function open(query: string): Promise<void> {
  await page.goto(`/trends?channels=${ids.join(',')}&${query}`)
  await linkIs(page, 'live')
  await eventually(async () => /\d/.test((await figure('supply', 'Readings')) ?? ''), 'figures', 60_000)
}

/** A cell of the table below the chart. */
async function figure(channel: string, column: string): Promise<string | null> {
  const names = await table().getByRole('columnheader').allTextContents()
  return rowOf(channel)
    .getByRole('cell')
    .nth(names.indexOf(column) - 1)
    .textContent()
}

async function plotBox() {
  const box = await page.locator('.u-over').first().boundingBox()
  if (box === null) throw new Error('there is no plot')
  return box
}

/** The window of the address, ms. */
function shown(): { from: number; to: number } | null {
  const found = /^(\d+)-(\d+)$/.exec(search().get('range') ?? '')
  return found === null ? null : { from: Number(found[1]), to: Number(found[2]) }
}

test('from a year to a single second by wheel, and back', async () => {
  await open('range=365d')
  expect(Number((await figure('supply', 'Readings'))?.replace(',', ''))).toBeGreaterThan(12_000)
  expect(await lookAt(visitor, { name: 'trends-year', language: 'en', axe: true })).toEqual([])
  const box = await plotBox()
  const span = () => {
    const range = shown()
    const live = /^(\d+)([smhd])$/.exec(search().get('range') ?? '')
    const unit = { s: 1_000, m: 60_000, h: HOUR, d: DAY }[live?.[2] ?? 's'] ?? 0
    return range === null ? Number(live?.[1]) * unit : range.to - range.from
  }
  const turnWheel = async (turns: number, by: number) => {
    for (let turn = 0; turn < turns; turn++) {
      await page.mouse.wheel(0, by)
      await page.waitForTimeout(20)
    }
    // The address follows when the wheel rests.
    await page.waitForTimeout(800)
  }
  // At the right edge until the last hour is wide enough to point into, then into it.
  await page.mouse.move(box.x + box.width - 1, box.y + 100)
  while (span() > HOUR) await turnWheel(4, -300)
  await page.mouse.move(box.x + box.width / 2, box.y + 100)
  await turnWheel(40, -300)
  expect(span()).toBe(1_000)
  await eventually(
    async () => ['1', '2', '3'].includes((await figure('supply', 'Readings')) ?? ''),
    'single readings',
    60_000,
  )
  expect(await lookAt(visitor, { name: 'trends-second', language: 'en', axe: false, phone: false })).toEqual(
    [],
  )
  await turnWheel(60, 400)
  expect(span()).toBeGreaterThan(300 * DAY)
})

test('keys pan, zoom, move the cursor and say the values, and go back to live', async () => {
  await open('range=1h')
  await chart().focus()
  await page.keyboard.press('ArrowLeft')
  await eventually(async () => shown() !== null, 'a fixed range')
  await page.keyboard.press('+')
  await eventually(async () => {
    const span = shown()
    return span !== null && span.to - span.from < HOUR * 0.75
  }, 'a smaller range')
  await page.keyboard.press('Shift+ArrowRight')
  await page.getByText(/: supply \d.* °C; pressure \d.* bar$/).waitFor({ state: 'attached' })
  await page.keyboard.press('Home')
  await eventually(async () => shown() === null, 'a live range')
  expect(search().get('range')).toMatch(/^\d+[smh]$/)
})

test('live readings arrive without a reload, and the range moves on', async () => {
  await open('range=60s')
  const before = await figure('supply', 'Readings')
  await eventually(async () => (await figure('supply', 'Readings')) !== before, 'newer figures', 20_000)
  expect(await figure('supply', 'Age')).toMatch(/^[0-3] s$/)
})

describe('what is shown', () => {
  test('is compared with an earlier time', async () => {
    await open('range=1h')
    await page.getByRole('combobox', { name: 'Compare with' }).click()
    await page.getByRole('option', { name: 'Yesterday' }).click()
    await eventually(async () => search().get('compare') === '1d', 'the comparison in the address')
    const row = page.getByRole('row', { name: /^1 d earlier/ }).first()
    await eventually(async () => /Δ/.test((await row.textContent()) ?? ''), 'the difference')
    const box = await plotBox()
    await page.mouse.move(box.x + box.width * 0.6, box.y + 100)
    await page.getByText(/before: \d.* °C, difference/).waitFor()
    await page.mouse.move(0, 0)
    expect(await lookAt(visitor, { name: 'trends-compared', language: 'en', axe: true })).toEqual([])
  })

  test('stands on scales that a person chose', async () => {
    await open('range=1h')
    await button('Scale of pressure').click()
    await page.getByText('Own', { exact: true }).last().click()
    await page.getByRole('textbox', { name: 'From' }).fill('0')
    await page.getByRole('textbox', { name: 'To' }).fill('-1')
    await button('Apply').click()
    await page.getByText('Has to be above the other').waitFor()
    await page.getByRole('textbox', { name: 'To' }).fill('10')
    expect(await seriousFindings(page)).toEqual([])
    await button('Apply').click()
    await eventually(async () => search().get('axes') === '1:o:0:10', 'the scale in the address')
  })

  test('is annotated by a click, over a span and by a key, and others see it', async () => {
    await open('range=1h')
    const box = await plotBox()
    await button('Annotate').click()
    await page.mouse.click(box.x + box.width * 0.3, box.y + 150)
    await dialog().getByRole('textbox', { name: 'What happened' }).fill('Filter changed')
    expect(await seriousFindings(page)).toEqual([])
    await dialog().getByRole('button', { name: 'Save' }).click()
    await page.getByRole('tab', { name: 'Annotations (1)' }).waitFor()

    await button('Annotate').click()
    await page.mouse.move(box.x + box.width * 0.5, box.y + 150)
    await page.mouse.down()
    await page.mouse.move(box.x + box.width * 0.6, box.y + 150, { steps: 4 })
    await page.mouse.up()
    await dialog().getByRole('textbox', { name: 'What happened' }).fill('Pump 2 off')
    await dialog().getByText('Only these channels').click()
    await dialog().getByText('GW001 pressure').click()
    await dialog().getByRole('button', { name: 'Save' }).click()
    await page.getByRole('tab', { name: 'Annotations (2)' }).waitFor()

    const { annotations } = (
      await site.local.get(`/api/v1/annotations?from=${Date.now() - DAY}&to=${Date.now()}`)
    ).json
    expect(annotations).toMatchObject([
      { text: 'Pump 2 off', channelIds: [ids[1]] },
      { text: 'Filter changed', channelIds: [] },
    ])
    expect(annotations[0].to).toBeGreaterThan(annotations[0].from)
    expect(annotations[1].to).toBe(annotations[1].from)

    // Written elsewhere, shown here.
    await site.local.post('/api/v1/annotations', { from: Date.now() - 600_000, text: 'From the gate' })
    await page.getByRole('tab', { name: 'Annotations (3)' }).click()
    await page.getByText('From the gate').waitFor()
    expect(await lookAt(visitor, { name: 'trends-annotated', language: 'en', axe: true })).toEqual([])

    await button('Change “From the gate”').click()
    await dialog().getByRole('button', { name: 'Delete' }).click()
    await page.getByRole('tab', { name: 'Annotations (2)' }).waitFor()
    await page.mouse.move(box.x + box.width * 0.7, box.y + 60)
    await page.keyboard.press('a')
    await dialog().getByRole('heading', { name: 'New annotation' }).waitFor()
    await page.keyboard.press('Escape')
  })

  test('is saved as a view, shared, changed, renamed and deleted', async () => {
    await open('range=8h&limits=on')
    await button('Saved views').click()
    await item('Save as view …').click()
    await dialog().getByRole('button', { name: 'Save' }).click()
    await dialog().getByText('Give it a name').waitFor()
    await dialog().getByRole('textbox', { name: 'Name' }).fill('Boiler')
    await dialog().getByRole('checkbox', { name: 'Share with everyone' }).check()
    await dialog().getByRole('button', { name: 'Save' }).click()
    await eventually(async () => search().get('view') !== null, 'the view in the address')
    const viewId = search().get('view') ?? ''

    await page.getByRole('switch', { name: 'Limits' }).click()
    await button(/Boiler.*changed/).click()
    await item('Save “Boiler”').click()
    await eventually(
      async () => (await site.local.get(`/api/v1/views/${viewId}`)).json.version === 2,
      'the view to be saved',
    )
    await button('Boiler').waitFor()

    // Somebody else saves it meanwhile.
    const theirs = (await site.local.get(`/api/v1/views/${viewId}`)).json
    await page.evaluate(
      async ([path, body]) => {
        await fetch(path ?? '', {
          method: 'PATCH',
          headers: { 'content-type': 'application/json' },
          body: body ?? '',
        })
      },
      [
        `/api/v1/views/${viewId}`,
        JSON.stringify({ version: 2, content: { ...theirs.content, compare: HOUR } }),
      ],
    )
    await button(/Boiler.*changed/).click()
    await item('Back to what is saved').click()
    await eventually(async () => search().get('compare') === '1h', 'their comparison')

    await button('Boiler').click()
    await item('Rename …').click()
    await dialog().getByRole('textbox', { name: 'Name' }).fill('Boiler house')
    await dialog().getByRole('button', { name: 'Save' }).click()
    await button('Boiler house').waitFor()

    // An address that names the view alone shows it.
    await page.goto(`/trends?view=${viewId}`)
    await eventually(async () => search().get('channels') === ids.join(','), 'its channels')
    await button('Boiler house').click()
    expect(await seriousFindings(page)).toEqual([])
    await item('Delete …').click()
    await dialog().getByRole('button', { name: 'Delete view' }).click()
    await button('Saved views').waitFor()
    expect((await site.local.get('/api/v1/views')).json).toEqual({ views: [] })
  })

  test('fills the whole screen, without what stands around it', async () => {
    await open('range=1h')
    await chart().focus()
    await page.keyboard.press('f')
    await button('Leave full screen (Esc)').waitFor()
    const isReachable = () =>
      page
        .locator('nav')
        .first()
        .evaluate((rail) => rail.closest('[inert]') === null)
    expect(await isReachable()).toBe(false)
    const box = await chart().boundingBox()
    expect(box?.width).toBeGreaterThan(1_300)
    await page.keyboard.press('Escape')
    await eventually(isReachable, 'the frame')
  })
})

describe('what leaves the site', () => {
  test('is a crisp picture', async () => {
    await open('range=8h&compare=1h&limits=on')
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      (async () => {
        await button('Export').click()
        await item('Picture (PNG)').click()
      })(),
    ])
    expect(download.suggestedFilename()).toMatch(/^trend_.*\.png$/)
    const png = await readFile(await download.path())
    expect(png.subarray(1, 4).toString()).toBe('PNG')
    // Width and height stand in the first chunk (PNG 11.2.1).
    expect(png.readUInt32BE(16)).toBe(3_000)
  })

  test('is a page of A4 in landscape', async () => {
    await open('range=8h')
    const pdf = await page.pdf({ preferCSSPageSize: true, printBackground: true })
    const boxes = [...pdf.toString('latin1').matchAll(/\/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]/g)]
    expect(boxes).toHaveLength(1)
    expect(Math.round(Number(boxes[0]?.[1]))).toBe(842)
    expect(Math.round(Number(boxes[0]?.[2]))).toBe(595)
    // The screen is as it was.
    await button('Export').waitFor()
  })

  test('is a file that a job writes', async () => {
    await open('range=15m')
    await button('Export').click()
    await item('Export data …').click()
    await dialog().getByText('Parquet', { exact: true }).click()
    expect(await seriousFindings(page)).toEqual([])
    await dialog().getByRole('button', { name: 'Export' }).click()
    await dialog().getByText('The file is being written').waitFor()
    await eventually(
      async () => (await site.local.get('/api/v1/jobs')).json.jobs[0]?.state === 'done',
      'the job to end',
    )
    expect((await site.local.get('/api/v1/jobs')).json.jobs[0]).toMatchObject({
      kind: 'telemetry.export',
      file: { name: expect.stringMatching(/\.parquet$/) },
    })
  })
})
