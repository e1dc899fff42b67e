import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { importFleet } from '#cli/simulate/import-fleet.ts'
import { connectSite, type SiteConnection } from '#cli/site/connect-site.ts'
import { BoxDoor } from '#simulator/box-door.ts'
import { claimBoxes } from '#simulator/claim-boxes.ts'
import { channelsOf, localMac } from '#simulator/fleet-plan.ts'
import type { GatewayCredentials } from '#simulator/gateway-credentials.ts'
import { KnockingFleet } from '#simulator/knocking-fleet.ts'
import { SimulatedFleet } from '#simulator/simulated-fleet.ts'
import { SimulatedGateway } from '#simulator/simulated-gateway.ts'
import { eventually } from '#tests/fixtures/eventually.ts'
import { startSite, type TestSite } from '#tests/fixtures/site.ts'

/** As `npm run bench -- enroll bootstrap` does with a thousand, at a size for every day. */
const COUNT = 60
const { signal } = new AbortController()
let site: TestSite
let connection: SiteConnection
let fleet: SimulatedFleet
let gateways: SimulatedGateway[] = []

beforeAll(async () => {
  site = await startSite()
  connection = await connectSite({ data: site.dataDir })
})
afterEach(async () => {
  await fleet.stop()
  gateways = []
})
afterAll(async () => {
  await connection.close()
  await site.stop()
})

function live(credentials: GatewayCredentials): SimulatedGateway {
  const channels = channelsOf(['climate'], credentials.code)
  const gateway = new SimulatedGateway({ credentials, channels, interval: 1_000, fault: null, now: Date.now })
  gateways.push(gateway)
  return gateway
}

/** Acknowledged is on disk; and each is where everybody looks for it. */
async function allLive(prefix: string): Promise<void> {
  const sent = () => gateways.filter(({ totals }) => totals.acknowledged > 0).length
  await eventually(async () => sent() === COUNT, `first readings of ${prefix}`, 60_000)
  const { gateways: listed } = await connection.client.gateways.list({ search: prefix, limit: 100 })
  expect(listed.map(({ code }) => code)).toEqual(
    Array.from({ length: COUNT }, (_, n) => prefix + String(n + 1).padStart(4, '0')),
  )
  expect(new Set(listed.map(({ state }) => state))).toEqual(new Set(['active']))
  const { channels } = (await site.local.get(`/api/v1/channels?gateway=${prefix}0060`)).json
  expect(channels.length).toBeGreaterThan(0)
}

test('gateways of a CSV are imported, get their keys in one ZIP, and send', async () => {
  const wish = { count: COUNT, prefix: 'CSV-', tenant: undefined, signal }
  const { fleet: credentials } = await importFleet(connection.client, wish)
  expect(new Set(credentials.map(({ privateKey }) => privateKey)).size).toBe(COUNT)
  fleet = new SimulatedFleet(credentials.map(live))
  await fleet.start()
  await allLive('CSV-')
})

test('boxes that knock at once are claimed in one job, fetch, and send', async () => {
  const ca = (await site.local.get('/pki/ca.crt')).text
  const door = new BoxDoor({ origin: site.addresses.deviceHttps[0] ?? '', ca })
  const macs = Array.from({ length: COUNT }, localMac)
  const boxes = new KnockingFleet({ door, way: 'bootstrap', macs })
  fleet = new SimulatedFleet([])
  const enrolled = boxes.start(signal, (credentials) => fleet.add(live(credentials)))
  await Promise.race([
    enrolled,
    eventually(async () => boxes.count('waiting') === COUNT, 'their knocks', 60_000),
  ])
  const claimed = await claimBoxes(connection.client, {
    macs: new Set(macs),
    code: 'ZT-{n:04}',
    tenant: undefined,
    signal,
  })
  expect(claimed).toBe(COUNT)
  boxes.pollNow()
  await enrolled
  await allLive('ZT-')
  door.close()
})
