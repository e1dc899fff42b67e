import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { connectAsync, type MqttClient } from 'mqtt'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { Mosquitto } from '#bench/peer/mosquitto.ts'
import { outage } from '#simulator/faults.ts'
import type { GatewayCredentials } from '#simulator/gateway-credentials.ts'
import { createMeter } from '#simulator/meters.ts'
import { hashText } from '#simulator/noise.ts'
import { SimulatedGateway, type SimulatedGatewayOptions } from '#simulator/simulated-gateway.ts'

/** Against mosquitto, so that what the simulator speaks is judged by another's broker than ours. */
const run = promisify(execFile)
const mosquitto = new Mosquitto()
let dir = ''
let observer: MqttClient
let seen: { topic: string; text: string }[] = []

async function makeKeys(): Promise<void> {
  const key = '-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes'.split(' ')
  const at = (name: string): string => join(dir, name)
  await run('openssl', [
    'req',
    '-x509',
    ...key,
    '-subj',
    '/CN=ca',
    '-keyout',
    at('ca.key'),
    '-out',
    at('ca.crt'),
  ])
  await run('openssl', ['req', ...key, '-subj', '/CN=gateway', '-keyout', at('gw.key'), '-out', at('gw.csr')])
  const ca = ['-CA', at('ca.crt'), '-CAkey', at('ca.key'), '-days', '2']
  await run('openssl', ['x509', '-req', '-in', at('gw.csr'), ...ca, '-out', at('gw.crt')])
}

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'millwright-simulator-'))
  await makeKeys()
  await mosquitto.start(await readFile(join(dir, 'ca.crt'), 'utf8'))
  observer = await connectAsync(`mqtt://127.0.0.1:${mosquitto.subscriberPort}`)
  observer.on('message', (topic, payload) => seen.push({ topic, text: payload.toString() }))
  await observer.subscribeAsync('mw/#', { qos: 1 })
})
afterAll(async () => {
  await observer.endAsync()
  await mosquitto.stop()
  await rm(dir, { recursive: true, force: true })
})
beforeEach(() => {
  seen = []
})

async function makeGateway(
  code: string,
  options: Partial<SimulatedGatewayOptions> = {},
): Promise<SimulatedGateway> {
  const { host, port, ca } = mosquitto.target
  const credentials: GatewayCredentials = {
    gatewayId: code,
    code,
    clientId: code,
    host,
    port,
    ca,
    telemetryTopic: `mw/${code}/telemetry`,
    certificate: await readFile(join(dir, 'gw.crt'), 'utf8'),
    privateKey: await readFile(join(dir, 'gw.key'), 'utf8'),
  }
  const channels = createMeter('energy', 'meter1', code)
  return new SimulatedGateway({
    credentials,
    channels,
    interval: 100,
    fault: null,
    now: Date.now,
    ...options,
  })
}

const sentTo = (topic: string): string[] =>
  seen.filter((message) => message.topic === topic).map(({ text }) => text)

interface Message {
  ts?: number
  values: Record<string, number>
}
const telemetryOf = (code: string): Message[] =>
  sentTo(`mw/${code}/telemetry`).flatMap((text) => JSON.parse(text) as Message | Message[])

it('says that it is there, sends readings, answers commands, says goodbye', async () => {
  const gateway = await makeGateway('gw-a')
  gateway.start()
  await expect.poll(() => telemetryOf('gw-a').length, { timeout: 5_000 }).toBeGreaterThan(5)
  expect(sentTo('mw/gw-a/status')).toEqual(['online'])
  const [first] = telemetryOf('gw-a')
  expect(Object.keys(first?.values ?? {})).toContain('meter1/power')
  expect(Math.abs((first?.ts ?? 0) - Date.now())).toBeLessThan(10_000)
  await observer.publishAsync('mw/gw-a/commands', '{"id":"c-1","name":"reboot","args":{}}', { qos: 1 })
  await expect
    .poll(() => sentTo('mw/gw-a/commands/ack'), { timeout: 5_000 })
    .toEqual(['{"id":"c-1","ok":true,"result":{}}'])
  await gateway.stop()
  await expect.poll(() => sentTo('mw/gw-a/status'), { timeout: 5_000 }).toEqual(['online', 'offline'])
  const { sent, acknowledged, errors } = gateway.totals
  expect({ lost: sent - acknowledged, errors }).toEqual({ lost: 0, errors: 0 })
})

it('leaves its last will when its power fails', async () => {
  const gateway = await makeGateway('gw-b')
  gateway.start()
  await expect.poll(() => telemetryOf('gw-b').length, { timeout: 5_000 }).toBeGreaterThan(1)
  gateway.cutPower()
  await expect.poll(() => sentTo('mw/gw-b/status'), { timeout: 5_000 }).toEqual(['online', 'offline'])
  const count = telemetryOf('gw-b').length
  await new Promise((resolve) => setTimeout(resolve, 500))
  expect(telemetryOf('gw-b').length).toBe(count)
})

it('keeps what it measures while it is away, and sends it when it is back', async () => {
  const codes = Array.from({ length: 500 }, (_, index) => `gw-c${index}`)
  const code = codes.find((name) => (outage('flapping', hashText(name), 0)?.up ?? 9_999) < 2_200) ?? ''
  const gateway = await makeGateway(code, { fault: 'flapping' })
  gateway.start()
  await expect.poll(() => gateway.totals.connects, { timeout: 15_000, interval: 20 }).toBe(2)
  await new Promise((resolve) => setTimeout(resolve, 700))
  await gateway.stop()
  const times = [...new Set(telemetryOf(code).map(({ ts }) => ts ?? 0))].sort((a, b) => a - b)
  const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0))
  // Two seconds or more without a connection, but never a second without a reading.
  expect(Math.max(...gaps)).toBeLessThan(1_000)
  expect(times.length).toBeGreaterThan(40)
}, 30_000)

it('has a clock that is wrong where it should', async () => {
  const codes = Array.from({ length: 50 }, (_, index) => `gw-d${index}`)
  const ahead = codes.find((name) => hashText(name) % 4 === 0) ?? ''
  const none = codes.find((name) => hashText(name) % 4 === 3) ?? ''
  const gateways = [await makeGateway(ahead, { fault: 'skew' }), await makeGateway(none, { fault: 'skew' })]
  for (const gateway of gateways) gateway.start()
  await expect
    .poll(() => telemetryOf(ahead).length * telemetryOf(none).length, { timeout: 5_000 })
    .toBeGreaterThan(0)
  await Promise.all(gateways.map((gateway) => gateway.stop()))
  expect((telemetryOf(ahead)[0]?.ts ?? 0) - Date.now()).toBeGreaterThan(10 * 60_000)
  expect(telemetryOf(none)[0]).not.toHaveProperty('ts')
})
