import { createHash } from 'node:crypto'
import { deflateSync } from 'node:zlib'
import { expect, test, vi } from 'vitest'
import { type BoardFaults, boardNumber, openBoard, type SimulatedBoardOptions } from '../board-options.ts'
import { FlashArray } from '../flash-array.ts'
import { SlipReader } from '../line/slip.ts'
import { Loader, type LoaderHost } from './loader.ts'
import { checksumOf, command, failure } from './loader-packet.ts'

interface Answer {
  op: number
  value: number
  data: Buffer
}

/** A loader without a line: packets in, packets out. */
class Bare implements LoaderHost {
  readonly board: SimulatedBoardOptions
  readonly flash: FlashArray
  readonly wrong: BoardFaults = {}
  restarts = 0
  readonly packets: Buffer[] = []
  readonly loader: Loader
  readonly #slip = new SlipReader(0x5000)

  constructor(wish: Partial<SimulatedBoardOptions> = {}) {
    this.board = boardNumber(0, wish)
    this.flash = new FlashArray(this.board.flashSize)
    this.loader = new Loader(this)
  }

  send(bytes: Uint8Array): void {
    this.packets.push(...this.#slip.push(bytes).map((packet) => Buffer.from(packet)))
  }
  faults(): BoardFaults {
    return this.wrong
  }
  baud(): number {
    return 115_200
  }
  sent(): Promise<void> {
    return Promise.resolve()
  }
  setBaud(): void {
    // There is no line.
  }
  matchBaud(): void {
    // There is no line.
  }
  stubStarted(): void {
    // Nobody is told.
  }
  restart(): void {
    this.restarts += 1
  }

  /** @returns the next answer */
  async ask(op: number, data: Uint8Array = new Uint8Array(), checksum = 0): Promise<Answer> {
    const header = Buffer.alloc(8)
    header[1] = op
    header.writeUInt16LE(data.length, 2)
    header.writeUInt32LE(checksum, 4)
    this.packets.length = 0
    this.loader.receive(Buffer.concat([header, data]))
    await vi.waitUntil(() => this.packets.length > 0, { interval: 2 })
    const packet = this.packets[0] ?? Buffer.alloc(8)
    return { op: packet[1] ?? -1, value: packet.readUInt32LE(4), data: packet.subarray(8) }
  }

  async block(
    op: number,
    block: Uint8Array,
    sequence: number,
    checksum = checksumOf(block),
  ): Promise<Answer> {
    return this.ask(op, Buffer.concat([words(block.length, sequence, 0, 0), block]), checksum)
  }

  async startStub(): Promise<void> {
    await this.ask(command.memBegin, words(8, 1, 0x1800, 0x40090000))
    await this.block(command.memData, Buffer.alloc(8, 1), 0)
    await this.ask(command.memEnd, words(0, 0x40090000))
    if (this.packets.at(-1)?.toString() !== 'OHAI') throw new Error('the stub does not start')
  }
}

function words(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4)
  for (const [index, value] of values.entries()) bytes.writeUInt32LE(value >>> 0, index * 4)
  return bytes
}

const ok = (length: number) => Buffer.alloc(length)
/** The ROM in four bytes, the stub in two. */
const refusal = (why: number, length: number) => Buffer.from(length === 4 ? [1, why, 0, 0] : [why, 0])

test('the ROM answers SYNC eight times, with a value; the stub with 0', async () => {
  const bare = new Bare()
  const sync = Buffer.from([7, 7, 0x12, 0x20, ...Array<number>(32).fill(0x55)])
  expect(await bare.ask(command.sync, sync)).toEqual({ op: command.sync, value: 0x20120707, data: ok(4) })
  expect(bare.packets).toHaveLength(8)
  await bare.startStub()
  expect((await bare.ask(command.sync, sync)).value).toBe(0)
})

test('a block whose checksum does not fit is refused, and taken when it comes right', async () => {
  const bare = new Bare()
  await bare.startStub()
  await bare.ask(command.flashBegin, words(4, 1, 0x400, 0x9000))
  const block = Buffer.from([1, 2, 3, 4])
  expect((await bare.block(command.flashData, block, 0, 0)).data).toEqual(refusal(failure.stubBadChecksum, 2))
  expect((await bare.block(command.flashData, block, 0)).data).toEqual(ok(2))
  expect((await bare.ask(command.flashEnd, words(1))).data).toEqual(ok(2))
  expect(Buffer.from(bare.flash.read(0x9000, 5))).toEqual(Buffer.from([1, 2, 3, 4, 0xff]))
})

test('the stub says with the next answer that a block did not inflate', async () => {
  const bare = new Bare()
  await bare.startStub()
  await bare.ask(command.deflateBegin, words(4_096, 2, 0x4000, 0))
  expect((await bare.block(command.deflateData, Buffer.alloc(64, 0xee), 0)).data).toEqual(ok(2))
  expect((await bare.block(command.deflateData, Buffer.alloc(64), 1)).data).toEqual(
    refusal(failure.stubInflateError, 2),
  )
})

test('what was deflated is in the flash after its last block; a shorter end is refused', async () => {
  const bare = new Bare()
  await bare.startStub()
  const data = Buffer.from('abcdefgh'.repeat(1_000))
  const packed = deflateSync(data)
  await bare.ask(command.deflateBegin, words(data.length, 2, 0x4000, 0x1_0010))
  await bare.block(command.deflateData, packed.subarray(0, 20), 0)
  expect((await bare.ask(command.deflateEnd, words(1))).data).toEqual(refusal(failure.stubNotEnoughData, 2))
  await bare.block(command.deflateData, packed.subarray(20), 1)
  expect((await bare.ask(command.deflateEnd, words(1))).data).toEqual(ok(2))
  expect(Buffer.from(bare.flash.read(0x1_0010, data.length)).equals(data)).toBe(true)
})

test('a last block that comes twice is an error, and the next write begins anew', async () => {
  const bare = new Bare()
  await bare.startStub()
  const packed = deflateSync(Buffer.from('twice'))
  for (const at of [0x9000, 0xa000]) {
    await bare.ask(command.deflateBegin, words(5, 1, 0x4000, at))
    expect((await bare.block(command.deflateData, packed, 0)).data).toEqual(ok(2))
  }
  expect((await bare.block(command.deflateData, packed, 0)).data).toEqual(ok(2))
  expect((await bare.ask(command.deflateEnd, words(1))).data).toEqual(refusal(failure.stubInflateError, 2))
  await bare.ask(command.deflateBegin, words(5, 1, 0x4000, 0xb000))
  await bare.block(command.deflateData, packed, 0)
  expect((await bare.ask(command.deflateEnd, words(1))).data).toEqual(ok(2))
})

test('the ROM hashes in hex digits, the stub in bytes; a region that was erased by neither keeps its bits', async () => {
  const bare = new Bare()
  await bare.ask(command.spiAttach, words(0, 0))
  bare.flash.program(0x1000, Buffer.from([0xf0]))
  bare.flash.program(0x1000, Buffer.from([0x0f]))
  const digest = createHash('md5')
    .update(Buffer.from([0]))
    .digest()
  const rom = await bare.ask(command.flashMd5, words(0x1000, 1, 0, 0))
  expect(rom.data.subarray(0, 32).toString()).toBe(digest.toString('hex'))
  await bare.startStub()
  const stub = await bare.ask(command.flashMd5, words(0x1000, 1, 0, 0))
  expect(stub.data).toEqual(Buffer.concat([digest, ok(2)]))
  bare.wrong.wrongMd5 = 'once'
  const wrong = await bare.ask(command.flashMd5, words(0x1000, 1, 0, 0))
  expect(wrong.data.equals(stub.data)).toBe(false)
  expect((await bare.ask(command.flashMd5, words(0x1000, 1, 0, 0))).data).toEqual(stub.data)
})

test('a ROM that has no such command says so eight times, without naming it', async () => {
  const bare = new Bare()
  expect(await bare.ask(command.securityInfo)).toEqual({
    op: 0,
    value: 0,
    data: refusal(failure.invalidMessage, 4),
  })
  expect(bare.packets).toHaveLength(8)
  expect((await bare.ask(command.eraseFlash)).op).toBe(0)
})

test('in secure download mode there are no registers and no RAM, but the security info', async () => {
  const bare = new Bare({
    chip: 'ESP32-S3',
    security: { ...openBoard, secureBoot: true, downloadMode: 'secure' },
  })
  expect((await bare.ask(command.readRegister, words(0x40001000))).op).toBe(0)
  expect((await bare.ask(command.memBegin, words(8, 1, 8, 0))).op).toBe(0)
  const { data } = await bare.ask(command.securityInfo)
  expect(data).toHaveLength(24)
  expect([data.readUInt32LE(0), data.readUInt32LE(12)]).toEqual([5, 9])
})

test('flash that is not attached has no id and takes nothing', async () => {
  const bare = new Bare()
  expect((await bare.ask(command.flashBegin, words(4, 1, 4, 0))).data).toEqual(
    refusal(failure.failedToAct, 4),
  )
})

test('the stub refuses what is beyond 16 MB, and erases between sectors; a smaller flash it does not know', async () => {
  const bare = new Bare({ flashSize: 1 << 20 })
  await bare.startStub()
  expect((await bare.ask(command.eraseRegion, words(0x100, 0x1000))).data[0]).not.toBe(0)
  expect((await bare.ask(command.eraseRegion, words(16 << 20, 0x1000))).data[0]).not.toBe(0)
  expect((await bare.ask(command.deflateBegin, words(0x2000, 1, 0x4000, 0xfff000))).data[0]).not.toBe(0)
  expect((await bare.ask(command.readFlash, words(0xfff000, 0x2000, 0x1000, 64))).data[0]).not.toBe(0)
  await bare.ask(command.flashBegin, words(4, 1, 0x400, 1 << 20))
  await bare.block(command.flashData, Buffer.from([1, 2, 3, 4]), 0)
  expect(Buffer.from(bare.flash.read(0, 4))).toEqual(Buffer.from([1, 2, 3, 4]))
})

test('what is read is acknowledged, and ends with its hash; any other packet ends it before', async () => {
  const bare = new Bare()
  await bare.startStub()
  bare.flash.program(0x1000, Buffer.from('readings'))
  await bare.ask(command.readFlash, words(0x1000, 8, 4, 1))
  await expect.poll(() => bare.packets.length, { interval: 2 }).toBe(2)
  bare.loader.receive(words(4))
  await expect.poll(() => bare.packets.length, { interval: 2 }).toBe(3)
  bare.loader.receive(words(8))
  await expect.poll(() => bare.packets.length, { interval: 2 }).toBe(4)
  const [, first, second, hash] = bare.packets
  expect([first?.toString(), second?.toString()]).toEqual(['read', 'ings'])
  expect(hash).toEqual(createHash('md5').update('readings').digest())
  await bare.ask(command.readFlash, words(0x1000, 8, 4, 1))
  bare.loader.receive(Buffer.from('no'))
  await expect.poll(() => bare.packets.at(-1)?.length, { interval: 2 }).toBe(16)
})

test('the end of a write that asks for it starts what is in the flash', async () => {
  const bare = new Bare()
  await bare.startStub()
  await bare.ask(command.flashBegin, words(0, 0, 0x400, 0))
  await bare.ask(command.flashEnd, words(0))
  await expect.poll(() => bare.restarts).toBe(1)
})
