import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeSlip, SlipDecoder } from './slip.ts'

function decodeAll(decoder: SlipDecoder, chunks: readonly Uint8Array[]): Uint8Array[] {
  const frames: Uint8Array[] = []
  for (const chunk of chunks) decoder.push(chunk, (frame) => frames.push(frame))
  return frames
}

test('escapes as RFC 1055 says', () => {
  expect([...encodeSlip(Uint8Array.of(1, 0xc0, 2, 0xdb, 3))]).toEqual([
    0xc0, 1, 0xdb, 0xdc, 2, 0xdb, 0xdd, 3, 0xc0,
  ])
})

test('gives back what was framed, however the line cuts it', () => {
  const bytes = fc.uint8Array({ minLength: 1, maxLength: 200 })
  fc.assert(
    fc.property(fc.array(bytes, { maxLength: 5 }), fc.integer({ min: 1, max: 50 }), (packets, cut) => {
      const line = Buffer.concat(packets.map(encodeSlip))
      const chunks = Array.from({ length: Math.ceil(line.length / cut) }, (_, index) =>
        line.subarray(index * cut, (index + 1) * cut),
      )
      expect(decodeAll(new SlipDecoder(), chunks)).toEqual(packets)
    }),
  )
})

test('is in step again after noise and after the boot text of a ROM', () => {
  const line = Buffer.concat([
    Buffer.from('rst:0x1 waiting for download\r\n'),
    encodeSlip(Uint8Array.of(1, 8)),
    Uint8Array.of(0xc0, 0xdb),
    encodeSlip(Uint8Array.of(2, 9)),
  ])
  expect(decodeAll(new SlipDecoder(), [line]).slice(-1)).toEqual([Uint8Array.of(2, 9)])
})

test('does not grow on a line that never ends a frame', () => {
  const decoder = new SlipDecoder()
  const noise = new Uint8Array(100_000).fill(0x55)
  const [frame] = decodeAll(decoder, [noise, encodeSlip(Uint8Array.of(7))])
  expect(frame?.length).toBeLessThanOrEqual(0x2000)
})
