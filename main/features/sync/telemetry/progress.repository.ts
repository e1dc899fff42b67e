import { type Insertable, type Selectable, sql } from 'kysely'
import type { CloudSweepTable } from '#platform/db/cloud-schema.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'

export type SweepRow = Selectable<CloudSweepTable>

/** Ended sweeps are shown for so long, ms. */
const SHOWN = 30 * 24 * 3_600_000

/** Null: the site has not joined. */
export async function readTailSeq(db: SiteDb | SiteTrx): Promise<number | null> {
  return (await db.selectFrom('cloudLink').select('tailSeq').executeTakeFirst())?.tailSeq ?? null
}

export function writeTailSeq(trx: SiteTrx, tailSeq: number) {
  return trx.updateTable('cloudLink').set({ tailSeq }).execute()
}

export interface SentOfTenant {
  readings: number
  bytes: number
}

export async function addSent(
  trx: SiteTrx,
  sent: ReadonlyMap<string, SentOfTenant>,
  at: number,
): Promise<void> {
  for (const [tenantId, { readings, bytes }] of sent) {
    await trx
      .updateTable('cloudTenants')
      .set((of) => ({
        readingsSent: of('readingsSent', '+', readings),
        bytesSent: of('bytesSent', '+', bytes),
        lastSuccessAt: at,
      }))
      .where('tenantId', '=', tenantId)
      .execute()
  }
}

/** When readings of any tenant arrived over there the last time, ms. */
export async function lastSentAt(db: SiteDb | SiteTrx): Promise<number | null> {
  const row = await db
    .selectFrom('cloudTenants')
    .select(({ fn }) => fn.max('lastSuccessAt').as('at'))
    .executeTakeFirst()
  return row?.at ?? null
}

export function addLost(trx: SiteTrx, tenantId: string, readings: number) {
  return trx
    .updateTable('cloudTenants')
    .set((of) => ({ readingsLost: of('readingsLost', '+', readings) }))
    .where('tenantId', '=', tenantId)
    .execute()
}

export function insertSweep(trx: SiteTrx, sweep: Insertable<CloudSweepTable>) {
  return trx.insertInto('cloudSweeps').values(sweep).execute()
}

/** Those that are not at their end: what is missing before what is old, what has begun before what has not. */
export function openSweeps(db: SiteDb | SiteTrx): Promise<SweepRow[]> {
  return db
    .selectFrom('cloudSweeps')
    .selectAll()
    .where('endedAt', 'is', null)
    .orderBy(sql`case kind when 'gap' then 0 when 'history' then 1 else 2 end`)
    .orderBy(sql`begunAt is null`)
    .orderBy(sql`case kind when 'gap' then -createdAt else createdAt end`)
    .orderBy('id')
    .execute()
}

/** From now on it stays what it is. @returns null: it was cancelled meanwhile */
export async function beginSweep(db: SiteDb, id: string, at: number): Promise<SweepRow | null> {
  const row = await db
    .updateTable('cloudSweeps')
    .set({ begunAt: sql`coalesce(begunAt, ${at})` })
    .where('id', '=', id)
    .where('endedAt', 'is', null)
    .returningAll()
    .executeTakeFirst()
  return row ?? null
}

/** What a sweep did, or a step of it (cloud-schema.ts). */
export interface SweepCounts {
  sent: number
  compared: number
  mended: number
  onlyThere: number
  onlyThereDays: number
  newerThere: number
}

export function noCounts(): SweepCounts {
  return { sent: 0, compared: 0, mended: 0, onlyThere: 0, onlyThereDays: 0, newerThere: 0 }
}

export interface SweepStep extends SweepCounts {
  /** Where it stands then. */
  seriesId: number
  ts: number | null
}

/** @returns false: it was cancelled meanwhile. */
export async function moveSweep(trx: SiteTrx, id: string, step: SweepStep): Promise<boolean> {
  const { seriesId, ts, sent, compared, mended, onlyThere, onlyThereDays, newerThere } = step
  const { numUpdatedRows } = await trx
    .updateTable('cloudSweeps')
    .set((of) => ({
      seriesId,
      ts,
      sent: of('sent', '+', sent),
      compared: of('compared', '+', compared),
      mended: of('mended', '+', mended),
      onlyThere: of('onlyThere', '+', onlyThere),
      onlyThereDays: of('onlyThereDays', '+', onlyThereDays),
      newerThere: of('newerThere', '+', newerThere),
    }))
    .where('id', '=', id)
    .where('endedAt', 'is', null)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** It came to its end. */
export async function endSweep(trx: SiteTrx, id: string, at: number): Promise<void> {
  await trx
    .updateTable('cloudSweeps')
    .set({ endedAt: at })
    .where('id', '=', id)
    .where('endedAt', 'is', null)
    .execute()
  await trx
    .deleteFrom('cloudSweeps')
    .where('endedAt', '<', at - SHOWN)
    .execute()
}

/**
 * Those that are open, one or all of a tenant, are gone: they did not come to their end. So are comparisons of all tenants, where
 * none sends readings any more.
 * @returns false: there was none
 */
export async function cancelSweeps(
  trx: SiteTrx,
  of: { id: string } | { tenantId: string },
): Promise<boolean> {
  const { numDeletedRows } = await trx
    .deleteFrom('cloudSweeps')
    .where('endedAt', 'is', null)
    .where((eb) => ('id' in of ? eb('id', '=', of.id) : eb('tenantId', '=', of.tenantId)))
    .executeTakeFirst()
  if (!(await sendsReadings(trx)))
    await trx
      .deleteFrom('cloudSweeps')
      .where('endedAt', 'is', null)
      .where('kind', '=', 'resync')
      .where('tenantId', 'is', null)
      .execute()
  return numDeletedRows > 0n
}

/** Whether there is a tenant whose readings are wanted in the cloud. */
export async function sendsReadings(db: SiteDb | SiteTrx): Promise<boolean> {
  const row = await db
    .selectFrom('cloudTenants')
    .select('tenantId')
    .where('mode', '=', 'telemetry')
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}
