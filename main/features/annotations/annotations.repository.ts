import type { Insertable, Updateable } from 'kysely'
import { sql } from 'kysely'
import { gatewayInScope, isWhole, type TenantScope } from '#features/access/index.ts'
import type { AnnotationTable } from '#platform/db/schema.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'

export type AnnotationRow = Awaited<ReturnType<typeof listAnnotations>>[number]

function visible(db: SiteDb | SiteTrx, scope: TenantScope) {
  const query = db
    .selectFrom('annotations')
    .innerJoin('tenants', 'tenants.id', 'annotations.tenantId')
    .selectAll('annotations')
    .select(['tenants.slug as tenantSlug', 'tenants.name as tenantName'])
  if (scope.all) return query
  const ofTenant = query.where('annotations.tenantId', '=', scope.tenantId)
  if (isWhole(scope)) return ofTenant
  // What is about everything is about theirs too.
  return ofTenant.where(
    sql<boolean>`(annotations.channelIds = '[]' or exists (
      select 1 from json_each(annotations.channelIds) as about join channels on channels.id = about.value
        join gateways on gateways.id = channels.gatewayId where ${gatewayInScope(scope)}))`,
  )
}

/** Those that touch [from, to), newest first; with channels those about one of them or about everything. */
export function listAnnotations(
  db: SiteDb,
  scope: TenantScope,
  { from, to, channelIds, limit }: { from: number; to: number; channelIds: string[] | null; limit: number },
) {
  let query = visible(db, scope)
    .where('annotations.fromAt', '<', to)
    .where('annotations.toAt', '>=', from)
    .orderBy('annotations.fromAt', 'desc')
    .orderBy('annotations.id', 'desc')
    .limit(limit)
  if (channelIds !== null) {
    const wanted = JSON.stringify(channelIds)
    query = query.where(
      sql<boolean>`(annotations.channelIds = '[]' or exists (
        select 1 from json_each(annotations.channelIds) as own
        where own.value in (select value from json_each(${wanted}))))`,
    )
  }
  return query.execute()
}

export function annotationById(db: SiteDb | SiteTrx, scope: TenantScope, id: string) {
  return visible(db, scope).where('annotations.id', '=', id).executeTakeFirst()
}

export function insertAnnotation(trx: SiteTrx, annotation: Insertable<AnnotationTable>) {
  return trx.insertInto('annotations').values(annotation).execute()
}

/** @returns whether the version was still the one that the change was made from */
export async function updateAnnotation(
  trx: SiteTrx,
  id: string,
  version: number,
  changes: Updateable<AnnotationTable>,
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('annotations')
    .set({ ...changes, version: version + 1 })
    .where('id', '=', id)
    .where('version', '=', version)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

export function deleteAnnotation(trx: SiteTrx, id: string) {
  return trx.deleteFrom('annotations').where('id', '=', id).execute()
}
