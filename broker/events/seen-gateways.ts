import type { Gateway } from '#broker/auth/gateway.ts'
import type { BrokerEvent } from '#broker/port.ts'

const EVERY = 1_000

/** Gateways whose readings were committed, told once a second. */
export class SeenGateways {
  private seen: Gateway[] = []
  private timer: NodeJS.Timeout | null = null
  private readonly emit: (event: BrokerEvent) => void
  private readonly now: () => number

  constructor(emit: (event: BrokerEvent) => void, now: () => number) {
    this.emit = emit
    this.now = now
  }

  start(): void {
    this.timer = setInterval(() => this.tell(), EVERY).unref()
  }

  stop(): void {
    if (this.timer) clearInterval(this.timer)
    this.tell()
  }

  add(gateways: Iterable<Gateway>): void {
    for (const gateway of gateways) {
      if (gateway.seen) continue
      gateway.seen = true
      this.seen.push(gateway)
    }
  }

  private tell(): void {
    if (this.seen.length === 0) return
    const gatewayIds = this.seen.map(({ id }) => id)
    for (const gateway of this.seen) gateway.seen = false
    this.seen = []
    this.emit({ type: 'gatewaysSeen', at: this.now(), gatewayIds })
  }
}
