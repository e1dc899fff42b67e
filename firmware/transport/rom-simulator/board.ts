import { readFile, writeFile } from 'node:fs/promises'
import type { BoardFaults, BoardMode, BoardState, SimulatedBoardOptions } from './board-options.ts'
import { runFlash } from './boot/run-flash.ts'
import { modelOf } from './chips/chip-model.ts'
import { FlashArray } from './flash-array.ts'
import { Pty } from './line/pty.ts'
import { SlipReader } from './line/slip.ts'
import { Uart } from './line/uart.ts'
import { Loader } from './loader/loader.ts'
import { type Pins, type Signals, transistorPins, usbSerialJtagPins } from './reset-circuit.ts'

/** What is told of a board. */
export interface BoardEvents {
  /** A new pty after each plugging in. */
  onPlug(path: string): Promise<void>
  onUnplug(): void
  onState(state: BoardState): void
}

/** Largest packet: a block of 16 KiB with its header. */
const PACKET_MOST = 0x4000 + 64

/** One simulated board: power, reset circuit, serial port, flash, and what its chip runs. */
export class SimulatedBoard {
  readonly options: SimulatedBoardOptions
  readonly flash: FlashArray
  readonly #events: BoardEvents
  readonly #uart: Uart
  readonly #slip = new SlipReader(PACKET_MOST)
  #pty: Pty | null = null
  /** Plugging in and pulling out, one after the other. */
  #cable: Promise<void> = Promise.resolve()
  #path: string | null = null
  #faults: BoardFaults
  #mode: BoardMode = 'unplugged'
  #pins: Pins = { isReset: false, isBoot: false }
  #loader: Loader | null = null
  /** Ends what the chip runs from its flash. */
  #running: AbortController | null = null
  #listener: ((bytes: Uint8Array) => void) | null = null
  #gateway: BoardState['gateway'] = null
  #rise: NodeJS.Timeout | undefined

  constructor(options: SimulatedBoardOptions, events: BoardEvents) {
    this.options = options
    this.flash = new FlashArray(options.flashSize)
    this.#faults = { ...options.faults }
    this.#events = events
    this.#uart = new Uart({
      isPaced: options.isPaced,
      faults: () => this.#faults,
      received: (bytes) => this.#receive(bytes),
      unplug: () => void this.unplug(),
    })
  }

  get state(): BoardState {
    return {
      name: this.options.name,
      mode: this.#mode,
      isPlugged: this.#path !== null,
      path: this.#path,
      baud: this.#uart.baud,
      hostBytes: this.#uart.hostBytes,
      gateway: this.#gateway,
    }
  }

  /** The cable goes in: the chip gets power and starts from its flash. */
  plug(): Promise<void> {
    this.#cable = this.#cable.catch(() => {}).then(() => this.#plugIn())
    return this.#cable
  }

  /** The cable comes out: the port is gone, and so is the power. */
  unplug(): Promise<void> {
    const pulled = this.#pullOut()
    // One that is being plugged in comes out when it is in.
    this.#cable = this.#cable.catch(() => {}).then(() => pulled ?? this.#pullOut() ?? undefined)
    return this.#cable
  }

  async #plugIn(): Promise<void> {
    if (this.#pty !== null) return
    const pty: Pty = new Pty((bytes) => {
      // Lines and speed come another way and take effect first, as they were set first: what is there of them now is
      // read by the end of this turn.
      setImmediate(() => {
        if (this.#pty === pty) this.#uart.take(bytes)
      })
    })
    const path = await pty.open()
    this.#uart.attach(pty)
    this.#pins = { isReset: false, isBoot: false }
    await this.#events.onPlug(path)
    this.#pty = pty
    this.#path = path
    this.#start(modelOf(this.options.chip).resets.powerOn, false)
  }

  /** @returns null where it is not plugged in; all but the end of the pty is done at once */
  #pullOut(): Promise<void> | null {
    const pty = this.#pty
    if (pty === null) return null
    this.#pty = null
    this.#path = null
    delete this.#faults.unplugAt
    this.#events.onUnplug()
    const closed = pty.close()
    this.#uart.detach()
    this.#uart.hostBaud = null
    this.#halt('unplugged')
    return closed
  }

  setSignals(signals: Signals): void {
    if (this.#pty === null) return
    const before = this.#pins
    const isNative = this.options.usb === 'native'
    this.#pins = isNative ? usbSerialJtagPins(signals, before) : transistorPins(signals)
    if (this.#pins.isReset && !before.isReset) this.#halt('reset')
    if (this.#pins.isReset || !before.isReset) return
    if (isNative) {
      const { isBoot } = this.#pins
      // The mark holds for one reset.
      this.#pins = { isReset: false, isBoot: false }
      this.#release(isBoot)
      return
    }
    // EN rises slowly: IO0 is looked at when it is high.
    this.#rise = setTimeout(() => this.#release(this.#pins.isBoot), this.options.riseTime)
  }

  /** EN is pressed, with BOOT held or not. */
  press(button: 'boot' | 'reset'): void {
    if (this.#pty === null) return
    this.#halt('reset')
    this.#release(button === 'boot')
  }

  setHostBaud(baud: number): void {
    this.#uart.hostBaud = baud
  }

  /** A host opened the port (what nobody read is gone), or closed it. */
  setHeard(isHeard: boolean): void {
    this.#pty?.drain()
    this.#uart.isHeard = isHeard
    if (!isHeard) this.#uart.hostBaud = null
  }

  setFaults(faults: BoardFaults): void {
    this.#faults = { ...faults }
    this.#uart.countFaultsFromHere()
  }

  async dump(file: string): Promise<void> {
    await writeFile(file, this.flash.read(0, this.flash.size))
  }

  /** @param file bytes from address 0 on; what is beyond them is blank */
  async load(file: string): Promise<void> {
    const bytes = await readFile(file)
    this.flash.eraseAll()
    this.flash.program(0, bytes)
  }

  #release(isBoot: boolean): void {
    if (this.#pins.isReset) return
    this.#start(modelOf(this.options.chip).resets.powerOn, isBoot)
  }

  #start(reason: string, isBoot: boolean): void {
    this.#halt('boot')
    const { banner, strapping } = modelOf(this.options.chip)
    const boot = isBoot ? strapping.download : strapping.flash
    this.#print(`${banner}rst:${reason},boot:${boot}\r\n`)
    if (!isBoot) return this.#runFlash()
    if (this.options.security.downloadMode === 'disabled') {
      this.#print('Download boot modes disabled\r\n')
      this.#setMode('halted')
      return
    }
    this.#print('waiting for download\r\n')
    if ((this.#faults.deafTries ?? 0) > 0) {
      this.#faults.deafTries = (this.#faults.deafTries ?? 0) - 1
      this.#setMode('halted')
      return
    }
    this.#download()
  }

  #download(): void {
    this.#loader = new Loader({
      board: this.options,
      flash: this.flash,
      faults: () => this.#faults,
      baud: () => this.#uart.baud,
      send: (bytes) => this.#uart.send(bytes),
      sent: () => this.#uart.sent(),
      setBaud: (baud) => {
        this.#uart.baud = baud
      },
      matchBaud: () => {
        this.#uart.baud = this.#uart.hostBaud ?? this.#uart.baud
      },
      stubStarted: () => this.#setMode('stub'),
      restart: () => this.#start(modelOf(this.options.chip).resets.software, false),
    })
    this.#setMode('rom')
  }

  #runFlash(): void {
    const running = new AbortController()
    this.#running = running
    const { signal } = running
    void runFlash({
      board: this.options,
      flash: this.flash,
      faults: () => this.#faults,
      signal,
      print: (text) => {
        if (!signal.aborted) this.#print(text)
      },
      send: (bytes) => {
        if (!signal.aborted) this.#uart.send(bytes)
      },
      listen: (listener) => {
        if (!signal.aborted) this.#listener = listener
      },
      tell: (gateway) => {
        if (signal.aborted) return
        this.#gateway = gateway
        this.#setMode('app')
      },
      restart: (why) => {
        if (!signal.aborted) this.#start(modelOf(this.options.chip).resets[why], false)
      },
    })
    this.#events.onState(this.state)
  }

  /** Whatever runs, runs no more. */
  #halt(mode: BoardMode): void {
    clearTimeout(this.#rise)
    this.#loader?.stop()
    this.#loader = null
    this.#running?.abort()
    this.#running = null
    this.#listener = null
    this.#gateway = null
    this.#slip.reset()
    this.#uart.reset()
    this.#setMode(mode)
  }

  #receive(bytes: Uint8Array): void {
    if (this.#loader === null) {
      this.#listener?.(bytes)
      return
    }
    for (const packet of this.#slip.push(bytes)) this.#loader?.receive(packet)
  }

  #print(text: string): void {
    this.#uart.send(new TextEncoder().encode(text))
  }

  #setMode(mode: BoardMode): void {
    this.#mode = mode
    this.#events.onState(this.state)
  }
}
