import { LatencyHistogram } from '#simulator/latency-histogram.ts'
import type { LeanGateway } from './lean-gateway.ts'
import type { PublishResult } from './load-protocol.ts'

/** Longest wait for acknowledgements after the last send, in ms. */
const DRAIN_LIMIT = 10_000

/**
 * Sends on a fixed schedule whatever the answers do: message `k` falls due at `start + k / rate` and belongs to gateway
 * `k mod n`. One whose gateway has 20 in flight waits, and its latency counts from when it was due: a slow engine
 * cannot hide behind a load that slows with it (coordinated omission).
 */
export async function publishOpenLoop(
  gateways: readonly LeanGateway[],
  { rate, seconds, warmUp }: { rate: number; seconds: number; warmUp: number },
): Promise<PublishResult> {
  const count = gateways.length
  const spacing = 1_000 / rate
  const start = performance.now() + 20
  const wallStart = Date.now() + 20
  const total = Math.floor(rate * seconds)
  const warm = new LatencyHistogram()
  const measured = new LatencyHistogram()
  /** Rounds sent by each gateway: its message `round` is `round * count + index`. */
  const rounds = new Uint32Array(count)
  let due = 0
  let sent = 0
  let lost = 0
  let lastAcknowledgement = start

  function sendDue(index: number): void {
    const gateway = gateways[index]
    let round = rounds[index] ?? 0
    let message = round * count + index
    while (message < due && gateway?.hasRoom) {
      gateway.send(start + message * spacing, Math.round(wallStart + message * spacing))
      sent += 1
      round += 1
      message += count
    }
    rounds[index] = round
  }

  for (const [index, gateway] of gateways.entries()) {
    gateway.acknowledged = 0
    gateway.latencies = warm
    gateway.onFree = () => {
      lastAcknowledgement = performance.now()
      sendDue(index)
    }
    gateway.onLost = () => {
      lost += 1
    }
  }
  const measureFrom = start + warmUp * 1_000
  let measuring = false
  while (due < total) {
    await new Promise((resolve) => setTimeout(resolve, 1))
    const now = performance.now()
    if (!measuring && now >= measureFrom) {
      measuring = true
      for (const gateway of gateways) gateway.latencies = measured
    }
    const next = Math.min(total, Math.max(0, Math.floor((now - start) / spacing)))
    const from = due
    due = next
    // Each gateway once, however far the clock moved on: sendDue catches up by itself.
    for (let message = from; message < Math.min(next, from + count); message += 1) sendDue(message % count)
  }
  const unsent = due - sent
  const limit = performance.now() + DRAIN_LIMIT
  const open = (): boolean => sent < due || gateways.some((gateway) => gateway.inFlight > 0)
  while (open() && performance.now() < limit) await new Promise((resolve) => setTimeout(resolve, 5))
  for (const gateway of gateways) {
    gateway.onFree = () => {}
    gateway.latencies = null
  }
  return {
    due,
    sent,
    unsent,
    lost,
    acknowledged: gateways.reduce((sum, gateway) => sum + gateway.acknowledged, 0),
    seconds: (lastAcknowledgement - start) / 1_000,
    p50: measured.quantile(0.5),
    p99: measured.quantile(0.99),
    p999: measured.quantile(0.999),
  }
}
