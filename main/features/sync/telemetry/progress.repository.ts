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

/** Newest first: all that are open, and those that ended lately. */
export function listSweeps(db: SiteDb): Promise<SweepRow[]> {
  return db
    .selectFrom('cloudSweeps')
    .selectAll()
    .orderBy(sql`endedAt is not null`)
    .orderBy('createdAt', 'desc')
    .limit(100)
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

export interface SweepStep {
  /** Where it stands then. */
  seriesId: number
  ts: number | null
  sent: number
  compared: number
  mended: number
  onlyThere: number
}

/** @returns false: it was cancelled meanwhile. */
export async function moveSweep(trx: SiteTrx, id: string, step: SweepStep): Promise<boolean> {
  const { seriesId, ts, sent, compared, mended, onlyThere } = step
  const { numUpdatedRows } = await trx
    .updateTable('cloudSweeps')
    .set((of) => ({
      seriesId,
      ts,
      sent: of('sent', '+', sent),
      compared: of('compared', '+', compared),
      mended: of('mended', '+', mended),
      onlyThere: of('onlyThere', '+', onlyThere),
    }))
    .where('id', '=', id)
    .where('endedAt', 'is', null)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** @returns false: there is none that could be ended. */
export async function endSweep(trx: SiteTrx, id: string, at: number): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('cloudSweeps')
    .set({ endedAt: at })
    .where('id', '=', id)
    .where('endedAt', 'is', null)
    .executeTakeFirst()
  await trx
    .deleteFrom('cloudSweeps')
    .where('endedAt', '<', at - SHOWN)
    .execute()
  return numUpdatedRows > 0n
}
