import type { Insertable, Selectable, Updateable } from 'kysely'
import { gatewayInScope, seesTenant, type TenantScope } from '#features/access/index.ts'
import type { DialectTable } from '#platform/db/enrollment-schema.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'

export type DialectRow = Selectable<DialectTable>

export function allDialects(db: SiteDb | SiteTrx): Promise<DialectRow[]> {
  return db.selectFrom('dialects').selectAll().orderBy('name').execute()
}

export function insertDialect(trx: SiteTrx, row: Insertable<DialectTable>) {
  return trx.insertInto('dialects').values(row).execute()
}

export function updateDialect(trx: SiteTrx, name: string, changes: Updateable<DialectTable>) {
  return trx.updateTable('dialects').set(changes).where('name', '=', name).execute()
}

export function deleteDialect(trx: SiteTrx, name: string) {
  return trx.deleteFrom('dialects').where('name', '=', name).execute()
}

/** How many gateways and profiles of the scope have each dialect. */
export async function usesOf(
  db: SiteDb | SiteTrx,
  scope: TenantScope,
): Promise<(name: string) => { gateways: number; profiles: number }> {
  const gateways = await db
    .selectFrom('gateways')
    .select('dialect')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('deletedAt', 'is', null)
    // Nobody has it: it is given a dialect when somebody claims it.
    .where('state', '!=', 'unclaimed')
    .where(gatewayInScope(scope))
    .groupBy('dialect')
    .execute()
  const profiles = await db
    .selectFrom('gatewayProfiles')
    .select(['dialect', 'tenantId'])
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .groupBy(['dialect', 'tenantId'])
    .execute()
  const seen = profiles.filter(({ tenantId }) => seesTenant(scope, tenantId))
  const sum = (rows: readonly { dialect: string; count: number }[], name: string): number =>
    rows.reduce((total, { dialect, count }) => total + (dialect === name ? count : 0), 0)
  return (name) => ({ gateways: sum(gateways, name), profiles: sum(seen, name) })
}
