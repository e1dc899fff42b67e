import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { seriousFindings } from '#tests/fixtures/axe.ts'
import { linkIs, signIn, startBrowser, type Visit, visit } from '#tests/fixtures/browser.ts'
import { listen, wasCutOff, withPassword } from '#tests/fixtures/mqtt-listener.ts'
import { startSite, type TestSite } from '#tests/fixtures/site.ts'

/** From an empty screen to a SCADA system that is connected, seen live, and sent away. */
let site: TestSite
let browser: Browser
let visitor: Visit
let page: Page
let port: number

beforeAll(async () => {
  ;[browser, site, port] = await Promise.all([startBrowser(), startSite(), freePort()])
  visitor = await visit(browser, site.addresses.http ?? '')
  page = visitor.page
  await page.goto('/login')
  await signIn(page)
})
afterAll(async () => {
  await browser?.close()
  await site?.stop()
})

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port: free } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return free
}

async function open(path: string): Promise<void> {
  await page.goto(path)
  await linkIs(page, 'live')
}

const button = (name: string) => page.getByRole('button', { name, exact: true })
const grid = (name: string) => page.getByRole('grid', { name })
const dialog = (name: string) => page.getByRole('dialog', { name })

test('an empty screen explains itself, and the password is shown once, with what is still off', async () => {
  await open('/admin/mqtt-clients')
  await page.getByRole('heading', { name: 'No MQTT clients yet' }).waitFor()
  expect(await page.locator('main').innerText()).not.toContain('tenant')
  await button('New client').first().click()
  const form = dialog('New MQTT client')
  await form.getByRole('button', { name: 'Make the client' }).click()
  await form.getByText('Give a name').waitFor()
  await form.getByLabel('Name', { exact: true }).fill('SCADA hall 1')
  await form.getByLabel('Only these topics').fill('a+')
  await form.getByRole('button', { name: 'Make the client' }).click()
  await form.getByText(/^Write topic filters/).waitFor()
  await form.getByLabel('Only these topics').fill('')
  expect(await seriousFindings(page)).toEqual([])
  await form.getByRole('button', { name: 'Make the client' }).click()
  const given = dialog('Credentials of SCADA hall 1')
  expect(await given.getByLabel('Password').innerText()).toMatch(/^[0-9a-f]{64}$/)
  await given.getByText('Nothing listens for passwords yet').waitFor()
  await given.getByRole('button', { name: 'Turn it on (port 8884)' }).waitFor()
  expect(await seriousFindings(page)).toEqual([])
  await given.getByRole('button', { name: 'Done' }).click()
  await page.getByRole('complementary').getByText('scada-hall-1', { exact: true }).waitFor()
  expect(await page.getByText(/[0-9a-f]{64}/).count()).toBe(0)
})

test('the listener is turned on in the settings, without a restart', async () => {
  await open('/settings')
  await page.getByRole('switch', { name: 'MQTT with passwords' }).click()
  const field = page.getByLabel('Port', { exact: true })
  expect(await field.inputValue()).toBe('8884')
  await field.fill('70000')
  await page.getByText('A port is a number from 1 to 65535').waitFor()
  await field.fill(String(port))
  const card = page.locator('section', {
    has: page.getByRole('heading', { name: 'MQTT for programs and phones' }),
  })
  await card.getByRole('button', { name: 'Save' }).click()
  await expect
    .poll(async () => (await site.local.get('/api/v1/site')).json.mqttListeners.passwordMqtts)
    .toBe(port)
  expect(await seriousFindings(page)).toEqual([])
})

test('with the line that the screen gives it connects, is seen live, and is disconnected', async () => {
  await open('/admin/mqtt-clients')
  await grid('MQTT clients').getByText('SCADA hall 1').click()
  await page.getByText(`mqtts://127.0.0.1:${port}`).waitFor()
  await button('New password').click()
  await dialog('New password for SCADA hall 1?').getByRole('button', { name: 'Make the password' }).click()
  const given = dialog('Credentials of SCADA hall 1')
  const password = await given.getByLabel('Password').innerText()
  const line = await given.getByLabel('To receive, in a terminal').innerText()
  expect(line).toBe(
    `mosquitto_sub -h 127.0.0.1 -p ${port} --cafile ca.crt -u scada-hall-1 -P '${password}' -v -t '#'`,
  )
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    given.getByRole('button', { name: 'Save ca.crt' }).click(),
  ])
  const ca = join(site.dataDir, 'downloaded-ca.crt')
  await download.saveAs(ca)
  await given.getByRole('button', { name: 'Done' }).click()

  const live = await listen(withPassword(port, ca, 'scada-hall-1', password), 'mw/+/telemetry', [
    '-i',
    'desk-4',
  ])
  await page.getByRole('tab', { name: 'Connected' }).click()
  const row = grid('Connected now').getByRole('row').filter({ hasText: 'desk-4' })
  await row.waitFor()
  expect(await row.innerText()).toMatch(/SCADA hall 1[\s\S]*127\.0\.0\.1[\s\S]*mw\/\+\/telemetry/)
  expect(await seriousFindings(page)).toEqual([])
  await page.getByRole('tab', { name: 'Credentials' }).click()
  await button('Suspend').click()
  await dialog('Suspend SCADA hall 1?').getByRole('button', { name: 'Suspend' }).click()
  await wasCutOff(live)
  await button('Resume').click()
  await dialog('Resume SCADA hall 1?').getByRole('button', { name: 'Resume' }).click()

  const again = await listen(withPassword(port, ca, 'scada-hall-1', password), '#', ['-i', 'desk-5'])
  await page.getByRole('tab', { name: 'Connected' }).click()
  const second = grid('Connected now').getByRole('row').filter({ hasText: 'desk-5' })
  const before = await second.innerText()
  await page.getByRole('button', { name: 'Disconnect SCADA hall 1' }).click()
  await dialog('Disconnect SCADA hall 1?').getByRole('button', { name: 'Disconnect' }).click()
  await expect
    .poll(
      async () => (await site.local.get('/api/v1/audit?action=mqtt_client.disconnect')).json.entries.length,
    )
    .toBe(1)
  // mosquitto comes back by itself, as a session of its own.
  expect(before).toContain('desk-5')
  await again.stop()
})

test('a certificate is saved as files whose names the line has', async () => {
  await open('/admin/mqtt-clients')
  await button('New client').click()
  const form = dialog('New MQTT client')
  await form.getByLabel('Name', { exact: true }).fill('Historian')
  await form.getByRole('combobox', { name: 'Signs in with' }).click()
  await page.getByRole('option', { name: 'Certificate', exact: true }).click()
  await form.getByRole('button', { name: 'Make the client' }).click()
  const given = dialog('Credentials of Historian')
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    given.getByRole('button', { name: 'Save client.key' }).click(),
  ])
  const file = join(site.dataDir, 'client.key')
  await download.saveAs(file)
  const line = await given.getByLabel('To receive, in a terminal').innerText()
  expect(line).toContain('--cert client.crt --key client.key')
  await given.getByRole('button', { name: 'Done' }).click()
  await button('Delete').click()
  await dialog('Delete Historian?').getByRole('button', { name: 'Delete' }).click()
  await grid('MQTT clients').getByTitle('Historian', { exact: true }).waitFor({ state: 'detached' })
  expect(visitor.complaints).toEqual([])
  expect(visitor.outside).toEqual([])
})
