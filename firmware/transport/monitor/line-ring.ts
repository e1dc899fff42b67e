import type { BoardLine } from './boot-log.ts'

/** Lines that wait to be taken. */
const MOST_LINES = 10_000
/** Of UTF-16 text. */
const MOST_BYTES = 2_000_000

/** The newest lines of a board, within bounds: who is slow loses the oldest, and is told how many. */
export class LineRing {
  readonly #mostLines: number
  readonly #mostBytes: number
  #lines: BoardLine[] = []
  #start = 0
  #bytes = 0
  #dropped = 0

  constructor(bounds: { lines?: number; bytes?: number } = {}) {
    this.#mostLines = bounds.lines ?? MOST_LINES
    this.#mostBytes = bounds.bytes ?? MOST_BYTES
  }

  get size(): number {
    return this.#lines.length - this.#start
  }

  push(line: BoardLine): void {
    this.#lines.push(line)
    this.#bytes += line.text.length * 2
    while (this.size > this.#mostLines || (this.#bytes > this.#mostBytes && this.size > 1)) {
      this.#bytes -= (this.#lines[this.#start]?.text.length ?? 0) * 2
      this.#start++
      this.#dropped++
    }
    // The dropped half is given back at times, not with each line.
    if (this.#start > this.#mostLines) {
      this.#lines = this.#lines.slice(this.#start)
      this.#start = 0
    }
  }

  /** All lines, and how many were lost before them; empties the ring. */
  take(): { lines: BoardLine[]; dropped: number } {
    const taken = { lines: this.#lines.slice(this.#start), dropped: this.#dropped }
    this.#lines = []
    this.#start = 0
    this.#bytes = 0
    this.#dropped = 0
    return taken
  }
}
