import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { type ConnectionOptions, connect } from 'node:tls'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { connect as mqttConnect } from '#broker/testing/raw-packets.ts'
import { readHello } from './client-hello.ts'
import { HelloBook, helloOf } from './hello-book.ts'

/** The first bytes of a real client. */
async function helloFrom(options: ConnectionOptions): Promise<Buffer> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const client = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ...options })
  client.on('error', () => {})
  const [socket] = (await once(server, 'connection')) as [Socket]
  const [bytes] = (await once(socket, 'data')) as [Buffer]
  client.destroy()
  socket.destroy()
  server.close()
  return bytes
}

test('a real ClientHello says which name was asked for and what it speaks', async () => {
  const named = await helloFrom({ servername: 'broker.plant.example' })
  expect(readHello(named)).toMatchObject({
    firstBytes: 'tls',
    tls: 'TLSv1.3',
    serverName: 'broker.plant.example',
  })
  const older = await helloFrom({ maxVersion: 'TLSv1.2' })
  expect(readHello(older)).toMatchObject({ tls: 'TLSv1.2', serverName: null })
})

test.each<[string, Buffer, string]>([
  ['MQTT', mqttConnect('box'), 'mqtt'],
  ['HTTP', Buffer.from('GET / HTTP/1.1\r\n'), 'http'],
  ['HTTP/2', Buffer.from('PRI * HTTP/2.0\r\n'), 'http'],
  ['an SSH client', Buffer.from('SSH-2.0-x\r\n'), 'other'],
  ['nothing', Buffer.alloc(0), 'other'],
])('%s is told from TLS', (_, bytes, firstBytes) => {
  expect(readHello(bytes)).toEqual({ firstBytes, tls: null, serverName: null, clock: null })
})

test('cut anywhere, and with anything behind, it is read as far as it goes', async () => {
  const hello = await helloFrom({ servername: 'broker.plant.example' })
  for (let length = 2; length <= hello.length; length++)
    expect(readHello(hello.subarray(0, length)).firstBytes).toBe('tls')
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), fc.nat(80), (noise, at) => {
      const bytes = Buffer.concat([hello.subarray(0, at), noise])
      const { serverName } = readHello(bytes)
      return (serverName ?? '').length <= 255
    }),
  )
})

/** A hello of TLS 1.2 as older libraries send it, with the time in front. */
function timed(seconds: number): Buffer {
  const body = Buffer.alloc(47)
  body.writeUInt16BE(0x0303, 4)
  body.writeUInt32BE(seconds, 6)
  body.writeUInt8(1, 0)
  return Buffer.concat([Buffer.from([0x16, 3, 1, 0, 47]), body])
}

test('what may be a clock counts as one once it has gone on like ours', () => {
  let now = Date.UTC(2026, 0, 1)
  const book = new HelloBook(() => now)
  const clockOf = (address: string, seconds: number) => {
    const socket = { localPort: 8883 } as Socket
    book.note(socket, address, timed(seconds))
    return helloOf(socket)?.clock
  }
  const behind = now / 1_000 - 86_400
  expect(clockOf('10.0.0.7', behind)).toBeNull()
  now += 30_000
  expect(clockOf('10.0.0.7', behind + 30)).toBe(behind + 30)
  // Random bits, as newer libraries send them.
  now += 30_000
  expect(clockOf('10.0.0.7', 3_111_222_333)).toBeNull()
  // A box without a clock counts from its start.
  expect(clockOf('10.0.0.8', 42)).toBe(42)
})
