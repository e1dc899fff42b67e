import type { Insertable } from 'kysely'
import type { UserTable } from '#platform/db/people-schema.ts'
import type { SiteTrx } from '#platform/db/site-db.ts'
import type { MappedRight } from './mapped-rights.ts'

/** The account that a person of a provider has here. */
export function linkedUser(trx: SiteTrx, providerId: string, subject: string) {
  return trx
    .selectFrom('signOnIdentities')
    .innerJoin('users', 'users.id', 'signOnIdentities.userId')
    .selectAll('users')
    .where('signOnIdentities.providerId', '=', providerId)
    .where('signOnIdentities.subject', '=', subject)
    .executeTakeFirst()
}

export function userByEmail(trx: SiteTrx, email: string) {
  return trx.selectFrom('users').selectAll().where('email', '=', email).executeTakeFirst()
}

export function insertUser(trx: SiteTrx, user: Insertable<UserTable>) {
  return trx.insertInto('users').values(user).execute()
}

export function link(
  trx: SiteTrx,
  identity: { providerId: string; subject: string; userId: string; createdAt: number },
) {
  return trx.insertInto('signOnIdentities').values(identity).execute()
}

/** Who signs in with a provider that vouches for their address has taken their invitations. */
export async function takeInvitations(trx: SiteTrx, userId: string): Promise<void> {
  await trx.updateTable('users').set({ state: 'active' }).where('id', '=', userId).execute()
  await trx
    .updateTable('memberships')
    .set({ invitedAt: null, invitedName: null })
    .where('userId', '=', userId)
    .execute()
  await trx.deleteFrom('invitations').where('userId', '=', userId).where('kind', '=', 'invite').execute()
}

export function membershipsOf(trx: SiteTrx, userId: string) {
  return trx
    .selectFrom('memberships')
    .select(['tenantId', 'roleId', 'reach', 'providerId'])
    .where('userId', '=', userId)
    .execute()
}

export async function groupsOfMembership(trx: SiteTrx, userId: string, tenantId: string): Promise<string[]> {
  const rows = await trx
    .selectFrom('membershipGroups')
    .select('groupId')
    .where('userId', '=', userId)
    .where('tenantId', '=', tenantId)
    .execute()
  return rows.map(({ groupId }) => groupId)
}

export function deleteMembership(trx: SiteTrx, userId: string, tenantId: string) {
  return trx.deleteFrom('memberships').where('userId', '=', userId).where('tenantId', '=', tenantId).execute()
}

/** Puts the right in place of the one that the same provider gave before, if any. */
export async function putMembership(
  trx: SiteTrx,
  { tenantId, roleId, reach, groupIds }: MappedRight,
  of: { userId: string; providerId: string; now: number },
): Promise<void> {
  const { userId, providerId, now } = of
  await trx
    .insertInto('memberships')
    .values({ userId, tenantId, roleId, reach, providerId, createdAt: now })
    .onConflict((conflict) =>
      conflict.columns(['userId', 'tenantId']).doUpdateSet({ roleId, reach, providerId }),
    )
    .execute()
  await trx
    .deleteFrom('membershipGroups')
    .where('userId', '=', userId)
    .where('tenantId', '=', tenantId)
    .execute()
  for (const groupId of groupIds)
    await trx.insertInto('membershipGroups').values({ userId, tenantId, groupId }).execute()
}

export function setSiteAdmin(
  trx: SiteTrx,
  userId: string,
  { siteAdmin, providerId }: { siteAdmin: 0 | 1; providerId: string | null },
) {
  return trx
    .updateTable('users')
    .set({ siteAdmin, siteAdminProviderId: providerId })
    .where('id', '=', userId)
    .execute()
}

/** Whether another site administrator could still sign in. */
export async function hasOtherSiteAdmin(trx: SiteTrx, userId: string): Promise<boolean> {
  const other = await trx
    .selectFrom('users')
    .select('id')
    .where('siteAdmin', '=', 1)
    .where('state', '=', 'active')
    .where('id', '!=', userId)
    .limit(1)
    .executeTakeFirst()
  return other !== undefined
}

/** Whoever has rights that a provider gave. */
export async function peopleGivenBy(trx: SiteTrx, providerId: string): Promise<string[]> {
  const members = await trx
    .selectFrom('memberships')
    .select('userId')
    .distinct()
    .where('providerId', '=', providerId)
    .execute()
  return [...new Set([...members.map(({ userId }) => userId), ...(await siteAdminsBy(trx, providerId))])]
}

/** Site administrators that a provider made. */
export async function siteAdminsBy(trx: SiteTrx, providerId: string): Promise<string[]> {
  const rows = await trx
    .selectFrom('users')
    .select('id')
    .where('siteAdminProviderId', '=', providerId)
    .execute()
  return rows.map(({ id }) => id)
}

/** The part of a mapped right that exists here; null where its tenant, role or groups are gone. */
export async function existingRight(trx: SiteTrx, right: MappedRight): Promise<MappedRight | null> {
  const { tenantId, roleId, reach, groupIds } = right
  const tenant = await trx.selectFrom('tenants').select('id').where('id', '=', tenantId).executeTakeFirst()
  const role = await trx.selectFrom('roles').select('tenantId').where('id', '=', roleId).executeTakeFirst()
  if (tenant === undefined || role === undefined || roleId === 'site_admin') return null
  if (role.tenantId !== null && role.tenantId !== tenantId) return null
  if (reach !== 'groups') return { tenantId, roleId, reach, groupIds: [] }
  const groups = await trx
    .selectFrom('groups')
    .select('id')
    .where('tenantId', '=', tenantId)
    .where('id', 'in', [...groupIds])
    .execute()
  return groups.length === 0 ? null : { tenantId, roleId, reach, groupIds: groups.map(({ id }) => id) }
}
