import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { CloudView } from '#contract/api/cloud.ts'
import type { CloudStatus } from '#contract/model/cloud.ts'
import { LocalStore } from '#platform/historian/testing/local-store.ts'
import { type FaultProxy, startFaultProxy } from '#tests/fixtures/fault-proxy.ts'
import { type PostgresServer, startPostgres } from '#tests/fixtures/postgres-server.ts'
import {
  CloudLink,
  createCloud,
  joinBody,
  readingsInCloud,
  type SharedCloud,
  type SiteAccess,
} from '#tests/fixtures/shared-cloud.ts'
import { startSite, type TestSite } from '#tests/fixtures/site.ts'

const api = '/api/v1'
const DAY = 86_400_000
const now = Date.now()
const isLong = process.env['MILLWRIGHT_LONG'] === '1'

interface Plant {
  site: TestSite
  link: CloudLink
  access: SiteAccess
  proxy: FaultProxy
  tenantId: string
  gatewayId: string
}

let postgres: PostgresServer
let cloud: SharedCloud
/** Without a link for weeks; and one whose cloud has troubles. */
let away: Plant
let troubled: Plant

async function plantOf(name: string, code: string): Promise<Plant> {
  const access = await cloud.addSite(name, { allTenants: false })
  const proxy = await startFaultProxy({ port: postgres.port })
  const site = await startSite()
  const [tenant] = (await site.local.get(`${api}/tenants`)).json.tenants
  const made = await site.local.post(`${api}/gateways/provision`, { code, name })
  const plant: Plant = {
    site,
    link: new CloudLink(() => plant.site.local),
    access,
    proxy,
    tenantId: tenant.id,
    gatewayId: made.json.gateway_id,
  }
  await importReadings(plant, now - 60_000, 3)
  await plant.link.join(
    joinBody(postgres, { ...access, port: proxy.port }, [{ tenantId: tenant.id, mode: 'telemetry' }]),
  )
  await plant.link.drained()
  return plant
}

/** `count` readings of two channels, a minute apart, backwards from `until`; the value is the time in minutes. */
async function importReadings({ site, gatewayId }: Plant, until: number, count: number): Promise<number[]> {
  const last = Math.floor(until / 60_000)
  const minutes = Array.from({ length: count }, (_, index) => last - index)
  await site.engine.importReadings(
    gatewayId,
    ['pump/flow', 'pump/level'].flatMap((channel) =>
      minutes.map((minute) => ({
        channel,
        kind: 'number' as const,
        unit: null,
        ts: minute * 60_000,
        value: minute,
        quality: 0,
      })),
    ),
  )
  return minutes.map((minute) => minute * 60_000)
}

/** Times of the readings of a gateway's first channel in the cloud, after a look that both have the right values. */
async function timesInCloud({ gatewayId }: Plant): Promise<Set<number>> {
  const admin = await cloud.connect()
  const found = await readingsInCloud(admin, gatewayId)
  await admin.end()
  const flow = found.get('pump/flow') ?? new Map()
  const level = found.get('pump/level') ?? new Map()
  expect([...flow].filter(([ts, value]) => ts / 60_000 !== value)).toEqual([])
  expect(new Set(level.keys())).toEqual(new Set(flow.keys()))
  return new Set(flow.keys())
}

beforeAll(async () => {
  postgres = await startPostgres()
  cloud = await createCloud(postgres)
  away = await plantOf('Away', 'GW-AWAY')
  troubled = await plantOf('Troubled', 'GW-TROUBLE')
})
afterAll(async () => {
  for (const { site, proxy } of [away, troubled]) {
    await site.stop()
    await proxy.stop()
  }
  await postgres.stop()
})

/** Of the first test, for the last one. */
let sent = new Set<number>()
let kept: number[] = []
let gone: number[] = []

test('a site that loses its link takes readings, folds and retires them as if there were no cloud', async () => {
  sent = await timesInCloud(away)
  away.proxy.refuse()
  away.proxy.cut()
  const waiting = await away.link.reached('waiting')
  expect(waiting.problem?.code).toMatch(/^cloud_/)
  if (isLong) gone = await importReadings(away, now - 100 * DAY, 400)
  kept = await importReadings(away, now - 20 * DAY, 500)
  // Weeks pass: what was hot lies in blocks.
  const { dataDir } = away.site
  await away.site.engine.stop()
  const store = new LocalStore(join(dataDir, 'telemetry'))
  store.now = now
  store.open()
  store.settleAll()
  expect(store.fold()).toBeNull()
  store.close()
  away.site = await startSite({ dataDir })
  const { json } = await away.site.local.get(`${api}/storage`)
  expect(json.files.length).toBeGreaterThan(0)
  kept.push(...(await importReadings(away, now - 120_000, 50)))
  const days = { days: 60 }
  await away.site.local.send('PATCH', `${api}/retention/classes/standard`, days)
  const status = await away.link.until(
    ({ backlog }) => backlog.readings !== null && backlog.readings >= 2 * kept.length,
    'the backlog is counted',
  )
  expect(status.backlog.oldestAt).not.toBeNull()
})

/** Those of these that are not in the cloud yet. */
async function missing(plant: Plant, times: Iterable<number>): Promise<number[]> {
  const found = await timesInCloud(plant)
  return [...times].filter((ts) => !found.has(ts))
}

async function reason(plant: Plant, code: string): Promise<CloudStatus> {
  return plant.link.until(({ problem }) => problem?.code === code, code)
}

test('a full disk at the cloud: it waits, says so, and goes on', async () => {
  const superuser = await cloud.connectAsSuperuser()
  await superuser.query(`CREATE FUNCTION millwright.full_disk() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$`)
  await superuser.query(`CREATE TRIGGER full_disk BEFORE INSERT ON millwright.telemetry
    FOR EACH STATEMENT EXECUTE FUNCTION millwright.full_disk()`)
  const before = await timesInCloud(troubled)
  const times = await importReadings(troubled, now + 60_000, 5)
  const status = await reason(troubled, 'cloud_full')
  expect(status).toMatchObject({ state: 'held_up', deadLetters: 0 })
  expect(status.retryAt).toBeGreaterThan(Date.now() - 10_000)
  // Only readings wait for it.
  await troubled.site.local.post(`${api}/groups`, { name: 'Made meanwhile' })
  await expect
    .poll(
      async () =>
        (await superuser.query(`SELECT FROM millwright.groups WHERE name = 'Made meanwhile'`)).rowCount,
      {
        timeout: 10_000,
      },
    )
    .toBe(1)
  await superuser.query('DROP TRIGGER full_disk ON millwright.telemetry')
  await superuser.end()
  await troubled.link.post('resume')
  await troubled.link.drained()
  await expect.poll(() => missing(troubled, [...before, ...times])).toEqual([])
})

test('a restart of Postgres in between: waiting, then live again by itself', async () => {
  await postgres.kill()
  await troubled.link.reached('waiting')
  const times = await importReadings(troubled, now + 120_000, 2)
  await postgres.start()
  await troubled.link.drained(60_000)
  await expect.poll(() => missing(troubled, times)).toEqual([])
})

test('credentials that were changed: it stops, asks for new ones, and goes on with them', async () => {
  const rotated = await cloud.rotate(troubled.access)
  const stopped = await troubled.link.reached('stopped')
  expect(stopped.problem?.code).toBe('cloud_login_refused')
  const times = await importReadings(troubled, now + 180_000, 2)
  const login = (access: SiteAccess) => {
    const { tenants: _, ...rest } = joinBody(postgres, { ...access, port: troubled.proxy.port }, [])
    return rest
  }
  await expect(troubled.link.send('PUT', 'login', login(troubled.access))).rejects.toThrow(
    'cloud_login_refused',
  )
  await troubled.link.send('PUT', 'login', login(rotated))
  troubled.access = rotated
  await troubled.link.drained()
  await expect.poll(() => missing(troubled, times)).toEqual([])
})

test('a schema that is newer than this Millwright knows: it stops until one of them is mended', async () => {
  const owner = await cloud.connectAsSuperuser()
  await owner.query('CREATE TABLE kept AS SELECT * FROM millwright.meta')
  try {
    await owner.query(
      `UPDATE millwright.meta SET value = '99' WHERE key IN ('schema_version', 'compatible_from')`,
    )
    troubled.proxy.cut()
    await troubled.link.post('resume')
    expect((await troubled.link.reached('stopped')).problem?.code).toBe('cloud_schema_newer')
  } finally {
    await owner.query('UPDATE millwright.meta m SET value = k.value FROM kept k WHERE k.key = m.key')
    await owner.end()
  }
  await troubled.link.post('resume')
  await troubled.link.drained()
  expect((await troubled.link.status()).problem).toBeNull()
})

test('after weeks: everything that is still there arrives, what retention took is counted', async () => {
  if (isLong)
    // Retention looks once a minute.
    await away.link.until(({ tenants }) => tenants[0]?.readingsLost === 2 * gone.length, 'lost', 150_000)
  expect((await away.link.status()).state).toBe('waiting')
  await away.proxy.heal()
  await away.link.post('resume')
  await away.link.drained()
  await expect.poll(() => missing(away, kept)).toEqual([])
  expect(await timesInCloud(away)).toEqual(new Set([...sent, ...kept]))
  expect(await away.link.status()).toMatchObject({
    deadLetters: 0,
    tenants: [{ readingsLost: 2 * gone.length, readingsSent: 2 * (sent.size + kept.length) }],
  })
})

test('leaving takes back what was sent over a cut line and a restart, and nothing of the others; nobody is called after it', async () => {
  const others = await timesInCloud(away)
  const sentByIt = await timesInCloud(troubled)
  // The deletion takes as long as somebody holds one of the tables.
  const holder = await cloud.connectAsSuperuser()
  await holder.query('BEGIN')
  await holder.query('LOCK TABLE millwright.gateways IN SHARE MODE')
  const begun = await troubled.link.post<CloudView>('leave', { deleteSent: true })
  expect(begun).toMatchObject({ joined: true, status: { leaving: { deletedReadings: 0 } } })
  await troubled.link.reached('leaving')
  const { tenantId } = troubled
  await expect(
    troubled.link.send('PUT', 'tenants', { tenants: [{ tenantId, mode: 'fleet' }] }),
  ).rejects.toThrow('cloud_leaving')
  troubled.proxy.refuse()
  troubled.proxy.cut()
  expect(await troubled.link.reached('waiting')).toMatchObject({ leaving: { deletedReadings: 0 } })
  await holder.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1', [
    troubled.access.username,
  ])
  const { dataDir } = troubled.site
  await troubled.site.engine.stop()
  await troubled.proxy.heal()
  troubled.site = await startSite({ dataDir })
  await troubled.link.reached('leaving')
  await holder.query('COMMIT')
  await holder.end()
  const left = await troubled.link.left()
  expect(left.deletedReadings).toBe(2 * sentByIt.size)
  expect(left.deletedObjects).toBeGreaterThan(0)
  expect(await troubled.link.isJoined()).toBe(false)
  expect(await timesInCloud(troubled)).toEqual(new Set())
  expect(await timesInCloud(away)).toEqual(others)
  const admin = await cloud.connect()
  const { rows } = await admin.query(
    `SELECT (SELECT count(*)::int FROM millwright.gateways WHERE site_id = $1) AS gateways,
      (SELECT count(*)::int FROM millwright.channels WHERE site_id = $1) AS channels,
      (SELECT count(*)::int FROM millwright.users WHERE site_id = $1) AS users,
      (SELECT count(*)::int FROM millwright.audit WHERE site_id = $1 AND tenant_id IS NOT NULL) AS audit`,
    [troubled.access.siteId],
  )
  expect(rows).toEqual([{ gateways: 0, channels: 0, users: 0, audit: 0 }])
  await admin.end()
  await expect.poll(() => troubled.proxy.open).toBe(0)
  const asked = troubled.proxy.accepted
  await importReadings(troubled, now + 240_000, 2)
  expect(troubled.proxy.accepted).toBe(asked)
})

test('leaving without a link: not with what was sent, for that must be asked for over there', async () => {
  const before = await timesInCloud(away)
  away.proxy.refuse()
  away.proxy.cut()
  await expect(away.link.post('leave', { deleteSent: true })).rejects.toThrow('cloud_unreachable')
  expect(await away.link.isJoined()).toBe(true)
  await away.link.post('leave', { deleteSent: false })
  expect(await away.link.isJoined()).toBe(false)
  expect(await timesInCloud(away)).toEqual(before)
})
