const KEPT = 1_000

/** Durations of the last 1,000 commits. */
export class CommitTimes {
  private readonly times = new Float64Array(KEPT)
  count = 0

  add(ms: number): void {
    this.times[this.count % KEPT] = ms
    this.count += 1
  }

  /** ms; 0 before the first commit. */
  p99(): number {
    const kept = this.times.slice(0, Math.min(this.count, KEPT)).sort()
    return kept[Math.ceil(kept.length * 0.99) - 1] ?? 0
  }
}
