import { join } from 'node:path'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { connect, packet, subscribe } from './testing/raw-packets.ts'
import { closed, TestBroker, type TestClient, until } from './testing/test-broker.ts'

let site: TestBroker
beforeEach(async () => {
  site = await TestBroker.start({ sessionsPerClient: 3, queuedBytesPerClient: 50_000 })
  await site.openListeners()
})
afterEach(() => site.stop())

/** What is on disk: `count` and `bytes` of a table. */
function stored(table: 'subscriptions' | 'outgoing'): { count: number; bytes: number } {
  const db = new Database(join(site.folder, 'mqtt.sqlite'), { readonly: true })
  const size = table === 'outgoing' ? 'octet_length(payload)' : 'octet_length(topic)'
  const row = db
    .prepare<[], { count: number; bytes: number }>(
      `SELECT count(*) AS count, ifnull(sum(${size}), 0) AS bytes FROM ${table}`,
    )
    .get()
  db.close()
  return row ?? { count: 0, bytes: 0 }
}

/** A session that is kept and never acknowledges; null where CONNECT is refused. */
async function silent(client: TestClient, clientId: string): Promise<TLSSocket | null> {
  const port = site.addresses.passwordMqtts[0]?.port ?? 0
  const socket = connectTls({ host: '127.0.0.1', port, ca: site.pki.ca })
  socket.on('error', () => {})
  await new Promise((resolve) => socket.once('secureConnect', resolve))
  const { username } = client.identity
  socket.write(connect(clientId, { clean: false, username, password: client.password }))
  const answer = await answerOf(socket)
  return answer[3] === 0 ? socket : null
}

async function answerOf(socket: TLSSocket): Promise<Buffer> {
  return new Promise<Buffer>((resolve) => socket.once('data', resolve))
}

const unsubscribe = (packetId: number, filter: string): Buffer => packet(10, 2, packetId, filter)

test('of a SUBSCRIBE with more filters than a session may have, no more are kept than were granted', async () => {
  const scada = await site.client()
  const socket = await silent(scada, 'many')
  for (const round of [1, 2, 3]) {
    const filters = Array.from({ length: 500 }, (_, n) => `filter-${round}-${n}`)
    // The first is granted anew each time, and brings the others along.
    socket?.write(subscribe(round, 'first', ...filters))
    if (socket) await answerOf(socket)
  }
  await site.refusal('subscription_denied')
  const [session] = await site.broker.connections()
  expect(session?.subscriptions).toHaveLength(32)
  expect(stored('subscriptions').count).toBe(32)
  socket?.destroy()
})

test('messages that wait for a client are bounded in bytes over all its sessions', async () => {
  const [scada, other] = [await site.client(), await site.client()]
  for (const [client, clientId] of [
    [scada, 'a'],
    [scada, 'b'],
    [other, 'a'],
  ] as const) {
    const away = await site.connectClient(client, { clean: false, clientId })
    await away.subscribeAsync(`${scada.identity.prefix}/#`, { qos: 1 })
    await away.endAsync()
  }
  const sender = await site.connectClient(scada, { clientId: 'sender' })
  const large = Buffer.alloc(8_000, 1)
  for (let n = 0; n < 20; n++) await sender.publishAsync(`${scada.identity.prefix}/x`, large, { qos: 1 })
  expect((await site.refusal('queue_full')).mqttClientId).toBe(scada.identity.clientId)
  // Six of 8 kB to the two sessions of one together, six to the other client.
  expect(stored('outgoing')).toEqual({ count: 12, bytes: 96_000 })
  await sender.endAsync()
})

test('a queue without subscriptions counts as a session, and goes with its client', async () => {
  const scada = await site.client()
  const { prefix, clientId } = scada.identity
  const sender = await site.connectClient(scada, { clientId: 'sender' })
  for (const id of ['a', 'b', 'c']) {
    const socket = await silent(scada, id)
    // The session of the sender is one of three.
    if (id === 'c') {
      expect(socket).toBeNull()
      continue
    }
    socket?.write(subscribe(1, `${prefix}/#`))
    if (socket) await answerOf(socket)
    await sender.publishAsync(`${prefix}/x`, id, { qos: 1 })
    if (socket) await answerOf(socket)
    socket?.write(unsubscribe(2, `${prefix}/#`))
    if (socket) await answerOf(socket)
    socket?.destroy()
  }
  expect((await site.refusal('too_many_sessions')).mqttClientId).toBe(clientId)
  expect(stored('subscriptions').count).toBe(0)
  expect(stored('outgoing').count).toBe(2)
  const ended = closed(sender)
  await site.broker.applyPolicy([{ op: 'remove_client', clientId }])
  await ended
  expect(stored('outgoing').count).toBe(0)
})

test('overlapping filters: the highest QoS of those that match, whichever came first, and nothing stays queued', async () => {
  const [scada, gateway] = [await site.client(), await site.gateway()]
  const topic = `mw/${gateway.identity.wireName}/events`
  const box = await site.connect(gateway)
  for (const filters of [
    { '#': { qos: 0 }, 'mw/+/events': { qos: 1 } },
    { 'mw/+/events': { qos: 1 }, '#': { qos: 0 } },
    { '#': { qos: 1 }, 'mw/+/status': { qos: 0 } },
  ] as const) {
    const got: string[] = []
    const client = await site.connectClient(scada, {
      clean: false,
      clientId: 'overlapping',
      onMessage: (from, payload, { qos }) => {
        if (from === topic) got.push(`${payload} ${qos}`)
      },
    })
    for (const [filter, options] of Object.entries(filters)) await client.subscribeAsync(filter, options)
    for (const payload of ['1', '2', '3']) await box.publishAsync(topic, payload, { qos: 1 })
    await box.publishAsync(topic, '4', { qos: 0 })
    await until(() => got.length === 4, 'all messages')
    expect(got).toEqual(['1 1', '2 1', '3 1', '4 0'])
    await until(() => stored('outgoing').count === 0, 'the acknowledgements')
    await client.unsubscribeAsync(Object.keys(filters))
    await client.endAsync()
  }
  await box.endAsync()
})
