import type { Insertable, Updateable } from 'kysely'
import type { RetentionClass } from '#contract/model/retention.ts'
import type { RetentionClassTable, StoragePolicyTable } from '#platform/db/retention-schema.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'
import type { SeriesChoice } from './retention-policy.ts'

/** Oldest first: the standard one leads. */
export async function listClasses(db: SiteDb | SiteTrx): Promise<RetentionClass[]> {
  const rows = await db
    .selectFrom('retentionClasses')
    .selectAll()
    .orderBy('createdAt')
    .orderBy('id')
    .execute()
  return rows.map(({ id, name, days, evictable }) => ({ id, name, days, evictable: evictable === 1 }))
}

export function insertClass(trx: SiteTrx, row: Insertable<RetentionClassTable>) {
  return trx.insertInto('retentionClasses').values(row).execute()
}

/** What is there stays. */
export function insertQuotaClasses(db: SiteDb, rows: Insertable<RetentionClassTable>[]) {
  return db
    .insertInto('retentionClasses')
    .values(rows)
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

/** Days that readings of a tenant are kept at most, where it has such a quota. */
export async function listStorageQuotas(db: SiteDb | SiteTrx): Promise<Map<string, number>> {
  const rows = await db
    .selectFrom('tenants')
    .select(['id', 'storageDays'])
    .where('storageDays', 'is not', null)
    .execute()
  return new Map(rows.flatMap(({ id, storageDays }) => (storageDays === null ? [] : [[id, storageDays]])))
}

export function updateClass(trx: SiteTrx, id: string, changes: Updateable<RetentionClassTable>) {
  return trx.updateTable('retentionClasses').set(changes).where('id', '=', id).execute()
}

export function deleteClass(trx: SiteTrx, id: string) {
  return trx.deleteFrom('retentionClasses').where('id', '=', id).execute()
}

export async function readPolicy(
  db: SiteDb | SiteTrx,
): Promise<{ defaultClass: string; budgetBytes: number | null }> {
  return db.selectFrom('storagePolicy').select(['defaultClass', 'budgetBytes']).executeTakeFirstOrThrow()
}

export function updatePolicy(trx: SiteTrx, changes: Updateable<StoragePolicyTable>) {
  return trx.updateTable('storagePolicy').set(changes).where('id', '=', 1).execute()
}

export function setTenantClass(trx: SiteTrx, tenantId: string, retentionClass: string | null) {
  return trx.updateTable('tenants').set({ retentionClass }).where('id', '=', tenantId).execute()
}

export function listTenantChoices(
  db: SiteDb | SiteTrx,
): Promise<{ id: string; name: string; retentionClass: string | null }[]> {
  return db.selectFrom('tenants').select(['id', 'name', 'retentionClass']).orderBy('name').execute()
}

export function listSeriesChoices(db: SiteDb): Promise<SeriesChoice[]> {
  return db.selectFrom('channels').select(['seriesId', 'tenantId', 'retentionClass']).execute()
}

/** Channels that name a class themselves, by class. */
export async function countChannelChoices(db: SiteDb | SiteTrx): Promise<Map<string, number>> {
  const rows = await db
    .selectFrom('channels')
    .select(['retentionClass', (expression) => expression.fn.countAll<number>().as('channels')])
    .where('retentionClass', 'is not', null)
    .groupBy('retentionClass')
    .execute()
  return new Map(rows.map(({ retentionClass, channels }) => [retentionClass ?? '', channels]))
}
