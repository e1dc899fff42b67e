import { join } from 'node:path'
import { say } from '../figure.ts'
import { beside } from '../options.ts'
import type { BenchSite } from '../site/bench-site.ts'
import { buildUnfolded } from '../store/bench-store.ts'

const EVERY = 1_000

/** What waits to be folded: call it before the site starts. The series are of no gateway, so nobody sees them. */
export function prepareFolding(site: BenchSite): void {
  if (beside.folding === 0) return
  const series = 60
  const hours = Math.max(1, Math.round(beside.folding / series / 3_600))
  say(`writing ${(series * hours * 3_600).toLocaleString('en')} settled rows to be folded meanwhile`)
  const day = 86_400_000
  const from = Math.floor((Date.now() - (hours + 48) * 3_600_000) / day) * day
  buildUnfolded(join(site.dataDir, 'telemetry'), { shape: 'two-decimal', series, from, hours })
}

/** Charts of the last hour in a thousand buckets, each asked for once a second, of one gateway after the other. */
export class OpenCharts {
  readonly #site: BenchSite
  readonly #gateways: number
  readonly #times: number[] = []
  readonly #closed = new AbortController()
  #loops: Promise<void>[] = []

  constructor(site: BenchSite, gateways: number) {
    this.#site = site
    this.#gateways = gateways
  }

  start(): void {
    this.#loops = Array.from({ length: beside.charts }, (_, index) => this.#keepAsking(index))
  }

  /** Says on stderr how long they took. */
  async stop(): Promise<void> {
    this.#closed.abort()
    await Promise.allSettled(this.#loops)
    const sorted = this.#times.toSorted((a, b) => a - b)
    const at = (share: number) => sorted[Math.floor(sorted.length * share)]?.toFixed(1)
    if (sorted.length > 0) say(`  ${sorted.length} charts, median ${at(0.5)}, p95 ${at(0.95)} ms`)
  }

  async #keepAsking(index: number): Promise<void> {
    const { signal } = this.#closed
    for (let round = index; !signal.aborted; round += 7) {
      const startedAt = performance.now()
      const code = `B${String((round % this.#gateways) + 1).padStart(6, '0')}`
      const from = Date.now() - 3_600_000
      await this.#site.client.telemetry.query({ gateway: code, from, buckets: 1_000 }).then(
        () => this.#times.push(performance.now() - startedAt),
        // Before the gateway's first reading it has no channel.
        () => {},
      )
      await new Promise((resolve) => setTimeout(resolve, EVERY))
    }
  }
}
