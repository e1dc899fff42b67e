import { ExpectedError } from '#contract/errors.ts'

const MOST = 50_000
/** ms that a batch should take, beside the ways there and back. */
const [SHORT, LONG] = [300, 800] as const
/**
 * What a batch has at least, however slow the line is (bytes, and readings of each of its runs), unless more than `SLOWEST`
 * ms go by: a reading alone costs several times as much as one among many, and so a line that carries twice what comes
 * would never catch up with it.
 */
const [LEAST_BYTES, LEAST_OF_RUN, SLOWEST] = [16 * 1024, 16, 10_000] as const
/** By how much a batch grows that is smaller than that, after one was not through. */
const GROWTH = 1.1
/** COPY's question, its end, and the call of the function: each waits for an answer. */
export const ROUND_TRIPS = 3

/** A batch that was through. */
export interface BatchTaken {
  readings: number
  /** Channels. */
  runs: number
  bytes: number
  ms: number
}

/** How many readings go together: as many as are through in about half a second, on a fast link and on a slow one. */
export class BatchSize {
  #rows = 2_000
  #roundTrip = 0

  get rows(): number {
    return this.#rows
  }

  /** The least time that an answer took, ms: it is there however little is sent. */
  set roundTrip(ms: number) {
    this.#roundTrip = ms
  }

  /** A batch that was not full says nothing against a larger one. */
  took({ readings, runs, bytes, ms }: BatchTaken): void {
    if (bytes === 0) return
    const rows = this.#rows
    const sending = Math.max(1, ms - ROUND_TRIPS * this.#roundTrip)
    const inTime = (readings * SLOWEST) / sending
    const least = Math.max((readings * LEAST_BYTES) / bytes, Math.min(runs * LEAST_OF_RUN, inTime))
    if (sending > LONG && rows > least) {
      const factor = Math.max(0.25, LONG / 1.5 / sending)
      this.#rows = Math.ceil(Math.max(least, Math.min(rows, readings) * factor))
    } else if (readings >= rows * 0.9 && (sending < SHORT || rows < least)) {
      const factor = sending < SHORT ? Math.min(2, SHORT / sending) : GROWTH
      this.#rows = Math.min(MOST, Math.ceil(rows * factor))
    }
  }

  /** One was not through: the next is smaller, down to a single reading, which may be long. */
  failed(error: unknown): void {
    if (error instanceof ExpectedError && error.code === 'cloud_refused') return
    this.#rows = Math.max(1, this.#rows >> 1)
  }
}
