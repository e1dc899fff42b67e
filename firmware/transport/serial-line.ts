import { access, realpath } from 'node:fs/promises'
import type { SerialPort } from 'serialport'
import { ExpectedError } from '#contract/errors.ts'
import { waitForBothEvents } from './both-events.ts'
import { interpreterSignals } from './interpreter-signals.ts'
import {
  type LineSignals,
  noSignals,
  portSignals,
  type SignalPath,
  simulatedSignals,
} from './line-signals.ts'
import { holderWords, openError } from './open-error.ts'
import { findUsbIds, type UsbIds } from './ports/list-ports.ts'
import { findHolders } from './ports/port-holder.ts'
import { systemPaths } from './ports/system-paths.ts'
import { listSimulatedPorts, type SimulatedPort, simulatedPortsFolder } from './simulated-ports.ts'

type PortBinding = Awaited<ReturnType<typeof SerialPort.binding.open>>

/** `closed`: by us. `lost`: the device went away. */
type LineEnd = 'closed' | 'lost'

interface SerialLineOptions {
  path: string
  baud: number
  /** Closes the line, also one that is about to open. */
  signal?: AbortSignal | undefined
  /** What is being done, for the words of `port_lost`. */
  step?: (() => string) | undefined
  /** The folder of simulated ports; by default the one that the environment names. */
  simulatedPorts?: string | undefined
}

/** Bytes of one read; a line at 2 Mbit/s brings that in 80 ms. */
const READ_BYTES = 16_384
/**
 * How often the device's file is looked for. serialport reads a hung-up terminal as "zero bytes, try again" without
 * end, and a line that nobody reads from notices nothing: the file that goes away tells in both cases.
 */
const WATCH_MS = 200

/**
 * Opens a port, 8N1, for us alone, with DTR and RTS at rest.
 *
 * @throws ExpectedError port_unknown, port_busy, port_denied, port_failed; the signal's reason
 */
export async function openSerialLine(options: SerialLineOptions): Promise<SerialLine> {
  const { path, baud, signal } = options
  signal?.throwIfAborted()
  const simulated = await simulatedPort(options)
  const signals = simulated && (await simulatedSignalPath(simulated))
  const usb = simulated ?? (await findUsbIds(path))
  const isBare = await isPseudoTerminal(path)
  if (!isBare) await mustBeFree(path)
  let binding: PortBinding
  try {
    // Not at the start of the site: where its native part does not load, everything but the bench runs.
    const { SerialPort } = await import('serialport')
    // `hupcl: false`: closing must not drop DTR, which resets many boards.
    binding = await SerialPort.binding.open({ path, baudRate: baud, lock: true, hupcl: false })
    waitForBothEvents(binding)
  } catch (cause) {
    await signals?.close()
    throw await openError(path, cause)
  }
  const line = new SerialLine(options, binding, usb, signals ?? (isBare ? noSignals : realSignals(binding)))
  try {
    await line.start()
    signal?.throwIfAborted()
  } catch (cause) {
    await line.close()
    signal?.throwIfAborted()
    throw cause instanceof ExpectedError ? cause : await openError(path, cause)
  }
  return line
}

/**
 * Our lock keeps out only programs that ask for it. Most do not: they would take bytes away from us, and we from them.
 */
async function mustBeFree(path: string): Promise<void> {
  if (process.platform !== 'linux') return
  const holder = (await findHolders([path], systemPaths)).get(path)
  if (holder !== undefined) throw new ExpectedError('port_busy', { port: path, holder: holderWords(holder) })
}

function realSignals(binding: PortBinding): SignalPath {
  const { fd } = binding as { fd?: number | null }
  return portSignals(
    (lines) => binding.set(lines),
    () => (typeof fd === 'number' ? interpreterSignals(fd) : Promise.resolve(noSignals)),
  )
}

async function simulatedPort(options: SerialLineOptions): Promise<SimulatedPort | undefined> {
  const folder = options.simulatedPorts ?? simulatedPortsFolder()
  if (folder === undefined) return undefined
  return (await listSimulatedPorts(folder)).find((each) => each.path === options.path)
}

async function simulatedSignalPath(port: SimulatedPort): Promise<SignalPath> {
  try {
    return await simulatedSignals(port.control)
  } catch (cause) {
    throw new ExpectedError('port_unknown', { port: port.path }, { cause })
  }
}

function numberOf(hex: string | null): number | undefined {
  return hex === null ? undefined : Number.parseInt(hex, 16)
}

async function isPseudoTerminal(path: string): Promise<boolean> {
  if (process.platform === 'win32') return false
  const real = await realpath(path).catch(() => path)
  return /^\/dev\/(pts\/\d+|ttys\d+|pty)/.test(real)
}

/** One open port. Made by {@link openSerialLine}; whoever opened it closes it. */
export class SerialLine {
  readonly path: string
  /** Of the adapter, where it is one. */
  readonly vendorId: number | undefined
  readonly productId: number | undefined
  /** Settles, and never rejects, once the port is given back. */
  readonly closed: Promise<void>
  readonly #options: SerialLineOptions
  readonly #binding: PortBinding
  readonly #signals: SignalPath
  readonly #settleClosed: () => void
  readonly #lost: PromiseWithResolvers<never>
  readonly #close = () => void this.close()
  #baud: number
  /** All of them: serialport asserts whatever a call leaves out. */
  #lines: LineSignals = { dtr: false, rts: false, brk: false }
  #consumer: ((bytes: Uint8Array) => void) | undefined
  #wake: (() => void) | undefined
  #isPaused = false
  #end: LineEnd | undefined
  #giveBack: Promise<void> | undefined
  #watch: NodeJS.Timeout | undefined
  #writes: Promise<void> = Promise.resolve()

  constructor(options: SerialLineOptions, binding: PortBinding, usb: UsbIds, signals: SignalPath) {
    const closed = Promise.withResolvers<void>()
    this.path = options.path
    this.vendorId = numberOf(usb.vendorId)
    this.productId = numberOf(usb.productId)
    this.closed = closed.promise
    this.#settleClosed = closed.resolve
    this.#lost = Promise.withResolvers<never>()
    this.#options = options
    this.#binding = binding
    this.#signals = signals
    this.#baud = options.baud
  }

  get baud(): number {
    return this.#baud
  }

  get isOpen(): boolean {
    return this.#end === undefined
  }

  /** Undefined while it is open. */
  get end(): LineEnd | undefined {
    return this.#end
  }

  /** Called once by {@link openSerialLine}. */
  async start(): Promise<void> {
    // Nobody has to wait for it.
    this.#lost.promise.catch(() => undefined)
    this.#options.signal?.addEventListener('abort', this.#close, { once: true })
    void this.#signals.gone.then(() => this.#endLine('lost'))
    await this.#signals.setBaud(this.#baud)
    await this.#signals.set(this.#lines)
    this.#watch = setInterval(() => void this.#lookForDevice(), WATCH_MS)
    this.#watch.unref()
    void this.#readAll()
  }

  /**
   * Takes the bytes as they come; one consumer at a time, and with none the line is not read (the system keeps the
   * last few kilobytes). Returns what ends it.
   */
  listen(consumer: (bytes: Uint8Array) => void): () => void {
    this.#consumer = consumer
    this.#wakeReader()
    return () => {
      if (this.#consumer === consumer) this.#consumer = undefined
    }
  }

  /** Stops reading until `resume`, so that a slow consumer is not flooded. */
  pause(): void {
    this.#isPaused = true
  }

  resume(): void {
    this.#isPaused = false
    this.#wakeReader()
  }

  /**
   * Writes in turn; settles when the system has taken all bytes.
   *
   * @throws ExpectedError port_lost, also when the line is closed meanwhile
   */
  write(bytes: Uint8Array): Promise<void> {
    const written = this.#writeAfter(this.#writes, bytes)
    this.#writes = written.catch(() => undefined)
    return written
  }

  /**
   * Sets the lines that are named and leaves the others as they are.
   *
   * @throws ExpectedError port_lost
   */
  async setSignals(change: Partial<LineSignals>): Promise<void> {
    this.#mustBeOpen()
    this.#lines = { ...this.#lines, ...change }
    await this.#orLost(this.#signals.set(this.#lines))
  }

  /**
   * Changes the speed while the port stays open: opening anew would pull DTR and RTS, and with them the board.
   * Bytes that the system still holds, both ways, are dropped with the old speed.
   *
   * @throws ExpectedError port_lost, port_failed where the adapter cannot do that speed
   */
  async setBaud(baud: number): Promise<void> {
    this.#mustBeOpen()
    try {
      await Promise.race([this.#binding.update({ baudRate: baud }), this.#lost.promise])
    } catch (cause) {
      throw cause instanceof ExpectedError ? cause : await openError(this.path, cause)
    }
    this.#baud = baud
    await this.#signals.setBaud(baud)
  }

  /**
   * Gives the port back, whatever is under way. Settles when it is given back; never fails, and may be called again.
   */
  async close(): Promise<void> {
    await this.#endLine('closed')
  }

  /** What to throw when this line has ended. */
  lostError(cause?: unknown): ExpectedError {
    if (cause instanceof ExpectedError) return cause
    const step = this.#options.step?.() ?? 'it was open'
    return new ExpectedError('port_lost', { port: this.path, step }, { cause })
  }

  /** `work`, or `port_lost` as soon as the line ends: work on a pulled board waits for time-outs otherwise. */
  race<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.#lost.promise])
  }

  async #writeAfter(earlier: Promise<void>, bytes: Uint8Array): Promise<void> {
    await earlier
    this.#mustBeOpen()
    await this.#orLost(this.#binding.write(Buffer.from(bytes)))
  }

  #mustBeOpen(): void {
    if (this.#end !== undefined) throw this.lostError()
  }

  async #orLost(work: Promise<void>): Promise<void> {
    try {
      await this.race(work)
    } catch (cause) {
      if (!(cause instanceof ExpectedError)) void this.#endLine('lost')
      throw this.lostError(cause)
    }
  }

  #wakeReader(): void {
    this.#wake?.()
    this.#wake = undefined
  }

  async #readAll(): Promise<void> {
    const buffer = Buffer.allocUnsafe(READ_BYTES)
    while (this.isOpen) {
      if (this.#consumer === undefined || this.#isPaused) {
        await new Promise<void>((wake) => (this.#wake = wake))
        continue
      }
      let bytesRead: number
      try {
        ;({ bytesRead } = await this.#binding.read(buffer, 0, READ_BYTES))
      } catch {
        // Closing cancels the read; then the line has its end already and this changes nothing.
        void this.#endLine('lost')
        return
      }
      await this.#deliver(Uint8Array.from(buffer.subarray(0, bytesRead)))
    }
  }

  /** A consumer that left or paused while the read was under way misses nothing. */
  async #deliver(bytes: Uint8Array): Promise<void> {
    while (this.isOpen) {
      if (this.#consumer !== undefined && !this.#isPaused) {
        this.#consumer(bytes)
        return
      }
      await new Promise<void>((wake) => (this.#wake = wake))
    }
  }

  async #lookForDevice(): Promise<void> {
    if (process.platform === 'win32') return
    await access(this.path).catch(() => this.#endLine('lost'))
  }

  #endLine(end: LineEnd): Promise<void> {
    this.#end ??= end
    this.#giveBack ??= this.#release()
    return this.#giveBack
  }

  async #release(): Promise<void> {
    clearInterval(this.#watch)
    this.#options.signal?.removeEventListener('abort', this.#close)
    this.#lost.reject(this.lostError())
    this.#wakeReader()
    try {
      await this.#binding.close()
    } catch {
      // A device that is gone fails here too; its descriptor is closed all the same.
    }
    await this.#signals.close()
    this.#settleClosed()
  }
}
