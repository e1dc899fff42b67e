/**
 * A minimal Millwright gateway: enrolls by one of the ways, sends a reading now and then, answers commands.
 *
 *     node client.ts bootstrap --site https://plant-pc:8444 --ca ca.crt --mac 24:0a:c4:12:34:56 [--credential secret]
 *     node client.ts csr       … the same, with a key that never leaves this machine
 *     node client.ts est       … --user est-abcdefgh --password abcde-… --broker plant-pc:8883
 *     node client.ts renew     … a new certificate by EST, for a new key
 *
 * Needs Node 22.18 or newer, and the package `mqtt`. What it gets it keeps in --dir, and with that there it enrolls no more.
 */
import { generateKeyPairSync, type KeyObject, sign, X509Certificate } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { request } from 'node:https'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import mqtt from 'mqtt'

const BOOTSTRAP = '/api/v1/gateways/bootstrap'
const CSR = '/api/v1/gateways/csr'
const EST = '/.well-known/est/'

const { positionals, values: options } = parseArgs({
  allowPositionals: true,
  options: {
    site: { type: 'string', default: '' },
    ca: { type: 'string', default: 'ca.crt' },
    mac: { type: 'string', default: '' },
    dir: { type: 'string', default: 'box' },
    credential: { type: 'string', default: 'certificate' },
    user: { type: 'string', default: '' },
    password: { type: 'string', default: '' },
    broker: { type: 'string', default: '' },
    /** Seconds between polls, where not as the site says: for tests. */
    poll: { type: 'string' },
    reading: { type: 'string', default: '21.5' },
    /** Ends once it has answered a command. */
    once: { type: 'boolean', default: false },
  },
})
const ca = readFileSync(options.ca, 'utf8')

/** What it takes to connect. */
interface Box {
  host: string
  port: number
  clientId: string
  username: string | null
  password: string | null
  topics: Record<string, string>
}

// --- What it keeps: files that are there whole or not at all, whenever the power fails ------------------------------

const pathOf = (name: string): string => join(options.dir, name)
const has = (name: string): boolean => existsSync(pathOf(name))
const read = (name: string): string => readFileSync(pathOf(name), 'utf8')
const remove = (name: string): void => rmSync(pathOf(name), { force: true })

function write(name: string, text: string): void {
  mkdirSync(options.dir, { recursive: true, mode: 0o700 })
  const part = pathOf(`${name}.part`)
  const file = openSync(part, 'w', 0o600)
  writeSync(file, text)
  fsyncSync(file)
  closeSync(file)
  renameSync(part, pathOf(name))
  const folder = openSync(options.dir, 'r')
  fsyncSync(folder)
  closeSync(folder)
}

// --- HTTPS, trusting the CA that came with the firmware and nothing else --------------------------------------------

interface Question {
  method: 'GET' | 'POST'
  path: string
  body?: string
  headers?: Record<string, string>
  /** PEM of key and certificate, to prove who asks. */
  certificate?: string
}

/** Asks until there is an answer; 410 is one too, for it says something. @throws Error where the site says no */
async function ask({
  method,
  path,
  body,
  headers = {},
  certificate,
}: Question): Promise<{ status: number; text: string }> {
  for (let wait = 1; ; wait = Math.min(wait * 2, 60)) {
    let pause = wait
    try {
      const own = certificate === undefined ? {} : { key: certificate, cert: certificate }
      const { status, text, retryAfter } = await send(method, path, body, { headers, ca, ...own })
      if (status < 300 || status === 410) return { status, text }
      if (status !== 429 && status < 500) throw new Refused(`${method} ${path}: ${status} ${text.trim()}`)
      pause = retryAfter || wait
    } catch (error) {
      if (error instanceof Refused) throw error
      console.error('no answer:', (error as Error).message)
    }
    await sleep(pause * 1_000)
  }
}

class Refused extends Error {}

function send(
  method: string,
  path: string,
  body: string | undefined,
  how: object,
): Promise<{ status: number; text: string; retryAfter: number }> {
  return new Promise((resolve, reject) => {
    const asked = request(new URL(path, options.site), { method, timeout: 30_000, agent: false, ...how })
    asked.on('timeout', () => asked.destroy(new Error('no answer in 30 s')))
    asked.on('error', reject)
    asked.on('response', (answer) => {
      const retryAfter = Number(answer.headers['retry-after'])
      buffer(answer).then(
        (bytes) => resolve({ status: answer.statusCode ?? 0, text: bytes.toString(), retryAfter }),
        reject,
      )
    })
    asked.end(body)
  })
}

async function askJson(method: 'GET' | 'POST', path: string, given?: object, secret?: string) {
  const headers = {
    ...(given && { 'content-type': 'application/json' }),
    ...(secret !== undefined && { authorization: `Bearer ${secret}` }),
  }
  const { status, text } = await ask({ method, path, headers, ...(given && { body: JSON.stringify(given) }) })
  return { status, json: JSON.parse(text || '{}') }
}

// --- Certificate requests (PKCS#10, RFC 2986), in DER by hand: Node makes keys, but no requests ---------------------

/** One element (X.690 8.1): tag, length, content. */
function der(tag: number, ...parts: Uint8Array[]): Buffer {
  const content = Buffer.concat(parts)
  const { length } = content
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...size]), content])
}
const SEQUENCE = 0x30
const COMMON_NAME = Buffer.from('0603550403', 'hex') // OID 2.5.4.3
const ECDSA_WITH_SHA256 = Buffer.from('06082a8648ce3d040302', 'hex') // OID 1.2.840.10045.4.3.2

function requestFor(keys: { privateKey: KeyObject; publicKey: KeyObject }, name: string): Buffer {
  const version = der(0x02, Buffer.from([0]))
  const common = der(SEQUENCE, COMMON_NAME, der(0x0c, Buffer.from(name)))
  const subject = der(SEQUENCE, der(0x31, common))
  const publicKey = keys.publicKey.export({ type: 'spki', format: 'der' })
  const info = der(SEQUENCE, version, subject, publicKey, der(0xa0))
  const signature = sign('sha256', info, keys.privateKey)
  return der(SEQUENCE, info, der(SEQUENCE, ECDSA_WITH_SHA256), der(0x03, Buffer.from([0]), signature))
}

function newKeys() {
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return { keys, pem: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() }
}

/** Content of the element at `at`, and where the next one begins. */
function element(bytes: Buffer, at: number): { start: number; end: number } {
  const first = bytes[at + 1] ?? 0
  const count = first & 0x80 ? first & 0x7f : 0
  const start = at + 2 + count
  const length = count === 0 ? first : bytes.readUIntBE(at + 2, count)
  return { start, end: start + length }
}

/** The certificates in a certs-only PKCS#7 (RFC 5652 5.1): ContentInfo, [0], SignedData, its [0]. */
function certificatesIn(pkcs7: Buffer): string {
  const contentInfo = element(pkcs7, 0)
  const oid = element(pkcs7, contentInfo.start)
  const signedData = element(pkcs7, element(pkcs7, oid.end).start)
  let at = signedData.start
  while (pkcs7[at] !== 0xa0 && at < signedData.end) at = element(pkcs7, at).end
  const { start, end } = element(pkcs7, at)
  const found: string[] = []
  for (let from = start; from < end; from = element(pkcs7, from).end)
    found.push(new X509Certificate(pkcs7.subarray(from, element(pkcs7, from).end)).toString())
  return found.join('')
}

// --- The ways to enroll ---------------------------------------------------------------------------------------------

/** Zero-touch: knock, show the activation token, poll until somebody has claimed this box, fetch. */
async function enrollByKnocking(ownKey: boolean): Promise<void> {
  for (;;) {
    // What is kept of it: with that a power cut is not the end of this knock.
    if (!has('knock.json')) {
      const said = { mac_address: options.mac, chip: 'node', firmware: '1.0.0' }
      const { keys, pem } = newKeys()
      const { json } = ownKey
        ? await askJson('POST', CSR, { ...said, csr: requestFor(keys, options.mac).toString('base64') })
        : await askJson('POST', BOOTSTRAP, { ...said, credential: options.credential })
      write('knock.json', JSON.stringify({ ...json, ...(ownKey && { key: pem }) }))
    }
    const knock = JSON.parse(read('knock.json'))
    console.log('activation token', knock.activation_token)
    const secret: string = knock.poll_secret
    let status: number
    do {
      await sleep(Number(options.poll ?? knock.poll_interval) * 1_000)
      ;({ status } = await askJson('POST', BOOTSTRAP, undefined, secret))
    } while (status === 202)
    const fetched = status === 200 ? await askJson('GET', `${BOOTSTRAP}/credential`, undefined, secret) : null
    if (fetched === null || fetched.status === 410) {
      // Taken off the list, or too late: it is a stranger again.
      remove('knock.json')
      continue
    }
    const made = fetched.json
    if (made.certificate_pem) write('client.pem', (made.private_key_pem ?? knock.key) + made.certificate_pem)
    write('box.json', JSON.stringify(boxOf(made)))
    // It is safe here: the site may erase its copy.
    await askJson('POST', `${BOOTSTRAP}/received`, undefined, secret)
    remove('knock.json')
    return
  }
}

/** What a box reads of its credential: docs/zero-touch.md */
interface Made {
  mqtt_broker: string
  mqtt_port: number
  mqtt_client_id: string
  mqtt_username: string | null
  mqtt_password: string | null
  mqtt_topics: Record<string, string>
}

function boxOf(made: Made): Box {
  return {
    host: made.mqtt_broker,
    port: made.mqtt_port,
    clientId: made.mqtt_client_id,
    username: made.mqtt_username,
    password: made.mqtt_password,
    topics: made.mqtt_topics,
  }
}

/** RFC 7030 4.2.1, with a one-time password. */
async function enrollByEst(): Promise<void> {
  const login = Buffer.from(`${options.user}:${options.password}`).toString('base64')
  write(
    'client.pem',
    await certificateByEst('simpleenroll', { headers: { authorization: `Basic ${login}` } }),
  )
  // EST gives a certificate and nothing else: names and topics follow from the MAC.
  const wire = options.mac.replaceAll(':', '').toLowerCase()
  const { hostname, port } = new URL(`mqtts://${options.broker}`)
  const kinds = {
    telemetry: 'telemetry',
    status: 'status',
    commands: 'commands',
    command_ack: 'commands/ack',
  }
  const topics = Object.fromEntries(Object.entries(kinds).map(([kind, path]) => [kind, `mw/${wire}/${path}`]))
  const box: Box = {
    host: hostname,
    port: Number(port),
    clientId: wire,
    username: null,
    password: null,
    topics,
  }
  write('box.json', JSON.stringify(box))
}

/** RFC 7030 4.2.2: with the certificate that counts now. It counts until the new one is first used. */
async function renewByEst(): Promise<void> {
  write('client.pem', await certificateByEst('simplereenroll', { certificate: read('client.pem') }))
}

/** @returns key and certificate in one text: so that both change at the same moment */
async function certificateByEst(
  operation: string,
  proof: Pick<Question, 'headers' | 'certificate'>,
): Promise<string> {
  const { keys, pem } = newKeys()
  const body = requestFor(keys, options.mac).toString('base64')
  const headers = { ...proof.headers, 'content-type': 'application/pkcs10' }
  const { text } = await ask({ method: 'POST', path: EST + operation, body, ...proof, headers })
  return pem + certificatesIn(Buffer.from(text, 'base64'))
}

// --- MQTT -----------------------------------------------------------------------------------------------------------

async function run(): Promise<void> {
  const { host, port, clientId, username, password, topics }: Box = JSON.parse(read('box.json'))
  const topic = (kind: string): string => topics[kind] ?? ''
  const pem = has('client.pem') ? read('client.pem') : undefined
  const client = mqtt.connect({
    protocol: 'mqtts',
    host,
    port,
    ca,
    ...(pem !== undefined && { key: pem, cert: pem }),
    clientId,
    ...(username !== null && { username, password: password ?? '' }),
    // Its session stays at the broker, and with it the commands that come while it is away.
    clean: false,
    will: { topic: topic('status'), payload: Buffer.from('offline'), qos: 1, retain: true },
  })
  client.on('error', (error) => console.error('not connected:', error.message))
  client.on('connect', () => {
    client.subscribe(topic('commands'), { qos: 1 })
    client.publish(topic('status'), 'online', { qos: 1, retain: true })
  })
  const sendReading = (): void => {
    const reading = { ts: Date.now(), values: { temperature: Number(options.reading) } }
    // QoS 1: acknowledged is on the site's disk.
    client.publish(topic('telemetry'), JSON.stringify(reading), { qos: 1 })
  }
  sendReading()
  const timer = setInterval(sendReading, 10_000)
  // At least once: the same command may come again.
  const done: string[] = []
  client.on('message', async (_topic, payload) => {
    const { id, name, expiresAt } = JSON.parse(payload.toString())
    if (done.includes(id) || expiresAt < Date.now()) return
    const knows = name === 'identify' || name === 'bind'
    const answer = knows
      ? { id, ok: true, result: { is: 'a node client' } }
      : { id, ok: false, error: `unknown command ${name}` }
    done.push(id)
    if (done.length > 100) done.shift()
    await client.publishAsync(topic('command_ack'), JSON.stringify(answer), { qos: 1 })
    console.log('answered', name)
    if (!options.once) return
    clearInterval(timer)
    await client.publishAsync(topic('status'), 'offline', { qos: 1, retain: true })
    await client.endAsync()
  })
}

const [way = ''] = positionals
if (!['bootstrap', 'csr', 'est', 'renew'].includes(way) || options.site === '' || options.mac === '') {
  console.error(
    'usage: node client.ts bootstrap|csr|est|renew --site https://plant-pc:8444 --ca ca.crt --mac 24:0a:c4:12:34:56',
  )
  process.exit(2)
}
try {
  if (way === 'renew') await renewByEst()
  else if (!has('box.json')) await (way === 'est' ? enrollByEst() : enrollByKnocking(way === 'csr'))
  await run()
} catch (error) {
  if (!(error instanceof Refused)) throw error
  console.error(error.message)
  process.exitCode = 1
}
