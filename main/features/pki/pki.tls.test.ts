import { execFile } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import {
  type ConnectionOptions,
  createSecureContext,
  createServer,
  type Server,
  type TLSSocket,
  connect as tlsConnect,
} from 'node:tls'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { mac, makeSite, now, type TestSite } from './pki-site.fixture.ts'

/** Real handshakes: what the broker and the UI do with these certificates. */
let site: TestSite
let server: Server
let web: Server
let port: number
const accepted: TLSSocket[] = []

beforeAll(async () => {
  site = await makeSite()
  const credentials = await site.pki.serverCredentials()
  server = createServer(
    { ...credentials, requestCert: true, rejectUnauthorized: false, minVersion: 'TLSv1.2' },
    (socket) => {
      accepted.push(socket)
      socket.on('error', () => {}).end(socket.authorized ? 'authorized' : String(socket.authorizationError))
    },
  )
  web = createServer(await site.pki.webCredentials(), (socket) => socket.on('error', () => {}).end('hello'))
  await Promise.all([server, web].map((one) => new Promise<void>((done) => one.listen(0, '127.0.0.1', done))))
  port = (server.address() as AddressInfo).port
})
afterAll(async () => {
  for (const socket of accepted) socket.destroy()
  await Promise.all([server, web].map((one) => new Promise((done) => one.close(done))))
  await site.remove()
})

function talk(options: ConnectionOptions, to = port): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    tlsConnect({ host: '127.0.0.1', port: to, ...options })
      .on('data', (part) => (text += part))
      .on('end', () => resolve(text))
      .on('error', reject)
  })
}

describe.each(['ec', 'rsa'] as const)('a gateway with an %s key', (keyAlgorithm) => {
  let cert: string
  let key: string
  beforeAll(async () => {
    const id = await site.addGateway(`TLS-${keyAlgorithm}`)
    ;({ certificatePem: cert, privateKeyPem: key } = await site.enroll(id, { keyAlgorithm }))
  })

  test.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'is authorized over %s and verifies the broker by ca.crt',
    async (version) => {
      const ca = await site.pki.caPem()
      const versions = { minVersion: version, maxVersion: version }
      expect(await talk({ ca, cert, key, ...versions })).toBe('authorized')
      expect(await talk({ ca, cert, key, servername: 'plant1.local', ...versions })).toBe('authorized')
      // The leaf alone is enough: the broker knows the issuing CA.
      expect(await talk({ ca, cert: new X509Certificate(cert).toString(), key, ...versions })).toBe(
        'authorized',
      )
      const peer = accepted.at(-1)?.getPeerX509Certificate()
      expect(peer?.subjectAltName).toContain('URI:urn:millwright:gateway:')
    },
  )
})

test('another site is refused on both sides', async () => {
  const other = await makeSite()
  try {
    const id = await other.addGateway('OTHER')
    const { certificatePem: cert, privateKeyPem: key } = await other.enroll(id)
    expect(await talk({ ca: await site.pki.caPem(), cert, key })).toMatch(/UNABLE_TO|SELF_SIGNED/)
    await expect(talk({ ca: await other.pki.caPem(), cert, key })).rejects.toThrow(/self-signed|unable to/)
  } finally {
    await other.remove()
  }
})

test("the broker's own certificate is no client certificate", async () => {
  const { cert, key } = await site.pki.serverCredentials()
  expect(await talk({ ca: await site.pki.caPem(), cert, key })).toMatch(/PURPOSE/)
})

test('the web certificate is trusted by the web CA, not by the device root', async () => {
  const webPort = (web.address() as AddressInfo).port
  expect(await talk({ ca: await site.pki.webCaPem(), servername: 'localhost' }, webPort)).toBe('hello')
  await expect(talk({ ca: await site.pki.caPem() }, webPort)).rejects.toThrow()
})

test('a new broker certificate serves new connections (setSecureContext), gateways notice nothing', async () => {
  const { renewed } = await site.pki.renewServerCertificates(['plant1', '192.168.7.20', 'plant9'], now)
  expect(renewed).toContain('broker')
  const credentials = await site.pki.serverCredentials()
  expect(() => createSecureContext(credentials)).not.toThrow()
  server.setSecureContext(credentials)
  expect(await talk({ ca: await site.pki.caPem(), servername: 'plant9' })).not.toBe('')
})

test('mosquitto_pub takes the files of the ZIP as they are', async () => {
  const { certificatePem, privateKeyPem } = await site.enroll(await site.addGateway('MQ', mac), { mac })
  await site.file('client.crt', certificatePem)
  await site.file('client.key', privateKeyPem)
  await site.file('ca.crt', await site.pki.caPem())
  const before = accepted.length
  const files = ['--cafile', 'ca.crt', '--cert', 'client.crt', '--key', 'client.key']
  const args = ['-h', '127.0.0.1', '-p', String(port), ...files, '-i', 'aabbccddee01', '-t', 'x', '-m', 'y']
  // There is no broker behind this port, so the command fails, but only after the mutual handshake.
  await promisify(execFile)('mosquitto_pub', args, { cwd: site.dir, timeout: 5000 }).catch(() => {})
  expect(accepted.length).toBeGreaterThan(before)
  expect(accepted.at(-1)?.authorized).toBe(true)
})
