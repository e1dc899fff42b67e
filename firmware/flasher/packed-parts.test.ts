import { inflateSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { pseudoRandom } from './flash-rack.fixture.ts'
import { packPart } from './packed-part.ts'
import { PackedParts } from './packed-parts.ts'
import { SlipDecoder } from './slip.ts'

const BLOCK = 0x4000

test('blocks carry the whole part, and each knows what it becomes', async () => {
  const bytes = Buffer.concat([pseudoRandom(50_001), new Uint8Array(200_000), pseudoRandom(3_000)])
  const packed = await packPart(bytes, BLOCK)
  const decoder = new SlipDecoder()
  const data: Uint8Array[] = []
  // The decoder of answers takes less than a block: a part in small blocks shows the same.
  for (const { frame } of (await packPart(bytes, 0x800)).blocks)
    decoder.push(frame, (packet) => data.push(packet.subarray(24)))
  const written = inflateSync(Buffer.concat(data))
  expect(written.subarray(0, bytes.length)).toEqual(bytes)
  expect([...written.subarray(bytes.length)]).toEqual([0xff, 0xff, 0xff])
  expect(packed.blocks.reduce((sum, block) => sum + block.size, 0)).toBe(packed.paddedSize)
  expect(packed.blocks).toHaveLength(Math.ceil(packed.compressedSize / BLOCK))
})

test('packs what boards share once, and never keeps what is one board’s own', async () => {
  const parts = new PackedParts()
  const app = { name: 'app', offset: 0x1_0000, bytes: pseudoRandom(1_000), isShared: true }
  const again = { ...app, bytes: pseudoRandom(1_000) }
  expect(await parts.pack(app, BLOCK)).toBe(await parts.pack(again, BLOCK))
  expect(await parts.pack(app, 0x800)).not.toBe(await parts.pack(app, BLOCK))
  const nvs = { name: 'nvs', offset: 0x9000, bytes: pseudoRandom(1_000) }
  expect(await parts.pack(nvs, BLOCK)).not.toBe(await parts.pack(nvs, BLOCK))
})

test('what could not be packed for one board is packed anew for the next', async () => {
  let tries = 0
  const parts = new PackedParts(async (bytes, blockSize) => {
    tries++
    if (tries === 1) throw new Error('no memory')
    return packPart(bytes, blockSize)
  })
  const app = { name: 'app', offset: 0x1_0000, bytes: pseudoRandom(1_000), isShared: true }
  await expect(parts.pack(app, BLOCK)).rejects.toThrow('no memory')
  expect((await parts.pack(app, BLOCK)).size).toBe(1_000)
})
