import type { Insertable, Selectable, Updateable } from 'kysely'
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

export function updateTenant(trx: SiteTrx, id: string, changes: Updateable<TenantTable>) {
  return trx.updateTable('tenants').set(changes).where('id', '=', id).execute()
}

export function tenantById(db: SiteDb | SiteTrx, id: string): Promise<TenantRow | undefined> {
  return db.selectFrom('tenants').selectAll().where('id', '=', id).executeTakeFirst()
}

export async function allSlugs(db: SiteDb | SiteTrx): Promise<Map<string, string>> {
  const rows = await db.selectFrom('tenants').select(['id', 'slug']).execute()
  return new Map(rows.map(({ id, slug }) => [slug, id]))
}

export function allGroups(db: SiteDb | SiteTrx) {
  return db.selectFrom('groups').selectAll().orderBy('name').execute()
}

/** Gateways of each tenant now. */
export async function gatewayCounts(db: SiteDb | SiteTrx): Promise<Map<string, number>> {
  const rows = await db
    .selectFrom('gateways')
    .select((eb) => ['tenantId', eb.fn.countAll<number>().as('count')])
    .where('assignmentId', 'is not', null)
    .where('deletedAt', 'is', null)
    .groupBy('tenantId')
    .execute()
  return new Map(rows.map(({ tenantId, count }) => [tenantId, count]))
}

/** Those of them that come with a secret and no certificate. */
export async function secretGatewayCounts(db: SiteDb | SiteTrx): Promise<Map<string, number>> {
  const rows = await db
    .selectFrom('gateways')
    .select((eb) => ['tenantId', eb.fn.countAll<number>().as('count')])
    .where('assignmentId', 'is not', null)
    .where('credential', '=', 'secret')
    .where('deletedAt', 'is', null)
    .groupBy('tenantId')
    .execute()
  return new Map(rows.map(({ tenantId, count }) => [tenantId, count]))
}

/** Gateways directly in each group now. */
export async function gatewayCountsByGroup(db: SiteDb | SiteTrx): Promise<Map<string, number>> {
  const rows = await db
    .selectFrom('gateways')
    .select((eb) => ['groupId', eb.fn.countAll<number>().as('count')])
    .where('groupId', 'is not', null)
    .where('deletedAt', 'is', null)
    .groupBy('groupId')
    .execute()
  return new Map(rows.map(({ groupId, count }) => [groupId ?? '', count]))
}

/** People who are something in each tenant. */
export async function peopleCounts(db: SiteDb | SiteTrx): Promise<Map<string, number>> {
  const rows = await db
    .selectFrom('memberships')
    .select((eb) => ['tenantId', eb.fn.countAll<number>().as('count')])
    .groupBy('tenantId')
    .execute()
  return new Map(rows.map(({ tenantId, count }) => [tenantId, count]))
}

/** Messages of each tenant in the hour that begins at `hour`, ms. */
export async function messagesIn(db: SiteDb | SiteTrx, hour: number): Promise<Map<string, number>> {
  const rows = await db
    .selectFrom('tenantUsage')
    .select(['tenantId', 'messages'])
    .where('hour', '=', hour)
    .execute()
  return new Map(rows.map(({ tenantId, messages }) => [tenantId, messages]))
}

/** Sessions of everyone who is something in the tenant, whichever tenant they act in now. */
export async function sessionsOfPeople(db: SiteDb | SiteTrx, tenantId: string): Promise<string[]> {
  const rows = await db
    .selectFrom('sessions')
    .innerJoin('memberships', 'memberships.userId', 'sessions.userId')
    .select('sessions.id')
    .where('memberships.tenantId', '=', tenantId)
    .execute()
  return rows.map(({ id }) => id)
}
