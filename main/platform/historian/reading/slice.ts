/** ms after which a query lets others run. What follows the last look at the clock comes on top. */
export const SLICE_TIME = 10

/**
 * The time that a query may take before it yields:
 *
 *     if (slice.over) {
 *       yield
 *       slice.begin()
 *     }
 */
export class Slice {
  private readonly length: number
  private end: number

  constructor(length = SLICE_TIME) {
    this.length = length
    this.end = performance.now() + length
  }

  get over(): boolean {
    return performance.now() >= this.end
  }

  begin(): void {
    this.end = performance.now() + this.length
  }
}

/** `yield* rested(slice)` is the same in a word. */
export function* rested(slice: Slice): Generator<void, void> {
  if (!slice.over) return
  yield
  slice.begin()
}
