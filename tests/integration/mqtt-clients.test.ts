import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connect, packet, publish } from '#broker/testing/raw-packets.ts'
import { TestBroker, type TestClient, type TestGateway, until } from '#broker/testing/test-broker.ts'

/** Real mosquitto clients of two tenants, while gateways of both publish without a pause. */

const GATEWAYS = 10
const MESSAGES = 1_500

let site: TestBroker
let tenants: { tenantId: string; gateways: TestGateway[]; scada: TestClient }[]
beforeAll(async () => {
  site = await TestBroker.start({ queuedMessagesPerClient: 100_000 })
  await site.openListeners()
  writeFileSync(join(site.folder, 'ca.crt'), site.pki.ca)
  const boundless = {
    passwordGateways: true,
    messagesPerHour: 1e9,
    messagesPerSecond: null,
    burst: null,
    gatewayMessagesPerSecond: 1e6,
  }
  await site.broker.applyPolicy([
    { op: 'put_tenant', tenant: { ...boundless, tenantId: 'tenant-2', state: 'active', gatewayBurst: null } },
  ])
  tenants = await Promise.all(
    ['tenant-1', 'tenant-2'].map(async (tenantId) => ({
      tenantId,
      gateways: await Promise.all(
        Array.from({ length: GATEWAYS / 2 }, async (_, index) =>
          site.gateway({ tenantId, groupPath: [`${tenantId}-${index % 2 === 0 ? 'even' : 'odd'}`] }),
        ),
      ),
      scada: await site.client({ tenantId }),
    })),
  )
})
afterAll(() => site.stop())

interface Listening {
  process: ChildProcess
  lines: string[]
}

/** A mosquitto_sub that prints topic and payload. */
function listen(scada: TestClient, ...more: string[]): Listening {
  const ca = join(site.folder, 'ca.crt')
  const { username } = scada.identity
  const port = String(site.addresses.passwordMqtts[0]?.port)
  const where = ['-h', '127.0.0.1', '-p', port, '--cafile', ca, '-u', username, '-P', scada.password]
  const child = spawn('mosquitto_sub', [...where, '-v', ...more])
  const lines: string[] = []
  let rest = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    const parts = (rest + chunk).split('\n')
    rest = parts.pop() ?? ''
    for (const line of parts) if (!line.startsWith('mw/time ')) lines.push(line)
  })
  return { process: child, lines }
}

async function subscribed(count: number): Promise<void> {
  const deadline = Date.now() + 10_000
  for (let live = -1; live !== count && Date.now() < deadline; ) {
    const connections = await site.broker.connections()
    live = connections.filter(
      ({ kind, subscriptions }) => kind === 'client' && subscriptions.length > 0,
    ).length
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** Each gateway sends its messages as fast as they go, QoS 0 and 1 in turn; resolves when all are acknowledged. */
async function publishAll(round: string, qosOf: (n: number) => 0 | 1, pad = ''): Promise<void> {
  const gateways = tenants.flatMap((tenant) => tenant.gateways)
  await Promise.all(
    gateways.map(async ({ certificate, identity }) => {
      const socket = await site.tls(certificate)
      let received = 0
      let last = 0
      socket.on('data', (chunk: Buffer) => {
        received += chunk.length
      })
      socket.write(connect(identity.wireName))
      await until(() => received === 4, 'CONNACK')
      for (let n = 0; n < MESSAGES; n++) {
        const payload = payloadOf(round, n, pad)
        last += qosOf(n)
        const written = socket.write(publish(`mw/${identity.wireName}/telemetry`, payload, qosOf(n) && last))
        if (!written) await once(socket, 'drain')
      }
      const deadline = Date.now() + 60_000
      // PUBACKs are of four bytes.
      while (received < 4 + last * 4 && Date.now() < deadline)
        await new Promise((resolve) => setTimeout(resolve, 20))
      expect(received).toBe(4 + last * 4)
      socket.end(packet(14, 0))
    }),
  )
}

/** What gateways of a tenant sent in a round, as mosquitto_sub prints it, sorted. */
function sent(
  gateways: TestGateway[],
  round: string,
  { fits = () => true, pad = '' }: { fits?: (n: number) => boolean; pad?: string } = {},
): string[] {
  return gateways.flatMap(({ identity }) =>
    Array.from({ length: MESSAGES }, (_, n) => n)
      .filter(fits)
      .map((n) => `mw/${identity.wireName}/telemetry ${payloadOf(round, n, pad)}`),
  )
}

function payloadOf(round: string, n: number, pad: string): string {
  return JSON.stringify({ values: { [round]: n, ...(pad && { pad }) } })
}

/** What was not printed, or printed though it was not meant to be, or twice; the first few of each. */
async function amiss(listening: Listening, expected: string[]): Promise<string[]> {
  const deadline = Date.now() + 60_000
  while (listening.lines.length < expected.length && Date.now() < deadline)
    await new Promise((resolve) => setTimeout(resolve, 20))
  const [wanted, printed] = [new Set(expected), new Set(listening.lines)]
  return [
    ...expected.filter((line) => !printed.has(line)).slice(0, 3),
    ...listening.lines.filter((line) => !wanted.has(line)).slice(0, 3),
    ...(listening.lines.length === expected.length
      ? []
      : [`${listening.lines.length} of ${expected.length} lines`]),
  ].map((line) => line.slice(0, 100))
}

test('under load each sees exactly what gateways of its tenant send, live and in its queue, all of it or a group', async () => {
  const [one, two] = tenants as [(typeof tenants)[0], (typeof tenants)[0]]
  const even = await site.client({ reach: { groupIds: ['tenant-1-even'], ownerUserId: null } })
  const away = ['-q', '1', '-c', '-i', 'away', '-t', '#']
  for (const { scada } of tenants) {
    const { process } = listen(scada, ...away, '-E')
    await once(process, 'exit')
  }
  const listening = [
    listen(one.scada, '-q', '1', '-i', 'live', '-t', '#'),
    listen(two.scada, '-q', '1', '-i', 'live', '-t', 'mw/#', '-t', '+/+/telemetry'),
    listen(even, '-q', '1', '-t', '#'),
  ]
  await subscribed(3)
  await publishAll('live', (n) => (n % 3 === 0 ? 0 : 1))
  const evenGateways = one.gateways.filter(({ identity }) => identity.groupPath[0] === 'tenant-1-even')
  const expected = [sent(one.gateways, 'live'), sent(two.gateways, 'live'), sent(evenGateways, 'live')]
  for (const [index, listener] of listening.entries())
    expect(await amiss(listener, expected[index] ?? [])).toEqual([])
  for (const { process } of listening) process.kill()
  await Promise.all(listening.map(({ process }) => once(process, 'exit')))
  // What was kept for those who were away: QoS 1, theirs only.
  for (const { scada, gateways } of tenants) {
    const back = listen(scada, ...away)
    const kept = sent(gateways, 'live', { fits: (n) => n % 3 !== 0 })
    expect(await amiss(back, kept)).toEqual([])
    back.process.kill()
    await once(back.process, 'exit')
  }
  expect(site.historian.values('live')).toHaveLength(GATEWAYS * MESSAGES)
})

test('one that takes nothing loses QoS 0 messages, counted, and holds up neither gateways nor others', async () => {
  const [one] = tenants as [(typeof tenants)[0]]
  const frozen = listen(one.scada, '-i', 'frozen', '-t', '#')
  const awake = listen(one.scada, '-i', 'awake', '-t', '#', '-q', '1')
  await subscribed(2)
  frozen.process.kill('SIGSTOP')
  const pad = 'x'.repeat(2_000)
  for (const round of ['first', 'second', 'third']) await publishAll(round, () => 1, pad)
  const expected = ['first', 'second', 'third'].flatMap((round) => sent(one.gateways, round, { pad }))
  expect(await amiss(awake, expected)).toEqual([])
  expect((await site.broker.stats()).messagesDropped).toBeGreaterThan(0)
  await site.event('refused', ({ refusal }) => (refusal.detail ?? '').includes('too slowly'))
  for (const { process } of [frozen, awake]) process.kill('SIGKILL')
})
