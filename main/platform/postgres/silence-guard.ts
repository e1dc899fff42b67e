import type { TLSSocket } from 'node:tls'

export interface SilenceGuardOptions {
  /** Bytes that came and went so far, as they are on the wire. */
  read: () => number
  written: () => number
  /** Without a byte for so long, while an answer is due, the other end counts as gone, ms. */
  silence: number
  onSilent: () => void
}

/**
 * A link that takes this long for a byte is as good as cut, bytes a second: what was sent and not answered yet
 * gets this much time more, for the kernel takes megabytes from us before the line has them.
 */
const SLOWEST = 4_000
const LONGEST = 5 * 60_000
const LOOK_EVERY = 1_000

/**
 * Notices a connection whose other end is gone without a word (half-open, a hanging server): something was asked
 * and no byte comes. A connection with nothing under way may be silent for ever.
 */
export class SilenceGuard {
  readonly #options: SilenceGuardOptions
  #timer: NodeJS.Timeout | null = null
  #pending = false
  #lastRead = 0
  #writtenAtRead = 0
  #heardAt = 0

  constructor(options: SilenceGuardOptions) {
    this.#options = options
  }

  start(): void {
    const every = Math.min(LOOK_EVERY, Math.max(10, this.#options.silence / 4))
    this.#timer = setInterval(() => this.#look(performance.now()), every).unref()
  }

  stop(): void {
    if (this.#timer) clearInterval(this.#timer)
    this.#timer = null
  }

  /** Something was sent that must be answered. */
  sent(): void {
    if (this.#pending) return
    this.#pending = true
    this.#heard(performance.now())
  }

  /** Everything was answered. */
  answered(): void {
    this.#pending = false
  }

  #look(now: number): void {
    if (!this.#pending) return
    if (this.#options.read() !== this.#lastRead) {
      this.#heard(now)
      return
    }
    const unanswered = this.#options.written() - this.#writtenAtRead
    const allowed = Math.min(this.#options.silence + (unanswered / SLOWEST) * 1000, LONGEST)
    if (now - this.#heardAt < Math.max(allowed, this.#options.silence)) return
    this.stop()
    this.#options.onSilent()
  }

  #heard(now: number): void {
    this.#heardAt = now
    this.#lastRead = this.#options.read()
    this.#writtenAtRead = this.#options.written()
  }
}

/** Tells the guard of everything that is written to a socket. */
export function guardWrites(socket: TLSSocket, guard: SilenceGuard): void {
  const write = socket.write.bind(socket) as (...given: unknown[]) => boolean
  socket.write = (...given: unknown[]) => {
    guard.sent()
    return write(...given)
  }
}
