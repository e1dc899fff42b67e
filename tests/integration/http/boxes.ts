import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { connect as connectTcp, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls'
import type { Credentials } from '#tests/fixtures/credentials.ts'

/** A connection as a box makes it: from an address of its own (all of 127/8 are this machine's). */
export interface From {
  localAddress: string
  port: number
}

/** Plain TCP; what is written goes out at once. */
export function tcp({ localAddress, port }: From, bytes?: Buffer | string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connectTcp({ host: '127.0.0.1', port, localAddress })
    socket.on('error', reject)
    socket.once('connect', () => {
      if (bytes !== undefined) socket.write(bytes)
      socket.resume()
      resolve(socket)
    })
  })
}

/** TLS with a box's own files, or without any; rejects where the handshake fails. */
export async function tls(
  { localAddress, port }: From,
  files: Credentials | null,
  more: ConnectionOptions = {},
): Promise<TLSSocket> {
  const [key, cert, ca] = files
    ? await Promise.all([readFile(files.key), readFile(files.cert), readFile(files.ca)])
    : []
  const raw = await tcp({ localAddress, port })
  raw.pause()
  return new Promise((resolve, reject) => {
    const options = { rejectUnauthorized: false, ...(key && cert && ca && { key, cert, ca }), ...more }
    const socket = connectTls({ ...options, socket: raw })
    socket.on('error', reject)
    socket.once('secureConnect', () => resolve(socket))
  })
}

/** Sends bytes over TLS and waits until the broker has closed, or for this long, ms. */
export async function say(socket: TLSSocket, ...packets: Buffer[]): Promise<TLSSocket> {
  for (const packet of packets) socket.write(packet)
  socket.resume()
  return socket
}

/** `openssl s_client`, which verifies, and says why not by an alert; ends by itself or after ten seconds. */
export async function openssl({ localAddress, port }: From, ...more: string[]): Promise<string> {
  const child = spawn('timeout', [
    '10',
    'openssl',
    's_client',
    '-connect',
    `127.0.0.1:${port}`,
    '-bind',
    `${localAddress}:0`,
    ...more,
  ])
  let output = ''
  child.stdout.on('data', (chunk) => (output += chunk))
  child.stderr.on('data', (chunk) => (output += chunk))
  child.stdin.end()
  return new Promise((resolve) => child.once('close', () => resolve(output)))
}

/** A client that breaks off in the middle of its handshake, as one without memory does. */
export async function breakOff(from: From): Promise<void> {
  const hello = await clientHello()
  const socket = await tcp(from)
  const heard = new Promise<void>((resolve) => socket.once('data', () => resolve()))
  socket.write(hello)
  await heard
  socket.resetAndDestroy()
}

/** The first bytes of a real TLS client, caught on their way. */
export async function clientHello(): Promise<Buffer> {
  const { createServer } = await import('node:net')
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  const hello = new Promise<Buffer>((resolve) =>
    server.once('connection', (socket) => socket.once('data', (bytes) => resolve(bytes))),
  )
  const client = connectTls({ host: '127.0.0.1', port, rejectUnauthorized: false })
  client.on('error', () => undefined)
  const bytes = await hello
  client.destroy()
  server.close()
  return bytes
}
