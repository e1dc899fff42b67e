import { ESPError, ESPLoader, UnsupportedCommandError } from 'esptool-js'
import type { LineTransport } from './line-transport.ts'
import { NoAnswer } from './line-transport.ts'

/** First byte of what a chip answers. */
const ANSWER = 1
/** Second status byte: the ROM has no such command. */
const INVALID_COMMAND = 5

/** The chip refused a command. */
export class CommandRefused extends ESPError {
  readonly status: number

  constructor(status: number) {
    super(`status 0x${status.toString(16).padStart(2, '0')}`)
    this.status = status
  }
}

/** esptool-js's loader: its words go into the job's log, and waiting ends when it should. */
export class BoardLoader extends ESPLoader {
  private readonly line: LineTransport

  constructor(transport: LineTransport, onLog: (text: string) => void) {
    const say = (text: string): void => {
      const words = text.trim()
      if (words !== '') onLog(words)
    }
    super({
      transport,
      baudrate: transport.baudrate,
      terminal: { clean: () => {}, writeLine: say, write: say },
    })
    this.line = transport
  }

  /**
   * The answer to a command. The stock one waits the whole time anew for each frame that is something else, which
   * on a noisy line is without end.
   * @param timeout ms for all of it
   */
  override async readPacket(
    op: number | null = null,
    timeout: number = this.DEFAULT_TIMEOUT,
  ): Promise<[number, Uint8Array]> {
    const end = performance.now() + timeout
    for (;;) {
      const frame = await this.line.read(Math.max(1, end - performance.now()))
      if (frame.length >= 8 && frame[0] === ANSWER) {
        const data = frame.slice(8)
        if (op === null || frame[1] === op) return [wordAt(frame, 4), data]
        if (data[0] !== 0 && data[1] === INVALID_COMMAND) {
          // The ROM says it eight times.
          await this.line.drainInput()
          throw new UnsupportedCommandError()
        }
      }
      if (performance.now() >= end) throw new NoAnswer('no answer')
    }
  }

  /**
   * Sends an encoded frame and waits for its answer.
   * @throws {CommandRefused} @throws {NoAnswer}
   */
  async sendFrame(op: number, frame: Uint8Array, timeout: number): Promise<void> {
    this.line.flushInput()
    await this.line.writeFrame(frame)
    const [, data] = await this.readPacket(op, timeout)
    const [first = 0, second = 0] = data
    // The ROM says 1, then why; the stub says why, then 0.
    if (first !== 0) throw new CommandRefused(first === 1 ? second : first)
  }
}

/** Little-endian, unsigned. */
export function wordAt(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(at, true)
}

/** Little-endian words, as commands carry them. */
export function wordsOf(...words: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(words.length * 4)
  const view = new DataView(bytes.buffer)
  for (const [index, word] of words.entries()) view.setUint32(index * 4, word, true)
  return bytes
}
