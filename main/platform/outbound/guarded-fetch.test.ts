import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import http, { type RequestListener, type Server } from 'node:http'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { ExpectedError } from '#contract/errors.ts'
import { originOf } from './destination.ts'
import { createGuardedFetch, type OutboundOptions } from './guarded-fetch.ts'

let dir: string
let certificate: string
let key: string
const servers: Server[] = []

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'mw-outbound-'))
  execFileSync(
    'openssl',
    (
      'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=id.test ' +
      '-addext subjectAltName=DNS:id.test -keyout key.pem -out cert.pem'
    ).split(' '),
    { cwd: dir, stdio: 'ignore' },
  )
  certificate = readFileSync(join(dir, 'cert.pem'), 'utf8')
  key = readFileSync(join(dir, 'key.pem'), 'utf8')
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

async function listening(server: Server): Promise<number> {
  servers.push(server)
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return (server.address() as AddressInfo).port
}
const plain = (answer: RequestListener) => listening(http.createServer(answer))
const tls = (answer: RequestListener) => listening(https.createServer({ cert: certificate, key }, answer))

/** `ok`, or the code and data it failed with. */
async function ask(url: string, options: OutboundOptions, request = {}) {
  try {
    await createGuardedFetch(options)(url, request)
    return 'ok'
  } catch (error) {
    if (!(error instanceof ExpectedError)) throw error
    return { code: error.code, ...error.data }
  }
}

test('only what is listed is called, by scheme, host and port', async () => {
  let calls = 0
  const port = await plain((_request, response) => void response.end(`${++calls}`))
  const destinations = [{ origin: `http://127.0.0.1:${port}`, insideNetwork: true }]
  const answer = await createGuardedFetch({ destinations })(`http://127.0.0.1:${port}/a?b=c`)
  expect([answer.status, await answer.text()]).toEqual([200, '1'])
  for (const url of [
    `http://127.0.0.1:${port + 1}/`,
    `http://localhost:${port}/`,
    `https://127.0.0.1:${port}/`,
  ])
    expect(await ask(url, { destinations })).toEqual({ code: 'outbound_not_listed', origin: originOf(url) })
  for (const url of [
    `http://plant.example:${port}/`,
    'ftp://127.0.0.1/',
    'file:///etc/passwd',
    'http://127.0.0.1.evil.example/',
    'https://user:pass@id.test/',
    'nonsense',
  ])
    expect(await ask(url, { destinations })).toMatchObject({ code: 'outbound_address_invalid' })
  expect(calls).toBe(1)
})

test.each([
  ['10.0.0.5', 'outbound_inside_network'],
  ['127.0.0.1', 'outbound_inside_network'],
  ['169.254.7.7', 'outbound_inside_network'],
  ['fd00::5', 'outbound_inside_network'],
  ['::ffff:10.0.0.5', 'outbound_inside_network'],
  ['169.254.169.254', 'outbound_address_refused'],
  ['fd00:ec2::254', 'outbound_address_refused'],
])('a listed name that is %s is not called', async (address, code) => {
  const resolve = async () => [{ address, family: address.includes(':') ? (6 as const) : (4 as const) }]
  const destinations = [{ origin: 'https://id.test', insideNetwork: false }]
  expect(await ask('https://id.test/', { destinations, resolve })).toEqual({ code, host: 'id.test', address })
  if (code === 'outbound_address_refused') {
    const said = [{ origin: 'https://id.test', insideNetwork: true }]
    expect(await ask('https://id.test/', { destinations: said, resolve })).toMatchObject({ code })
  }
})

test('an address in the listing itself is looked at as well, however it is written', async () => {
  for (const host of ['127.0.0.1', '2130706433', '0x7f.1', '[::ffff:7f00:1]'])
    expect(
      await ask(`https://${host}/`, {
        destinations: [{ origin: originOf(`https://${host}`), insideNetwork: false }],
      }),
    ).toMatchObject({ code: 'outbound_inside_network' })
})

test('one bad address among good ones refuses the name', async () => {
  const resolve = async () => [
    { address: '93.184.216.34', family: 4 as const },
    { address: '192.168.1.1', family: 4 as const },
  ]
  const destinations = [{ origin: 'https://id.test', insideNetwork: false }]
  expect(await ask('https://id.test/', { destinations, resolve })).toMatchObject({
    code: 'outbound_inside_network',
    address: '192.168.1.1',
  })
})

test('the address that was looked at is the one that is called: a name is resolved once', async () => {
  const hosts: unknown[] = []
  const port = await tls((request, response) => {
    hosts.push(request.headers.host)
    response.end('here')
  })
  let asked = 0
  // The second answer would lead elsewhere.
  const resolve = async () => [{ address: asked++ === 0 ? '127.0.0.1' : '127.0.0.9', family: 4 as const }]
  const origin = `https://id.test:${port}`
  const fetch = createGuardedFetch({
    destinations: [{ origin, insideNetwork: true }],
    caCertificate: certificate,
    resolve,
  })
  expect(await (await fetch(`${origin}/x`)).text()).toBe('here')
  expect([asked, hosts]).toEqual([1, [`id.test:${port}`]])
})

test('an address that takes no connection gives way to the next, and nothing is sent twice', async () => {
  let calls = 0
  const port = await tls((_request, response) => void response.end(String(++calls)))
  const resolve = async () => [
    { address: '127.0.0.77', family: 4 as const },
    { address: '127.0.0.1', family: 4 as const },
  ]
  const origin = `https://id.test:${port}`
  const options = { destinations: [{ origin, insideNetwork: true }], caCertificate: certificate, resolve }
  expect(await ask(origin, options, { method: 'POST', body: new URLSearchParams('a=b') })).toBe('ok')
  expect(calls).toBe(1)
})

test('a certificate of a CA that nobody named is not taken', async () => {
  const port = await tls((_request, response) => void response.end('x'))
  const origin = `https://id.test:${port}`
  const destinations = [{ origin, insideNetwork: true }]
  const resolve = async () => [{ address: '127.0.0.1', family: 4 as const }]
  expect(await ask(origin, { destinations, resolve })).toMatchObject({ code: 'outbound_failed' })
  const other = [{ origin: `https://other.test:${port}`, insideNetwork: true }]
  expect(
    await ask(`https://other.test:${port}`, { destinations: other, resolve, caCertificate: certificate }),
  ).toMatchObject({ code: 'outbound_failed', cause: expect.stringContaining('ERR_TLS_CERT_ALTNAME_INVALID') })
})

test.each([301, 302, 303, 307, 308])('a redirect (%i) is not followed', async (status) => {
  let followed = 0
  const elsewhere = await plain((_request, response) => void response.end(String(++followed)))
  const port = await plain((_request, response) => {
    response.writeHead(status, { location: `http://127.0.0.1:${elsewhere}/` })
    response.end()
  })
  const destinations = [port, elsewhere].map((one) => ({
    origin: `http://127.0.0.1:${one}`,
    insideNetwork: true,
  }))
  expect(await ask(`http://127.0.0.1:${port}/`, { destinations })).toMatchObject({
    code: 'outbound_failed',
    cause: expect.stringContaining('redirect'),
  })
  expect(followed).toBe(0)
})

test('a giant answer is cut off, whatever it says of its size', async () => {
  let sent = 0
  const port = await plain((_request, response) => {
    const chunk = Buffer.alloc(64 * 1024)
    const send = () => {
      while (!response.destroyed && sent < 1e9) {
        sent += chunk.length
        if (!response.write(chunk)) return void response.once('drain', send)
      }
    }
    send()
  })
  const destinations = [{ origin: `http://127.0.0.1:${port}`, insideNetwork: true }]
  expect(await ask(`http://127.0.0.1:${port}/`, { destinations })).toMatchObject({
    code: 'outbound_failed',
    cause: expect.stringContaining('larger than'),
  })
  expect(sent).toBeLessThan(64e6)
})

test('an answer that comes packed, when it was told not to, is not unpacked', async () => {
  const port = await plain((request, response) => {
    expect(request.headers['accept-encoding']).toBe('identity')
    response.writeHead(200, { 'content-encoding': 'gzip' })
    response.end('x')
  })
  const destinations = [{ origin: `http://127.0.0.1:${port}`, insideNetwork: true }]
  expect(await ask(`http://127.0.0.1:${port}/`, { destinations })).toMatchObject({
    code: 'outbound_failed',
    cause: expect.stringContaining('compresses'),
  })
})

test.each<[string, RequestListener]>([
  ['never begins', () => undefined],
  [
    'drips',
    (_request, response) => {
      response.writeHead(200)
      const drip = setInterval(() => response.write('.'), 20)
      response.on('close', () => clearInterval(drip))
    },
  ],
])('an answer that %s is given up in time', async (_what, answer) => {
  const port = await plain(answer)
  const destinations = [{ origin: `http://127.0.0.1:${port}`, insideNetwork: true }]
  expect(await ask(`http://127.0.0.1:${port}/`, { destinations, timeout: 200 })).toMatchObject({
    code: 'outbound_failed',
    cause: 'it does not answer in time',
  })
})

test('a name server that never answers is given up in time', async () => {
  const destinations = [{ origin: 'https://id.test', insideNetwork: false }]
  const resolve = () => new Promise<never>(() => undefined)
  expect(await ask('https://id.test/', { destinations, resolve, timeout: 100 })).toMatchObject({
    code: 'outbound_failed',
    cause: 'it does not answer in time',
  })
})
