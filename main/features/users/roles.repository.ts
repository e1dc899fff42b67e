import type { Insertable, Selectable, Updateable } from 'kysely'
import type { RoleTable } from '#platform/db/people-schema.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'

export type RoleRow = Selectable<RoleTable>

/** The built-in roles, and the own ones of a tenant; of every tenant with null. */
export function listRoles(db: SiteDb | SiteTrx, tenantId: string | null): Promise<RoleRow[]> {
  let query = db.selectFrom('roles').selectAll().orderBy('tenantId').orderBy('name')
  if (tenantId !== null)
    query = query.where((eb) => eb.or([eb('tenantId', 'is', null), eb('tenantId', '=', tenantId)]))
  return query.execute()
}

export function roleById(db: SiteDb | SiteTrx, id: string): Promise<RoleRow | undefined> {
  return db.selectFrom('roles').selectAll().where('id', '=', id).executeTakeFirst()
}

export function insertRole(trx: SiteTrx, role: Insertable<RoleTable>) {
  return trx.insertInto('roles').values(role).execute()
}

export function updateRole(trx: SiteTrx, id: string, changes: Updateable<RoleTable>) {
  return trx.updateTable('roles').set(changes).where('id', '=', id).execute()
}

export function deleteRole(trx: SiteTrx, id: string) {
  return trx.deleteFrom('roles').where('id', '=', id).execute()
}

/** How many people of a tenant have each role, of every tenant with null; and how many administer the whole site. */
export async function peopleByRole(
  db: SiteDb | SiteTrx,
  tenantId: string | null,
): Promise<Map<string, number>> {
  let query = db
    .selectFrom('memberships')
    .select(['roleId', ({ fn }) => fn.countAll<number>().as('people')])
    .groupBy('roleId')
  if (tenantId !== null) query = query.where('tenantId', '=', tenantId)
  const counts = new Map((await query.execute()).map(({ roleId, people }) => [roleId, people]))
  const { people } = await db
    .selectFrom('users')
    .select(({ fn }) => fn.countAll<number>().as('people'))
    .where('siteAdmin', '=', 1)
    .executeTakeFirstOrThrow()
  return counts.set('site_admin', people)
}
