import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'

/** Where a person belongs and as what, in suspended tenants too; without what they are only invited to. */
export function allMemberships(db: SiteDb | SiteTrx, userId: string) {
  return db
    .selectFrom('memberships')
    .innerJoin('tenants', 'tenants.id', 'memberships.tenantId')
    .innerJoin('roles', 'roles.id', 'memberships.roleId')
    .select([
      'tenants.id as tenantId',
      'tenants.slug as tenantSlug',
      'tenants.name as tenantName',
      'tenants.state as tenantState',
      'memberships.roleId',
      'memberships.reach',
      'roles.name as roleName',
      'roles.secondFactor',
    ])
    .where('memberships.userId', '=', userId)
    .where('memberships.invitedAt', 'is', null)
    .orderBy('tenants.name')
    .execute()
}

export function groupsOfMemberships(db: SiteDb | SiteTrx, userId: string) {
  return db
    .selectFrom('membershipGroups')
    .innerJoin('groups', 'groups.id', 'membershipGroups.groupId')
    .select(['membershipGroups.tenantId', 'groups.id', 'groups.name'])
    .where('membershipGroups.userId', '=', userId)
    .orderBy('groups.name')
    .execute()
}

/** Sessions that still count, the last used first. */
export function sessionsOf(db: SiteDb | SiteTrx, userId: string, now: number) {
  return db
    .selectFrom('sessions')
    .select(['id', 'kind', 'createdAt', 'lastSeenAt', 'expiresAt', 'address', 'userAgent'])
    .where('userId', '=', userId)
    .where('expiresAt', '>', now)
    .orderBy('lastSeenAt', 'desc')
    .execute()
}

/**
 * @param except the session that stays
 * @returns the ids of those that ended
 */
export async function deleteSessionsOf(
  trx: SiteTrx,
  userId: string,
  except: string | null,
): Promise<string[]> {
  let query = trx.deleteFrom('sessions').where('userId', '=', userId).returning('id')
  if (except !== null) query = query.where('id', '!=', except)
  return (await query.execute()).map(({ id }) => id)
}

/** @returns whether the person had it */
export async function deleteOwnSession(trx: SiteTrx, userId: string, id: string): Promise<boolean> {
  const { numDeletedRows } = await trx
    .deleteFrom('sessions')
    .where('userId', '=', userId)
    .where('id', '=', id)
    .executeTakeFirstOrThrow()
  return numDeletedRows > 0n
}

/** Whose account has this e-mail address or user name. */
export async function holderOf(
  db: SiteDb | SiteTrx,
  column: 'email' | 'username',
  value: string,
): Promise<string | null> {
  const found = await db.selectFrom('users').select('id').where(column, '=', value).executeTakeFirst()
  return found?.id ?? null
}
