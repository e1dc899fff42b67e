import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'

export function userById(db: SiteDb | SiteTrx, id: string) {
  return db.selectFrom('users').selectAll().where('id', '=', id).executeTakeFirst()
}

/** What a person is in each tenant that is not suspended, the oldest first. An invitation counts once it is taken. */
export function activeMemberships(db: SiteDb | SiteTrx, userId: string) {
  return db
    .selectFrom('memberships')
    .innerJoin('tenants', 'tenants.id', 'memberships.tenantId')
    .innerJoin('roles', 'roles.id', 'memberships.roleId')
    .select([
      'memberships.tenantId',
      'memberships.roleId',
      'memberships.reach',
      'tenants.slug as tenantSlug',
      'tenants.name as tenantName',
      'roles.name as roleName',
      'roles.permissions',
      'roles.secondFactor',
    ])
    .where('memberships.userId', '=', userId)
    .where('memberships.invitedAt', 'is', null)
    .where('tenants.state', '=', 'active')
    .orderBy('memberships.createdAt')
    .orderBy('memberships.tenantId')
    .execute()
}

export async function groupsOf(db: SiteDb | SiteTrx, userId: string, tenantId: string): Promise<string[]> {
  const rows = await db
    .selectFrom('membershipGroups')
    .select('groupId')
    .where('userId', '=', userId)
    .where('tenantId', '=', tenantId)
    .execute()
  return rows.map(({ groupId }) => groupId)
}

export function roleById(db: SiteDb | SiteTrx, id: string) {
  return db.selectFrom('roles').selectAll().where('id', '=', id).executeTakeFirst()
}

export async function hasSecondFactor(db: SiteDb | SiteTrx, userId: string): Promise<boolean> {
  const found = await db
    .selectFrom('secondFactors')
    .select('userId')
    .where('userId', '=', userId)
    .where('confirmedAt', 'is not', null)
    .executeTakeFirst()
  return found !== undefined
}
