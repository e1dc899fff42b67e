import { median, printFigure, say } from '../figure.ts'
import { OpenCharts, prepareFolding } from '../load/beside-load.ts'
import { Load } from '../load/load.ts'
import { besideInWords } from '../options.ts'
import { BenchSite, measured } from '../site/bench-site.ts'
import { provisionGateways } from '../site/provision.ts'

const GATEWAYS = 500
const SECONDS = Number(process.env.MILLWRIGHT_BENCH_SECONDS ?? 20)
const ROUNDS = Number(process.env.MILLWRIGHT_BENCH_ROUNDS ?? 3)

/** `latency.p99.5k|10k|20k`: from the scheduled send to PUBACK, which comes after the commit. */
export async function benchLatency(): Promise<void> {
  const site = new BenchSite()
  const charts = new OpenCharts(site, GATEWAYS)
  const load = new Load()
  try {
    await site.create()
    prepareFolding(site)
    await site.start()
    say(`provisioning ${GATEWAYS} gateways`)
    const { gateways } = await provisionGateways(site.client, GATEWAYS)
    await load.prepare(gateways, await site.target())
    await load.connect()
    charts.start()
    await load.publish(5_000, 5)
    for (const rate of [5_000, 10_000, 20_000]) {
      const p99s: number[] = []
      for (let round = 0; round < ROUNDS; round += 1) {
        const { p50, p99, p999, unsent } = await load.publish(rate, SECONDS)
        say(
          `  ${rate}/s: p50 ${p50?.toFixed(1)}, p99 ${p99?.toFixed(1)}, p99.9 ${p999?.toFixed(1)} ms, ${unsent} late`,
        )
        if (p99 !== null) p99s.push(p99)
      }
      printFigure({
        name: `latency.p99.${rate / 1_000}k`,
        value: median(p99s),
        unit: 'ms',
        how: `median of ${ROUNDS} runs of ${SECONDS} s, ${GATEWAYS} mTLS gateways, QoS 1, open loop, from the scheduled send, ${measured}${besideInWords()}`,
      })
    }
  } finally {
    await charts.stop()
    await Promise.allSettled([load.stop()])
    await site.remove()
  }
}
