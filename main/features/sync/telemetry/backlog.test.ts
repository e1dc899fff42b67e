import { sql } from 'kysely'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openSiteDb, type SiteDb } from '#platform/db/site-db.ts'
import { createLog } from '#platform/log/log.ts'
import { linkRow } from '../link-row.fixture.ts'
import { telemetryBacklog } from './backlog.ts'
import { ChannelDirectory } from './channel-directory.ts'
import { addStrangers, adoptStrangers } from './strangers.ts'
import { addGap } from './sweeps.ts'
import type { SyncParts } from './sync-parts.ts'
import { TailState } from './tail-state.ts'

const now = Date.UTC(2026, 8, 1)
const DAY = 24 * 3_600_000

let db: SiteDb
let channels: ChannelDirectory
let parts: SyncParts
beforeEach(async () => {
  db = await openSiteDb(':memory:')
  channels = new ChannelDirectory(db)
  const historian = {
    stats: async () => ({ lastSeq: 1_100 }),
    tail: async () => ({ rows: new Float64Array(5), count: 0, gapTo: null }),
  }
  const tail = new TailState()
  tail.completeAt = now - 1_000
  parts = {
    db,
    channels,
    historian,
    tail,
    clock: { now: () => now },
    log: createLog({ level: 'silent' }),
  } as unknown as SyncParts
  for (const [tenantId, mode] of [
    ['north', 'telemetry'],
    ['south', 'telemetry'],
    ['west', 'off'],
  ] as const) {
    await db
      .insertInto('tenants')
      .values({ id: tenantId, slug: tenantId, name: tenantId, state: 'active', createdAt: 0 })
      .execute()
    await db.insertInto('cloudTenants').values({ tenantId, cloudTenantId: tenantId, mode }).execute()
  }
  await db
    .insertInto('cloudLink')
    .values(linkRow({ tailSeq: 1_000 }))
    .execute()
  await sql`pragma foreign_keys = off`.execute(db)
  for (let seriesId = 1; seriesId <= 10; seriesId++)
    await addChannel(seriesId, seriesId === 1 ? 'north' : seriesId < 5 ? 'south' : 'west')
  await channels.load()
})
afterEach(() => db.destroy())

function addChannel(seriesId: number, tenantId: string) {
  return db
    .insertInto('channels')
    .values({
      id: `${seriesId}`,
      seriesId,
      assignmentId: 'a',
      gatewayId: 'g',
      tenantId,
      key: `${seriesId}`,
      name: null,
      unit: null,
      kind: 'number',
      lowLimit: null,
      highLimit: null,
      createdAt: 0,
    })
    .execute()
}
const strangers = (series: number[], at: number) =>
  db.transaction().execute((trx) => addStrangers(trx, { series, afterSeq: 0, upToSeq: 50, now: at }))
const sweeps = () => db.selectFrom('cloudSweeps').selectAll().orderBy('id').execute()
const changes = async () => (await sql<{ n: number }>`select total_changes() as n`.execute(db)).rows[0]?.n

test('what waits is told of those who are owed it; what waits for a channel does not wait for the cloud', async () => {
  await strangers([99], now - DAY)
  expect(await telemetryBacklog(parts)).toEqual({
    readings: 40,
    oldestAt: now - 1_000,
    perTenant: new Map([
      ['north', { readings: 10, oldestAt: now - 1_000 }],
      ['south', { readings: 30, oldestAt: now - 1_000 }],
    ]),
  })
  await db
    .transaction()
    .execute((trx) =>
      addGap(trx, { tenantId: 'north', afterSeq: 0, upToSeq: 500, readings: 5, now: now - 5_000 }),
    )
  expect(await telemetryBacklog(parts)).toMatchObject({ readings: 45, oldestAt: now - 5_000 })
})

test('a channel that changes hands is counted once; without any, all may be anyone’s', async () => {
  await db.updateTable('channels').set({ tenantId: 'north' }).where('seriesId', '=', 10).execute()
  await channels.load([10])
  await channels.load([10, 11])
  expect(['north', 'south', 'west', 'nobody'].map((id) => channels.shareOf(id))).toEqual([0.2, 0.3, 0.5, 0])
  await channels.load()
  expect(channels.shareOf('north')).toBe(0.2)
  await db.deleteFrom('channels').execute()
  await channels.load()
  expect((await telemetryBacklog(parts)).readings).toBe(100)
})

test('a series without a channel is waited for since it was new; while nothing changes, nothing is written', async () => {
  await strangers([98], now - 6 * DAY)
  await strangers([98], now - DAY)
  expect(await sweeps()).toMatchObject([{ series: '[98]', createdAt: now - 6 * DAY }])
  await strangers([97, 98], now - 5 * DAY)
  expect(await sweeps()).toMatchObject([{ series: '[97,98]', createdAt: now - 5 * DAY }])
  const before = await changes()
  await adoptStrangers(parts)
  expect(await changes()).toBe(before)
  await addChannel(97, 'north')
  await adoptStrangers(parts)
  const rows = await sweeps()
  expect(rows).toContainEqual(expect.objectContaining({ tenantId: null, series: '[98]', endedAt: null }))
  expect(rows).toContainEqual(expect.objectContaining({ tenantId: 'north', series: '[97]', endedAt: null }))
  parts.clock.now = () => now + 3 * DAY
  await adoptStrangers(parts)
  expect((await sweeps()).find(({ tenantId }) => tenantId === null)).toMatchObject({ endedAt: now + 3 * DAY })
})
