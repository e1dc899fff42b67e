import type { BoardFaults } from '../board-options.ts'
import { damaged, garbled, randomBytes } from './line-noise.ts'

/** Bits of a byte on the line: start, eight, stop. */
const BITS = 10
/** UARTs understand each other within about this much. */
const TOLERANCE = 0.03
/** Bytes that are put on the line in one piece, so that a long answer flows as it does from a chip. */
const PIECE = 1_024
/** ms; whatever is later than this is no timer, but a machine that is too slow. */
const MOST_LAG = 20

/** Where the bytes go and come from. */
interface Wire {
  write(bytes: Uint8Array): void
  pause(): void
  resume(): void
}

interface UartOptions {
  isPaced: boolean
  /** As they are now. */
  faults(): BoardFaults
  /** Bytes as the chip reads them. */
  received(bytes: Uint8Array): void
  /** The plug is pulled: called before the byte of that number is read. */
  unplug(): void
}

/** The chip's serial port: takes its time, and makes noise of what comes at another speed. */
export class Uart {
  /** Of the chip. */
  baud = 115_200
  /** Of the host; null until it says so: then it is taken to be right. */
  hostBaud: number | null = null
  /** A host has the port open, or none ever said whether it has. */
  isHeard = true
  /** Bytes that the host wrote since the board has power. */
  hostBytes = 0
  readonly #options: UartOptions
  #wire: Wire | null = null
  /** `hostBytes` when the faults were set. */
  #faultsFrom = 0
  /** ms that the line is behind what it should be at. */
  #lag = 0
  #inFreeAt = 0
  #outFreeAt = 0
  #outgoing: Uint8Array[] = []
  #outTimer: NodeJS.Timeout | undefined
  #inTimer: NodeJS.Timeout | undefined
  #whenSent: (() => void)[] = []

  constructor(options: UartOptions) {
    this.#options = options
  }

  attach(wire: Wire): void {
    this.#wire = wire
    this.hostBytes = 0
    this.#faultsFrom = 0
  }

  detach(): void {
    this.reset()
    clearTimeout(this.#inTimer)
    this.#wire = null
  }

  /** Byte numbers of faults count from now on. */
  countFaultsFromHere(): void {
    this.#faultsFrom = this.hostBytes
  }

  /** The chip is reset: what it had still to say is lost, and it speaks at its first speed again. */
  reset(): void {
    clearTimeout(this.#outTimer)
    this.#outTimer = undefined
    this.#outgoing = []
    this.#outFreeAt = 0
    this.baud = 115_200
    for (const done of this.#whenSent.splice(0)) done()
  }

  send(bytes: Uint8Array): void {
    if (this.#wire === null) return
    for (let at = 0; at < bytes.length; at += PIECE) this.#outgoing.push(bytes.subarray(at, at + PIECE))
    if (this.#outTimer === undefined) this.#sendNext()
  }

  /** Resolves when all is on the line that was sent so far. */
  sent(): Promise<void> {
    if (this.#outgoing.length === 0 && this.#outTimer === undefined) return Promise.resolve()
    return new Promise((resolve) => this.#whenSent.push(resolve))
  }

  /** Bytes as they come out of the pty. */
  take(bytes: Uint8Array): void {
    if (this.#wire === null) return
    const wait = this.#options.isPaced ? this.#timeFor('in', bytes.length, this.hostBaud ?? this.baud) : 0
    if (wait < 1) {
      if (this.#options.isPaced) this.#note('in')
      this.#deliver(bytes)
      return
    }
    this.#wire?.pause()
    this.#inTimer = setTimeout(() => {
      this.#note('in')
      this.#wire?.resume()
      this.#deliver(bytes)
    }, wait)
  }

  #sendNext(): void {
    const piece = this.#outgoing.shift()
    if (piece === undefined) {
      for (const done of this.#whenSent.splice(0)) done()
      return
    }
    const wait = this.#options.isPaced ? this.#timeFor('out', piece.length, this.baud) : 0
    if (wait < 1) {
      if (this.#options.isPaced) this.#note('out')
      this.#transmit(piece)
      this.#sendNext()
      return
    }
    this.#outTimer = setTimeout(() => {
      this.#outTimer = undefined
      this.#note('out')
      this.#transmit(piece)
      this.#sendNext()
    }, wait)
  }

  #transmit(piece: Uint8Array): void {
    if (!this.isHeard) return
    const heard = damaged(this.#isMismatched() ? garbled(piece) : piece, this.#options.faults(), null)
    if (heard.length > 0) this.#wire?.write(heard)
  }

  #deliver(bytes: Uint8Array): void {
    if (this.#wire === null) return
    const faults = this.#options.faults()
    const from = this.hostBytes - this.#faultsFrom
    this.hostBytes += bytes.length
    const isCut = faults.unplugAt !== undefined && from + bytes.length > faults.unplugAt
    const arrived = isCut ? bytes.subarray(0, Math.max(0, (faults.unplugAt ?? 0) - from)) : bytes
    if (faults.noise === true) this.send(randomBytes(8))
    const read =
      this.#isMismatched() || faults.noise === true ? garbled(arrived) : damaged(arrived, faults, from)
    if (read.length > 0) this.#options.received(read)
    if (isCut) this.#options.unplug()
  }

  #isMismatched(): boolean {
    const { fastest } = this.#options.faults()
    if (fastest !== undefined && this.baud > fastest) return true
    if (this.hostBaud === null) return false
    return Math.abs(this.hostBaud / this.baud - 1) > TOLERANCE
  }

  /** ms until the last of these bytes is over. */
  #timeFor(way: 'in' | 'out', count: number, baud: number): number {
    const now = performance.now()
    // What a late timer held up would have begun earlier by as much.
    const start = Math.max(way === 'in' ? this.#inFreeAt : this.#outFreeAt, now - this.#lag)
    const end = start + (count * BITS * 1_000) / baud
    if (way === 'in') this.#inFreeAt = end
    else this.#outFreeAt = end
    return end - now
  }

  /** Timers are coarse: notes by how much this one is late, or how much too early where none was worth while. */
  #note(way: 'in' | 'out'): void {
    const end = way === 'in' ? this.#inFreeAt : this.#outFreeAt
    this.#lag = Math.min(MOST_LAG, performance.now() - end)
  }
}
