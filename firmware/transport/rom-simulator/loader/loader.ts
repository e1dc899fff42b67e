import { setTimeout as sleep } from 'node:timers/promises'
import type { BoardFaults, SimulatedBoardOptions } from '../board-options.ts'
import { modelOf } from '../chips/chip-model.ts'
import { securityFlags } from '../chips/fuses.ts'
import { RegisterFile } from '../chips/register-file.ts'
import { type FlashArray, SECTOR } from '../flash-array.ts'
import { slipFrame } from '../line/slip.ts'
import { DeflatedWrite, type FlashWrite, PlainWrite } from './flash-write.ts'
import {
  checksumOf,
  command,
  encodeResponse,
  failure,
  type LoaderRequest,
  parseRequest,
  wordAt,
} from './loader-packet.ts'
import { RamUpload } from './ram-upload.ts'
import { ReadStream } from './read-stream.ts'

/** What the loader runs on. */
export interface LoaderHost {
  readonly board: SimulatedBoardOptions
  readonly flash: FlashArray
  /** As they are now; a `once` is taken off by its use. */
  faults(): BoardFaults
  baud(): number
  send(bytes: Uint8Array): void
  /** Resolves when all that was sent is on the line. */
  sent(): Promise<void>
  setBaud(baud: number): void
  /** The speed that the ROM measures in the bytes of a SYNC. */
  matchBaud(): void
  stubStarted(): void
  /** The chip starts again and runs what is in the flash. */
  restart(): void
}

/** Commands that only the stub knows. */
const stubCommands: ReadonlySet<number> = new Set([
  command.eraseFlash,
  command.eraseRegion,
  command.readFlash,
  command.runUserCode,
])
/** What is left in secure download mode: no register, no RAM, no stub. */
const secureCommands: ReadonlySet<number> = new Set([
  command.sync,
  command.flashBegin,
  command.flashData,
  command.flashEnd,
  command.spiAttach,
  command.spiSetParams,
  command.changeBaud,
  command.deflateBegin,
  command.deflateData,
  command.deflateEnd,
  command.securityInfo,
])
/** The ROM answers so many times to SYNC, and to a command that it does not have. */
const REPEATS = 8
/** Stub and ROM take every flash for one of 16 MB until SPI_SET_PARAMS tells its size: beyond the end of a smaller one they write over its beginning. */
const STUB_FLASH = 16 << 20
/** Bytes of parameters that the stub wants, exactly. */
const stubLengths: Readonly<Record<number, number>> = {
  [command.sync]: 36,
  [command.readRegister]: 4,
  [command.changeBaud]: 8,
  [command.readFlash]: 16,
  [command.flashMd5]: 16,
  [command.flashBegin]: 16,
  [command.deflateBegin]: 16,
  [command.eraseFlash]: 0,
  [command.eraseRegion]: 8,
  [command.spiAttach]: 4,
  [command.spiSetParams]: 24,
  [command.securityInfo]: 0,
}
/** What the ROM of an ESP32 answers to SYNC as value; the stub answers 0. */
const ROM_SYNC_VALUE = 0x20120707

/** The chip in download mode: its ROM, and from MEM_END on the flasher stub. */
export class Loader {
  isStub = false
  readonly #host: LoaderHost
  readonly #registers: RegisterFile
  readonly #ram = new RamUpload()
  #write: FlashWrite | null = null
  /** The stub answers a block before it writes it: the failure comes with the next answer. */
  #lateFailure = 0
  #reading: ReadStream | null = null
  #flashEnd = STUB_FLASH
  #queue: Promise<void> = Promise.resolve()
  #isOver = false

  constructor(host: LoaderHost) {
    this.#host = host
    this.#registers = new RegisterFile(host.board)
  }

  /** Takes a packet as it came off the line; packets are worked on one by one. */
  receive(packet: Uint8Array): void {
    // Acknowledgements of a running READ_FLASH are bare numbers.
    if (this.#reading !== null) return this.#reading.acknowledge(packet)
    const request = parseRequest(packet)
    if (request === null) return
    this.#queue = this.#queue.then(() => (this.#isOver ? undefined : this.#handle(request)))
  }

  /** Reset or power off. */
  stop(): void {
    this.#isOver = true
    this.#write?.end()
    this.#reading?.stop()
  }

  async #handle({ op, checksum, data }: LoaderRequest): Promise<void> {
    const { board } = this.#host
    if (!this.isStub) {
      const isSecure = board.security.downloadMode === 'secure'
      if (stubCommands.has(op) || (isSecure && !secureCommands.has(op))) return this.#invalid()
    } else if ((stubLengths[op] ?? data.length) !== data.length)
      return this.#refuse(op, failure.stubBadLength)
    switch (op) {
      case command.sync:
        return this.#sync()
      case command.readRegister:
        return this.#done(op, this.#registers.read(wordAt(data, 0), this.#host.baud()))
      case command.writeRegister:
        for (let at = 0; at * 16 < data.length; at += 1)
          this.#registers.write(wordAt(data, at * 4), wordAt(data, at * 4 + 1), wordAt(data, at * 4 + 2))
        return this.#done(op)
      case command.securityInfo:
        return this.#tellSecurity()
      case command.spiAttach:
        this.#registers.isFlashAttached = true
        return this.#done(op)
      case command.spiSetParams:
        this.#flashEnd = wordAt(data, 1)
        return this.#done(op)
      case command.memBegin:
        this.#ram.begin(data)
        return this.#done(op)
      case command.memData:
        return this.#takeRam(op, data, checksum)
      case command.memEnd:
        return this.#endRam(data)
      case command.flashBegin:
      case command.deflateBegin:
        return this.#beginWrite(op, data)
      case command.flashData:
      case command.deflateData:
        return this.#takeBlock(op, data, checksum)
      case command.flashEnd:
      case command.deflateEnd:
        return this.#endWrite(op, data)
      case command.flashMd5:
        return this.#md5(wordAt(data, 0), wordAt(data, 1))
      case command.changeBaud:
        return this.#changeBaud(wordAt(data, 0))
      case command.eraseFlash:
        this.#host.flash.eraseAll()
        await this.#erases()
        return this.#done(op)
      case command.eraseRegion:
        return this.#eraseRegion(wordAt(data, 0), wordAt(data, 1))
      case command.readFlash:
        return this.#readFlash(data)
      case command.runUserCode:
        return this.#host.restart()
      default:
        return this.isStub ? this.#refuse(op, failure.stubNotImplemented) : this.#invalid()
    }
  }

  #sync(): void {
    if (!this.isStub) this.#host.matchBaud()
    for (let count = 0; count < REPEATS; count += 1)
      this.#answer(command.sync, this.isStub ? 0 : ROM_SYNC_VALUE, [], 0)
  }

  #tellSecurity(): void {
    const { board } = this.#host
    const model = modelOf(board.chip)
    if (!model.tellsSecurity)
      return this.isStub ? this.#refuse(command.securityInfo, failure.stubNotImplemented) : this.#invalid()
    const info = new Uint8Array(20)
    const view = new DataView(info.buffer)
    view.setUint32(0, securityFlags(board.security), true)
    info[4] = board.security.flashEncryption ? 1 : 0
    view.setUint32(12, model.chipId, true)
    this.#answer(command.securityInfo, 0, info, 0)
  }

  #takeRam(op: number, data: Uint8Array, checksum: number): void {
    const block = data.subarray(16)
    if (block.length !== wordAt(data, 0))
      return this.#refuse(op, this.isStub ? failure.stubBadLength : failure.invalidMessage)
    if (checksumOf(block) !== checksum) return this.#badChecksum(op)
    if (!this.#ram.take(wordAt(data, 1), block)) return this.#refuse(op, failure.failedToAct)
    this.#done(op)
  }

  #endRam(data: Uint8Array): void {
    if (!this.#ram.isComplete) return this.#refuse(command.memEnd, failure.failedToAct)
    this.#done(command.memEnd)
    // The first word says "stay in the loader"; the second where to jump: the stub says hello.
    if (wordAt(data, 0) !== 0 || wordAt(data, 1) === 0) return
    this.isStub = true
    this.#flashEnd = STUB_FLASH
    this.#registers.isFlashAttached = true
    this.#host.stubStarted()
    this.#host.send(slipFrame(new TextEncoder().encode('OHAI')))
  }

  async #beginWrite(op: number, data: Uint8Array): Promise<void> {
    const [size, , blockSize, offset] = [0, 1, 2, 3].map((index) => wordAt(data, index)) as [
      number,
      number,
      number,
      number,
    ]
    if (!this.#registers.isFlashAttached) return this.#refuse(op, failure.failedToAct)
    if (this.isStub && blockSize > 0x4000) return this.#refuse(op, failure.stubBadBlockSize)
    if (offset + size > this.#flashEnd)
      return this.#refuse(op, this.isStub ? failure.stubFailedSpi : failure.failedToAct)
    this.#write?.end()
    this.#lateFailure = 0
    const region = { flash: this.#host.flash, offset, size, erasesAsItGoes: this.isStub }
    if (!this.isStub) this.#host.flash.erase(offset, size)
    await this.#erases()
    this.#write = op === command.flashBegin ? new PlainWrite(region) : new DeflatedWrite(region)
    this.#done(op)
  }

  async #takeBlock(op: number, data: Uint8Array, checksum: number): Promise<void> {
    const block = data.subarray(16)
    if (block.length !== wordAt(data, 0))
      return this.#refuse(op, this.isStub ? failure.stubBadLength : failure.invalidMessage)
    if (checksumOf(block) !== checksum) return this.#badChecksum(op)
    if (this.#write === null)
      return this.#refuse(op, this.isStub ? failure.stubNotInFlashMode : failure.failedToAct)
    if (this.#lateFailure !== 0) return this.#refuse(op, this.#lateFailure)
    if (this.isStub) this.#done(op)
    const problem = await this.#write.take(block)
    if (problem !== null) this.#lateFailure = this.#writeFailure(problem)
    if (this.isStub) return
    if (this.#lateFailure === 0) this.#done(op)
    else this.#refuse(op, this.#lateFailure)
  }

  #writeFailure(problem: 'too_much_data' | 'inflate_error'): number {
    if (!this.isStub) return problem === 'inflate_error' ? failure.deflateError : failure.failedToAct
    return problem === 'inflate_error' ? failure.stubInflateError : failure.stubTooMuchData
  }

  #endWrite(op: number, data: Uint8Array): void {
    const isRestart = wordAt(data, 0) === 0
    if (this.isStub && this.#write === null) return this.#refuse(op, failure.stubNotInFlashMode)
    if (this.isStub && this.#lateFailure !== 0) return this.#refuse(op, this.#lateFailure)
    if (this.isStub && this.#write !== null && this.#write.remaining > 0)
      return this.#refuse(op, failure.stubNotEnoughData)
    this.#write?.end()
    this.#write = null
    this.#done(op)
    if (isRestart) void this.#host.sent().then(() => this.#host.restart())
  }

  #md5(offset: number, size: number): void {
    const { flash } = this.#host
    const faults = this.#host.faults()
    if (!this.#registers.isFlashAttached || offset + size > this.#flashEnd)
      return this.#refuse(command.flashMd5, failure.failedToAct)
    const digest = flash.md5(offset, size)
    if (faults.wrongMd5 !== undefined) {
      digest[0] = (digest[0] ?? 0) ^ 0xff
      if (faults.wrongMd5 === 'once') delete faults.wrongMd5
    }
    // The stub sends the digest, the ROM its hex digits.
    const told = this.isStub ? digest : new TextEncoder().encode(Buffer.from(digest).toString('hex'))
    this.#answer(command.flashMd5, 0, told, 0)
  }

  async #changeBaud(baud: number): Promise<void> {
    this.#done(command.changeBaud)
    await this.#host.sent()
    this.#host.setBaud(baud)
  }

  async #eraseRegion(offset: number, size: number): Promise<void> {
    if (offset % SECTOR !== 0 || size % SECTOR !== 0)
      return this.#refuse(command.eraseRegion, failure.stubBadBlockSize)
    if (offset + size > this.#flashEnd) return this.#refuse(command.eraseRegion, failure.stubFailedSpi)
    this.#host.flash.erase(offset, size)
    await this.#erases()
    this.#done(command.eraseRegion)
  }

  async #readFlash(data: Uint8Array): Promise<void> {
    const [offset, size, block, inFlight] = [0, 1, 2, 3].map((index) => wordAt(data, index)) as [
      number,
      number,
      number,
      number,
    ]
    if (block === 0 || offset + size > Math.min(this.#flashEnd, this.#host.flash.size))
      return this.#refuse(command.readFlash, failure.stubBadBlockSize)
    this.#done(command.readFlash)
    const reading = new ReadStream({ flash: this.#host.flash, offset, size, block, inFlight })
    this.#reading = reading
    await reading.run((bytes) => this.#host.send(slipFrame(bytes)))
    this.#reading = null
  }

  async #erases(): Promise<void> {
    const { slowErase } = this.#host.faults()
    if (slowErase !== undefined) await sleep(slowErase)
  }

  #done(op: number, value = 0): void {
    this.#answer(op, value, [], 0)
  }

  #refuse(op: number, why: number): void {
    this.#answer(op, 0, [], why)
  }

  #badChecksum(op: number): void {
    this.#refuse(op, this.isStub ? failure.stubBadChecksum : failure.invalidChecksum)
  }

  /** The ROM does not name the command that it does not have, and says so eight times. */
  #invalid(): void {
    for (let count = 0; count < REPEATS; count += 1) this.#answer(0, 0, [], failure.invalidMessage)
  }

  /** The status is two bytes of the stub, four of the ROM. */
  #answer(op: number, value: number, data: ArrayLike<number>, why: number): void {
    if (this.#isOver) return
    const body = new Uint8Array(data.length + (this.isStub ? 2 : 4))
    body.set(data)
    // The ROM says "failed", then why; the stub says why at once.
    body[data.length] = why === 0 || this.isStub ? why : 1
    body[data.length + 1] = this.isStub ? 0 : why
    this.#host.send(slipFrame(encodeResponse(op, value, body)))
  }
}
