import type { Insertable, Selectable } from 'kysely'
import type { TenantScope } from '#features/access/index.ts'
import type { TenantTable } from '#platform/db/schema.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'

export type TenantRow = Selectable<TenantTable>

export function listTenants(db: SiteDb | SiteTrx, scope: TenantScope): Promise<TenantRow[]> {
  let query = db.selectFrom('tenants').selectAll().orderBy('name')
  if (!scope.all) query = query.where('id', '=', scope.tenantId)
  return query.execute()
}

export function insertTenant(trx: SiteTrx, tenant: Insertable<TenantTable>) {
  return trx.insertInto('tenants').values(tenant).execute()
}
