import { printFigure, say } from '../figure.ts'
import { Load } from '../load/load.ts'
import { BenchSite, measured } from '../site/bench-site.ts'
import { provisionGateways } from '../site/provision.ts'

const GATEWAYS = 2_000
/** Enrolling them leaves garbage: a plant that stands for years has long collected it, so the engine starts anew. */
const SETTLE = 20_000

/** `memory.idle2000`: the whole engine with 2,000 gateways that are connected and silent. */
export async function benchMemory(): Promise<void> {
  const site = new BenchSite()
  const load = new Load()
  try {
    await site.create()
    await site.start()
    say(`provisioning ${GATEWAYS} gateways`)
    const { gateways } = await provisionGateways(site.client, GATEWAYS)
    await site.stop()
    await site.start()
    const empty = await site.memory()
    await load.prepare(gateways, await site.target())
    await load.connect()
    const full = await site.memory()
    await new Promise((resolve) => setTimeout(resolve, SETTLE))
    const idle = await site.memory()
    say(`  before ${empty.toFixed(0)}, just connected ${full.toFixed(0)}, idle ${idle.toFixed(0)} MiB`)
    printFigure({
      name: 'memory.idle2000',
      value: idle,
      unit: 'MiB',
      how: `resident memory of the engine, ${GATEWAYS} mTLS gateways connected and silent for ${SETTLE / 1_000} s; ${empty.toFixed(0)} MiB before they came, ${measured}`,
    })
  } finally {
    await Promise.allSettled([load.stop()])
    await site.remove()
  }
}
