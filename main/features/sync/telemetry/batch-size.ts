import { ExpectedError } from '#contract/errors.ts'

const [LEAST, MOST] = [200, 50_000] as const
/** ms that a batch should take, beside the ways there and back. */
const [SHORT, LONG] = [300, 800] as const
/** COPY's question, its end, and the call of the function: each waits for an answer. */
export const ROUND_TRIPS = 3

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

  /** `rows` took `ms`: a batch that was not full says nothing against a larger one. */
  took(rows: number, ms: number): void {
    const sending = ms - ROUND_TRIPS * this.#roundTrip
    if (sending > LONG)
      this.#rows = Math.max(
        Math.min(LEAST, this.#rows),
        Math.floor(Math.min(this.#rows, rows) * Math.max(0.25, LONG / 1.5 / sending)),
      )
    else if (sending < SHORT && rows >= this.#rows * 0.9) {
      const factor = Math.min(2, SHORT / Math.max(1, sending))
      this.#rows = Math.min(MOST, Math.ceil(this.#rows * factor))
    }
  }

  /** One was not through: the next is smaller, down to a single reading, which may be long. */
  failed(error: unknown): void {
    if (error instanceof ExpectedError && error.code === 'cloud_refused') return
    this.#rows = Math.max(1, this.#rows >> 1)
  }
}
