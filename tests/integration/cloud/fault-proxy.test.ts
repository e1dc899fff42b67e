import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type FaultProxy, startFaultProxy } from '#tests/fixtures/fault-proxy.ts'

let server: Server
let serverSides: Socket[]
let proxy: FaultProxy
const clients: Client[] = []

interface Client {
  socket: Socket
  received: () => Buffer
  /** `end`, `ECONNRESET`, `ECONNREFUSED`… */
  fate: Promise<string>
}

beforeEach(async () => {
  serverSides = []
  // Answers with what it got.
  server = createServer((socket) => {
    serverSides.push(socket)
    socket.on('error', () => undefined)
    socket.pipe(socket)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  proxy = await startFaultProxy({ port: (server.address() as AddressInfo).port, seed: 7 })
})

afterEach(async () => {
  for (const { socket } of clients.splice(0)) socket.destroy()
  await proxy.stop()
  for (const socket of serverSides) socket.destroy()
  await new Promise((done) => server.close(done))
})

function open(): Client {
  const socket = connect({ port: proxy.port, host: '127.0.0.1' })
  let received = Buffer.alloc(0)
  socket.on('data', (chunk: Buffer) => (received = Buffer.concat([received, chunk])))
  const fate = new Promise<string>((resolve) => {
    socket.once('end', () => resolve('end'))
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
  })
  const client = { socket, received: () => received, fate }
  clients.push(client)
  return client
}

async function echoed(client: Client, bytes: number): Promise<void> {
  await expect.poll(() => client.received().length, { interval: 5 }).toBe(bytes)
}

test('without a fault everything arrives, is counted, and an end is an end', async () => {
  const sent = Buffer.alloc(3_000_000, 'reading ')
  const client = open()
  client.socket.end(sent)
  expect(await client.fate).toBe('end')
  expect(client.received().equals(sent)).toBe(true)
  expect(proxy.bytes).toEqual({ up: sent.length, down: sent.length })
  expect(proxy.accepted).toBe(1)
  await expect.poll(() => proxy.open).toBe(0)
})

test('latency delays each piece and keeps the order; both directions add up', async () => {
  proxy.latency(60, { jitter: 40 })
  const client = open()
  const started = performance.now()
  for (let at = 0; at < 50; at += 1) client.socket.write(`${at},`)
  const whole = Array.from({ length: 50 }, (_, at) => `${at},`).join('')
  await echoed(client, whole.length)
  expect(performance.now() - started).toBeGreaterThanOrEqual(118)
  expect(client.received().toString()).toBe(whole)
})

test('bandwidth is shared by all connections', async () => {
  proxy.bandwidth(100_000, 'up')
  const [one, two] = [open(), open()]
  const started = performance.now()
  one.socket.write(Buffer.alloc(15_000))
  two.socket.write(Buffer.alloc(15_000))
  await Promise.all([echoed(one, 15_000), echoed(two, 15_000)])
  expect(performance.now() - started).toBeGreaterThanOrEqual(290)
})

test('a cut is a reset on both sides; the next connection works', async () => {
  const client = open()
  client.socket.write('a')
  await echoed(client, 1)
  const other = new Promise((done) => serverSides[0]!.once('close', done))
  proxy.cut()
  expect(await client.fate).toBe('ECONNRESET')
  expect(await other).toBe(true)
  const next = open()
  next.socket.write('b')
  await echoed(next, 1)
})

test('half-open: nobody hears anything, nobody is told; healed, what was under way arrives late', async () => {
  const client = open()
  client.socket.write('a')
  await echoed(client, 1)
  proxy.halfOpen()
  client.socket.write('b')
  const next = open()
  next.socket.write('c')
  await echoed(next, 1)
  await sleep(100)
  expect(client.received().toString()).toBe('a')
  expect(client.socket.destroyed || serverSides[0]!.destroyed).toBe(false)
  await proxy.heal()
  await echoed(client, 2)
})

test('half-open one way: the server hears, its answers are lost on the way', async () => {
  const client = open()
  client.socket.write('a')
  await echoed(client, 1)
  proxy.halfOpen('down')
  client.socket.write('b')
  await expect.poll(() => serverSides[0]!.bytesRead).toBe(2)
  await sleep(50)
  expect(client.received().toString()).toBe('a')
})

test('hang: accepted, and nothing else; refuse: not even that', async () => {
  proxy.hang()
  const hanging = open()
  hanging.socket.write('a')
  await once(hanging.socket, 'connect')
  await sleep(50)
  expect(serverSides).toHaveLength(0)
  proxy.refuse()
  expect(await open().fate).toBe('ECONNREFUSED')
  await proxy.heal()
  const healed = open()
  healed.socket.write('b')
  await echoed(healed, 1)
})

test('flips the byte that was asked for, and no other', async () => {
  const client = open()
  client.socket.write('0123456789')
  await echoed(client, 10)
  proxy.flipByte({ after: 13, mask: 0xff })
  proxy.flipByte({ after: 2, direction: 'down' })
  client.socket.write('abcdefghij')
  await echoed(client, 20)
  client.socket.write('klmnopqrst')
  await echoed(client, 30)
  const expected = Buffer.from('0123456789abcdefghijklmnopqrst')
  expected[12]! ^= 1
  expected[23]! ^= 0xff
  expect(client.received().equals(expected)).toBe(true)
})

test('closes the connection on which the byte that was named travels', async () => {
  const quiet = open()
  quiet.socket.write('a')
  await echoed(quiet, 1)
  proxy.closeAfter(4)
  const busy = open()
  busy.socket.write('bcde')
  await echoed(busy, 4)
  busy.socket.write('f')
  expect(await busy.fate).toBe('ECONNRESET')
  quiet.socket.write('g')
  await echoed(quiet, 2)
})

test.each(['reset', 'silent'] as const)('cuts idle connections: %s', async (how) => {
  proxy.idleCut(120, how)
  const [idle, busy] = [open(), open()]
  idle.socket.write('a')
  for (let at = 0; at < 8; at += 1) {
    busy.socket.write('b')
    await sleep(30)
  }
  await echoed(busy, 8)
  if (how === 'reset') expect(await idle.fate).toBe('ECONNRESET')
  else {
    idle.socket.write('c')
    await sleep(50)
    expect(idle.received().toString()).toBe('a')
    expect(idle.socket.destroyed).toBe(false)
  }
})
