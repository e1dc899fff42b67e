import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { connectLocal } from './connect-local.ts'
import { admitLocal, enterLocal } from './handshake.ts'
import { readLocalToken, writeLocalToken } from './local-token.ts'

// A Unix socket here, a pipe on Windows: the same stream to this code.
const token = new Uint8Array(32).fill(1)
const otherToken = new Uint8Array(32).fill(2)
let folder: string
let server: Server

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mw-hs-'))
})
afterEach(() => {
  server.close()
  rmSync(folder, { recursive: true, force: true })
})

/** A server whose half of the handshake is `serve`, and a stream to it. */
async function streams(serve: (socket: Socket) => unknown): Promise<Socket> {
  const path = join(folder, 's')
  server = createServer((socket) => serve(socket))
  await new Promise<void>((resolve) => server.listen(path, resolve))
  const socket = connect(path)
  await new Promise((resolve) => socket.once('connect', resolve))
  return socket
}

test('with the same token both ends go on, and nothing of what follows is lost', async () => {
  const socket = await streams(async (end) => {
    await admitLocal(end, token)
    end.once('data', (line: Buffer) => end.end(`heard: ${line}`)).resume()
  })
  await enterLocal(socket, token)
  socket.write('GET / HTTP/1.1')
  expect(await text(socket)).toBe('heard: GET / HTTP/1.1')
})

test('a caller without the token is cut, and learns nothing', async () => {
  const admitted = Promise.withResolvers<unknown>()
  const socket = await streams((end) => admitLocal(end, token).then(admitted.resolve, admitted.resolve))
  await expect(enterLocal(socket, otherToken)).rejects.toThrow('the other end closed')
  expect(await admitted.promise).toEqual(new Error('wrong token'))
  expect(socket.destroyed).toBe(true)
})

test('a program that took the name of the pipe gets no request from us', async () => {
  const heard: Buffer[] = []
  const socket = await streams((end) => {
    end.write(`millwright-local 1 ${'0'.repeat(64)}\n`)
    end.on('data', (chunk: Buffer) => {
      heard.push(chunk)
      end.write(`${'f'.repeat(64)}\n`)
    })
  })
  await expect(enterLocal(socket, token)).rejects.toThrow('wrong token')
  expect(Buffer.concat(heard).toString()).toMatch(/^[0-9a-f]{64} [0-9a-f]{64}\n$/)
})

test('a proof of our own, sent back, is none', async () => {
  const socket = await streams((end) => {
    end.write(`millwright-local 1 ${'0'.repeat(64)}\n`)
    end.once('data', (line: Buffer) => end.write(`${line.toString().trim().split(' ')[1]}\n`))
  })
  await expect(enterLocal(socket, token)).rejects.toThrow('wrong token')
})

test.each([
  ['HTTP', 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'],
  ['a line without end', 'f'.repeat(100_000)],
  ['an empty line', '\n'],
])('%s instead of a handshake is cut', async (_what, bytes) => {
  const admitted = Promise.withResolvers<unknown>()
  const socket = await streams((end) => admitLocal(end, token).then(admitted.resolve, admitted.resolve))
  socket.on('error', () => undefined)
  socket.resume()
  socket.write(bytes)
  expect(await admitted.promise).toEqual(new Error('not a handshake'))
})

test('the token is in a file for its owner alone, another one each time', async () => {
  const tokenFile = join(folder, 'admin.token')
  const first = await writeLocalToken(tokenFile)
  const second = await writeLocalToken(tokenFile)
  expect(Buffer.from(first).equals(second)).toBe(false)
  expect(statSync(tokenFile).mode & 0o777).toBe(0o600)
  expect(await readLocalToken(tokenFile)).toEqual(Buffer.from(second))
  const admit = (end: Socket) =>
    admitLocal(end, second).then(
      () => end.end('in'),
      () => undefined,
    )
  const withoutToken = await streams(admit)
  withoutToken.destroy()
  const entered = await connectLocal({ path: join(folder, 's'), tokenFile })
  expect(await text(entered)).toBe('in')
})
