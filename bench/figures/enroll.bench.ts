import { importFleet } from '#cli/simulate/import-fleet.ts'
import { SimulatedFleet } from '#simulator/simulated-fleet.ts'
import { median, printFigure, say } from '../figure.ts'
import { BenchSite, measured } from '../site/bench-site.ts'
import { provisionGateways } from '../site/provision.ts'
import { SENDS_EVERY, simulatedBox, timed, untilStored } from '../site/simulated-boxes.ts'

const GATEWAYS = 300
const IMPORTED = 1_000

/**
 * `enroll.ec`: one gateway after another through the API: key, certificate, sealed, committed, audited, answered.
 * `enroll.csv.*`: a thousand from one CSV, until each has sent a reading.
 */
export async function benchEnroll(): Promise<void> {
  const site = new BenchSite()
  try {
    await site.create()
    await site.start()
    await provisionGateways(site.client, 50, { atOnce: 1 })
    const { times } = await provisionGateways(site.client, GATEWAYS, { atOnce: 1, from: 1_000 })
    printFigure({
      name: 'enroll.ec',
      value: median(times),
      unit: 'ms',
      how: `median of ${GATEWAYS} calls of POST /api/v1/gateways/provision in turn, over the local socket, client's time included, ${measured}`,
    })
    await benchCsv(site)
  } finally {
    await site.remove()
  }
}

async function benchCsv(site: BenchSite): Promise<void> {
  const { signal } = new AbortController()
  const wish = { count: IMPORTED, prefix: 'CSV-', tenant: undefined, signal }
  const { fleet: credentials, times } = await importFleet(site.client, wish)
  if (credentials.length !== IMPORTED) throw new Error(`${credentials.length} of ${IMPORTED} have a key`)
  say(`  ${IMPORTED} imported and fetched: ${((times.imported + times.fetched) / 1_000).toFixed(1)} s`)
  const gateways = credentials.map(simulatedBox)
  const fleet = new SimulatedFleet(gateways)
  const stored = await timed(async () => {
    await fleet.start()
    await untilStored(() => gateways, IMPORTED)
  })
  await fleet.stop()
  const stages: [name: string, seconds: number, how: string][] = [
    ['import', times.imported / 1_000, 'upload of the CSV until the job is done: keys, certificates, audit'],
    ['fetch', times.fetched / 1_000, 'the ZIP of all ZIPs, unpacked here, until its receipt is confirmed'],
    [
      'reading',
      stored,
      `100 connections a second, until the last PUBACK of a first reading, a message each ${SENDS_EVERY / 1_000} s`,
    ],
  ]
  for (const [name, value, how] of stages)
    printFigure({
      name: `enroll.csv.${name}`,
      value,
      unit: 's',
      how: `${how}; ${IMPORTED} gateways, the simulator beside the site on one machine, ${measured}`,
    })
}
