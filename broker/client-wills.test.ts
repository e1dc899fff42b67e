import type { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { TestBroker, type TestClient, until } from './testing/test-broker.ts'

let site: TestBroker
beforeEach(async () => {
  site = await TestBroker.start()
  await site.openListeners()
})
afterEach(() => site.stop())

function willOf({ identity }: TestClient): { topic: string; payload: Buffer; qos: 1; retain: boolean } {
  return { topic: `${identity.prefix}/state`, payload: Buffer.from('gone'), qos: 1, retain: true }
}

/** What a second session of the client is sent in its own space. */
async function watched(client: TestClient): Promise<{ got: string[]; end(): Promise<void> }> {
  const got: string[] = []
  const onMessage = (topic: string, payload: Buffer): void => void got.push(`${topic} ${payload}`)
  const watcher = await site.connectClient(client, { clientId: 'watcher', onMessage })
  await watcher.subscribeAsync(`${client.identity.prefix}/#`, { qos: 1 })
  return { got, end: async () => watcher.endAsync() }
}

test('a will is published as its client could have, and not where it lost the right meanwhile', async () => {
  const scada = await site.client()
  const { got, end } = await watched(scada)
  const lost = await site.connectClient(scada, { will: willOf(scada) })
  lost.stream.destroy()
  await until(() => got.length === 1, 'the will')
  expect(got).toEqual([`${scada.identity.prefix}/state gone`])
  await end()

  const suspended = await site.client()
  await site.connectClient(suspended, { will: willOf(suspended) })
  await site.put({ ...suspended.identity, access: 'suspended' })
  await site.put(suspended.identity)
  const after = await watched(suspended)
  const probe = await site.connectClient(suspended, { clientId: 'probe' })
  await probe.publishAsync(`${suspended.identity.prefix}/probe`, '1', { qos: 1 })
  await until(() => after.got.length === 1, 'the probe')
  expect(after.got).toEqual([`${suspended.identity.prefix}/probe 1`])
  await after.end()
  await probe.endAsync()
})

test('a will on a topic that it may not write, or of a client that only reads, is refused at CONNECT', async () => {
  const [gateway, scada, reader] = [
    await site.gateway(),
    await site.client(),
    await site.client({ rights: 'read' }),
  ]
  const topic = `mw/${gateway.identity.wireName}/status`
  await expect(site.connectClient(scada, { will: { ...willOf(scada), topic } })).rejects.toThrow(
    /not authorized/i,
  )
  await expect(site.connectClient(reader, { will: willOf(reader) })).rejects.toThrow(/not authorized/i)
  expect((await site.refusal('will_denied')).topic).toBe(topic)
})

test('the will of a client that was connected when the broker died is published when it starts again', async () => {
  const scada = await site.client()
  await site.connectClient(scada, { will: willOf(scada) })
  await new Promise((resolve) => setTimeout(resolve, 60))
  await (Reflect.get(site.broker, 'worker') as Worker).terminate()
  await site.event('brokerRestarted')
  const { got, end } = await watched(scada)
  await until(() => got.length === 1, 'the retained will')
  expect(got).toEqual([`${scada.identity.prefix}/state gone`])
  await end()
})
