import fc from 'fast-check'
import { expect, test } from 'vitest'
import { connect as connectPacket, pingreq, publish as publishPacket } from '#broker/testing/raw-packets.ts'
import { PacketScanner } from './packet-scanner.ts'

const bounds = { packetBytes: 1_000, subscribeBytes: 100 }
const connect = connectPacket('abc')
const publish = (bytes: number): Buffer => publishPacket('t', Buffer.alloc(bytes))

function scan(...chunks: Uint8Array[]): string | null {
  const scanner = new PacketScanner()
  for (const chunk of chunks) {
    const violation = scanner.scan(chunk, bounds)
    if (violation) return violation.reason
  }
  return null
}

test('lets packets through, however they are cut', () => {
  const stream = Buffer.concat([
    connect,
    publish(10),
    publish(300),
    pingreq,
    publish(0),
    Buffer.from([0xe0, 0]),
  ])
  fc.assert(
    fc.property(fc.array(fc.nat(stream.length)), (cuts) => {
      const at = [0, ...cuts.sort((a, b) => a - b), stream.length]
      const chunks = at.slice(1).map((end, index) => stream.subarray(at[index], end))
      expect(scan(...chunks)).toBeNull()
    }),
  )
})

test('knows when CONNECT is complete', () => {
  const scanner = new PacketScanner()
  scanner.scan(connect.subarray(0, -1), bounds)
  expect(scanner.pastConnect).toBe(false)
  scanner.scan(connect.subarray(-1), bounds)
  expect(scanner.pastConnect).toBe(true)
})

test('counts the messages that are complete, and knows what is still to come', () => {
  const scanner = new PacketScanner()
  const see = (chunk: Buffer) => {
    expect(scanner.scan(chunk, bounds)).toBeNull()
    const { published, owed, ahead, betweenPackets } = scanner
    return [published, owed, ahead, betweenPackets]
  }
  expect(see(connect)).toEqual([0, 0, 2, true])
  expect(see(Buffer.concat([publish(10), pingreq]))).toEqual([1, 0, 2, true])
  const long = publishPacket('t', Buffer.alloc(200), 7)
  expect(see(long.subarray(0, 1))).toEqual([1, 0, 1, false])
  expect(see(long.subarray(1, 2))).toEqual([1, 0, 1, false])
  expect(see(long.subarray(2, 100))).toEqual([1, 0, long.length - 100, false])
  expect(see(long.subarray(100))).toEqual([2, 1, 2, true])
})

test('refuses', () => {
  expect(scan(publish(1))).toBe('not_mqtt')
  expect(scan(Buffer.from('GET / HTTP/1.1\r\n'))).toBe('not_mqtt')
  expect(scan(connect, Buffer.from([0x20, 2, 0, 0]))).toBe('not_mqtt')
  expect(scan(connect, publish(994))).toBeNull()
  expect(scan(connect, publish(995))).toBe('packet_too_large')
  // 256 MB announced: refused on the third byte of the length, before any of it is buffered
  expect(scan(connect, Buffer.from([0x30, 0xff, 0xff, 0xff]))).toBe('packet_too_large')
  expect(scan(connect, Buffer.from([0x30, 0x80, 0x80, 0x80, 0x80]))).toBe('not_mqtt')
  expect(scan(connect, Buffer.from([0x82, 0x80, 0x02]))).toBe('packet_too_large')
})
