import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { linkIs, signIn, startBrowser, type Visit, visit } from '#tests/fixtures/browser.ts'
import { type FaultProxy, startFaultProxy } from '#tests/fixtures/fault-proxy.ts'
import { type PostgresServer, startPostgres } from '#tests/fixtures/postgres-server.ts'
import {
  CloudLink,
  createCloud,
  readingsInCloud,
  type SharedCloud,
  type SiteAccess,
} from '#tests/fixtures/shared-cloud.ts'
import { startSite, type TestSite } from '#tests/fixtures/site.ts'
import { lookAt } from './gallery.ts'

/** Joining, living with and leaving a cloud as a person does it: a real site, a real Postgres, a line between them. */
const START = 1_770_000_000_000
const STORED = 40_000

let browser: Browser
let site: TestSite
let postgres: PostgresServer
let cloud: SharedCloud
let access: SiteAccess
let proxy: FaultProxy
let link: CloudLink
let gatewayId = ''
let visitor: Visit
let page: Page

beforeAll(async () => {
  ;[browser, site, postgres] = await Promise.all([
    startBrowser(),
    startSite({ cloudTimes: { look: 100, exchange: 2_000, heartbeat: 1_000 } }),
    startPostgres(),
  ])
  proxy = await startFaultProxy({ port: postgres.port })
  cloud = await createCloud(postgres)
  access = await cloud.addSite('Campinas')
  link = new CloudLink(() => site.local)
  const made = await site.local.post('/api/v1/gateways/provision', { code: 'GW001', name: 'Boiler house' })
  gatewayId = made.json.gateway_id
  await importReadings(
    'level',
    Array.from({ length: STORED }, (_, at) => [START + at * 1_000, Math.sin(at / 700) * at]),
  )
  visitor = await visit(browser, site.addresses.http ?? '')
  page = visitor.page
  await page.goto('/login')
  await signIn(page)
})
afterAll(async () => {
  await browser?.close()
  await site?.stop()
  await proxy?.stop()
  await postgres?.stop()
})

async function importReadings(channel: string, readings: [ts: number, value: number | string][]) {
  const kind = typeof readings[0]?.[1] === 'string' ? ('text' as const) : ('number' as const)
  await site.engine.importReadings(
    gatewayId,
    readings.map(([ts, value]) => ({ channel, kind, unit: null, ts, value, quality: 0 })),
  )
}

const dialog = () => page.getByRole('dialog')
const press = (name: string) => page.getByRole('button', { name, exact: true }).click()
const open = (tab: string) => page.getByRole('tab', { name: new RegExp(`^${tab}`) }).click()
const heading = (name: string) => page.getByRole('heading', { name, exact: true })
const look = (name: string, more: { phone?: boolean; axe?: boolean } = {}) =>
  lookAt(visitor, { name: `cloud-${name}`, language: 'en', axe: true, ...more })
/** The row of the table that tells what was sent. */
const sent = () => page.getByRole('region', { name: 'What is sent' }).getByRole('row').nth(1)

test('before joining, the screen says what a cloud is for, and what never leaves', async () => {
  await page.getByRole('link', { name: 'Cloud', exact: true }).click()
  await linkIs(page, 'live')
  await heading('This site has not joined a cloud').waitFor()
  await page.getByText('Nothing is sent before you join').waitFor()
  await page.getByText('Sync off').waitFor()
  // With one tenant the word is nowhere.
  expect(await page.locator('main').innerText()).not.toMatch(/tenant/i)
  expect(await look('intro')).toEqual([])
  expect(proxy.accepted).toBe(0)
})

test('the address is tried at once, and what is wrong with it stands beside it', async () => {
  await page.getByRole('link', { name: 'Join a cloud' }).click()
  await heading('Where is the cloud?').waitFor()
  // An address with its password, as people copy it: the password goes into its own field.
  const { username, database, password } = access
  await page
    .getByLabel('Address')
    .fill(`postgres://${username}:not-the-password@127.0.0.1:${proxy.port}/${database}`)
  expect(await page.getByLabel('Address').inputValue()).not.toContain('not-the-password')
  await press('Test and continue')
  await page.getByText('inside your own network').waitFor()
  expect(proxy.accepted).toBe(0)
  await page.getByLabel('The server stands in our own network').check()
  await press('Test and continue')
  await page.getByText('is signed by nobody that this site trusts').waitFor()
  await page.getByLabel('CA certificate').fill(postgres.ca)
  await press('Test and continue')
  await page.getByText(`127.0.0.1 refuses ${username}`).waitFor()
  expect(await look('refused-login', { phone: false })).toEqual([])
  await page.getByLabel('Password', { exact: true }).fill(password)
  await press('Test and continue')
  await heading('Is this the right cloud?').waitFor()
  await page.getByText('Campinas').waitFor()
  expect(await look('server')).toEqual([])
})

test('one question a step, and nothing is sent before the last', async () => {
  // From the keyboard: the way on has the focus where there is nothing to fill in.
  await page.keyboard.press('Enter')
  await heading('What goes there?').waitFor()
  await page.getByText('40,000 readings are stored').waitFor()
  expect(await page.locator('main').innerText()).not.toMatch(/tenant/i)
  expect(await look('what')).toEqual([])
  await page.getByRole('radio', { name: /^Off/ }).check()
  await press('Continue')
  await page.getByText('With everything off there is nothing to join for').waitFor()
  await page.getByRole('radio', { name: /^Fleet and telemetry/ }).check()
  await press('Continue')
  await heading('How fast, and when?').waitFor()
  expect(await look('limits')).toEqual([])
  await press('Back')
  await heading('What goes there?').waitFor()
  await press('Continue')
  await press('Continue')
  await heading('This will be sent').waitFor()
  await page.getByText('40,000', { exact: true }).waitFor()
  await page.getByText('The first that is stored').waitFor()
  await page.getByText('New there', { exact: true }).waitFor()
  expect(await look('summary')).toEqual([])
  const admin = await cloud.connect()
  const { rows } = await admin.query('SELECT count(*)::int AS n FROM millwright.tenants')
  expect(rows).toEqual([{ n: 0 }])
  await admin.end()
})

test('joins, and the backlog drains before one’s eyes', async () => {
  proxy.bandwidth(60_000, 'up')
  await press('Join and start sending')
  await heading('Joined').waitFor()
  await page.getByRole('link', { name: 'Open the cloud' }).click()
  await page.getByText('Catching up').first().waitFor()
  await page.getByText('Stored readings').first().waitFor()
  expect(await look('catching-up', { phone: false, axe: false })).toEqual([])
  await proxy.heal()
  await heading('Everything is sent').waitFor()
  await page.getByText('Nothing waits').waitFor()
  await page.getByText('Sync live').waitFor()
  await sent().getByText('40,000', { exact: true }).waitFor()
  expect(await look('live')).toEqual([])
})

test('without a link it says so and counts down; with one it catches up', async () => {
  proxy.refuse()
  proxy.cut()
  await heading('No link to the cloud; it is tried again by itself').waitFor()
  await importReadings('level', [[START - 1_000, 5]])
  await page.getByText(/^1 reading$/).waitFor()
  expect(await look('waiting')).toEqual([])
  // Meanwhile the same thing is called something else at head office, and here.
  const admin = await cloud.connect()
  await admin.query(`UPDATE millwright.gateways SET name = 'Boiler house 2' WHERE code = 'GW001'`)
  await admin.end()
  await site.local.send('PATCH', '/api/v1/gateways/GW001', { name: 'Boiler house, north' })
  await proxy.heal()
  await press('Try now')
  await heading('Everything is sent').waitFor()
  await page.getByText('Nothing waits').waitFor()
})

test('a conflict shows both values, and the other can be used', async () => {
  await open('Conflicts')
  await page.getByRole('heading', { name: /^Gateway / }).waitFor()
  const [kept, other] = [
    page.getByRole('group', { name: 'Counts now' }),
    page.getByRole('group', { name: 'The other value' }),
  ]
  await kept.getByText('Boiler house, north').waitFor()
  await kept.getByText('This site').waitFor()
  await other.getByText('Boiler house 2').waitFor()
  expect(await look('conflict')).toEqual([])
  await other.getByRole('button', { name: /^Use the other/ }).click()
  await heading('No open conflicts').waitFor()
  await expect
    .poll(async () => (await site.local.get('/api/v1/gateways/GW001')).json.name)
    .toBe('Boiler house 2')
  await page.getByText('All', { exact: true }).click()
  await page.getByText('Settled by').waitFor()
})

test('what the cloud cannot store is told with the reason, corrected and sent', async () => {
  await importReadings('note', [
    [START, 'batch 17\u0000 done'],
    [START + 1, 'batch 18'],
    [START + 2, 'batch\u0000 19'],
  ])
  await open('Refused')
  const row = page.getByRole('row', { name: /note/ })
  await row.nth(1).waitFor()
  await row.filter({ hasText: 'batch 17' }).click()
  const panel = page.getByRole('complementary', { name: /^Refused/ })
  await panel.getByText('The value holds a NUL character').waitFor()
  await panel.getByText('batch 17\\u0000 done').waitFor()
  expect(await look('refused')).toEqual([])
  await panel.getByRole('button', { name: 'Save and send' }).click()
  await page.getByText('1 refused', { exact: true }).waitFor()
  const download = page.waitForEvent('download')
  await page.getByRole('link', { name: 'Export CSV' }).click()
  expect((await download).suggestedFilename()).toMatch(/\.csv$/)
  // Sent again as it is, it comes back; then it is given up.
  await press('Try all again')
  await page.getByText('1 is tried again').waitFor()
  await page.getByText('1 refused', { exact: true }).waitFor()
  await page.getByRole('row', { name: /note/ }).click()
  await panel.getByRole('button', { name: 'Discard' }).click()
  await dialog().getByRole('button', { name: 'Discard' }).click()
  await heading('Nothing was refused').waitFor()
  const admin = await cloud.connect()
  await expect
    .poll(async () => (await readingsInCloud(admin, gatewayId)).get('note'))
    .toEqual(
      new Map([
        [START, 'batch 17 done'],
        [START + 1, 'batch 18'],
      ]),
    )
  await admin.end()
})

test('limits are kept; pausing stops everything until it is resumed; a comparison finds nothing to mend', async () => {
  await open('Settings')
  await page.getByLabel('At most').check()
  await page.getByLabel('kB per second').fill('500')
  await page.getByText('4 Mbit/s').waitFor()
  expect(await look('settings')).toEqual([])
  await page.locator('form').filter({ hasText: 'Speed' }).getByRole('button', { name: 'Save' }).click()
  await expect.poll(async () => (await link.status()).limits.bytesPerSecond).toBe(500_000)
  await press('Compare and mend')
  await dialog().getByRole('combobox', { name: 'Readings of' }).click()
  await page.getByRole('option', { name: 'All times' }).click()
  expect(await look('compare', { phone: false })).toEqual([])
  await dialog().getByRole('button', { name: 'Start' }).click()
  await dialog().getByText('The comparison has begun').waitFor()
  await dialog().locator('form').getByRole('button', { name: 'Close' }).click()
  await open('Overview')
  const pass = page.getByRole('listitem').filter({ hasText: 'Comparison with the cloud' })
  await pass.getByText('Finished').waitFor()
  await pass.getByText('0 mended').waitFor()
  await press('Pause')
  await heading('Paused by a person').waitFor()
  expect(await look('paused', { phone: false, axe: false })).toEqual([])
  await press('Resume')
  await heading('Everything is sent').waitFor()
})

test('with another password at the cloud it stops, says so, and goes on with the new one', async () => {
  access = await cloud.rotate(access)
  proxy.cut()
  await heading('Stopped: a person has to do something').waitFor()
  await page.getByText(`127.0.0.1 refuses ${access.username}`).first().waitFor()
  await page.getByText('Sync stopped').waitFor()
  expect(await look('stopped')).toEqual([])
  await page.getByRole('link', { name: 'Overview', exact: true }).click()
  const trouble = page.getByRole('listitem').filter({ hasText: 'Stopped: the link to the cloud' })
  await trouble.getByText(`127.0.0.1 refuses ${access.username}`).waitFor()
  expect(await look('attention', { phone: false, axe: false })).toEqual([])
  await trouble.getByRole('link', { name: 'Open the cloud' }).click()
  await press('Change address or login')
  await dialog().getByRole('button', { name: 'Test and save' }).click()
  await dialog().getByText('Write the password', { exact: true }).waitFor()
  await dialog().getByLabel('Password', { exact: true }).fill(access.password)
  await dialog().getByRole('button', { name: 'Test and save' }).click()
  await dialog().waitFor({ state: 'detached' })
  await heading('Everything is sent').waitFor()
})

test('in Portuguese, found with Ctrl-K', async () => {
  const other = await visit(browser, site.addresses.http ?? '', { locale: 'pt-BR', colorScheme: 'dark' })
  await other.page.goto('/login')
  await signIn(other.page)
  await other.page.keyboard.press('Control+K')
  await other.page.getByRole('dialog').getByRole('textbox').fill('nuvem: conf')
  await other.page.getByText('Nuvem: conflitos').waitFor()
  await other.page.keyboard.press('Enter')
  await other.page.waitForURL(/tab=conflicts/)
  await other.page.getByRole('tab', { name: 'Visão geral' }).click()
  await other.page.getByRole('heading', { name: 'Tudo foi enviado' }).waitFor()
  expect(await lookAt(other, { name: 'cloud-live', language: 'pt-BR', axe: false })).toEqual([])
  await other.page.getByRole('tab', { name: 'Configurações' }).click()
  await other.page.getByRole('heading', { name: 'Sair da nuvem' }).waitFor()
  expect(await lookAt(other, { name: 'cloud-settings', language: 'pt-BR', axe: false })).toEqual([])
  await other.context.close()
})

test('a tenant that was deleted in the cloud says so, with what can be done about it', async () => {
  const made = await site.local.post('/api/v1/tenants', { slug: 'dairy', name: 'Dairy' })
  await link.send('PUT', 'tenants', { tenants: [{ tenantId: made.json.id, mode: 'fleet' }] })
  await link.drained()
  const admin = await cloud.connect()
  await admin.query(`UPDATE millwright.tenants SET deleted_at = now() WHERE slug = 'dairy'`)
  await admin.end()
  await page.reload()
  await page.getByText('The tenant Dairy was deleted in the cloud').waitFor()
  await heading('Linked, but not everything goes').waitFor()
  expect(await look('deleted')).toEqual([])
  await page.getByRole('link', { name: 'Delete it here too …' }).click()
  await page
    .getByRole('complementary', { name: /Dairy/ })
    .getByRole('button', { name: /^Delete/ })
    .waitFor()
  await page.goBack()
  await press('Do not send it any more')
  await heading('Everything is sent').waitFor()
  expect(await page.getByText('was deleted in the cloud').count()).toBe(0)
})

test('leaves, and takes along what was sent', async () => {
  // The deletion takes as long as somebody holds one of the tables.
  const holder = await cloud.connect()
  await holder.query('BEGIN')
  await holder.query('LOCK TABLE millwright.gateways IN SHARE MODE')
  await open('Settings')
  await press('Leave')
  await dialog().getByLabel('Delete what this site sent').check()
  expect(await look('leave', { phone: false })).toEqual([])
  const leave = dialog().getByRole('button', { name: 'Leave and delete' })
  expect(await leave.isDisabled()).toBe(true)
  await dialog().getByLabel('Type Campinas to confirm').fill('Campinas')
  await leave.click()
  await heading('Leaving: what was sent is being deleted there').waitFor()
  await page.getByText(/^Deleted so far: 0 of about 40,0\d\d readings/).waitFor()
  await page.getByText('Leaving the cloud').waitFor()
  expect(await look('leaving')).toEqual([])
  await holder.query('COMMIT')
  await holder.end()
  await page.getByText('This site has left the cloud').waitFor()
  await page.getByText(/^Deleted there: 40,0\d\d readings/).waitFor()
  expect(await link.isJoined()).toBe(false)
  const admin = await cloud.connect()
  const { rows } = await admin.query('SELECT count(*)::int AS n FROM millwright.telemetry')
  expect(rows).toEqual([{ n: 0 }])
  await admin.end()
  const before = proxy.accepted
  await page.reload()
  await heading('This site has not joined a cloud').waitFor()
  expect(proxy.accepted).toBe(before)
  expect(visitor.complaints).toEqual([])
})
