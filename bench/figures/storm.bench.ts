import { median, printFigure, say } from '../figure.ts'
import { Load } from '../load/load.ts'
import { BenchSite, measured } from '../site/bench-site.ts'
import { provisionGateways } from '../site/provision.ts'

const GATEWAYS = 1_000
const ROUNDS = Number(process.env.MILLWRIGHT_BENCH_ROUNDS ?? 5)

/** `storm.fresh|resumed`: every gateway comes back at the same moment, with and without a TLS session to resume. */
export async function benchStorm(): Promise<void> {
  const site = new BenchSite()
  const load = new Load()
  try {
    await site.create()
    await site.start()
    say(`provisioning ${GATEWAYS} gateways`)
    const { gateways } = await provisionGateways(site.client, GATEWAYS)
    await load.prepare(gateways, await site.target())
    await load.connect()
    const times = { fresh: [] as number[], resumed: [] as number[] }
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const kind of ['fresh', 'resumed'] as const) {
        await load.cut()
        await new Promise((resolve) => setTimeout(resolve, 1_500))
        const seconds = await load.connect({ resume: kind === 'resumed', atOnce: GATEWAYS })
        say(`  ${kind}: ${seconds.toFixed(2)} s`)
        times[kind].push(seconds)
      }
    }
    for (const kind of ['fresh', 'resumed'] as const) {
      printFigure({
        name: `storm.${kind}`,
        value: median(times[kind]),
        unit: 's',
        how: `median of ${ROUNDS}: ${GATEWAYS} mTLS gateways cut at once, from the first SYN to the last CONNACK, clients in one process beside, ${measured}`,
      })
    }
  } finally {
    await Promise.allSettled([load.stop()])
    await site.remove()
  }
}
