import { once } from 'node:events'
import { connect as connectTcp, type Socket } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connect, packet, pingreq, publish, subscribe } from './testing/raw-packets.ts'
import { closed, TestBroker, type TestGateway } from './testing/test-broker.ts'

/** `npm run test:long` sends a million. */
const packets = Number(
  process.env['MILLWRIGHT_FUZZ_PACKETS'] ?? (process.env['MILLWRIGHT_LONG'] === '1' ? 1_000_000 : 20_000),
)
const seed = Number(process.env['MILLWRIGHT_FUZZ_SEED'] ?? Date.now() % 1_000_000)
const many = 1_000_000

let site: TestBroker
let gateways: TestGateway[]
beforeAll(async () => {
  const limits = {
    connectionRatePerAddress: many,
    connectionsPerAddress: many,
    connections: many,
    halfOpenConnections: many,
  }
  site = await TestBroker.start(limits, 0)
  gateways = []
  for (let n = 0; n < 16; n++) gateways.push(await site.gateway())
})
afterAll(() => site.stop())

test(`${packets} mutated packets (seed ${seed}) neither end the broker nor disturb others`, {
  timeout: 3_600_000,
}, async () => {
  const witness = await site.gateway()
  const client = await site.connect(witness)
  let left = packets
  await Promise.all(
    gateways.map(async ({ identity: { wireName } }, index) => {
      const random = generator(seed + index)
      const corpus = validPackets(wireName)
      const pick = (): Buffer => corpus[Math.floor(random() * corpus.length)] ?? pingreq
      while (left > 0) {
        const socket = await open()
        // Most connections begin well, so that what follows meets a live session.
        if (random() < 0.9) {
          socket.write(connect(wireName, { clean: random() < 0.5 }))
          await Promise.race([once(socket, 'data').catch(() => {}), closed(socket)])
        }
        for (let n = 0; n < 30 && left > 0 && socket.writable; n++) {
          left -= 1
          // A few stay valid and most keep their frame, or the first one would end the connection.
          const choice = random()
          if (choice < 0.3) socket.write(pick())
          else if (choice < 0.8) socket.write(reframe(mutate(pick(), random)))
          else socket.write(mutate(pick(), random))
          // What arrives in one piece is refused in one piece: let the broker take most of them one by one.
          if (random() < 0.8) await new Promise((resolve) => setTimeout(resolve, 1))
        }
        socket.end()
        if (!socket.closed) await closed(socket)
      }
    }),
  )
  await client.publishAsync(`mw/${witness.identity.wireName}/telemetry`, '{"values":{"alive":1}}', { qos: 1 })
  expect(site.historian.values('alive')).toEqual([1])
  expect(site.events.filter(({ type }) => type === 'brokerCrashed')).toEqual([])
  expect((await site.broker.stats()).messagesReceived).toBeGreaterThan(packets / 100)
  await client.endAsync()
})

async function open(): Promise<Socket> {
  const socket = connectTcp(site.addresses.plain?.port ?? 0, '127.0.0.1')
  socket.on('error', () => {})
  socket.resume()
  await once(socket, 'connect')
  return socket
}

function validPackets(wireName: string): Buffer[] {
  const own = (topic: string): string => `mw/${wireName}/${topic}`
  return [
    connect(wireName),
    packet(1, 0, 'MQTT', Buffer.from([4, 0x2e]), 60, wireName, own('status'), 'offline'),
    ...[0, 1, 2].map((qos) =>
      publish(own('telemetry'), '{"ts":1771322400000,"values":{"a":1}}', qos && 5, { qos }),
    ),
    ...[0, 1, 2].map((qos) => publish(own('status'), 'online', qos && 6, { qos })),
    publish(own('twin/reported'), '', 8),
    subscribe(9, own('commands'), 'mw/time', own('ota')),
    packet(10, 2, 10, own('commands')),
    ...[4, 5, 7].map((type) => packet(type, 0, 5)),
    packet(6, 2, 5),
    pingreq,
    packet(14, 0),
  ]
}

/** One to four changes: bits flipped, bytes replaced, cut, repeated or inserted. */
function mutate(valid: Buffer, random: () => number): Buffer {
  let bytes = Buffer.from(valid)
  const at = (): number => Math.floor(random() * bytes.length)
  for (let changes = 1 + Math.floor(random() * 4); changes > 0 && bytes.length > 0; changes--) {
    const position = at()
    const value = Math.floor(random() * 256)
    switch (Math.floor(random() * 5)) {
      case 0:
        bytes[position] = (bytes[position] ?? 0) ^ (1 << (value % 8))
        break
      case 1:
        bytes[position] = value
        break
      case 2:
        bytes = bytes.subarray(0, position)
        break
      case 3:
        bytes = Buffer.concat([bytes, bytes.subarray(position)])
        break
      default:
        bytes = Buffer.concat([bytes.subarray(0, position), Buffer.from([value]), bytes.subarray(position)])
    }
  }
  return bytes
}

/** The same first byte and body, with the Remaining Length that fits. */
function reframe(bytes: Buffer): Buffer {
  const [first = 0xc0] = bytes
  return packet(first >> 4, first & 0x0f, bytes.subarray(2))
}

/** mulberry32: small, and the same for the same seed. */
function generator(start: number): () => number {
  let state = start
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
