import { expect, it } from 'vitest'
import { encodeConnect, encodePublish, encodeSubscribe, PacketReader, PacketType } from './mqtt-packets.ts'
import { ReadingPacket } from './reading-packet.ts'

function readAll(chunks: Buffer[]): { type: number; body: string }[] {
  const packets: { type: number; body: string }[] = []
  const reader = new PacketReader((header, bytes, start, end) => {
    packets.push({ type: header >> 4, body: bytes.toString('latin1', start, end) })
  })
  for (const chunk of chunks) reader.push(chunk)
  return packets
}

it('reads the same packets however the stream is cut', () => {
  const stream = Buffer.concat([
    encodeConnect('gateway-1'),
    encodePublish('mw/a/telemetry', 7, Buffer.alloc(300, 'x')),
    encodeSubscribe(1, 'mw/+/telemetry'),
    Buffer.from([0x40, 2, 0, 7, 0xd0, 0]),
  ])
  const whole = readAll([stream])
  expect(whole.map(({ type }) => type)).toEqual([
    1,
    PacketType.publish,
    8,
    PacketType.puback,
    PacketType.pingresp,
  ])
  for (const size of [1, 2, 3, 7, 64]) {
    const chunks = Array.from({ length: Math.ceil(stream.length / size) }, (_, index) =>
      stream.subarray(index * size, (index + 1) * size),
    )
    expect(readAll(chunks)).toEqual(whole)
  }
})

it('writes readings into a packet of 60 bytes of JSON', () => {
  const packet = new ReadingPacket('mw/020304050607/telemetry', 20)
  for (const [ts, hundredths] of [
    [1_771_322_400_000, 10_000],
    [1_771_322_400_123, 99_999],
    [1_771_322_409_999, 12_305],
  ] as const) {
    const payload = packet.write(ts, hundredths).subarray(-60).toString()
    expect(JSON.parse(payload)).toEqual({ ts, values: { 'boiler1/temperature': hundredths / 100 } })
    expect(payload.startsWith('{') && payload.endsWith('}}')).toBe(true)
  }
})
