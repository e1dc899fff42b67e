import 'reflect-metadata'
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { Pkcs10CertificateRequest, X509CertificateGenerator } from '@peculiar/x509'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { TestBroker, type TestGateway } from '#broker/testing/test-broker.ts'
import { buildNvs, type NvsContents, readNvs } from '#firmware/nvs/index.ts'
import { startBoards, type TestBoard, type TestBoards } from '#tests/fixtures/boards.ts'
import { openSerialLine, type SerialLine } from '../serial-line.ts'
import { GatewaySetup } from '../setup/gateway-setup.ts'
import { ImprovClient } from '../setup/improv-client.ts'
import { boardNumber, type SimulatedBoardOptions } from './board-options.ts'

const bundle = resolve(import.meta.dirname, '../../../resources/firmware/sim-gateway')
const NVS = { offset: 0x9000, size: 0x6000 }

let broker: TestBroker
let boards: TestBoards | undefined
let line: SerialLine | undefined
let log = ''
/** Who listens besides. */
let hear: ((bytes: Uint8Array) => void) | undefined

beforeAll(async () => {
  broker = await TestBroker.start()
})
afterAll(() => broker.stop())
afterEach(async () => {
  await line?.close()
  await boards?.stop()
})

/** A plugged-in board whose serial line is read. */
async function board(wish: Partial<SimulatedBoardOptions> = {}): Promise<TestBoard> {
  boards = await startBoards(1, { each: () => ({ readingEvery: 20, ...wish }) })
  const [one] = boards.boards
  if (one === undefined) throw new Error('no board')
  line = await openSerialLine({ path: await one.path(), baud: 115_200, simulatedPorts: boards.folder })
  log = ''
  line.listen((bytes) => {
    log += Buffer.from(bytes).toString('latin1')
    hear?.(bytes)
  })
  return one
}

/** The bench's own client of the setup, on this line. */
function setupClient(): GatewaySetup {
  const client = new GatewaySetup(line?.path ?? '', async (bytes) => line?.write(bytes))
  hear = (bytes) => client.hear(bytes)
  return client
}

async function flashOf(nvs: NvsContents | null): Promise<Buffer> {
  const image = Buffer.alloc(0x40000, 0xff)
  const parts = { bootloader: 0x1000, 'partition-table': 0x8000, otadata: 0xf000, app: 0x20000 }
  for (const [name, offset] of Object.entries(parts))
    image.set(await readFile(join(bundle, 'esp32', `${name}.bin`)), offset)
  if (nvs !== null) image.set(buildNvs(nvs, { size: NVS.size }), NVS.offset)
  return image
}

function settings({ identity, certificate }: TestGateway, ssid = 'PLANT-IOT'): NvsContents {
  const text = (value: string) => ({ type: 'string' as const, value })
  const blob = (value: string) => ({ type: 'blob' as const, value: new TextEncoder().encode(value) })
  return {
    mw: {
      id: text(identity.gatewayId),
      mac: text(identity.mac ?? ''),
      // The first one of the list does not answer.
      broker_uri: text(`mqtts://127.0.0.1:1,mqtts://127.0.0.1:${broker.port}`),
      ca: blob(broker.pki.ca),
      cert: blob(certificate.cert),
      key: blob(certificate.key),
      wifi: blob(
        JSON.stringify([
          { ssid: 'no-such', psk: 'x' },
          { ssid, psk: 'secret' },
        ]),
      ),
      dialect: text('canonical'),
    },
  }
}

/** A certificate for the key of a request, from an authority that nobody knows. */
async function certify(csr: string): Promise<string> {
  const request = new Pkcs10CertificateRequest(csr)
  expect(await request.verify()).toBe(true)
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const { privateKey } = await crypto.subtle.generateKey(algorithm, false, ['sign', 'verify'])
  const { subject, publicKey } = request
  const names = { subject, issuer: 'CN=Nobody', serialNumber: '01' }
  const life = { notBefore: new Date(), notAfter: new Date(Date.now() + 60_000) }
  const certificate = await X509CertificateGenerator.create({
    ...names,
    ...life,
    publicKey,
    signingKey: privateKey,
    signingAlgorithm: algorithm,
  })
  return certificate.toString('pem')
}

async function says(pattern: RegExp): Promise<string> {
  await expect.poll(() => log).toMatch(pattern)
  return pattern.exec(log)?.[0] ?? ''
}

test('a blank board says what is wrong, again and again', async () => {
  await board()
  expect(
    await says(/boot:0x13 [\s\S]*invalid header: 0xffffffff[\s\S]*rst:0x10 \(RTCWDT_RTC_RESET\)/),
  ).not.toBe('')
})

test('what was flashed runs: joins, signs in with its certificate, sends readings', async () => {
  const gateway = await broker.gateway()
  const one = await board()
  await one.load(await flashOf(settings(gateway)))
  await one.press('reset')
  const state = await one.until(({ gateway: told }) => (told?.published ?? 0) > 2)
  expect(state).toMatchObject({ mode: 'app', gateway: { wifi: 'connected', broker: 'connected' } })
  const lines = log.split('\r\n').filter((each) => each.startsWith('mw:'))
  expect(lines).toEqual([
    'mw: boot 1.0.0',
    'mw: wifi connecting no-such',
    'mw: wifi failed not-found',
    'mw: wifi connecting PLANT-IOT',
    expect.stringMatching(/^mw: wifi connected 10\./),
    'mw: broker connecting mqtts://127.0.0.1:1',
    'mw: broker failed ECONNREFUSED',
    `mw: broker connecting mqtts://127.0.0.1:${broker.port}`,
    'mw: broker connected',
    'mw: published',
  ])
  // The power goes, and with it the gateway.
  await one.unplug()
  await expect.poll(() => broker.broker.connections()).toEqual([])
})

test('a board without identity makes its key and takes its certificate over the serial line', async () => {
  const one = await board()
  await one.load(await flashOf(null))
  await one.press('reset')
  await says(/mw: setup waiting/)
  const setup = setupClient()
  expect(await setup.call({ do: 'hello' })).toMatchObject({
    is: 'millwright-gateway',
    chip: 'ESP32',
    mac: boardNumber(0).mac,
    makesKeys: true,
    hasIdentity: false,
  })
  const { csr } = await setup.call({ do: 'csr' })
  expect(csr).toMatch(/^-----BEGIN CERTIFICATE REQUEST-----/)
  const certificate = await certify(String(csr))
  const set = { wifi: [{ ssid: 'PLANT-IOT', psk: 'p' }], broker_uri: ['mqtts://127.0.0.1:1'], certificate }
  expect(await setup.call({ do: 'settings', set })).toEqual({})
  await expect(setup.call({ do: 'settings', set: { wifi: 'none' } })).rejects.toMatchObject({
    code: 'setup_failed',
  })
  const flash = await one.flash()
  const { namespaces } = readNvs(flash.subarray(NVS.offset, NVS.offset + NVS.size))
  expect(Object.keys(namespaces['mw'] ?? {}).toSorted()).toEqual([
    'broker_uri',
    'cert',
    'cfg_version',
    'key',
    'wifi',
  ])
  await setup.call({ do: 'restart' })
  await says(/mw: broker failed ECONNREFUSED/)
  expect(await setup.call({ do: 'status' })).toMatchObject({ wifi: 'connected', broker: 'refused' })
  expect(await setup.call({ do: 'hello' })).toMatchObject({ hasIdentity: true })
})

test('with Improv it tells what it is, and joins the network that it is told', async () => {
  const one = await board({ improv: true })
  await one.load(await flashOf(null))
  await one.press('reset')
  await says(/mw: setup waiting/)
  const client = new ImprovClient(line?.path ?? '', async (bytes) => line?.write(bytes))
  hear = (bytes) => client.hear(bytes)
  expect(await client.scan()).toContainEqual(expect.objectContaining({ ssid: 'PLANT-IOT' }))
  await expect(client.provision({ ssid: 'bad-psk', password: 'x' })).rejects.toMatchObject({
    code: 'setup_failed',
  })
  expect(await client.provision({ ssid: 'PLANT-IOT', password: 'right' })).toMatchObject({
    firmware: 'Millwright gateway',
    version: '1.0.0',
    chip: 'ESP32',
    url: 'http://10.77.0.1/',
  })
  const flash = await one.flash()
  const { namespaces } = readNvs(flash.subarray(NVS.offset, NVS.offset + NVS.size))
  expect(Object.keys(namespaces['mw'] ?? {}).toSorted()).toEqual(['cfg_version', 'wifi'])
})

test.each([
  [{ brownOut: true }, /Brownout detector was triggered[\s\S]*rst:0xf \(RTCWDT_BROWN_OUT_RESET\)/],
  [{ panic: true }, /Guru Meditation Error[\s\S]*rst:0xc \(SW_CPU_RESET\)/],
  [{ neverConnects: 'wifi' }, /mw: wifi failed not-found/],
  [{ neverConnects: 'broker' }, /mw: broker failed connection refused/],
] as const)('with the fault %o it says so', async (faults, said) => {
  const gateway = await broker.gateway()
  const one = await board({ faults })
  await one.load(await flashOf(settings(gateway)))
  await one.press('reset')
  await says(said)
  expect(one.state?.gateway?.published ?? 0).toBe(0)
})
