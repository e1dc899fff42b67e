import { median, printFigure, say } from '../figure.ts'
import { OpenCharts, prepareFolding } from '../load/beside-load.ts'
import { Load } from '../load/load.ts'
import { besideInWords } from '../options.ts'
import { PeerPipeline } from '../peer/peer-pipeline.ts'
import { BenchSite, measured } from '../site/bench-site.ts'
import { provisionGateways } from '../site/provision.ts'
import { findHeldRate, type Held, heldAt } from './held-rate.ts'

const GATEWAYS = 500
/** Seconds of the long run at the held rate; quality.md asks for 600. */
const SECONDS = Number(process.env.MILLWRIGHT_BENCH_SECONDS ?? 60)
const ROUNDS = Number(process.env.MILLWRIGHT_BENCH_ROUNDS ?? 3)
const STEP_SECONDS = Number(process.env.MILLWRIGHT_BENCH_STEP_SECONDS ?? 8)

/**
 * `ingest.rate` and `ingest.ratio`: the highest rate that is held, ours and the peer's in turn, then the long run. The
 * idle pipeline of the two stays up, without work.
 */
export async function benchIngest(): Promise<void> {
  const site = new BenchSite()
  const charts = new OpenCharts(site, GATEWAYS)
  const peer = new PeerPipeline()
  const [ourLoad, peerLoad] = [new Load(), new Load()]
  try {
    await site.create()
    prepareFolding(site)
    await site.start()
    say(`provisioning ${GATEWAYS} gateways`)
    const { gateways } = await provisionGateways(site.client, GATEWAYS)
    await ourLoad.prepare(gateways, await site.target())
    await peer.start(await site.deviceCa())
    await peerLoad.prepare(gateways, peer.target)
    await ourLoad.connect()
    await peerLoad.connect()
    const ours: Held = { load: ourLoad, committed: () => site.committed(), name: 'millwright' }
    const theirs: Held = { load: peerLoad, committed: () => peer.committed(), name: 'mosquitto' }
    charts.start()
    // The first seconds of a process are spent compiling it.
    await heldAt(ours, 5_000, 5)
    await heldAt(theirs, 5_000, 5)
    const rates: number[] = []
    const peerRates: number[] = []
    const ratios: number[] = []
    for (let round = 0; round < ROUNDS; round += 1) {
      const [first, second] = round % 2 === 0 ? [ours, theirs] : [theirs, ours]
      const held = new Map([
        [first, await findHeldRate(first, STEP_SECONDS)],
        [second, await findHeldRate(second, STEP_SECONDS)],
      ])
      const [rate = 0, peerRate = 0] = [held.get(ours), held.get(theirs)]
      say(`round ${round + 1}: millwright ${rate}, mosquitto ${peerRate} per second`)
      rates.push(rate)
      peerRates.push(peerRate)
      if (peerRate > 0) ratios.push(rate / peerRate)
    }
    await peerLoad.stop()
    await peer.stop()
    const load = `${GATEWAYS} mTLS gateways, QoS 1, 60 B JSON, one reading a message, 20 in flight, ${measured}${besideInWords()}`
    const how = `median of ${ROUNDS} interleaved searches of ${STEP_SECONDS} s steps, ${load}`
    printFigure({
      name: 'ingest.ratio',
      value: median(rates),
      unit: '1/s',
      peer: median(peerRates),
      ratio: median(ratios),
      how: `${how}; peer: mosquitto + Node subscriber, group commit to SQLite at FULL, ack after`,
    })
    const long = await holdFor(ours, median(rates) ?? 0)
    printFigure({ name: 'ingest.rate', ...long, unit: '1/s', how: `held for ${SECONDS} s, ${load}` })
  } finally {
    await charts.stop()
    await Promise.allSettled([ourLoad.stop(), peerLoad.stop(), peer.stop()])
    await site.remove()
  }
}

/** What is held for seconds may not be for minutes: goes down until it is. */
async function holdFor(ours: Held, start: number): Promise<{ value: number | null }> {
  for (let rate = start; rate >= 1_000; rate = Math.floor(rate * 0.93)) {
    const { held } = await heldAt(ours, rate, SECONDS)
    if (held) return { value: rate }
  }
  return { value: null }
}
