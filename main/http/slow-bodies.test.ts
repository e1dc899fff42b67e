import http from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { cutSlowBodies } from './slow-bodies.ts'

const servers: http.Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections()
})

/** Answers with the number of bytes that came. */
async function serve(): Promise<{ server: http.Server; port: number }> {
  const server = http.createServer((request, response) => {
    let bytes = 0
    request.on('data', (chunk: Buffer) => (bytes += chunk.length))
    request.on('end', () => response.end(`${bytes} bytes`))
    request.on('error', () => undefined)
  })
  servers.push(server)
  cutSlowBodies(server, { every: 100, least: 10 })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { server, port: (server.address() as AddressInfo).port }
}

/** Sends a body in parts of so many bytes; resolves with what was answered until the connection ended. */
async function send(port: number, part: number, parts: number): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  let answer = ''
  socket.on('data', (chunk) => (answer += chunk.toString()))
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  socket.on('error', () => undefined)
  socket.write(`POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: ${part * parts}\r\n\r\n`)
  for (let n = 0; n < parts && !socket.destroyed; n++) {
    await sleep(40)
    socket.write('x'.repeat(part))
  }
  await closed
  return answer
}

test('a body that keeps coming takes as long as it takes; one that trickles or stops ends', async () => {
  const { server, port } = await serve()
  expect(server.requestTimeout).toBe(0)
  expect(server.headersTimeout).toBe(60_000)
  const [steady, trickling] = await Promise.all([send(port, 20, 12), send(port, 1, 12)])
  expect(steady).toContain('240 bytes')
  expect(trickling).toBe('')
})

test('an answer may take as long as it takes, too', async () => {
  const server = http.createServer((_request, response) => void sleep(300).then(() => response.end('late')))
  servers.push(server)
  cutSlowBodies(server, { every: 50, least: 10 })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('late')
})
