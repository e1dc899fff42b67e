import { afterAll, beforeAll, expect, test } from 'vitest'
import { Quality } from '#contract/model/reading.ts'
import { TestBroker, until } from './testing/test-broker.ts'

let site: TestBroker
beforeAll(async () => {
  site = await TestBroker.start()
})
afterAll(() => site.stop())

test('a reading is acknowledged once it is committed, and not before', async () => {
  const gateway = await site.gateway()
  const client = await site.connect(gateway)
  const topic = `mw/${gateway.identity.wireName}/telemetry`
  site.historian.hold()
  let acknowledged = false
  const payload = JSON.stringify({
    ts: 1_771_322_400_000,
    values: { temperature: 21.4, 'meter1/energy': 10_233, on: true, state: 'ok' },
  })
  const published = client.publishAsync(topic, payload, { qos: 1 }).then(() => (acknowledged = true))
  await new Promise((resolve) => setTimeout(resolve, 100))
  expect(acknowledged).toBe(false)
  site.historian.release()
  await published
  const { assignmentId } = gateway.identity
  const row = { assignmentId, unit: null, ts: 1_771_322_400_000, quality: Quality.good }
  expect(site.historian.rows).toEqual([
    { ...row, channel: 'temperature', kind: 'number', value: 21.4 },
    { ...row, channel: 'meter1/energy', kind: 'number', value: 10_233 },
    { ...row, channel: 'on', kind: 'boolean', value: true },
    { ...row, channel: 'state', kind: 'text', value: 'ok' },
  ])
  await client.endAsync()
  await site.event('gatewaysSeen', ({ gatewayIds }) => gatewayIds.includes(gateway.identity.gatewayId))
  await until(() => site.events.some(({ type }) => type === 'gatewayWentOffline'), 'offline')
})
