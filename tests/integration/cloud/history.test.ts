import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { CloudSweep } from '#contract/model/cloud.ts'
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
const HISTORY = 120_000
const from = Math.floor(Date.now() / 86_400_000 - 60) * 86_400_000
/** The half of the history from which on it is wanted. */
const wantedFrom = from + (HISTORY / 2) * 10_000

let postgres: PostgresServer
let cloud: SharedCloud
let access: SiteAccess
let proxy: FaultProxy
let site: TestSite
let link: CloudLink
let tenantId = ''
let gatewayId = ''

async function importReadings(
  channel: string,
  readings: Iterable<[ts: number, value: number]>,
): Promise<void> {
  await site.engine.importReadings(
    gatewayId,
    Array.from(readings, ([ts, value]) => ({
      channel,
      kind: 'number' as const,
      unit: null,
      ts,
      value,
      quality: 0,
    })),
  )
}

beforeAll(async () => {
  postgres = await startPostgres()
  cloud = await createCloud(postgres)
  access = await cloud.addSite('Plant 1')
  proxy = await startFaultProxy({ port: postgres.port })
  site = await startSite()
  link = new CloudLink(() => site.local)
  tenantId = (await site.local.get(`${api}/tenants`)).json.tenants[0].id
  const made = await site.local.post(`${api}/gateways/provision`, { code: 'GW1', name: 'Boiler' })
  gatewayId = made.json.gateway_id
  // Values that do not follow from one another: they take their bytes on the line.
  const noise = (at: number) => Math.sin(at * 12.9898) * 43_758.5453
  await importReadings(
    'flow',
    Array.from({ length: HISTORY }, (_, at) => [from + at * 10_000, noise(at)] as [number, number]),
  )
})
afterAll(async () => {
  await site.stop()
  await proxy.stop()
  await postgres.stop()
})

async function inCloud(channel: string): Promise<Map<number, unknown>> {
  const admin = await cloud.connect()
  try {
    return (await readingsInCloud(admin, gatewayId)).get(channel) ?? new Map()
  } finally {
    await admin.end()
  }
}

const join = (mode: 'fleet' | 'telemetry', changes: Record<string, unknown> = {}) => {
  const body = joinBody(postgres, { ...access, port: proxy.port }, [{ tenantId, mode }])
  return { ...body, ...changes }
}

test('fleet only: gateways are there, and not one reading', async () => {
  await link.join(join('fleet'))
  await link.drained()
  await importReadings('level', [[from, 1]])
  await sleep(1_500)
  const admin = await cloud.connect()
  const { rows } = await admin.query(
    `SELECT (SELECT count(*)::int FROM millwright.gateways) AS gateways,
      (SELECT count(*)::int FROM millwright.telemetry) AS readings`,
  )
  expect(rows).toEqual([{ gateways: 1, readings: 0 }])
  await admin.end()
  const { channels } = (await site.local.get(`${api}/channels`)).json
  expect(await site.local.post(`${api}/cloud/resync`, { channelIds: [channels[0].id] })).toMatchObject({
    status: 409,
    json: { code: 'cloud_tenant_sends_none' },
  })
})

test('history goes up beside live readings, and live ones go first', async () => {
  proxy.bandwidth(40_000, 'up')
  const choice = { tenantId, mode: 'telemetry', fromAt: wantedFrom }
  await link.send('PUT', 'tenants', { tenants: [choice] })
  await link.until(({ readingsPerSecond }) => readingsPerSecond > 0, 'history is on its way')
  const live = Date.now()
  await importReadings('level', [[live, 2]])
  await expect.poll(async () => (await inCloud('level')).get(live)).toBe(2)
  const status = await link.status()
  expect(status.state).toBe('catching_up')
  expect(status.backlog.readings).toBeGreaterThan(0)
  expect(status.sweeps).toMatchObject([{ kind: 'history', endedAt: null }])
})

test('paused, nothing is sent, whatever comes in; a limit is kept', async () => {
  await link.post('pause')
  await link.reached('paused')
  await expect.poll(() => proxy.open).toBe(0)
  const before = proxy.bytes.up
  await importReadings('level', [[from + 60_000, 3]])
  await sleep(1_000)
  expect(proxy.bytes.up).toBe(before)

  await proxy.heal()
  await link.send('PATCH', '', { bytesPerSecond: 20_000 })
  await link.post('resume')
  await link.until(({ state }) => state === 'catching_up' || state === 'live', 'linked again')
  const [at, sent] = [performance.now(), proxy.bytes.up]
  await sleep(2_500)
  const perSecond = ((proxy.bytes.up - sent) / (performance.now() - at)) * 1_000
  // A second's worth may go at once; the fleet's exchange is not limited.
  expect(perSecond).toBeLessThan(20_000 * 1.6)
  await link.send('PATCH', '', { bytesPerSecond: null })
})

test('all of it arrives, and nothing from before the date that was chosen', async () => {
  await link.drained(60_000)
  const found = await inCloud('flow')
  expect(found.size).toBe(HISTORY / 2)
  expect(Math.min(...found.keys())).toBe(wantedFrom)
  expect([...(await inCloud('level')).keys()]).not.toContain(from)
})

test('a resync finds and mends what was changed or taken over there, day by day', async () => {
  const before = await inCloud('flow')
  const admin = await cloud.connectAsSuperuser()
  const day = (number: number) => new Date(wantedFrom + number * 86_400_000).toISOString().slice(0, 10)
  // Three days: some are gone, some are other, one is too many.
  await admin.query(`DELETE FROM millwright.telemetry WHERE ts >= $1::date AND ts < $1::date + 1`, [day(1)])
  await admin.query(
    `UPDATE millwright.telemetry SET value = value + 1 WHERE ts >= $1::date AND ts < $1::date + 1
     AND value > 0`,
    [day(3)],
  )
  await admin.query(
    `INSERT INTO millwright.telemetry (channel, ts, seq, value, tenant, flags)
     SELECT channel, ts + interval '1 second', seq, 42, tenant, flags FROM millwright.telemetry
     WHERE ts >= $1::date ORDER BY ts LIMIT 1`,
    [day(5)],
  )
  await admin.end()
  const { id } = await link.post<CloudSweep>('resync', { from: wantedFrom })
  const done = await link.until(
    ({ sweeps }) => sweeps.some((one) => one.id === id && one.endedAt !== null),
    'the resync has ended',
  )
  const sweep = done.sweeps.find((one) => one.id === id)
  expect(sweep).toMatchObject({ kind: 'resync', mended: 2, onlyThere: 1, onlyThereDays: 1, newerThere: 0 })
  expect(sweep?.compared).toBeGreaterThan(6)
  const after = await inCloud('flow')
  // What only the cloud has is told, and never deleted.
  const more = [...after].filter(([ts]) => !before.has(ts))
  expect(more).toMatchObject([[expect.any(Number), 42]])
  for (const [ts] of more) after.delete(ts)
  expect(after).toEqual(before)
})

test('a site that left can join again, and what it sends counts above what it sent', async () => {
  const generation = async () => {
    const admin = await cloud.connect()
    const { rows } = await admin.query<{ generation: number }>('SELECT generation FROM millwright.sites')
    await admin.end()
    return rows[0]?.generation ?? 0
  }
  const before = await generation()
  await link.leave()
  expect(await inCloud('flow')).toEqual(new Map())
  await link.join(
    join('telemetry', {
      tenants: [{ tenantId, mode: 'telemetry', fromAt: from + (HISTORY - 100) * 10_000 }],
    }),
  )
  await link.drained()
  await expect.poll(async () => (await inCloud('flow')).size).toBe(100)
  expect(await generation()).toBe(before + 1)
})

test('sessions that miss the same month at the same moment find it made by one of them', async () => {
  const sessions = await Promise.all([1, 2, 3, 4].map(() => cloud.connect()))
  const made: number[] = []
  for (let month = 0; month < 12; month += 1) {
    const at = new Date(Date.UTC(2016, month, 10)).toISOString()
    const answers = await Promise.all(
      sessions.map((session) => session.query('SELECT millwright.ensure_months($1, $1) AS made', [at])),
    )
    made.push(answers.reduce((sum, { rows }) => sum + Number(rows[0]?.made), 0))
  }
  expect(made).toEqual(Array.from({ length: 12 }, () => 1))
  await Promise.all(sessions.map((session) => session.end()))
})
