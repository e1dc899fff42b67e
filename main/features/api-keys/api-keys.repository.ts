import type { Insertable, Updateable } from 'kysely'
import type { ApiKeyTable } from '#platform/db/people-schema.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'

export type ApiKeyRow = NonNullable<Awaited<ReturnType<typeof keyByPrefix>>>

/** Keys with what they belong to, as people are told of them. */
function keys(db: SiteDb | SiteTrx) {
  return db
    .selectFrom('apiKeys')
    .leftJoin('tenants', 'tenants.id', 'apiKeys.tenantId')
    .leftJoin('groups', 'groups.id', 'apiKeys.groupId')
    .leftJoin('users as maker', 'maker.id', 'apiKeys.createdById')
    .selectAll('apiKeys')
    .select([
      'tenants.slug as tenantSlug',
      'tenants.name as tenantName',
      'tenants.state as tenantState',
      'groups.name as groupName',
      'maker.name as createdByName',
    ])
}

export function allKeys(db: SiteDb) {
  return keys(db).orderBy('apiKeys.createdAt', 'desc').orderBy('apiKeys.id').execute()
}

export function keyByPrefix(db: SiteDb | SiteTrx, prefix: string) {
  return keys(db).where('apiKeys.prefix', '=', prefix).executeTakeFirst()
}

export function keyById(db: SiteDb | SiteTrx, id: string) {
  return keys(db).where('apiKeys.id', '=', id).executeTakeFirst()
}

export function insertKey(trx: SiteTrx, key: Insertable<ApiKeyTable>) {
  return trx.insertInto('apiKeys').values(key).execute()
}

export function updateKey(db: SiteDb | SiteTrx, id: string, changes: Updateable<ApiKeyTable>) {
  return db.updateTable('apiKeys').set(changes).where('id', '=', id).execute()
}
