import { readFile } from 'node:fs/promises'
import { connectAsync } from 'mqtt'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { signIn, startBrowser, visit } from '#tests/fixtures/browser.ts'
import { type Credentials, provisioned } from '#tests/fixtures/credentials.ts'
import { startSite, type TestSite } from '#tests/fixtures/site.ts'

let site: TestSite
let gateway: Credentials
let browser: Browser
let page: Page
beforeAll(async () => {
  ;[browser, site] = await Promise.all([startBrowser(), startSite()])
  gateway = await provisioned(site, 'GW001', { mac: 'aa:bb:cc:dd:ee:01' })
  page = (await visit(browser, site.addresses.http ?? '')).page
})
afterAll(async () => {
  await browser?.close()
  await site?.stop()
})

test('a gateway that sends too much says so on its screen, as it happens', async () => {
  const [tenant] = (await site.local.get('/api/v1/tenants')).json.tenants
  const quotas = { gatewayMessagesPerSecond: 1, gatewayBurst: 10 }
  await site.local.send('PATCH', `/api/v1/tenants/${tenant.id}/quotas`, { quotas })
  const [cert, key, ca] = await Promise.all(
    [gateway.cert, gateway.key, gateway.ca].map((file) => readFile(file)),
  )
  if (!cert || !key || !ca) throw new Error('no credentials')
  const client = await connectAsync(site.addresses.mqtts[0] ?? '', {
    clientId: gateway.clientId,
    cert,
    key,
    ca,
  })
  await client.publishAsync(gateway.telemetryTopic, '{"values": {"temperature": 21.4}}', { qos: 1 })

  await page.goto('/login')
  await signIn(page)
  await page.getByRole('link', { name: 'Fleet', exact: true }).first().click()
  await page.getByRole('row', { name: /GW001/ }).dblclick()
  await page.getByRole('heading', { name: 'Refusals' }).waitFor()
  expect(await page.getByText('Limited', { exact: true }).count()).toBe(0)

  for (let n = 0; n < 100; n++)
    await client.publishAsync(gateway.telemetryTopic, `{"values": {"temperature": ${n}}}`, { qos: 0 })
  await page.getByRole('heading', { name: 'Limited' }).waitFor()
  await page.getByText('Messages dropped').waitFor()
  expect(await page.getByText('Messages slowed').count()).toBe(0)
  await client.endAsync()
})
