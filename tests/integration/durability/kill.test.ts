import { readFile, rm } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { connectAsync, type MqttClient } from 'mqtt'
import { afterAll, expect, test } from 'vitest'
import type { Reading } from '#contract/model/reading.ts'
import { type Credentials, provisioned } from '#tests/fixtures/credentials.ts'
import { startSite } from '#tests/fixtures/site.ts'
import { type SiteProcess, serve } from '#tests/fixtures/site-process.ts'

const ROUNDS = process.env['MILLWRIGHT_LONG'] === '1' ? 100 : 5
const GATEWAYS = 10
const IN_FLIGHT = 20

let dataDir = ''
afterAll(() => rm(dataDir, { recursive: true, force: true }))

interface Load {
  gateway: Credentials
  code: string
  /** Numbers whose PUBACK arrived. */
  acknowledged: number[]
  sent: number
}

/** Publishes numbered readings, at most twenty in flight, until the connection breaks. */
async function publishUntilBroken(load: Load, port: number): Promise<void> {
  const { gateway } = load
  let client: MqttClient
  try {
    const [cert, key, ca] = await Promise.all([
      readFile(gateway.cert),
      readFile(gateway.key),
      readFile(gateway.ca),
    ])
    const options = { clientId: gateway.clientId, cert, key, ca, reconnectPeriod: 0 }
    // Without retries, or a kill before the CONNACK would be waited for for ever.
    client = await connectAsync(`mqtts://127.0.0.1:${port}`, options, false)
  } catch {
    return
  }
  let broken = false
  client.on('close', () => {
    broken = true
  })
  client.on('error', () => undefined)
  const lane = async () => {
    while (!broken) {
      const number = ++load.sent
      const message = JSON.stringify({ ts: 1_770_000_000_000 + number, values: { number } })
      const result = client.publishAsync(gateway.telemetryTopic, message, { qos: 1 }).then(
        () => load.acknowledged.push(number),
        () => undefined,
      )
      await Promise.race([result, sleep(2_000)])
    }
  }
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane))
  client.end(true)
}

async function storedNumbers(site: SiteProcess, code: string): Promise<Map<number, number>> {
  const stored = new Map<number, number>()
  let after = ''
  do {
    const { json } = await site.local.get(
      `/api/v1/telemetry/query?gateway=${code}&channel=number&from=1770000000000&to=1780000000000&limit=10000${after}`,
    )
    for (const { ts, value } of (json.readings ?? []) as Reading[])
      stored.set(ts - 1_770_000_000_000, value as number)
    after = typeof json.next !== 'number' ? '' : `&after=${json.next}`
  } while (after !== '')
  return stored
}

test(`every acknowledged reading survives SIGKILL at random moments under load, ${ROUNDS} times`, async () => {
  const first = await startSite()
  dataDir = first.dataDir
  const [tenant] = (await first.local.get('/api/v1/tenants')).json.tenants
  // As fast as the store takes it: limits have tests of their own.
  const quotas = { messagesPerHour: 1_000_000_000, gatewayMessagesPerSecond: 100_000 }
  expect(await first.local.send('PATCH', `/api/v1/tenants/${tenant.id}/quotas`, { quotas })).toMatchObject({
    status: 200,
  })
  const loads: Load[] = []
  for (let i = 0; i < GATEWAYS; i++) {
    const code = `GW${i}`
    const gateway = await provisioned(first, code, { mac: `aa:bb:cc:dd:ee:0${i}` })
    loads.push({ code, gateway, acknowledged: [], sent: 0 })
  }
  await first.engine.stop()

  const readyTimes: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const site = await serve(dataDir)
    readyTimes.push(site.readyAfter)
    const publishing = Promise.all(loads.map((load) => publishUntilBroken(load, site.mqttsPort)))
    await sleep(300 + Math.random() * 1_500)
    await site.kill()
    await publishing
  }

  const site = await serve(dataDir)
  let acknowledged = 0
  for (const load of loads) {
    const stored = await storedNumbers(site, load.code)
    const missing = load.acknowledged.filter((number) => stored.get(number) !== number)
    expect({ gateway: load.code, missing }).toEqual({ gateway: load.code, missing: [] })
    acknowledged += load.acknowledged.length
  }
  // The load was one: a run in which next to nothing was acknowledged would prove nothing.
  expect(acknowledged).toBeGreaterThan(ROUNDS * 100)
  expect(await site.stop()).toBe(0)
  console.log(
    `${acknowledged} acknowledged readings over ${ROUNDS} kills, none missing; ready again after at most ${Math.max(...readyTimes)} ms`,
  )
})
