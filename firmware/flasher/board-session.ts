import { ESPError } from 'esptool-js'
import { ExpectedError } from '#contract/errors.ts'
import type { BoardInfo, FlashedRegion, FlashPart, FlashProgress } from '#contract/model/board.ts'
import { requireFit } from '#firmware/targets/partition-table.ts'
import { MonitorSession } from '#firmware/transport/monitor/monitor-session.ts'
import { openSerialLine, type SerialLine } from '#firmware/transport/serial-line.ts'
import { BoardLoader } from './board-loader.ts'
import { enterLoader, resetsOf } from './enter-loader.ts'
import { eraseRegion, eraseWhole } from './erase-flash.ts'
import { FlashMeter } from './flash-meter.ts'
import type { FlashStep } from './flash-step.ts'
import { identifyChip, readBoard, whatSecures, withFlash } from './identify-board.ts'
import { Interruption } from './interruption.ts'
import { changeSpeed, ROM_BAUD, speedsFrom } from './line-speed.ts'
import { LineTransport, NoAnswer } from './line-transport.ts'
import type { PackedParts } from './packed-parts.ts'
import { readFlash } from './read-flash.ts'
import { hardReset, type Reset } from './resets.ts'
import { RunningLine } from './running-line.ts'
import { verifyFlash } from './verify-flash.ts'
import { writePart } from './write-part.ts'

export interface OpenSessionOptions {
  path: string
  /** Of the fast part; the line begins at 115200. */
  baud: number
  signal: AbortSignal
  /** A board that refuses to be flashed is told, not refused. */
  identifyOnly: boolean
  onTry: (tries: number) => void
  onLog: (text: string) => void
  /** One for each try; by default what suits the port. */
  resets?: readonly Reset[]
  packedParts: PackedParts
}

/** How often a board is connected to when it stumbles on the way. */
const CONNECTS = 3

type OnProgress = (progress: FlashProgress) => void

/**
 * Opens a port, resets its board into download mode, asks who it is and starts the stub.
 * @throws {ExpectedError} of `contract/error-codes/flashing.ts`; the port is closed then
 */
export async function openBoardSession(options: OpenSessionOptions): Promise<BoardSession> {
  const { path, signal } = options
  const interruption = new Interruption()
  if (signal.aborted) throw new ExpectedError('flash_cancelled', { step: interruption.step })
  const line = await openSerialLine({ path, baud: ROM_BAUD, step: () => interruption.step })
  const session = new BoardSession(options, line, interruption)
  try {
    await session.start()
    return session
  } catch (error) {
    // Closing interrupts it too.
    const expected = session.expected(error)
    await session.close()
    throw expected
  }
}

/** A board in download mode. Made by {@link openBoardSession}. */
export class BoardSession {
  private readonly options: OpenSessionOptions
  private readonly line: SerialLine
  private readonly interruption: Interruption
  private readonly transport: LineTransport
  private loader: BoardLoader
  private info: BoardInfo | null = null
  private leaveLine: () => void = () => {}
  private ending: Promise<void> | null = null

  constructor(options: OpenSessionOptions, line: SerialLine, interruption: Interruption) {
    this.options = options
    this.line = line
    this.interruption = interruption
    this.transport = new LineTransport(line, interruption)
    this.loader = new BoardLoader(this.transport, options.onLog)
  }

  /** Settles once the port is given back, by this session or by the monitor that `reboot` made of it. */
  get closed(): Promise<void> {
    return this.line.closed
  }

  get board(): BoardInfo {
    if (this.info === null) throw new Error('The board was not asked yet')
    return this.info
  }

  async start(): Promise<void> {
    const { options, interruption, line } = this
    interruption.watch(options.signal, line.race(new Promise<never>(() => {})))
    this.leaveLine = this.transport.attach()
    this.info = await this.connect()
    if (options.identifyOnly || this.board.security.downloadMode === 'secure') return
    if (this.board.flashId === null) throw this.refused('no flash')
    await this.speedUp()
  }

  /** The whole flash, in pieces where its size is known. */
  eraseAll(onProgress: OnProgress = () => {}): Promise<void> {
    return this.during('erasing', async () => {
      const { flashSize } = this.board
      if (flashSize === null) await eraseWhole(this.loader)
      else await eraseRegion(this.loader, 0, flashSize, new FlashMeter(flashSize, onProgress))
    })
  }

  write(parts: readonly FlashPart[], onProgress: OnProgress): Promise<void> {
    return this.during('writing', async () => {
      requireFit(parts, [], this.board.flashSize)
      const meter = new FlashMeter(totalOf(parts), onProgress)
      for (const part of parts) {
        if (part.bytes.length === 0) continue
        const packed = await this.options.packedParts.pack(part, this.loader.FLASH_WRITE_SIZE)
        await writePart(this.loader, { name: part.name, offset: part.offset, packed }, meter)
      }
    })
  }

  verify(parts: readonly FlashPart[], onProgress: OnProgress): Promise<FlashedRegion[]> {
    return this.during('verifying', () =>
      verifyFlash(this.loader, parts, new FlashMeter(totalOf(parts), onProgress)),
    )
  }

  read(offset: number, size: number, onProgress: OnProgress): Promise<Uint8Array> {
    return this.during('reading', () =>
      readFlash(this.loader, offset, size, new FlashMeter(size, onProgress)),
    )
  }

  /** Resets the board to run what it holds; the same line listens on, from the first byte. The session ends. */
  reboot(): Promise<MonitorSession> {
    return this.during('restarting', async () => {
      await this.transport.setSignals(false, true)
      await this.transport.changeBaudrate(ROM_BAUD)
      await this.interruption.sleep(100)
      this.leaveLine()
      const monitor = new MonitorSession(new RunningLine(this.line))
      monitor.start()
      await this.transport.setSignals(false, false)
      this.ending = Promise.resolve()
      return monitor
    })
  }

  /**
   * Lets the board run again where it is still there, and gives the port back. Never fails, may be called twice.
   * After `reboot` the line belongs to the monitor.
   */
  close(): Promise<void> {
    this.ending ??= this.release()
    return this.ending
  }

  /** Gives the port back, also after `reboot`. */
  async end(): Promise<void> {
    await this.close()
    await this.line.close()
  }

  /** Any failure of a session in the words of the registry; a bug stays one. */
  expected(error: unknown): unknown {
    const { cause } = this.interruption
    if (cause) return cause
    if (error instanceof ExpectedError || !(error instanceof ESPError)) return error
    return this.refused(error instanceof NoAnswer ? 'nothing' : error.message, error)
  }

  private async release(): Promise<void> {
    const { line } = this
    this.interruption.interrupt(new ExpectedError('flash_cancelled', { step: this.interruption.step }))
    this.leaveLine()
    // Where the port went away there is nothing to let run.
    await hardReset(line).catch(() => {})
    await line.close()
  }

  /** Into the loader, who is it, and the stub. What a bad line damages is asked anew from the reset on. */
  private async connect(): Promise<BoardInfo> {
    for (let attempt = 1; ; attempt++) {
      try {
        const board = await this.identify()
        if (board.security.downloadMode === 'secure') return board
        await this.runStub()
        return await withFlash(this.loader, board)
      } catch (error) {
        this.interruption.throwIfInterrupted()
        if (!(error instanceof ESPError) || attempt === CONNECTS) throw error
        this.options.onLog(`${error.message}: beginning anew`)
        this.beginAnew()
      }
    }
  }

  /** The next thing is a reset: what the loader knew of the chip's state does not hold. */
  private beginAnew(): void {
    this.loader = new BoardLoader(this.transport, this.options.onLog)
  }

  private async identify(): Promise<BoardInfo> {
    const { options, interruption, transport, loader } = this
    const resets = options.resets ?? resetsOf(this.line)
    await enterLoader(loader, transport, interruption, resets, options.onTry)
    const target = await identifyChip(loader, interruption)
    loader.chip = target.createRom()
    if (loader.chip.SPI_ADDR_REG_MSB !== undefined) loader.SPI_ADDR_REG_MSB = loader.chip.SPI_ADDR_REG_MSB
    const security = await target.readSecurity(loader)
    const what = whatSecures(security)
    if (what !== null && !options.identifyOnly) {
      throw new ExpectedError('board_secured', { port: this.line.path, what })
    }
    return readBoard(loader, target, security)
  }

  private async runStub(): Promise<void> {
    await this.loader.chip.postConnect?.(this.loader)
    await this.loader.runStub()
  }

  /** As fast as wanted, or the next slower speed at which the chip still answers. */
  private async speedUp(): Promise<void> {
    const { options, interruption } = this
    for (const baud of speedsFrom(options.baud)) {
      if (await changeSpeed(this.loader, interruption, baud)) {
        options.onLog(`${baud} baud`)
        return
      }
      options.onLog(`no answer at ${baud} baud: beginning anew, slower`)
      await this.transport.changeBaudrate(ROM_BAUD)
      this.beginAnew()
      await this.connect()
    }
  }

  private async during<T>(step: FlashStep, work: () => Promise<T>): Promise<T> {
    this.interruption.throwIfInterrupted()
    this.interruption.step = step
    try {
      return await work()
    } catch (error) {
      throw this.expected(error)
    }
  }

  private refused(answer: string, cause?: unknown): ExpectedError {
    const data = { port: this.line.path, step: this.interruption.step, answer }
    return new ExpectedError('flash_command_failed', data, { cause })
  }
}

function totalOf(parts: readonly FlashPart[]): number {
  return parts.reduce((total, part) => total + part.bytes.length, 0)
}
