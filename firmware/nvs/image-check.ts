import { ExpectedError } from '#contract/errors.ts'
import { hex } from './layout.ts'

/**
 * `strict` is for images as a generator writes them, where nothing but what is meant may be there: every flipped bit
 * is found. `lenient` is for what a device has used: it reads what the device would read, and says what it left out.
 */
export type NvsReadMode = 'strict' | 'lenient'

/** A board that is broken in many places is told in so many words. */
const MOST_WARNINGS = 100

/** Where the reader tells what it dislikes: strict throws at once, lenient keeps it as a warning and goes on. */
export class ImageCheck {
  readonly isStrict: boolean
  readonly #warnings: string[] = []
  #faults = 0

  constructor(mode: NvsReadMode) {
    this.isStrict = mode === 'strict'
  }

  get warnings(): string[] {
    const more = this.#faults - this.#warnings.length
    return more === 0 ? [...this.#warnings] : [...this.#warnings, `and ${more} more`]
  }

  /** @throws ExpectedError `nvs_image_corrupt` where strict */
  fault(offset: number, problem: string): void {
    if (this.isStrict) throw new ExpectedError('nvs_image_corrupt', { at: hex(offset), problem })
    this.#faults += 1
    if (this.#faults <= MOST_WARNINGS) this.#warnings.push(`${hex(offset)}: ${problem}`)
  }

  /** Normal on a used board, and never in a factory image. @throws ExpectedError `nvs_image_corrupt` where strict */
  used(offset: number, problem: string): void {
    if (this.isStrict) this.fault(offset, problem)
  }
}
