import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { connect, publish } from '#broker/testing/raw-packets.ts'
import { signIn, startBrowser, type Visit, visit } from '#tests/fixtures/browser.ts'
import { type Credentials, provisioned } from '#tests/fixtures/credentials.ts'
import { startSite, type TestSite } from '#tests/fixtures/site.ts'
import { say, tcp, tls } from '#tests/integration/http/boxes.ts'
import { lookAt } from './gallery.ts'

let site: TestSite
let browser: Browser
let person: Visit
let expired: Credentials
let port: number

beforeAll(async () => {
  ;[browser, site] = await Promise.all([startBrowser(), startSite()])
  port = Number(new URL(site.addresses.mqtts[0] ?? '').port)
  vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2015, 5, 1) })
  expired = await provisioned(site, 'GW014', { mac: '3c:71:bf:52:d0:a8' })
  vi.useRealTimers()
  person = await visit(browser, site.addresses.http ?? '')
  await person.page.goto('/login')
  await signIn(person.page)
})
afterAll(async () => {
  await browser?.close()
  await site?.stop()
})

test('from a refusal in the fleet to the reason, the fix and the evidence; live', async () => {
  const { page } = person
  await page.goto('/doctor?subject=GW014')
  await page
    .getByRole('heading', { name: /GW014 has never reached this site|listens on this computer/ })
    .waitFor()

  await say(await tls({ localAddress: '127.0.9.14', port }, expired), connect('3c71bf52d0a8'))
  await page.getByRole('heading', { name: /The certificate of GW014 expired .* ago/ }).waitFor()
  const checks = page.getByRole('listitem')
  await checks.filter({ hasText: 'Certificate valid' }).filter({ hasText: 'Failed' }).waitFor()
  await checks.filter({ hasText: 'CA known' }).filter({ hasText: 'Passed' }).waitFor()
  await page.getByText('127.0.9.14', { exact: true }).first().waitFor()
  await page.getByText('not after').waitFor()
  expect(await page.getByRole('link', { name: 'Enroll again' }).getAttribute('href')).toContain(
    '/fleet/add?again=',
  )
  expect(await lookAt(person, { name: 'doctor', language: 'en', axe: true, wide: true })).toEqual([])

  await page.getByRole('button', { name: 'Run self-test' }).click()
  await page.getByText('Passed.', { exact: true }).waitFor()

  // The same of its screen, and of what Ctrl-K finds.
  await page.getByRole('link', { name: 'GW014' }).first().click()
  await page.getByRole('tab', { name: /Refusals/ }).click()
  await page.getByRole('link', { name: 'Why is it not connected?' }).waitFor()
  await page.keyboard.press('Control+k')
  await page.getByRole('textbox', { name: /Find/ }).fill('gw014')
  await page.getByText('Why is GW014 not connected?').click()
  await page.getByRole('heading', { name: /The certificate of GW014 expired .* ago/ }).waitFor()
})

test('an address, an empty start and the local side', async () => {
  const { page } = person
  await tcp({ localAddress: '127.0.9.77', port }, connect('box'))
  await page.goto('/doctor')
  await page.getByRole('heading', { name: 'What is not connected?' }).waitFor()
  await page.getByRole('cell', { name: 'MQTT, certificate' }).waitFor()
  expect(await lookAt(person, { name: 'doctor-start', language: 'en', axe: true })).toEqual([])
  await page.getByLabel('Gateway or address').fill('127.0.9.77')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: `127.0.9.77 speaks MQTT without TLS to port ${port}` }).waitFor()
  expect(await lookAt(person, { name: 'doctor-address', language: 'en', axe: true })).toEqual([])
})

test('in another language, of a gateway that is well', async () => {
  const files = await provisioned(site, 'GW001', { mac: 'aa:bb:cc:dd:ee:01' })
  const session = await tls({ localAddress: '127.0.9.1', port }, files)
  await say(session, connect('aabbccddee01'), publish('mw/aabbccddee01/telemetry', '{"values":{"t":21.4}}'))
  const other = await visit(browser, site.addresses.http ?? '', { locale: 'pt-BR' })
  await other.page.goto('/login')
  await signIn(other.page)
  await other.page.goto('/doctor?subject=GW001')
  await other.page.getByRole('heading', { name: 'GW001 está conectado e suas leituras chegam' }).waitFor()
  expect(await lookAt(other, { name: 'doctor', language: 'pt-BR', axe: false })).toEqual([])
})
