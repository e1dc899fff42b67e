import { type Selectable, sql } from 'kysely'
import type { StorageEventKind } from '#contract/model/retention.ts'
import type { StorageEventTable } from '#platform/db/retention-schema.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'

const HOUR = 60 * 60_000
const KEPT = 500

export type StorageEventRow = Omit<Selectable<StorageEventTable>, 'kind'> & { kind: StorageEventKind }

export interface NewStorageEvent {
  at: number
  kind: StorageEventKind
  subject: string
  count: number
  cause: string | null
}

/** The same of the same within an hour counts on; of all only the newest few hundred stay. */
export async function recordStorageEvent(trx: SiteTrx, event: NewStorageEvent): Promise<void> {
  const { at, kind, subject, count, cause } = event
  const same = await trx
    .selectFrom('storageEvents')
    .select(['id', 'count'])
    .where('kind', '=', kind)
    .where('subject', '=', subject)
    .where('at', '>', at - HOUR)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst()
  if (same) {
    const changes = { at, count: same.count + count, cause }
    await trx.updateTable('storageEvents').set(changes).where('id', '=', same.id).execute()
    return
  }
  await trx.insertInto('storageEvents').values(event).execute()
  await trx
    .deleteFrom('storageEvents')
    .where('id', '<=', sql<number>`(select max(id) from storageEvents) - ${KEPT}`)
    .execute()
}

/** Newest first. */
export async function listStorageEvents(db: SiteDb, limit: number): Promise<StorageEventRow[]> {
  const rows = await db.selectFrom('storageEvents').selectAll().orderBy('at', 'desc').limit(limit).execute()
  return rows as StorageEventRow[]
}
