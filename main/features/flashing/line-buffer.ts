import type { BoardLine } from './bench-port.ts'

/** Lines that wait for a slow receiver. */
const MOST_LINES = 2_000

/** Gathers what a board says for one receiver; of more than it can take, the oldest go and are counted. */
export class LineBuffer {
  #lines: BoardLine[] = []
  #dropped = 0

  add(lines: readonly BoardLine[], dropped: number): void {
    this.#dropped += dropped
    this.#lines.push(...lines.slice(-MOST_LINES))
    const tooMany =
      lines.length - Math.min(lines.length, MOST_LINES) + Math.max(0, this.#lines.length - MOST_LINES)
    this.#dropped += tooMany
    if (this.#lines.length > MOST_LINES) this.#lines = this.#lines.slice(-MOST_LINES)
  }

  /** Null where nothing came since the last call. */
  take(): { lines: BoardLine[]; dropped: number } | null {
    if (this.#lines.length === 0 && this.#dropped === 0) return null
    const taken = { lines: this.#lines, dropped: this.#dropped }
    this.#lines = []
    this.#dropped = 0
    return taken
  }
}
