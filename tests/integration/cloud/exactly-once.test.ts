import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { LocalStore } from '#platform/historian/testing/local-store.ts'
import { provisioned } from '#tests/fixtures/credentials.ts'
import { eventually } from '#tests/fixtures/eventually.ts'
import { type FaultProxy, startFaultProxy } from '#tests/fixtures/fault-proxy.ts'
import { type PostgresServer, startPostgres } from '#tests/fixtures/postgres-server.ts'
import { randomFrom } from '#tests/fixtures/random.ts'
import {
  CloudLink,
  createCloud,
  joinBody,
  readingsInCloud,
  type SharedCloud,
  type SiteAccess,
} from '#tests/fixtures/shared-cloud.ts'
import { startSite } from '#tests/fixtures/site.ts'
import { type SiteProcess, serve } from '#tests/fixtures/site-process.ts'
import { AcknowledgedLoad } from './acknowledged-load.ts'
import { dayDigests } from './day-digest.ts'
import { happenings } from './fault-schedule.ts'

const isLong = process.env['MILLWRIGHT_LONG'] === '1'
/** Of a run that failed, to see it again. Moments are the machine's: the same faults, not the same byte. */
const SEED = Number(process.env['MILLWRIGHT_SEED'] ?? Math.floor(Math.random() * 2 ** 32))
const FAULTS = isLong ? 300 : 7
const GATEWAYS = ['GW1', 'GW2']
/** Over the end of a day and of a month. */
const FROM = monthBefore(Date.now()) - 3 * 60_000

let postgres: PostgresServer
let cloud: SharedCloud
let proxy: FaultProxy
let site: SiteProcess
let dataDir = ''
beforeAll(async () => {
  postgres = await startPostgres()
  cloud = await createCloud(postgres)
  proxy = await startFaultProxy({ port: postgres.port, seed: SEED })
})
afterAll(async () => {
  await site?.kill()
  await proxy.stop()
  await postgres.stop()
  await rm(dataDir, { recursive: true, force: true })
})

test(`every acknowledged reading is in the cloud exactly once, whatever happens; seed ${SEED}`, {
  timeout: isLong ? 3_600_000 : 300_000,
}, async () => {
  const random = randomFrom(SEED)
  const first = await startSite()
  dataDir = first.dataDir
  const [tenant] = (await first.local.get('/api/v1/tenants')).json.tenants
  const quotas = { messagesPerHour: 1_000_000_000, gatewayMessagesPerSecond: 100_000 }
  await first.local.send('PATCH', `/api/v1/tenants/${tenant.id}/quotas`, { quotas })
  const loads = new Map<string, AcknowledgedLoad>()
  for (const [index, code] of GATEWAYS.entries()) {
    const credentials = await provisioned(first, code, { mac: `aa:bb:cc:dd:ee:0${index}` })
    const from = FROM + index * 500
    const { id } = (await first.local.get(`/api/v1/gateways/${code}`)).json
    loads.set(id, new AcknowledgedLoad(credentials, { random: randomFrom(SEED + index), pause: 60, from }))
  }
  await first.engine.stop()
  const login = await cloud.addSite('Plant 1')
  site = await serve(dataDir)
  const link = new CloudLink(() => site.local)

  const started = performance.now()
  const seconds = () => `${((performance.now() - started) / 1_000).toFixed(1)} s`
  const lines: string[] = []
  try {
    for (const load of loads.values()) load.start(() => site.mqttsPort)
    // Some of it is history then.
    await sleep(1_500)
    await link.join(
      joinBody(postgres, { ...login, port: proxy.port }, [{ tenantId: tenant.id, mode: 'telemetry' }]),
    )
    const plant = {
      proxy,
      postgres,
      killSite: async () => {
        await site.kill()
        site = await serve(dataDir)
      },
      foldSite: async () => {
        await site.kill()
        fold()
        site = await serve(dataDir)
      },
      resync: async () => {
        await link.post('resync')
      },
      restartSite: async () => {
        await site.stop()
        site = await serve(dataDir)
      },
    }
    const always = [
      'half-open',
      'cut after bytes',
      'byte flip',
      'Postgres is killed',
      'site is killed, and folds',
      'resync',
    ]
    await happenings(plant, random, {
      count: FAULTS,
      always,
      tell: (line) => lines.push(`${seconds()} ${line}`),
    })
    await Promise.all([...loads.values()].map((load) => load.finish()))
    lines.push(`${seconds()} all acknowledged`)
    await link.post('resume')
    await link.drained(60_000)
    lines.push(`${seconds()} all sent`)
    let readings = 0
    for (const [gatewayId, load] of loads) readings += await sameInCloud(gatewayId, load, login)
    // A run in which next to nothing was sent would prove nothing.
    expect(readings).toBeGreaterThan(FAULTS * 100)
    console.log(`${readings} readings through ${FAULTS} faults of seed ${SEED}, each there once`)
  } catch (error) {
    console.error(`Seed ${SEED}:\n${lines.join('\n')}`)
    throw error
  }
  // And the site finds nothing to mend.
  const sweep = await link.post<{ id: string }>('resync')
  const done = await link.until(
    ({ sweeps }) => sweeps.some(({ id, endedAt }) => id === sweep.id && endedAt !== null),
    'the resync has ended',
    30_000,
  )
  const found = done.sweeps.find(({ id }) => id === sweep.id)
  expect(found).toMatchObject({ mended: 0, onlyThere: 0 })
  // Two gateways of four channels, over two days.
  expect(found?.compared).toBe(16)
  expect(done).toMatchObject({ deadLetters: 0, conflicts: 0 })
})

/** The first day of last month, or of the one before. */
function monthBefore(now: number): number {
  const date = new Date(now - 40 * 86_400_000)
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth())
}

function fold(): void {
  const store = new LocalStore(join(dataDir, 'telemetry'))
  store.now = Date.now()
  store.open()
  store.settleAll()
  const failure = store.fold()
  store.close()
  expect(failure).toBeNull()
}

/** Compares what was acknowledged with what the cloud's administrator reads, and with the digests that a site is told. */
async function sameInCloud(gatewayId: string, load: AcknowledgedLoad, login: SiteAccess): Promise<number> {
  const client = await cloud.connect()
  const asSite = await postgres.connect({
    database: login.database,
    user: login.username,
    password: login.password,
  })
  try {
    const expected = [...load.expected.values()].reduce((sum, { size }) => sum + size, 0)
    await eventually(
      async () => (await countOf(client, gatewayId)) >= expected,
      `${expected} readings of the gateway`,
    )
    const found = await readingsInCloud(client, gatewayId)
    expect([...found.keys()].toSorted()).toEqual([...load.expected.keys()].toSorted())
    for (const [channel, readings] of load.expected) {
      const there = found.get(channel) ?? new Map()
      const wrong = [...readings].filter(([ts, value]) => !Object.is(there.get(ts), value))
      expect({ channel, wrong: wrong.slice(0, 5), more: there.size - readings.size }).toEqual({
        channel,
        wrong: [],
        more: 0,
      })
      expect(await digestsOf(asSite, gatewayId, channel)).toEqual(dayDigests(readings))
    }
    return expected
  } finally {
    await client.end()
    await asSite.end()
  }
}

async function countOf(client: pg.Client, gatewayId: string): Promise<number> {
  const { rows } = await client.query<{ count: string }>(
    `SELECT count(*) FROM millwright.telemetry t JOIN millwright.channels c ON c.key = t.channel
     WHERE c.gateway_id = $1`,
    [gatewayId],
  )
  return Number(rows[0]?.count)
}

async function digestsOf(
  asSite: pg.Client,
  gatewayId: string,
  channel: string,
): Promise<Map<number, { readings: number; digest: string }>> {
  const { rows } = await asSite.query<{ day: number; readings: number; digest: Buffer }>(
    `SELECT day, readings, digest FROM millwright.day_digests(
       ARRAY(SELECT key FROM millwright.channels WHERE gateway_id = $1 AND name = $2), $3, $4) ORDER BY day`,
    [gatewayId, channel, FROM - 86_400_000, FROM + 60 * 86_400_000],
  )
  return new Map(rows.map(({ day, readings, digest }) => [day, { readings, digest: digest.toString('hex') }]))
}
