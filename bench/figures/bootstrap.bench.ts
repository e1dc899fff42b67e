import { BoxDoor } from '#simulator/box-door.ts'
import { claimBoxes } from '#simulator/claim-boxes.ts'
import { localMac } from '#simulator/fleet-plan.ts'
import { KnockingFleet } from '#simulator/knocking-fleet.ts'
import type { SimulatedGateway } from '#simulator/simulated-gateway.ts'
import { printFigure, say } from '../figure.ts'
import { BenchSite, measured } from '../site/bench-site.ts'
import { knockFlood } from '../site/knock-flood.ts'
import { peakMemory } from '../site/peak-memory.ts'
import { liftLimits } from '../site/provision.ts'
import { SENDS_EVERY, simulatedBox, timed, until, untilStored } from '../site/simulated-boxes.ts'

const BOXES = 1_000
const FLOOD = Number(process.env['MILLWRIGHT_BENCH_KNOCKS'] ?? 1_000_000)

/** `bootstrap.*`: a thousand boxes from unknown to a stored reading; then a flood of MACs that nobody knows. */
export async function benchBootstrap(): Promise<void> {
  const site = new BenchSite()
  try {
    await site.create()
    await site.start()
    await liftLimits(site.client)
    await benchThousand(site)
    await benchFlood(site)
  } finally {
    await site.remove()
  }
}

async function benchThousand(site: BenchSite): Promise<void> {
  const door = new BoxDoor({ origin: site.deviceOrigin, ca: await site.deviceCa() })
  const macs = Array.from({ length: BOXES }, localMac)
  const fleet = new KnockingFleet({ door, way: 'bootstrap', macs })
  const { signal } = new AbortController()
  const gateways: SimulatedGateway[] = []
  const stages: [name: string, seconds: number, how: string][] = []
  const { before, most } = await peakMemory(site, async () => {
    let enrolled = Promise.resolve()
    const knocked = await timed(async () => {
      enrolled = fleet.start(signal, (credentials, index) => {
        const gateway = simulatedBox(credentials, index)
        gateways.push(gateway)
        gateway.start()
      })
      await Promise.race([enrolled, until('knocks', () => fleet.count('new') === 0)])
    })
    stages.push(['knock', knocked, 'from the first request until each has its poll secret'])
    say(`  ${BOXES} knock: ${knocked.toFixed(1)} s`)
    const claim = { macs: new Set(macs), code: 'B{n:04}', tenant: undefined, signal }
    let claimed = 0
    const took = await timed(async () => (claimed = await claimBoxes(site.client, claim)))
    if (claimed !== BOXES) throw new Error(`${claimed} of ${BOXES} were claimed`)
    stages.push(['claim', took, 'listed and claimed in one job: keys, certificates, audit'])
    say(`  claimed: ${took.toFixed(1)} s`)
    const started = performance.now()
    fleet.pollNow()
    await enrolled
    const fetched = (performance.now() - started) / 1_000
    stages.push([
      'fetch',
      fetched,
      'each polls at once instead of every 30 s, and fetches; those that have connect',
    ])
    await untilStored(() => gateways, BOXES)
    const stored = (performance.now() - started) / 1_000
    stages.push([
      'reading',
      stored,
      `from that poll to the last PUBACK of a first reading, a message each ${SENDS_EVERY / 1_000} s`,
    ])
    say(`  first readings: ${stored.toFixed(1)} s`)
  })
  const boxes = `${BOXES} simulated boxes at once, each request its own TLS connection, beside the site on one machine, ${measured}`
  for (const [name, value, how] of stages)
    printFigure({ name: `bootstrap.${name}`, value, unit: 's', how: `${how}; ${boxes}` })
  printFigure({
    name: 'bootstrap.memory',
    value: most,
    unit: 'MiB',
    how: `most of the whole engine meanwhile, ${before.toFixed(0)} at rest before; ${boxes}`,
  })
  await Promise.all(gateways.map((gateway) => gateway.stop()))
  door.close()
}

async function benchFlood(site: BenchSite): Promise<void> {
  if (FLOOD === 0) return
  const flood = await knockFlood(site, FLOOD)
  const how = `${FLOOD} made-up MACs from 64 addresses, 64 connections kept open, beside the site on one machine; ${flood.taken} taken, ${flood.refused} answered 429, ${flood.failed} without an answer; ${measured}`
  const figures = [
    ['rate', flood.rate, '/s', 'answers a second; '],
    ['rows', flood.rows, '', 'boxes that wait afterwards; '],
    [
      'memory',
      flood.memory.most - flood.memory.before,
      'MiB',
      `most of the whole engine, over the ${flood.memory.before.toFixed(0)} before; `,
    ],
  ] as const
  for (const [name, value, unit, what] of figures)
    printFigure({ name: `bootstrap.flood.${name}`, value, unit, how: what + how })
}
