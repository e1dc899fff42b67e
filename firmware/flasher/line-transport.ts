import { ESPError, Transport } from 'esptool-js'
import type { SerialLine } from '#firmware/transport/serial-line.ts'
import type { Interruption } from './interruption.ts'
import { encodeSlip, SlipDecoder } from './slip.ts'

/** The chip said nothing in time. */
export class NoAnswer extends ESPError {}

/** ms beyond twice the time on the line. */
const WRITE_MS = 5_000

/** Bytes that are kept of what a board says outside of frames, to tell silence from noise and from a running program. */
const HEARD = 2_048

/**
 * esptool-js's transport over a line of ours. The stock one polls a buffer each millisecond, copies it for every
 * byte, prints to the console and waits for time-outs when a port goes away; this one is told of bytes, frames and
 * interruptions as they come.
 */
export class LineTransport extends Transport {
  private readonly line: SerialLine
  private readonly interruption: Interruption
  private readonly decoder = new SlipDecoder()
  private readonly frames: Uint8Array[] = []
  private waiting: ((frame: Uint8Array) => void) | null = null
  private lastByteAt = 0
  private signals = { dtr: false, rts: false }
  private heardText = ''

  constructor(line: SerialLine, interruption: Interruption) {
    // Every method that would touch the Web Serial port is overridden below.
    super({})
    this.line = line
    this.interruption = interruption
    this.baudrate = line.baud
  }

  /** Takes the line's bytes. @returns leaves them to the next reader of the line */
  attach(): () => void {
    return this.line.listen((bytes) => {
      this.lastByteAt = performance.now()
      this.hear(bytes)
      this.decoder.push(bytes, (frame) => {
        if (this.waiting) this.waiting(frame)
        else this.frames.push(frame)
      })
    })
  }

  /** What the board said since the last reset of it, as text. */
  get heard(): string {
    return this.heardText
  }

  forgetHeard(): void {
    this.heardText = ''
  }

  override getInfo(): string {
    return this.line.path
  }

  override getVid(): number | undefined {
    return this.line.vendorId
  }

  override getPid(): number | undefined {
    return this.line.productId
  }

  /** The stock one prints to the console. */
  override trace(_message: string): void {}

  override write(data: Uint8Array): Promise<void> {
    return this.writeFrame(encodeSlip(data))
  }

  /**
   * Sends a frame that was encoded before.
   * @throws {NoAnswer} the system does not get rid of the bytes: a device that hangs
   */
  async writeFrame(frame: Uint8Array): Promise<void> {
    const most = WRITE_MS + (frame.length * 20_000) / this.baudrate
    const late = Promise.withResolvers<never>()
    const timer = setTimeout(() => late.reject(new NoAnswer('it takes no bytes')), most)
    try {
      await this.interruption.race(Promise.race([this.line.write(frame), late.promise]))
    } finally {
      clearTimeout(timer)
    }
  }

  /**
   * The next frame.
   * @param timeout ms
   * @throws {NoAnswer} none came in time
   */
  override read(timeout: number): Promise<Uint8Array> {
    const { cause } = this.interruption
    if (cause) return Promise.reject(cause)
    const ready = this.frames.shift()
    if (ready) return Promise.resolve(ready)
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        clearTimeout(timer)
        this.waiting = null
        forget()
      }
      const timer = setTimeout(() => {
        settle()
        reject(new NoAnswer('no answer'))
      }, timeout)
      this.waiting = (frame) => {
        settle()
        resolve(frame)
      }
      const forget = this.interruption.onInterrupted((error) => {
        clearTimeout(timer)
        this.waiting = null
        reject(error)
      })
    })
  }

  override flushInput(): void {
    this.frames.length = 0
    this.decoder.reset()
  }

  /** Waits until nothing came for a while, and drops what came. */
  override async drainInput(quietMs = 100, maxMs = 400): Promise<void> {
    const end = performance.now() + maxMs
    do await this.interruption.sleep(quietMs)
    while (performance.now() < end && performance.now() - this.lastByteAt < quietMs)
    this.flushInput()
  }

  override async setDTR(state: boolean): Promise<void> {
    this._DTR_state = state
    await this.setSignals(state, this.signals.rts)
  }

  override async setRTS(state: boolean): Promise<void> {
    await this.setSignals(this.signals.dtr, state)
  }

  /** Both lines each time: what is left out, serialport would assert. */
  override async setSignals(dtr?: boolean, rts?: boolean): Promise<void> {
    this.signals = { dtr: dtr ?? this.signals.dtr, rts: rts ?? this.signals.rts }
    await this.interruption.race(this.line.setSignals(this.signals))
  }

  override async changeBaudrate(baud: number): Promise<boolean> {
    await this.interruption.race(this.line.setBaud(baud))
    this.baudrate = baud
    return false
  }

  /** The session opens and closes the line. */
  override async connect(): Promise<void> {}
  override async readLoop(): Promise<void> {}
  override async disconnect(): Promise<void> {}

  private hear(bytes: Uint8Array): void {
    if (this.heardText.length < HEARD) this.heardText += Buffer.from(bytes).toString('latin1')
  }
}
