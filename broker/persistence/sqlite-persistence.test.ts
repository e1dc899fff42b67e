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
    onQueueFull: (clientId) => full.push(clientId),
    maySubscribe: (_, filter) => !filter.startsWith('denied'),
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
  newer.pragma('user_version = 2')
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
