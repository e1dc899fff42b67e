import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Channel } from '#contract/model/channel.ts'
import { seriousFindings } from '#tests/fixtures/axe.ts'
import { linkIs, signIn, startBrowser, type Visit, visit } from '#tests/fixtures/browser.ts'
import { startSite, type TestSite } from '#tests/fixtures/site.ts'

/** History in and out of the plant by the screens: import dialog, list of jobs. */
let site: TestSite
let browser: Browser
let visitor: Visit
let page: Page
let dir: string
let gatewayId: string
const from = Date.parse('2026-02-17T10:00:00Z')

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'mw-files-'))
  ;[browser, site] = await Promise.all([startBrowser(), startSite()])
  const made = await site.local.post('/api/v1/gateways/provision', { code: 'GW001', name: 'Boiler house' })
  gatewayId = made.json.gateway_id
  visitor = await visit(browser, site.addresses.http ?? '')
  page = visitor.page
  await page.goto('/login')
  await signIn(page)
})
afterAll(async () => {
  await browser?.close()
  await site?.stop()
  rmSync(dir, { recursive: true, force: true })
})

const csv = (rows: number) =>
  [
    'time;temperature [°C];pump',
    ...Array.from({ length: rows }, (_, row) => {
      const time = new Date(from + row * 1_000 - 3 * 3_600_000).toISOString().slice(0, 19).replace('T', ' ')
      return `${time};${row === 5 ? 'broken' : `${row},5`};${row % 2 === 0}`
    }),
  ].join('\r\n')

async function openImport() {
  await page.goto(`/gateways/${gatewayId}?tab=channels`)
  await linkIs(page, 'live')
  await page.getByRole('button', { name: 'Import history' }).click()
  const dialog = page.getByRole('dialog', { name: 'Import history to GW001' })
  await dialog.waitFor()
  return dialog
}

test('a file is checked first, then imported, and the list of jobs tells how it went', async () => {
  const file = join(dir, 'boiler.csv')
  writeFileSync(file, csv(100))
  const dialog = await openImport()
  expect(await seriousFindings(page)).toEqual([])
  await dialog.locator('input[type="file"]').setInputFiles(file)
  await dialog.getByRole('button', { name: 'Check the file' }).click()
  await dialog.getByText('Not a value of this channel').waitFor()
  expect(await dialog.getByText('One column a channel, separated by ;, decimals with ,').count()).toBe(1)
  expect(await dialog.getByText('America/Sao_Paulo').count()).toBeGreaterThan(0)
  expect(await seriousFindings(page)).toEqual([])
  expect((await site.local.get('/api/v1/channels?gateway=GW001')).json.channels).toEqual([])
  await dialog.getByRole('button', { name: 'Import 199 readings' }).click()
  const jobs = page.getByRole('dialog', { name: 'Jobs' })
  await jobs.getByText('199 stored, 0 there already, 0 corrections, 1 refused.').waitFor()
  await jobs.getByRole('button', { name: 'Details of Import of history' }).click()
  await jobs.getByText('Not a value of this channel').waitFor()
  await jobs.getByText('Checked: 100 rows, 199 readings, 1 refused').waitFor()
  expect(await seriousFindings(page)).toEqual([])
  await page.keyboard.press('Escape')
  await jobs.waitFor({ state: 'hidden' })
  const { channels } = (await site.local.get('/api/v1/channels?gateway=GW001')).json
  expect(channels.map(({ key, unit, kind }: Channel) => [key, unit, kind])).toEqual([
    ['pump', null, 'boolean'],
    ['temperature', '°C', 'number'],
  ])
})

test('what is no CSV is told in words, and another file can be chosen', async () => {
  const file = join(dir, 'letter.csv')
  writeFileSync(file, 'Dear all\n')
  const dialog = await openImport()
  await dialog.locator('input[type="file"]').setInputFiles(file)
  await dialog.getByRole('button', { name: 'Check the file' }).click()
  await dialog.getByText('The file is no CSV of readings').waitFor()
  writeFileSync(file, csv(3))
  await dialog.locator('input[type="file"]').setInputFiles([])
  await dialog.locator('input[type="file"]').setInputFiles(file)
  await dialog.getByRole('button', { name: 'Check the file' }).click()
  await dialog.getByRole('button', { name: 'Import 6 readings' }).waitFor()
  expect(await dialog.getByText('The file is no CSV of readings').count()).toBe(0)
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'hidden' })
})

test('an export appears as it runs, its file is downloaded, and the job deleted, all by keyboard', async () => {
  const started = await site.local.post('/api/v1/telemetry/exports', {
    gateways: ['GW001'],
    from,
    to: from + 3_600_000,
  })
  await page.goto('/')
  await linkIs(page, 'live')
  await page.getByRole('button', { name: 'Jobs: none under way' }).focus()
  await page.keyboard.press('Enter')
  const jobs = page.getByRole('dialog', { name: 'Jobs' })
  const save = jobs.getByRole('button', { name: 'Download the file of Export as CSV, GW001' })
  await save.focus()
  const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')])
  const target = join(dir, 'saved.csv')
  await download.saveAs(target)
  expect(download.suggestedFilename()).toBe('GW001_2026-02-17T1000Z_2026-02-17T1100Z.csv')
  expect(readFileSync(target, 'utf8').split('\r\n').length).toBe(201)
  await jobs.getByRole('button', { name: 'Delete: Export as CSV, GW001' }).focus()
  await page.keyboard.press('Enter')
  await save.waitFor({ state: 'detached' })
  expect((await site.local.get(`/api/v1/jobs/${started.json.id}`)).status).toBe(404)
})

test('on a phone, in Portuguese, in the dark', async () => {
  const phone = await visit(browser, site.addresses.http ?? '', {
    viewport: { width: 400, height: 800 },
    locale: 'pt-BR',
    colorScheme: 'dark',
  })
  await phone.page.goto('/login')
  await signIn(phone.page)
  await phone.page.getByRole('button', { name: 'Tarefas: nenhuma em andamento' }).click()
  const jobs = phone.page.getByRole('dialog', { name: 'Tarefas' })
  await jobs.getByText('Importação de histórico').first().waitFor()
  expect(await seriousFindings(phone.page)).toEqual([])
  expect(await phone.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(400)
  await phone.page.screenshot({ path: 'tests/e2e/output/jobs-phone.png' })
  expect(phone.complaints).toEqual([])
  await phone.context.close()
  expect(visitor.complaints).toEqual([])
})
