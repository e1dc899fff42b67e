import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, expect, test } from 'vitest'
import { TestBroker, type TestGateway, until } from '#broker/testing/test-broker.ts'

let site: TestBroker
afterEach(() => site.stop())

/** A gateway for which something is kept of every kind: its session, a command, its twin, its own status. */
async function withTraces(): Promise<TestGateway> {
  const gateway = await site.gateway()
  const { wireName } = gateway.identity
  const client = await site.connect(gateway, { clean: false })
  await client.subscribeAsync(`mw/${wireName}/commands`, { qos: 1 })
  await client.publishAsync(`mw/${wireName}/status`, 'mine', { qos: 1, retain: true })
  await client.endAsync()
  await site.broker.publish({ topic: `mw/${wireName}/commands`, payload: 'old', qos: 1, retain: false })
  await site.broker.publish({ topic: `mw/${wireName}/twin/desired`, payload: 'old', qos: 1, retain: true })
  return gateway
}

/** What a gateway gets that connects to the session of before and asks for everything that it may read. */
async function received({ identity, certificate }: TestGateway): Promise<string[]> {
  const { wireName } = identity
  const heard: string[] = []
  const client = await site.connect({ identity, certificate }, { clean: false })
  client.on('message', (topic) => heard.push(topic))
  await client.subscribeAsync([`mw/${wireName}/twin/desired`, `mw/${wireName}/commands`, 'mw/time'], {
    qos: 1,
  })
  await until(() => heard.includes('mw/time'), 'the time')
  await client.endAsync()
  return heard
}

/** Retained messages and sessions that are on disk. */
function kept(): unknown[] {
  const db = new Database(join(site.folder, 'mqtt.sqlite'), { readonly: true })
  const rows = db
    .prepare(
      `select topic from retained where topic != 'mw/time' union all select clientId from subscriptions
       union all select clientId from outgoing`,
    )
    .pluck()
    .all()
  db.close()
  return rows
}

const moved = ({ identity, certificate }: TestGateway): TestGateway => ({
  identity: { ...identity, tenantId: 'tenant-2', assignmentId: '01970000-0000-7000-8000-00000000ffff' },
  certificate,
})

test('nothing is kept for a gateway that is nobody’s any more, and nothing of it reaches the next', async () => {
  site = await TestBroker.start()
  const gateway = await withTraces()
  expect(kept()).toHaveLength(4)
  await site.broker.applyPolicy([{ op: 'remove', gatewayId: gateway.identity.gatewayId }])
  expect(kept()).toEqual([])
  await site.broker.applyPolicy([{ op: 'put', identity: moved(gateway).identity }])
  expect(await received(moved(gateway))).toEqual(['mw/time'])
})

test('the will of a session that ends because of it is void', async () => {
  site = await TestBroker.start()
  const gateway = await site.gateway()
  const { wireName, gatewayId } = gateway.identity
  const will = {
    topic: `mw/${wireName}/status`,
    payload: Buffer.from('of the old tenant'),
    qos: 1 as const,
    retain: true,
  }
  const client = await site.connect(gateway, { clean: false, will })
  const closed = new Promise<void>((resolve) => client.once('close', () => resolve()))
  await site.broker.applyPolicy([{ op: 'remove', gatewayId }])
  await closed
  expect(kept()).toEqual([])
})

test.each(['another assignment', 'none'])('the same where it got %s while no broker ran', async (which) => {
  site = await TestBroker.start()
  const gateway = await withTraces()
  await site.restart(which === 'none' ? [] : [moved(gateway).identity])
  expect(kept()).toEqual([])
  if (which === 'none') await site.broker.applyPolicy([{ op: 'put', identity: moved(gateway).identity }])
  expect(await received(moved(gateway))).toEqual(['mw/time'])
})

test('what is kept for one that stays is there after a restart', async () => {
  site = await TestBroker.start()
  const gateway = await withTraces()
  await site.restart([gateway.identity])
  expect((await received(gateway)).toSorted()).toEqual([
    `mw/${gateway.identity.wireName}/commands`,
    `mw/${gateway.identity.wireName}/twin/desired`,
    'mw/time',
  ])
})
