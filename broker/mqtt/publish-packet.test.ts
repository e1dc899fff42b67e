import fc from 'fast-check'
import { expect, test } from 'vitest'
import { publish } from '#broker/testing/raw-packets.ts'
import { encodePublish, withPacketId } from './publish-packet.ts'

const payloads = fc.oneof(
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  // Where the Remaining Length gets another byte.
  fc
    .constantFrom(120, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152)
    .map((length) => Buffer.alloc(length, 7)),
)

test('a message is the bytes of MQTT 3.1.1 3.3, at each length, for each subscriber with its own id', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 100 }),
      payloads,
      fc.boolean(),
      fc.integer({ min: 0, max: 65_535 }),
      (topic, payload, retain, id) => {
        const encoded = encodePublish(topic, payload, { qos: id === 0 ? 0 : 1, retain })
        const expected = publish(topic, payload, id)
        expected.writeUInt8(expected.readUInt8(0) | (retain ? 1 : 0), 0)
        const written = id === 0 ? encoded.bytes : withPacketId(encoded, id)
        expect(Buffer.compare(written, expected)).toBe(0)
      },
    ),
  )
})
