import { readFile, rm } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { HOUR } from '#contract/model/quota.ts'
import { type Credentials, provisioned } from '#tests/fixtures/credentials.ts'
import { eventually } from '#tests/fixtures/eventually.ts'
import { startSite, type TestSite } from '#tests/fixtures/site.ts'

let site: TestSite
let tenant: string
let credentials: Credentials

beforeAll(async () => {
  // An hour of the clock must not end in the middle.
  const left = HOUR - (Date.now() % HOUR)
  if (left < 60_000) await sleep(left)
  site = await startSite()
  tenant = (await site.local.get('/api/v1/tenants')).json.tenants[0].id
  credentials = await provisioned(site, 'GW001', { mac: 'aa:bb:cc:dd:ee:01' })
})
afterAll(async () => {
  await site.stop()
  await rm(site.dataDir, { recursive: true, force: true })
})

async function connect(more: IClientOptions = {}): Promise<MqttClient> {
  const [cert, key, ca] = await Promise.all(
    [credentials.cert, credentials.key, credentials.ca].map((file) => readFile(file)),
  )
  const url = site.addresses.mqtts[0] ?? ''
  const options = {
    clientId: credentials.clientId,
    reconnectPeriod: 0,
    ...more,
    ...(cert && key && ca && { cert, key, ca }),
  }
  const client = await connectAsync(url, options, false)
  client.on('error', () => {})
  return client
}

const set = async (quotas: object) =>
  expect(await site.local.send('PATCH', `/api/v1/tenants/${tenant}/quotas`, { quotas })).toMatchObject({
    status: 200,
  })
const usage = async () => (await site.local.get('/api/v1/limits/usage')).json
const limited = async () => (await site.local.get('/api/v1/limits/limited?gateway=GW001')).json.limited
const send = (client: MqttClient, n: number, qos: 0 | 1) =>
  client.publishAsync(credentials.telemetryTopic, JSON.stringify({ values: { n } }), { qos })

test('a rate that is set holds at once, and what was dropped is shown and counted', async () => {
  await set({ gatewayMessagesPerSecond: 1, gatewayBurst: 20 })
  const client = await connect()
  for (let n = 0; n < 200; n++) await send(client, n, 0)
  const rows = await eventually(async () => {
    const found = await limited()
    return found.length > 0 && found[0].dropped > 150 ? found : undefined
  }, 'what was limited')
  expect(rows).toMatchObject([{ gatewayCode: 'GW001', tenantId: tenant, delayed: 0, closed: 0 }])
  const { dropped } = rows[0]
  expect(dropped).toBeLessThanOrEqual(180)
  expect((await site.browser.get('/metrics')).text).toContain(
    `millwright_messages_limited_total{action="dropped"} ${dropped}\n`,
  )
  await client.endAsync()
  await set({ gatewayMessagesPerSecond: null, gatewayBurst: null })
})

test('the quota of the hour closes, refuses, and is not fresh after a restart', async () => {
  // What was sent is told every few seconds; here it is all told when the site stops.
  const { dataDir, engine } = site
  await engine.stop()
  site = await startSite({ dataDir })
  const { messages, messagesPerHour } = (await usage()).hour
  expect(messages).toBeGreaterThanOrEqual(20)
  expect(messagesPerHour).toBe(1_000_000)
  await set({ messagesPerHour: messages + 5 })
  const client = await connect()
  const closed = new Promise<void>((resolve) => client.once('close', () => resolve()))
  for (let n = 0; n < 5; n++) await send(client, n, 1)
  client.publish(credentials.telemetryTopic, '{"values":{"n":6}}', { qos: 1 }, () => {})
  await closed
  await expect(connect()).rejects.toMatchObject({ code: 3 })
  const history = await eventually(async () => {
    const { events } = (await site.local.get('/api/v1/gateways/GW001/history')).json
    return events[0].reason === 'quota_exceeded' ? events : undefined
  }, 'its history')
  expect(history[0]).toMatchObject({ kind: 'presence', value: 'offline' })
  await eventually(async () => (await limited())[0].closed === 1, 'its count')

  await site.engine.stop()
  site = await startSite({ dataDir })
  expect((await usage()).hour).toMatchObject({ messages: messages + 5, messagesPerHour: messages + 5 })
  await expect(connect()).rejects.toMatchObject({ code: 3 })
  await set({ messagesPerHour: null })
  await (await connect()).endAsync()
})

test('a suspended tenant is disconnected at once, and comes back when it is resumed', async () => {
  const client = await connect()
  const closed = new Promise<void>((resolve) => client.once('close', () => resolve()))
  expect(await site.local.post(`/api/v1/tenants/${tenant}/suspend`, {})).toMatchObject({ status: 200 })
  await closed
  await expect(connect()).rejects.toThrow()
  const reasons = await eventually(async () => {
    const { refusals } = (await site.local.get('/api/v1/refusals?gateway=GW001')).json
    const found = refusals.map(({ reason }: { reason: string }) => reason)
    return found.includes('tenant_suspended') ? found : undefined
  }, 'the refusal')
  expect(reasons).toContain('quota_exceeded')
  expect(await site.local.post(`/api/v1/tenants/${tenant}/resume`, {})).toMatchObject({ status: 200 })
  await (await connect()).endAsync()
})
