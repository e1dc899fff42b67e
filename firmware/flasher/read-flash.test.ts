import { expect, test } from 'vitest'
import { FlashArray } from '#firmware/transport/rom-simulator/flash-array.ts'
import { ReadStream } from '#firmware/transport/rom-simulator/loader/read-stream.ts'
import { type BoardLoader, wordAt } from './board-loader.ts'
import { FlashMeter } from './flash-meter.ts'
import { pseudoRandom } from './flash-rack.fixture.ts'
import { NoAnswer } from './line-transport.ts'
import { readFlash } from './read-flash.ts'

const content = pseudoRandom(0x2_0000)

/** The stub's side of READ_FLASH without a line; `damage` is done to frames by their number. */
function stubOf(damage: (frame: Uint8Array, number: number) => Uint8Array | null) {
  const flash = new FlashArray(1 << 20)
  flash.program(0, content)
  const frames: Uint8Array[] = []
  let asked = 0
  let sent = 0
  let stream: ReadStream | null = null
  const transport = {
    baudrate: 921_600,
    read: async () => {
      // Each turn of the stream takes a moment.
      for (let turn = 0; turn < 5 && frames.length === 0; turn++) await new Promise(setImmediate)
      const frame = frames.shift()
      if (frame === undefined) throw new NoAnswer('no answer')
      return frame
    },
    write: async (bytes: Uint8Array) => stream?.acknowledge(bytes),
    drainInput: async () => {
      await new Promise(setImmediate)
      frames.length = 0
    },
  }
  const checkCommand = async (_what: string, _op: number, words: Uint8Array) => {
    asked++
    // A stub that is still sending takes a command for a wrong acknowledgement.
    if (stream !== null) {
      stream.acknowledge(words)
      throw new NoAnswer('no answer')
    }
    const [offset, size, block, inFlight] = [0, 4, 8, 12].map((at) => wordAt(words, at)) as [
      number,
      number,
      number,
      number,
    ]
    stream = new ReadStream({ flash, offset, size, block, inFlight })
    const running = stream.run((bytes) => {
      const frame = damage(bytes, sent++)
      if (frame !== null) frames.push(frame)
    })
    void running.finally(() => {
      stream = null
    })
  }
  return { loader: { transport, checkCommand } as unknown as BoardLoader, asked: () => asked }
}

const meter = () => new FlashMeter(content.length, () => {})

test.each([
  ['a packet that lost a byte', (frame: Uint8Array) => frame.subarray(1)],
  ['a packet that was lost', () => null],
])('%s costs one attempt', async (_, damage) => {
  const { loader, asked } = stubOf((frame, number) => (number === 3 ? damage(frame) : frame))
  expect(Buffer.compare(await readFlash(loader, 0, content.length, meter()), content)).toBe(0)
  // Two pieces, and the damaged one once more.
  expect(asked()).toBe(3)
})
