const STEPS_PER_DOUBLING = 32
const SMALLEST = 0.001

/**
 * Counts of latencies (ms) in buckets that grow by 2 % each, from a microsecond to an hour: millions of them in a
 * few kilobytes, with quantiles true to 2 %.
 */
export class LatencyHistogram {
  readonly #counts = new Float64Array(STEPS_PER_DOUBLING * 32)
  #total = 0

  get count(): number {
    return this.#total
  }

  record(latency: number): void {
    const step = Math.floor(Math.log2(Math.max(latency, SMALLEST) / SMALLEST) * STEPS_PER_DOUBLING)
    const index = Math.min(step, this.#counts.length - 1)
    this.#counts[index] = (this.#counts[index] ?? 0) + 1
    this.#total += 1
  }

  /** The latency (ms) that the share `quantile` of all stays at or below; null without any. */
  quantile(quantile: number): number | null {
    if (this.#total === 0) return null
    const rank = Math.max(1, Math.ceil(quantile * this.#total))
    let seen = 0
    for (const [index, count] of this.#counts.entries()) {
      seen += count
      if (seen >= rank) return SMALLEST * 2 ** ((index + 1) / STEPS_PER_DOUBLING)
    }
    return null
  }

  add(other: LatencyHistogram): void {
    for (const [index, count] of other.#counts.entries())
      this.#counts[index] = (this.#counts[index] ?? 0) + count
    this.#total += other.#total
  }

  clear(): void {
    this.#counts.fill(0)
    this.#total = 0
  }
}
