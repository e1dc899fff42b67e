import { once } from 'node:events'
import http from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { boundStrangers } from './stranger-bounds.ts'

const server = http.createServer((_request, response) => response.end('heard'))
const sockets: Socket[] = []
afterEach(() => {
  for (const socket of sockets) socket.destroy()
  server.close()
})

async function open(): Promise<Socket> {
  const { port } = server.address() as AddressInfo
  const socket = connect(port, '127.0.0.1').on('error', () => {})
  sockets.push(socket)
  await once(socket, 'connect')
  return socket
}

async function isHeard(socket: Socket): Promise<boolean> {
  const said: Buffer[] = []
  socket.on('data', (chunk: Buffer) => said.push(chunk))
  socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
  if (!socket.closed) await once(socket, 'close')
  return Buffer.concat(said).includes('heard')
}

test('one network holds so many connections and no more; one that closes makes room', async () => {
  boundStrangers(server, 2)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const first = await open()
  await open()
  expect(await isHeard(await open())).toBe(false)
  expect(await isHeard(first)).toBe(true)
  expect(await isHeard(await open())).toBe(true)
})
