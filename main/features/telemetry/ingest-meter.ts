/** How many readings arrive: per second now, and a trend of ten-second spans. */
export class IngestMeter {
  total = 0
  readonly #span: number
  readonly #kept: number
  #trend: number[] = []
  #seconds: number[] = []
  #spanCount = 0
  #secondCount = 0
  #tick = 0

  /** `kept` spans of `span` seconds make the trend. */
  constructor(span = 10, kept = 60) {
    this.#span = span
    this.#kept = kept
  }

  add(readings: number): void {
    this.total += readings
    this.#secondCount += readings
    this.#spanCount += readings
  }

  /** Call it once a second. */
  tick(): void {
    this.#seconds = [...this.#seconds, this.#secondCount].slice(-5)
    this.#secondCount = 0
    if (++this.#tick % this.#span !== 0) return
    this.#trend = [...this.#trend, this.#spanCount / this.#span].slice(-this.#kept)
    this.#spanCount = 0
  }

  /** Mean of the last five seconds, one decimal. */
  perSecond(): number {
    if (this.#seconds.length === 0) return 0
    const sum = this.#seconds.reduce((total, count) => total + count, 0)
    return Math.round((sum / this.#seconds.length) * 10) / 10
  }

  trend(): number[] {
    return this.#trend
  }
}
