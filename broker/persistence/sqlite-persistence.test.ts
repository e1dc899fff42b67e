import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { StoredPacket } from './packets.ts'
import type { SessionDb } from './session-file.ts'
import { SqlitePersistence } from './sqlite-persistence.ts'

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mqtt-sessions-'))
  file = join(folder, 'mqtt.sqlite')
})
afterEach(() => rmSync(folder, { recursive: true }))

const full: string[] = []
async function open(): Promise<SqlitePersistence> {
  const persistence = new SqlitePersistence(file, {
    queuedMessagesPerClient: 2,
    queuedBytesPerClient: 10_000,
    subscriptionsPerClient: 3,
    onQueueFull: (clientId) => full.push(clientId),
    maySubscribe: (_, filter) => !filter.startsWith('denied'),
    mayReceive: () => true,
  })
  await persistence.setup({ id: `broker-${Math.random()}` })
  return persistence
}

const message = (topic: string, more: Partial<StoredPacket> = {}): StoredPacket => ({
  cmd: 'publish',
  topic,
  payload: Buffer.from('x'),
  qos: 1,
  retain: true,
  brokerId: 'b',
  brokerCounter: 1,
  ...more,
})
const client = { id: 'gateway' }

test('everything is there after it was opened again, and the file is for its owner alone', async () => {
  const before = await open()
  await before.storeRetained(message('status'))
  await before.addSubscriptions(client, [
    { topic: 'commands', qos: 1 },
    { topic: 'denied', qos: 1 },
  ])
  await before.outgoingEnqueueCombi(
    [{ clientId: 'gateway' }, { clientId: 'gateway' }],
    message('commands', { qos: 2 }),
  )
  await before.outgoingUpdate(client, message('commands', { messageId: 7, qos: 2 }))
  await before.incomingStorePacket(client, message('telemetry', { messageId: 9, qos: 2 }))
  await before.putWill(client, message('will'))
  await before.destroy()

  const after = await open()
  expect(statSync(file).mode & 0o077).toBe(0)
  expect(await after.subscriptionsByClient(client)).toEqual([{ topic: 'commands', qos: 1 }])
  expect(await after.subscriptionsByTopic('denied')).toEqual([])
  expect(after.retained.count).toBe(1)
  expect(await after.outgoingStream(client).toArray()).toMatchObject([{ topic: 'commands', messageId: 7 }])
  expect(after.incoming.has('gateway', 9)).toBe(true)
  expect(await after.streamWill().toArray()).toMatchObject([{ topic: 'will', clientId: 'gateway' }])
  await after.forget('gateway', ['status'])
  expect([after.retained.count, after.outgoing.count('gateway'), after.incoming.has('gateway', 9)]).toEqual([
    0,
    0,
    false,
  ])
  expect(await after.streamWill().toArray()).toEqual([])
  await after.destroy()
})

test('a full queue takes no more', async () => {
  const persistence = await open()
  for (const brokerCounter of [1, 2, 3])
    await persistence.outgoingEnqueue({ clientId: 'gateway' }, message('c', { brokerCounter }))
  expect(persistence.outgoing.count('gateway')).toBe(2)
  expect(full).toEqual(['gateway'])
  await persistence.destroy()
})

test('a queue is bounded in bytes too, over all sessions of a client, also after it was opened again', async () => {
  const queue = ['record/a', 'record/b', 'other/a', 'gateway']
  const before = await open()
  const large = message('c', { payload: Buffer.alloc(6_000) })
  full.length = 0
  for (const clientId of queue) await before.outgoingEnqueue({ clientId }, large)
  expect(full).toEqual(['record/b'])
  await before.destroy()
  const after = await open()
  const both = ['record/a', 'record/b'].map((clientId) => ({ clientId }))
  const small = message('c', { payload: Buffer.alloc(3_000), brokerCounter: 2 })
  // One has room for it, both together have not.
  await after.outgoingEnqueueCombi(both, small)
  expect(queue.map((id) => after.outgoing.count(id))).toEqual([2, 0, 1, 1])
  // An acknowledged message makes room.
  await after.outgoingUpdate({ id: 'record/a' }, { ...large, messageId: 1 })
  await after.outgoingClearMessageId({ id: 'record/a' }, { messageId: 1 })
  await after.outgoingEnqueue({ clientId: 'record/b' }, large)
  expect(after.outgoing.count('record/b')).toBe(1)
  await after.destroy()
})

test('a session whose last subscription ended keeps what was sent and not acknowledged, and is still told of', async () => {
  const persistence = await open()
  const session = { id: 'record/a' }
  await persistence.addSubscriptions(session, [{ topic: 'c', qos: 1 }])
  for (const brokerCounter of [1, 2])
    await persistence.outgoingEnqueue({ clientId: session.id }, message('c', { brokerCounter }))
  await persistence.outgoingUpdate(session, message('c', { messageId: 7 }))
  await persistence.removeSubscriptions(session, ['c'])
  expect(await persistence.outgoingStream(session).toArray()).toMatchObject([{ messageId: 7 }])
  expect([...persistence.sessionsOf('record')]).toEqual([session.id])
  expect([...persistence.records()]).toEqual(['record'])
  await persistence.forgetRecord('record')
  expect(await persistence.outgoingStream(session).toArray()).toEqual([])
  expect([...persistence.records()]).toEqual([])
  await persistence.destroy()
})

test('a session has so many subscriptions and no more', async () => {
  const persistence = await open()
  const filters = (...topics: string[]) => topics.map((topic) => ({ topic, qos: 1 }))
  await persistence.addSubscriptions(client, filters('a', 'b'))
  await expect(persistence.addSubscriptions(client, filters('b', 'c', 'd'))).rejects.toThrow(/more than 3/)
  await persistence.addSubscriptions(client, filters('a', 'b', 'c'))
  expect(await persistence.subscriptionsByClient(client)).toHaveLength(3)
  await persistence.destroy()
})

test('what a full disk lost was promised to nobody, and memory says the same as the file', async () => {
  const persistence = await open()
  await persistence.storeRetained(message('kept'))
  const db = Reflect.get(persistence, 'db') as SessionDb
  db.pragma(`max_page_count = ${db.pragma('page_count', { simple: true })}`)
  const large = Buffer.alloc(100_000)
  const lost = await Promise.allSettled([
    persistence.addSubscriptions(client, [{ topic: 'commands', qos: 1 }]),
    persistence.storeRetained(message('large', { payload: large })),
  ])
  expect(lost.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  expect(await persistence.subscriptionsByTopic('commands')).toEqual([])
  expect(persistence.retained.count).toBe(1)
  db.pragma('max_page_count = 1000000')
  await persistence.storeRetained(message('large', { payload: large }))
  expect(persistence.retained.count).toBe(2)
  await persistence.destroy()
})

test('a damaged file and one of a newer version are named and left alone', async () => {
  writeFileSync(file, 'no database '.repeat(1_000))
  await expect(open()).rejects.toMatchObject({ code: 'data_damaged', data: { file } })
  rmSync(file)
  const newer = new Database(file)
  newer.pragma('user_version = 3')
  newer.close()
  await expect(open()).rejects.toMatchObject({ code: 'data_from_newer_version' })
})

test('wills of this broker are not those of one that died', async () => {
  const persistence = await open()
  await persistence.putWill(client, message('will'))
  expect(await persistence.streamWill({ [persistence.broker.id]: 1 }).toArray()).toEqual([])
  expect(await persistence.streamWill({}).toArray()).toHaveLength(1)
  await persistence.destroy()
})
