import type { SiteDb } from '#platform/db/site-db.ts'
import type { SyncParts } from './sync-parts.ts'

/** Bytes of a reading on the wire before any were sent, as measured: all that goes over the link (docs/cloud-sizing.md). */
const TYPICAL_BYTES = 15
const ENOUGH = 10_000

/** What sending what is stored of a tenant from a time on (ms; null: all) comes to, about. */
export async function estimateTenant(
  { db, historian }: Pick<SyncParts, 'db' | 'historian'>,
  tenantId: string,
  fromAt: number | null,
): Promise<{ readings: number; bytes: number }> {
  const rows = await db.selectFrom('channels').select('seriesId').where('tenantId', '=', tenantId).execute()
  const seriesIds = rows.map(({ seriesId }) => seriesId)
  const counts = await historian.count({ seriesIds, ...(fromAt !== null && { from: fromAt }) })
  const readings = counts.reduce((sum, count) => sum + count, 0)
  return { readings, bytes: Math.round(readings * (await bytesEach(db))) }
}

/** As it has been so far. */
async function bytesEach(db: SiteDb): Promise<number> {
  const { readings, bytes } = await db
    .selectFrom('cloudTenants')
    .select(({ fn }) => [
      fn.sum<number | null>('readingsSent').as('readings'),
      fn.sum<number | null>('bytesSent').as('bytes'),
    ])
    .executeTakeFirstOrThrow()
  return (readings ?? 0) > ENOUGH ? (bytes ?? 0) / (readings ?? 1) : TYPICAL_BYTES
}
