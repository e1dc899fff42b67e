import type { Insertable, Selectable, Updateable } from 'kysely'
import type { CloudLinkTable, CloudTenantTable } from '#platform/db/cloud-schema.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'
import { deadReadingsToRetry } from '../dead-letters/dead-letters.repository.ts'

export type LinkRow = Selectable<CloudLinkTable>
export type TenantRow = Selectable<CloudTenantTable>

/** The site's link; undefined where it has not joined a cloud. */
export function linkRow(db: SiteDb | SiteTrx): Promise<LinkRow | undefined> {
  return db.selectFrom('cloudLink').selectAll().executeTakeFirst()
}

export function insertLink(trx: SiteTrx, row: Insertable<CloudLinkTable>) {
  return trx.insertInto('cloudLink').values(row).execute()
}

export function updateLink(db: SiteDb | SiteTrx, changes: Updateable<CloudLinkTable>) {
  return db.updateTable('cloudLink').set(changes).execute()
}

/** What leaving has deleted in the cloud goes up. */
export function addDeleted(db: SiteDb, readings: number, objects: number) {
  return db
    .updateTable('cloudLink')
    .set((of) => ({
      deletedReadings: of('deletedReadings', '+', readings),
      deletedObjects: of('deletedObjects', '+', objects),
    }))
    .execute()
}

export function tenantRows(db: SiteDb | SiteTrx): Promise<TenantRow[]> {
  return db.selectFrom('cloudTenants').selectAll().orderBy('tenantId').execute()
}

/** With the names of the tenants, by name; those too that nothing was ever chosen for. */
export function namedTenants(db: SiteDb | SiteTrx) {
  return db
    .selectFrom('tenants')
    .leftJoin('cloudTenants', 'cloudTenants.tenantId', 'tenants.id')
    .select([
      'tenants.id as tenantId',
      'tenants.slug',
      'tenants.name',
      'cloudTenants.cloudTenantId',
      'cloudTenants.cloudTenantKey',
      'cloudTenants.mode',
      'cloudTenants.fromAt',
      'cloudTenants.readingsSent',
      'cloudTenants.bytesSent',
      'cloudTenants.readingsLost',
      'cloudTenants.lastSuccessAt',
    ])
    .orderBy('tenants.name')
    .execute()
}

export function putTenant(trx: SiteTrx, row: Insertable<CloudTenantTable>) {
  const { tenantId, ...changes } = row
  return trx
    .insertInto('cloudTenants')
    .values({ tenantId, ...changes })
    .onConflict((conflict) => conflict.column('tenantId').doUpdateSet(changes))
    .execute()
}

export function updateTenant(db: SiteDb | SiteTrx, tenantId: string, changes: Updateable<CloudTenantTable>) {
  return db.updateTable('cloudTenants').set(changes).where('tenantId', '=', tenantId).execute()
}

/** The numbers that the cloud gave a tenant's channels are worth nothing any more. */
export async function forgetChannelNumbers(trx: SiteTrx, tenantId: string): Promise<void> {
  await trx
    .deleteFrom('cloudChannels')
    .where('channelId', 'in', trx.selectFrom('channels').select('id').where('tenantId', '=', tenantId))
    .execute()
}

/** Objects that wait, by tenant; null: of no one tenant. */
export async function waitingObjects(db: SiteDb): Promise<Map<string | null, number>> {
  const rows = await db
    .selectFrom('cloudOutbox')
    .select(['tenantId', (eb) => eb.fn.countAll<number>().as('count')])
    .groupBy('tenantId')
    .execute()
  return new Map(rows.map(({ tenantId, count }) => [tenantId, count]))
}

/** Since when an object of a tenant that is sent waits, ms; null: none does. */
export async function oldestObject(db: SiteDb): Promise<number | null> {
  const row = await db
    .selectFrom('cloudOutbox')
    .innerJoin('cloudTenants', 'cloudTenants.tenantId', 'cloudOutbox.tenantId')
    .select(({ fn }) => fn.min<number | null>('queuedAt').as('at'))
    .where('mode', '!=', 'off')
    .executeTakeFirst()
  return row?.at ?? null
}

export async function deadLetterCounts(db: SiteDb): Promise<Map<string | null, number>> {
  const rows = await db
    .selectFrom('cloudDeadLetters')
    .select(['tenantId', (eb) => eb.fn.countAll<number>().as('count')])
    .groupBy('tenantId')
    .execute()
  return new Map(rows.map(({ tenantId, count }) => [tenantId, count]))
}

export async function openConflictCounts(db: SiteDb): Promise<Map<string | null, number>> {
  const rows = await db
    .selectFrom('cloudConflicts')
    .select(['tenantId', (eb) => eb.fn.countAll<number>().as('count')])
    .where('resolvedAt', 'is', null)
    .groupBy('tenantId')
    .execute()
  return new Map(rows.map(({ tenantId, count }) => [tenantId, count]))
}

/** Sweeps that go on, and the last that ended, newest first. */
export function recentSweeps(db: SiteDb) {
  return db
    .selectFrom('cloudSweeps')
    .selectAll()
    .orderBy((eb) => eb('endedAt', 'is', null), 'desc')
    .orderBy('createdAt', 'desc')
    .orderBy('id', 'desc')
    .limit(50)
    .execute()
}

/** Whether readings that are stored wait to be sent; a comparison with the cloud does not count. */
export async function isCatchingUp(db: SiteDb): Promise<boolean> {
  const row = await db
    .selectFrom('cloudSweeps')
    .select('id')
    .where('endedAt', 'is', null)
    .where('kind', '!=', 'resync')
    // A gap of no tenant waits for channels, not for the cloud.
    .where('tenantId', 'is not', null)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

/** Whether there is something to send of these tenants: also refused readings that a person wants tried again. */
export async function hasOpenSweeps(db: SiteDb, tenantIds: readonly string[]): Promise<boolean> {
  const sweep = await db
    .selectFrom('cloudSweeps')
    .select('id')
    .where('endedAt', 'is', null)
    .where(({ or, and, eb }) =>
      or([and([eb('kind', '=', 'resync'), eb('tenantId', 'is', null)]), eb('tenantId', 'in', tenantIds)]),
    )
    .limit(1)
    .executeTakeFirst()
  return sweep !== undefined || (await deadReadingsToRetry(db, tenantIds, 1)).length > 0
}

/** Tenants of the cloud that were deleted here: what this site sent of them is still to be deleted there. */
export async function tenantsToForget(db: SiteDb): Promise<string[]> {
  const rows = await db.selectFrom('cloudOutbox').select('id').where('entity', '=', 'tenant_gone').execute()
  return rows.map(({ id }) => id)
}

export async function sealedBox(db: SiteDb | SiteTrx, id: string): Promise<Uint8Array | undefined> {
  const row = await db.selectFrom('sealedSecrets').select('box').where('id', '=', id).executeTakeFirst()
  return row?.box
}

export function insertSealed(
  trx: SiteTrx,
  secret: { id: string; purpose: string; box: Uint8Array; createdAt: number },
) {
  return trx.insertInto('sealedSecrets').values(secret).execute()
}

export function deleteSealed(trx: SiteTrx, id: string) {
  return trx.deleteFrom('sealedSecrets').where('id', '=', id).execute()
}

/** Nothing of the link is left. */
export async function deleteEverything(trx: SiteTrx): Promise<void> {
  const link = await linkRow(trx)
  for (const table of [
    'cloudTenants',
    'cloudOutbox',
    'cloudVersions',
    'cloudSweeps',
    'cloudDeadLetters',
    'cloudConflicts',
    'cloudChannels',
    'cloudLink',
  ] as const)
    await trx.deleteFrom(table).execute()
  if (link) await deleteSealed(trx, link.sealedSecretId)
}
