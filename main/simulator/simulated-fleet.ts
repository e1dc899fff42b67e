import { LatencyHistogram } from './latency-histogram.ts'
import type { SimulatedGateway } from './simulated-gateway.ts'

/** Gateways that may be shaking hands at the same time: a plant that comes back after a power cut is harder. */
const STARTS_PER_SECOND = 100

export interface FleetSummary {
  gateways: number
  online: number
  sent: number
  acknowledged: number
  errors: number
  connects: number
  /** ms; null before the first acknowledgement. */
  p50: number | null
  p99: number | null
  /** Of the first gateway that has one. */
  lastError: string | null
}

/** Many simulated gateways, started one after another and stopped together. */
export class SimulatedFleet {
  readonly #gateways: SimulatedGateway[]
  #stopped = false

  constructor(gateways: readonly SimulatedGateway[]) {
    this.#gateways = [...gateways]
  }

  /** One more, which starts at once. */
  add(gateway: SimulatedGateway): void {
    if (this.#stopped) return
    this.#gateways.push(gateway)
    gateway.start()
  }

  async start(): Promise<void> {
    // Those that are added meanwhile start themselves.
    for (const gateway of this.#gateways.slice()) {
      if (this.#stopped) return
      gateway.start()
      await new Promise((resolve) => setTimeout(resolve, 1_000 / STARTS_PER_SECOND))
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await Promise.all(this.#gateways.map((gateway) => gateway.stop()))
  }

  summary(): FleetSummary {
    const latencies = new LatencyHistogram()
    const sum = { sent: 0, acknowledged: 0, errors: 0, connects: 0 }
    for (const { latencies: own, totals } of this.#gateways) {
      latencies.add(own)
      for (const name of ['sent', 'acknowledged', 'errors', 'connects'] as const) sum[name] += totals[name]
    }
    return {
      gateways: this.#gateways.length,
      online: this.#gateways.filter((gateway) => gateway.online).length,
      ...sum,
      p50: latencies.quantile(0.5),
      p99: latencies.quantile(0.99),
      lastError: this.#gateways.find((gateway) => gateway.lastError !== null)?.lastError ?? null,
    }
  }
}
