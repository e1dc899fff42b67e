import { rm } from 'node:fs/promises'
import { pino } from 'pino'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, test } from 'vitest'
import { createEngine } from '#engine/create-engine.ts'
import { bundleFiles, zipOf } from '#firmware/bundle/testing/bundle-files.ts'
import { linkIs, signIn, startBrowser, type Visit, visit } from '#tests/fixtures/browser.ts'
import { type Plant, startPlant } from '#tests/fixtures/plant.ts'
import { ADMIN, PASSWORD, startSite, type TestSite, temporaryFolder } from '#tests/fixtures/site.ts'
import { lookAt, wantsPictures } from './gallery.ts'

let browser: Browser
let site: TestSite
let plant: Plant
let bundleId: string
beforeAll(async () => {
  ;[browser, site] = await Promise.all([startBrowser(), startSite()])
  plant = await startPlant(site)
  const zip = await zipOf(bundleFiles({ sign: true }))
  const made = await site.local.post('/api/v1/firmware/bundles', zip, { 'content-type': 'application/zip' })
  bundleId = made.json.id
})
afterAll(async () => {
  await browser?.close()
  await plant?.stop()
  await site?.stop()
})

interface Screen {
  name: string
  path(): string
  /** Something that is there once the screen has its data. */
  ready: string
  /** Brings out what the address does not. */
  prepare?(page: Page): Promise<void>
  phone?: false
  wide?: true
}

/** Walking all screens once more costs a minute: the other language where pictures are wanted, and in long runs. */
const languages = wantsPictures
  ? [
      { language: 'en', locale: 'en-GB' },
      { language: 'pt-BR', locale: 'pt-BR' },
    ]
  : [{ language: 'en', locale: 'en-GB' }]

const grid = '[role="grid"] [role="row"][aria-rowindex="2"]'
/** The figures of a chart with readings, for screen readers. */
const DRAWN = 'main caption ~ tbody td:nth-of-type(4)'
const gatewayPath =
  (code: string, tab = '') =>
  () =>
    `/gateways/${plant.idOf(code)}${tab === '' ? '' : `?tab=${tab}`}`

const screens: readonly Screen[] = [
  { name: 'overview', path: () => '/', ready: 'main [data-status="offline"]', wide: true },
  { name: 'fleet', path: () => '/fleet', ready: grid, wide: true },
  {
    name: 'fleet-chosen',
    path: () => `/fleet?look=${plant.idOf('GW007')}`,
    ready: 'aside',
    prepare: async (page) => {
      for (const row of [3, 4, 5]) await page.locator(`[aria-rowindex="${row}"] label`).click()
      await page.locator('[role="region"]').waitFor()
    },
  },
  { name: 'tenants', path: () => '/admin/tenants?look=aurora-dairy', ready: 'aside' },
  {
    name: 'tenant-limits',
    path: () => '/admin/tenants?look=aurora-dairy',
    ready: 'aside',
    prepare: async (page) => {
      await page.locator('aside button').nth(-2).click()
      await page.locator('[role="dialog"] form').waitFor()
    },
    phone: false,
  },
  { name: 'groups', path: () => '/admin/tenants?groups=aurora-dairy', ready: '[role="treeitem"]' },
  { name: 'fleet-nothing', path: () => '/fleet?q=zzz', ready: 'main h2' },
  {
    name: 'fleet-revoke',
    path: () => `/fleet?look=${plant.idOf('GW004')}`,
    ready: 'aside',
    prepare: async (page) => {
      await page.locator('aside button').last().click()
      await page.locator('[role="dialog"] form').waitFor()
    },
    phone: false,
  },
  {
    name: 'api-keys',
    path: () => '/admin/api-keys',
    ready: 'main code',
    prepare: async (page) => {
      await page.locator('main header button').click()
      await page.locator('[role="dialog"] form').waitFor()
    },
  },
  { name: 'gateway', path: gatewayPath('GW002'), ready: DRAWN, wide: true },
  { name: 'gateway-channels', path: gatewayPath('GW002', 'channels'), ready: 'main table td' },
  { name: 'gateway-connection', path: gatewayPath('GW002', 'connection'), ready: 'main table td' },
  { name: 'gateway-certificate', path: gatewayPath('GW002', 'certificate'), ready: 'main dl' },
  { name: 'gateway-history', path: gatewayPath('GW006', 'history'), ready: 'main table td' },
  { name: 'gateway-refusals', path: gatewayPath('GW007', 'refusals'), ready: 'main [aria-expanded="true"]' },
  { name: 'gateway-offline', path: gatewayPath('GW006'), ready: 'main canvas' },
  { name: 'gateway-waiting', path: gatewayPath('GW009'), ready: 'main pre' },
  { name: 'gateway-revoked', path: gatewayPath('AD-04'), ready: 'main canvas' },
  { name: 'gateway-missing', path: () => '/gateways/00000000-0000-7000-8000-000000000000', ready: 'main h2' },
  { name: 'profiles', path: () => '/fleet/profiles', ready: 'main h2' },
  {
    name: 'add-gateway',
    path: () => '/fleet/add',
    ready: 'main form',
    prepare: async (page) => {
      const [mac, code] = [page.locator('main input').nth(0), page.locator('main input').nth(1)]
      await mac.fill('aa:bb:cc')
      await code.fill('a code with spaces')
      await page.locator('main input').nth(2).focus()
    },
  },
  { name: 'trends-empty', path: () => '/trends', ready: 'main h2' },
  {
    name: 'trends',
    path: () => '/trends',
    ready: 'main h2',
    prepare: async (page) => {
      await page.locator('main h2 ~ button, main h2 ~ * button').first().click()
      await page.locator(DRAWN).first().waitFor({ state: 'attached' })
      await page.locator('[role="group"] button[aria-pressed]').nth(2).click()
      // Eight hours of a reading each two minutes.
      await page.waitForFunction(() =>
        [...document.querySelectorAll('main tr td:nth-last-child(2)')].some(
          (cell) => Number(cell.textContent) > 230,
        ),
      )
    },
    wide: true,
  },
  {
    name: 'topics',
    path: () => '/topics?q=telemetry',
    ready: '[role="treegrid"] [aria-level="3"]',
    prepare: async (page) => {
      await page.locator('[role="treegrid"] [aria-level="3"]').first().click()
      await page.locator('aside pre').waitFor()
    },
    wide: true,
  },
  { name: 'claims', path: () => '/claims', ready: 'main h2' },
  { name: 'certificates', path: () => '/certificates', ready: grid },
  { name: 'firmware', path: () => `/firmware?bundle=${bundleId}`, ready: 'aside table td' },
  { name: 'settings', path: () => '/settings', ready: 'main h2' },
  { name: 'account', path: () => '/account', ready: 'main h2' },
  {
    name: 'finder',
    path: () => '/',
    ready: 'main [data-status="offline"]',
    prepare: async (page) => {
      await page.keyboard.press('Control+k')
      await page.locator('[role="dialog"] input').fill('wa')
      await page.locator('[role="dialog"] [role="option"], [role="dialog"] button').first().waitFor()
    },
    phone: false,
  },
  { name: 'not-found', path: () => '/nowhere', ready: 'main h2' },
]

test.concurrent.for(languages)(
  'every screen in $language, in both themes',
  async ({ language, locale }, { expect }) => {
    const visitor = await visit(browser, site.addresses.http ?? '', { locale })
    const { page, context } = visitor
    const look = { language, axe: language === 'en' }
    const found: string[] = []
    await page.goto('/login')
    await page.locator('form').waitFor()
    found.push(...(await lookAt(visitor, { ...look, name: 'login' })))
    await signIn(page)
    for (const { name, path, ready, prepare, phone, wide } of screens) {
      await page.goto(path())
      await page.locator(ready).first().waitFor({ state: 'attached' })
      if (name !== 'not-found') await linkIs(page, 'live')
      await prepare?.(page)
      found.push(
        ...(await lookAt(visitor, {
          ...look,
          name,
          ...(phone === undefined ? {} : { phone }),
          ...(wide === undefined ? {} : { wide }),
        })),
      )
    }
    await context.close()
    expect(found).toEqual([])
  },
)

test.concurrent.for(languages)(
  'setting up and an empty site in $language, in both themes',
  async ({ language, locale }, { expect }) => {
    const dataDir = await temporaryFolder()
    const engine = createEngine({
      dataDir,
      host: 'site',
      ports: { http: 0, https: 0, deviceHttps: 0, mqtts: 0 },
      log: pino({ level: 'silent' }),
    })
    await engine.start()
    const visitor = await visit(browser, engine.addresses.http ?? '', { locale })
    const { page, context } = visitor
    const found: string[] = []
    const look = async (name: string) =>
      found.push(...(await lookAt(visitor, { name, language, axe: language === 'en' })))
    try {
      await setUpInSteps(visitor, engine.addresses.setupCode ?? '', look)
      for (const [name, path] of [
        ['empty-overview', '/'],
        ['empty-fleet', '/fleet'],
        ['empty-trends', '/trends'],
        ['empty-certificates', '/certificates'],
      ] as const) {
        await page.goto(path)
        await page.locator('main h2').first().waitFor()
        await linkIs(page, 'live')
        await look(name)
      }
    } finally {
      await context.close()
      await engine.stop()
      await rm(dataDir, { recursive: true, force: true })
    }
    expect(found).toEqual([])
  },
)

/** Answers by position, for the words differ with the language. */
async function setUpInSteps({ page }: Visit, code: string, look: (name: string) => Promise<unknown>) {
  const input = (type: string) => page.locator(`main input[type="${type}"]`)
  const text = page.locator('main input').first()
  const next = async () => page.locator('main button[type="submit"]').click()
  await page.goto('/')
  await page.waitForURL('**/setup')
  await text.fill('0000-0000')
  await next()
  await page.locator('main [role="alert"]').waitFor()
  await look('setup-1-code')
  await text.fill(code)
  await next()
  await page.locator('input[maxlength="100"]').waitFor()
  await look('setup-2-site')
  await text.fill('Campinas industrial park')
  await next()
  await input('email').fill(ADMIN)
  await input('password').nth(0).fill('short')
  await input('password').nth(1).focus()
  await page.locator('main [class*="error"]').first().waitFor()
  await look('setup-3-admin')
  for (const nth of [0, 1]) await input('password').nth(nth).fill(PASSWORD)
  await next()
  await input('checkbox').first().waitFor()
  await look('setup-4-network')
  for (const box of await input('checkbox').all()) await box.uncheck()
  await page.locator('label', { hasText: '127.0.0.1' }).click()
  await next()
  await page.locator('main dl').waitFor()
  await look('setup-5-summary')
  await next()
  await input('checkbox').waitFor({ timeout: 60_000 })
  await look('setup-6-result')
  await input('checkbox').check()
  await page.locator('main button').last().click()
  await linkIs(page, 'live')
}
