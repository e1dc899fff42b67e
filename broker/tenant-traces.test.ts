import { afterEach, beforeEach, expect, test } from 'vitest'
import { TestBroker, type TestClient, until } from './testing/test-broker.ts'

let site: TestBroker
beforeEach(async () => {
  site = await TestBroker.start()
  await site.openListeners()
})
afterEach(() => site.stop())

/** All that a client is sent that subscribes to everything, up to a message of its own. */
async function allOf(client: TestClient): Promise<string[]> {
  const got: string[] = []
  const onMessage = (topic: string, payload: Buffer): void => void got.push(`${topic} ${payload}`)
  const mqtt = await site.connectClient(client, { onMessage })
  await mqtt.subscribeAsync('#', { qos: 1 })
  await until(() => got.some((line) => line.startsWith('mw/time')), 'the retained messages')
  await mqtt.publishAsync(`${client.identity.prefix}/mark`, '', { qos: 1 })
  await until(() => got.some((line) => line.includes('/mark')), 'the mark')
  await mqtt.endAsync()
  return got.filter((line) => !line.startsWith('mw/time') && !line.includes('/mark'))
}

test('a client removed while the broker did not run leaves nothing for the next of its name', async () => {
  const username = 'line1'
  const [first, kept] = [await site.client({ username }), await site.client({ username: 'line2' })]
  const gateway = await site.gateway()
  const box = await site.connect(gateway)
  await box.publishAsync(`mw/${gateway.identity.wireName}/status`, 'online', { qos: 1, retain: true })
  await box.endAsync()
  for (const client of [first, kept]) {
    const mqtt = await site.connectClient(client)
    await mqtt.publishAsync(`${client.identity.prefix}/recipe`, 'secret', { qos: 1, retain: true })
    await mqtt.endAsync()
  }
  await site.restart([gateway.identity], { clients: [kept.identity] })
  await site.openListeners()
  const next = await site.client({ username, tenantId: 'tenant-2' })
  expect(await allOf(next)).toEqual([])
  // What somebody has stays.
  expect(await allOf(kept)).toEqual([
    `${kept.identity.prefix}/recipe secret`,
    `mw/${gateway.identity.wireName}/status online`,
  ])
})

test('a gateway that is given to another tenant takes nothing of the first one along', async () => {
  const gateway = await site.gateway()
  const { wireName } = gateway.identity
  const [first, second] = [await site.client(), await site.client({ tenantId: 'tenant-2' })]
  const box = await site.connect(gateway, { clean: false })
  await box.subscribeAsync(`mw/${wireName}/commands`, { qos: 1 })
  await box.publishAsync(`mw/${wireName}/status`, 'at the first', { qos: 1, retain: true })
  await box.endAsync()
  const mqtt = await site.connectClient(first)
  await mqtt.publishAsync(`mw/${wireName}/twin/desired`, '{"of":"the first"}', { qos: 1, retain: true })
  await mqtt.publishAsync(`mw/${wireName}/commands`, 'of the first', { qos: 1 })
  await mqtt.endAsync()
  const identity = { ...gateway.identity, assignmentId: 'next', tenantId: 'tenant-2' }
  await site.broker.applyPolicy([{ op: 'put', identity }])
  expect(await allOf(second)).toEqual([])
  const commander = await site.connectClient(second)
  await commander.publishAsync(`mw/${wireName}/commands`, 'of the second', { qos: 1 })
  const got: string[] = []
  const again = await site.connect(gateway, { clean: false })
  again.on('message', (_, payload) => got.push(`${payload}`))
  await again.subscribeAsync([`mw/${wireName}/commands`, `mw/${wireName}/twin/desired`], { qos: 1 })
  await commander.publishAsync(`mw/${wireName}/commands`, 'mark', { qos: 1 })
  await until(() => got.includes('mark'), 'the mark')
  expect(got.filter((payload) => payload !== 'of the second')).toEqual(['mark'])
  for (const client of [commander, again]) await client.endAsync()
})
