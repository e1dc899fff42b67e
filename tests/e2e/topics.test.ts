import { readFileSync } from 'node:fs'
import { connectAsync, type MqttClient as Mqtt } from 'mqtt'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { seriousFindings } from '#tests/fixtures/axe.ts'
import { linkIs, signIn, startBrowser, type Visit, visit } from '#tests/fixtures/browser.ts'
import { type Credentials, provisioned } from '#tests/fixtures/credentials.ts'
import { startSite, type TestSite } from '#tests/fixtures/site.ts'

/** A gateway is watched, told something, and refused something, all on one screen and by the keyboard. */
let site: TestSite
let browser: Browser
let visitor: Visit
let page: Page
let gateway: Credentials
let box: Mqtt
const got: string[] = []

beforeAll(async () => {
  ;[browser, site] = await Promise.all([startBrowser(), startSite()])
  gateway = await provisioned(site, 'GW001', { mac: 'a0:b1:c2:00:00:01' })
  visitor = await visit(browser, site.addresses.http ?? '')
  page = visitor.page
  await page.goto('/login')
  await signIn(page)
  const { cert, key, ca, clientId, port } = gateway
  const files = { cert: readFileSync(cert), key: readFileSync(key), ca: readFileSync(ca) }
  box = await connectAsync(`mqtts://127.0.0.1:${port}`, { ...files, clientId, protocolVersion: 4 })
  box.on('message', (topic, payload) => got.push(`${topic} ${payload}`))
  await box.subscribeAsync(topic('commands'), { qos: 1 })
})
afterAll(async () => {
  box?.end(true)
  await browser?.close()
  await site?.stop()
})

const topic = (name: string): string => `mw/${gateway.clientId}/${name}`
const tree = () => page.getByRole('treegrid', { name: 'Topics' })
const row = (name: string) =>
  tree()
    .getByRole('row')
    .filter({ has: page.getByTitle(name, { exact: true }) })
const send = (name: string, payload: string, retain = false) =>
  box.publishAsync(name, payload, { qos: 1, retain })

test('topics appear as they are published, and the keyboard goes through them', async () => {
  await page.getByRole('link', { name: 'Topics' }).click()
  await linkIs(page, 'live')
  // The site's retained time is there once the screen watches; what was published before that is not shown.
  await row('mw/time').waitFor()
  await send(gateway.telemetryTopic, '{"values":{"temperature":21.4,"pressure":3}}')
  await send(topic('status'), 'online', true)
  const level = row(`mw/${gateway.clientId}`)
  await level.getByText('GW001').waitFor()
  await tree().focus()
  // Down to the level of the gateway, and into it.
  await page.keyboard.press('Home')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowRight')
  await row(topic('status')).getByText('retained', { exact: true }).waitFor()
  expect(await level.getAttribute('aria-expanded')).toBe('true')
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('ArrowDown')
  await page.getByRole('region', { name: `Topic ${gateway.telemetryTopic}` }).waitFor()
  expect(await row(gateway.telemetryTopic).getAttribute('aria-selected')).toBe('true')
  expect(await page.getByLabel('JSON', { exact: true }).last().innerText()).toContain('"temperature": 21.4')
  expect(await seriousFindings(page)).toEqual([])
})

test('a payload is shown as JSON, text and bytes, and what changed since the one before', async () => {
  const detail = page.getByRole('region', { name: `Topic ${gateway.telemetryTopic}` })
  await send(gateway.telemetryTopic, '{"values":{"temperature":21.6,"pressure":3}}')
  await detail.getByText('Latest messages').waitFor()
  await detail.getByText('Difference').click()
  const changes = detail.getByRole('listitem').filter({ hasText: 'values.temperature' })
  expect(await changes.innerText()).toMatch(/21\.4\s*21\.6/)
  await detail.getByText('Hex', { exact: true }).click()
  await detail.getByText('7b 22 76 61').waitFor()
  expect(await detail.getByRole('link', { name: 'GW001' }).getAttribute('href')).toContain('/gateways/')
  // What came before can be looked at again.
  await detail.getByText('Text', { exact: true }).click()
  await detail.getByRole('button', { name: '21.4' }).click()
  await detail.getByLabel('Text', { exact: true }).last().getByText('21.4').waitFor()
})

test('paused, nothing moves; going on, it is caught up', async () => {
  const cell = row(gateway.telemetryTopic).getByRole('gridcell').nth(3)
  await expect.poll(() => cell.innerText()).toBe('2')
  await page.getByRole('button', { name: 'Pause' }).click()
  await page.getByText('paused').waitFor()
  await send(gateway.telemetryTopic, '{"values":{"temperature":22}}')
  await page.waitForTimeout(700)
  expect(await cell.innerText()).toBe('2')
  await page.getByRole('button', { name: 'Go on' }).click()
  await expect.poll(() => cell.innerText()).toBe('3')
})

test('a message that is not allowed is shown as refused, under who sent it', async () => {
  await box.publishAsync(topic('made/up'), 'lost', { qos: 0 })
  await page.getByLabel('Filter topics').fill('made/up')
  await row(topic('made/up')).click()
  const detail = page.getByRole('region', { name: `Topic ${topic('made/up')}` })
  await detail.getByText('nobody else received it').waitFor()
  expect(await row(topic('made/up')).innerText()).toContain('1 message refused')
  expect(await seriousFindings(page)).toEqual([])
  await page.getByLabel('Filter topics').fill('GW001')
  await row(topic('status')).waitFor()
  await page.getByLabel('Filter topics').fill('zzz')
  await page.getByText('No topic fits the filter').waitFor()
  await page.getByRole('button', { name: 'Clear the filter' }).click()
  await row(topic('status')).click()
})

test('publishing reaches the gateway; what it may not is said, and kept', async () => {
  await page.getByRole('button', { name: 'Publish', exact: true }).first().click()
  const panel = page.getByRole('region', { name: 'Publish' })
  expect(await panel.getByLabel('Topic', { exact: true }).inputValue()).toBe(topic('status'))
  await panel.getByLabel('Payload').fill('{"name":"restart"}')
  await panel.getByRole('button', { name: 'Publish', exact: true }).click()
  await panel.getByText('is not a topic that you may publish to').waitFor()
  await panel.getByLabel('Topic', { exact: true }).fill(topic('commands'))
  await panel.getByLabel('Retain').check()
  await panel.getByText('sends it to everyone who subscribes later').waitFor()
  await panel.getByRole('button', { name: 'Publish', exact: true }).click()
  await panel.getByText('Commands are not retained').waitFor()
  await panel.getByLabel('Retain').uncheck()
  await panel.getByRole('button', { name: 'Publish', exact: true }).click()
  await panel.getByText(`published to ${topic('commands')}`).waitFor()
  await expect.poll(() => got).toEqual([`${topic('commands')} {"name":"restart"}`])
  expect(await seriousFindings(page)).toEqual([])
  await panel.getByRole('button', { name: 'Close publishing' }).click()
})

test('a phone has the tree, then the topic, in turn', async () => {
  await page.setViewportSize({ width: 400, height: 800 })
  const detail = page.getByRole('region', { name: `Topic ${topic('status')}` })
  await detail.waitFor()
  expect(await tree().count()).toBe(0)
  await detail.getByRole('button', { name: 'Close' }).click()
  await tree().waitFor()
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(400)
  expect(visitor.complaints).toEqual([])
  expect(visitor.outside).toEqual([])
})
