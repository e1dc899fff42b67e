import type { Insertable } from 'kysely'
import type { TenantScope } from '#features/access/index.ts'
import type { FirmwarePublisherTable } from '#platform/db/flashing-schema.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'

export type PublisherRow = Awaited<ReturnType<typeof listPublishers>>[number]

/** By name. `tenantId`: those that it trusts, the site's included. */
export function listPublishers(db: SiteDb | SiteTrx, scope: TenantScope, tenantId: string | null) {
  let query = db
    .selectFrom('firmwarePublishers')
    .leftJoin('tenants', 'tenants.id', 'firmwarePublishers.tenantId')
    .selectAll('firmwarePublishers')
    .select(['tenants.slug as tenantSlug', 'tenants.name as tenantName'])
    .orderBy('firmwarePublishers.name')
    .orderBy('firmwarePublishers.id')
  for (const id of [tenantId, scope.all ? null : scope.tenantId])
    if (id !== null)
      query = query.where((eb) =>
        eb.or([eb('firmwarePublishers.tenantId', 'is', null), eb('firmwarePublishers.tenantId', '=', id)]),
      )
  return query.execute()
}

export function insertPublisher(trx: SiteTrx, row: Insertable<FirmwarePublisherTable>) {
  return trx.insertInto('firmwarePublishers').values(row).execute()
}

export function deletePublisher(trx: SiteTrx, id: string) {
  return trx.deleteFrom('firmwarePublishers').where('id', '=', id).execute()
}

/** Of the same tenant, or of the site. */
export function publishersOf(trx: SiteTrx, tenantId: string | null) {
  return trx.selectFrom('firmwarePublishers').selectAll().where('tenantId', 'is', tenantId).execute()
}

export async function isSignedOnly(db: SiteDb | SiteTrx, tenantId: string): Promise<boolean> {
  const row = await db
    .selectFrom('tenants')
    .select('signedFirmwareOnly')
    .where('id', '=', tenantId)
    .executeTakeFirstOrThrow()
  return row.signedFirmwareOnly === 1
}

export function setSignedOnly(trx: SiteTrx, tenantId: string, signedOnly: boolean) {
  return trx
    .updateTable('tenants')
    .set({ signedFirmwareOnly: signedOnly ? 1 : 0 })
    .where('id', '=', tenantId)
    .execute()
}
