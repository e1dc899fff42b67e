import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { afterEach, expect, test, vi } from 'vitest'
import { Admission } from './admission.ts'

const bounds = {
  connections: 5,
  connectionsPerAddress: 3,
  halfOpenConnections: 2,
  connectionRatePerAddress: 1,
  connectTimeout: 1_000,
}
let clean: (() => void)[] = []
afterEach(() => {
  for (const each of clean) each()
  clean = []
  vi.useRealTimers()
})

/** Accepted sockets of real connections, and an admission with clocks of the test. */
async function setUp(changed: Partial<typeof bounds>) {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  clean.push(() => server.close())
  const clock = { now: 0, busy: false }
  const refused: string[] = []
  const listener = {
    refused: (reason: string, _: string, detail: string) => refused.push(`${reason}: ${detail}`),
  }
  const admission = new Admission(
    { ...bounds, ...changed },
    listener,
    () => clock.now,
    () => clock.busy,
  )
  const knock = async (): Promise<{ socket: Socket; admitted: boolean }> => {
    const client = connect((server.address() as AddressInfo).port, '127.0.0.1').on('error', () => {})
    clean.push(() => client.destroy())
    const [socket] = (await once(server, 'connection')) as [Socket]
    return { socket, admitted: admission.admit(socket) }
  }
  return { admission, clock, refused, knock }
}

test('bounds those before CONNECT, those of an address, and those in all', async () => {
  const { admission, refused, knock } = await setUp({ connectionRatePerAddress: 100 })
  const first = await knock()
  const second = await knock()
  expect((await knock()).admitted).toBe(false)
  admission.connected(first.socket)
  admission.connected(second.socket)
  const third = await knock()
  admission.connected(third.socket)
  expect((await knock()).admitted).toBe(false)
  expect(refused.map((text) => text.replace(/^.*: /, ''))).toEqual([
    '2 connections before CONNECT',
    '3 connections from one address',
  ])
  first.socket.destroy()
  await once(first.socket, 'close')
  expect(admission.connections).toBe(2)
  expect((await knock()).admitted).toBe(true)
})

test('bounds new connections a second, with a burst', async () => {
  const { clock, knock } = await setUp({
    connectionsPerAddress: 100,
    connections: 100,
    halfOpenConnections: 100,
  })
  const burst = [await knock(), await knock(), await knock(), await knock(), await knock()]
  expect(burst.map(({ admitted }) => admitted)).toEqual([true, true, true, true, false])
  clock.now = 1_000
  expect((await knock()).admitted).toBe(true)
  expect((await knock()).admitted).toBe(false)
})

test('ends what does not send CONNECT in time; a busy broker waits longer, but not for ever', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  const { admission, clock, refused, knock } = await setUp({ connectionRatePerAddress: 100 })
  admission.start()
  const { socket } = await knock()
  admission.secured(socket)
  const pass = (ms: number): void => {
    for (let step = 0; step < ms; step += 250) {
      clock.now += 250
      vi.advanceTimersByTime(250)
    }
  }
  clock.busy = true
  pass(3_000)
  clock.busy = false
  pass(750)
  expect(refused).toEqual([])
  pass(250)
  expect(refused).toEqual(['connect_timeout: CONNECT did not arrive within 1000 ms'])
  expect(admission.wasEnded(socket)).toBe(true)
  await knock()
  clock.busy = true
  pass(6_000)
  expect(refused.at(-1)).toContain('the TLS handshake did not end')
  admission.stop()
})
