import { median, printFigure, say } from '../figure.ts'
import { BenchSite, measured } from '../site/bench-site.ts'
import { provisionGateways } from '../site/provision.ts'

const GATEWAYS = 10_000
const ROUNDS = Number(process.env.MILLWRIGHT_BENCH_ROUNDS ?? 5)

/** `ready.10k`: from the start of the process to the "ready" line, with 10,000 gateways in the store. */
export async function benchReady(): Promise<void> {
  const site = new BenchSite()
  try {
    await site.create()
    await site.start()
    say(`provisioning ${GATEWAYS} gateways`)
    await provisionGateways(site.client, GATEWAYS)
    await site.stop()
    const times: number[] = []
    for (let round = 0; round < ROUNDS; round += 1) {
      const seconds = await site.start()
      say(`  ready after ${seconds.toFixed(2)} s`)
      times.push(seconds)
      await site.stop()
    }
    printFigure({
      name: 'ready.10k',
      value: median(times),
      unit: 's',
      how: `median of ${ROUNDS} starts of the process, to its "ready" line, ${GATEWAYS} gateways, ${measured}`,
    })
  } finally {
    await site.remove()
  }
}
