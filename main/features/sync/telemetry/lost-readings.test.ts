import { afterEach, beforeEach, expect, test } from 'vitest'
import { openSiteDb, type SiteDb, type SiteTrx } from '#platform/db/site-db.ts'
import { linkRow } from '../link-row.fixture.ts'
import { countLost } from './lost-readings.ts'
import { beginSweep, openSweeps } from './progress.repository.ts'
import { addStrangers } from './strangers.ts'
import { addGap, addHistory, addResync } from './sweeps.ts'

const MARCH = Date.UTC(2026, 2, 1)
const APRIL = Date.UTC(2026, 3, 1)
const now = Date.UTC(2026, 8, 1)

let db: SiteDb
beforeEach(async () => {
  db = await openSiteDb(':memory:')
  for (const id of ['north', 'south'])
    await db.insertInto('tenants').values({ id, slug: id, name: id, state: 'active', createdAt: 0 }).execute()
  await db
    .insertInto('cloudTenants')
    .values({ tenantId: 'north', cloudTenantId: 'north', mode: 'telemetry' })
    .execute()
  await db
    .insertInto('cloudTenants')
    .values({ tenantId: 'south', cloudTenantId: 'south', mode: 'fleet' })
    .execute()
  await db
    .insertInto('cloudLink')
    .values(linkRow({ tailSeq: 1_000 }))
    .execute()
})
afterEach(() => db.destroy())

/** Series 1 to 9 are of north, others of south. */
const channels = {
  get: (seriesId: number) => ({
    channelId: `${seriesId}`,
    tenantId: seriesId < 10 ? 'north' : 'south',
    key: null,
  }),
}
const retired = (seriesId: number, toSeq: number) =>
  countLost(db, channels, { month: '2026-03', series: [{ seriesId, readings: 50, toSeq }] })
const gap = (afterSeq: number, upToSeq: number, at = now) => ({
  tenantId: 'north',
  afterSeq,
  upToSeq,
  readings: upToSeq - afterSeq,
  now: at,
})
const inTrx = <Result>(work: (trx: SiteTrx) => Promise<Result>) => db.transaction().execute(work)

test('what was sent, or need not be, is not lost; what came after the cursor is', async () => {
  expect(await retired(1, 1_000)).toBe(0)
  expect(await retired(20, 1_001)).toBe(0)
  expect(await retired(1, 1_001)).toBe(50)
  await db.updateTable('cloudTenants').set({ fromAt: APRIL }).execute()
  expect(await retired(1, 1_001)).toBe(0)
  const { readingsLost } = await db
    .selectFrom('cloudTenants')
    .select('readingsLost')
    .where('tenantId', '=', 'north')
    .executeTakeFirstOrThrow()
  expect(readingsLost).toBe(50)
})

test('what a sweep has not come to yet is lost; what it is past, or leaves alone, is not', async () => {
  const id = await inTrx((trx) =>
    addHistory(trx, { tenantId: 'north', fromAt: null, byName: null, now, total: null }),
  )
  expect(await retired(5, 900)).toBe(50)
  const stand = (seriesId: number, ts: number | null) =>
    db.updateTable('cloudSweeps').set({ seriesId, ts }).where('id', '=', id).execute()
  await stand(5, MARCH + 1)
  expect(await retired(5, 900)).toBe(50)
  expect(await retired(4, 900)).toBe(0)
  await stand(5, APRIL)
  expect(await retired(5, 900)).toBe(0)
  await stand(5, null)
  expect(await retired(5, 900)).toBe(0)
  expect(await retired(6, 900)).toBe(50)
  await db.updateTable('cloudSweeps').set({ fromTs: APRIL }).execute()
  expect(await retired(6, 900)).toBe(0)
})

test('a gap concerns what came in it; a resync nothing', async () => {
  await inTrx((trx) =>
    addResync(trx, { tenantId: null, series: null, from: null, to: null, byName: null, now }),
  )
  expect(await retired(1, 900)).toBe(0)
  await inTrx((trx) => addGap(trx, gap(800, 1_000)))
  expect(await retired(1, 800)).toBe(0)
  expect(await retired(1, 900)).toBe(50)
})

test('a gap grows until it has begun, and another one waits behind it: no more than two of a tenant', async () => {
  await inTrx((trx) => addGap(trx, gap(700, 800)))
  await inTrx((trx) => addGap(trx, gap(900, 950)))
  await inTrx((trx) => addGap(trx, { ...gap(0, 10), tenantId: 'south' }))
  await inTrx((trx) => addGap(trx, gap(960, 960)))
  const ranges = async () =>
    (await openSweeps(db)).map(({ tenantId, afterSeq, upToSeq, total }) => [
      tenantId,
      afterSeq,
      upToSeq,
      total,
    ])
  expect(new Set(await ranges())).toEqual(
    new Set([
      ['south', 0, 10, 10],
      ['north', 700, 950, 150],
    ]),
  )
  const first = (await openSweeps(db)).find(({ tenantId }) => tenantId === 'north')
  expect(await beginSweep(db, first?.id ?? '', now)).toMatchObject({
    afterSeq: 700,
    upToSeq: 950,
    begunAt: now,
  })
  for (const from of [950, 1_000, 1_200]) await inTrx((trx) => addGap(trx, gap(from, from + 10, now + from)))
  await db.deleteFrom('cloudSweeps').where('tenantId', '=', 'south').execute()
  // What has begun comes to its end first.
  expect(await ranges()).toEqual([
    ['north', 700, 950, 150],
    ['north', 950, 1_210, 30],
  ])
})

test('series of no channel wait in one gap of no tenant, of which nothing is lost', async () => {
  await inTrx((trx) => addStrangers(trx, { series: [3], afterSeq: 500, upToSeq: 600, now }))
  await inTrx((trx) => addStrangers(trx, { series: [2, 3], afterSeq: 700, upToSeq: 800, now }))
  expect(await openSweeps(db)).toMatchObject([
    { tenantId: null, series: '[2,3]', afterSeq: 500, upToSeq: 800 },
  ])
  expect(await retired(1, 550)).toBe(0)
  expect(await retired(2, 550)).toBe(50)
})
