import type { LineMeaning } from '#contract/model/board-line.ts'
import type { RawLine } from './line-splitter.ts'
import { isNoise, lineText } from './line-text.ts'
import { type MeaningData, meaningOf } from './meanings.ts'

/** A line of a board, decoded. */
export interface BoardLine {
  /** ms */
  at: number
  text: string
  /** What it means, where that is known. */
  meaning: LineMeaning | null
  data: MeaningData
}

/** So many resets in so short a time are a loop; a person who presses EN twice is none. */
const LOOP_RESETS = 4
const LOOP_MS = 60_000

/** Decodes what a board says while it starts and runs, line by line. */
export class BootLog {
  readonly #keepColours: boolean
  #resets: number[] = []
  #lastTrouble: LineMeaning | undefined

  constructor(options: { keepColours?: boolean } = {}) {
    this.#keepColours = options.keepColours ?? false
  }

  /** @param at ms, when it came */
  decode(line: RawLine, at: number): BoardLine {
    const text = lineText(line.bytes, { keepColours: this.#keepColours })
    if (isNoise(line.bytes)) {
      return { at, text, meaning: 'noise', data: { bytes: line.bytes.length } }
    }
    const meant = meaningOf(this.#keepColours ? lineText(line.bytes) : text)
    if (meant === undefined) return { at, text, meaning: null, data: {} }
    if ('cause' in meant.data && 'code' in meant.data) return this.#reset(at, text, meant)
    if (troubles.has(meant.meaning)) this.#lastTrouble = meant.meaning
    return { at, text, ...meant }
  }

  /** A reset that is one of many tells so, and what the board said before it. */
  #reset(at: number, text: string, meant: { meaning: LineMeaning; data: MeaningData }): BoardLine {
    // Switching on begins anew; the resets of a loop are its own doing.
    if (meant.data['cause'] === 'power') this.#resets = []
    this.#resets = [...this.#resets.filter((reset) => at - reset < LOOP_MS), at]
    const first = this.#resets[0] ?? at
    if (this.#resets.length < LOOP_RESETS) return { at, text, ...meant }
    const data = {
      ...meant.data,
      count: this.#resets.length,
      seconds: Math.round((at - first) / 1000),
      after: meant.meaning === 'brownout' ? 'brownout' : (this.#lastTrouble ?? 'unknown'),
    }
    return { at, text, meaning: 'boot_loop', data }
  }
}

/** What makes a board start anew by itself. */
const troubles: ReadonlySet<LineMeaning> = new Set([
  'panic',
  'abort',
  'assert',
  'stack_overflow',
  'watchdog',
  'brownout',
  'no_app',
  'flash_error',
  'flash_size',
  'secure_boot',
])
