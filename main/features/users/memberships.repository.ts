import type { Insertable } from 'kysely'
import type { Belonging } from '#features/access/index.ts'
import { permissionsOfRole } from '#features/identity/index.ts'
import type { MembershipTable } from '#platform/db/people-schema.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'
import type { Rights } from './rights.ts'

/** What somebody is in a tenant, and what that gives. */
export type MembershipRow = Rights & {
  userId: string
  tenantSlug: string
  tenantName: string
  roleId: string
  roleName: string
  createdAt: number
  /** Not taken yet, since then: gives nothing. */
  invitedAt: number | null
  invitedName: string | null
  ownGateways: Belonging[]
}

/** Of these people, in every tenant. */
export async function membershipsOf(
  db: SiteDb | SiteTrx,
  userIds: readonly string[],
): Promise<MembershipRow[]> {
  const [rows, groups, gateways] = await Promise.all([
    db
      .selectFrom('memberships')
      .innerJoin('tenants', 'tenants.id', 'memberships.tenantId')
      .innerJoin('roles', 'roles.id', 'memberships.roleId')
      .selectAll('memberships')
      .select([
        'tenants.slug as tenantSlug',
        'tenants.name as tenantName',
        'roles.name as roleName',
        'roles.permissions',
      ])
      .where('memberships.userId', 'in', userIds)
      .orderBy('tenants.name')
      .execute(),
    db.selectFrom('membershipGroups').selectAll().where('userId', 'in', userIds).execute(),
    gatewaysOf(db, userIds),
  ])
  return rows.map(({ permissions, ...row }) => ({
    ...row,
    permissions: permissionsOfRole({ id: row.roleId, permissions }),
    groupIds: groups
      .filter(({ userId, tenantId }) => userId === row.userId && tenantId === row.tenantId)
      .map(({ groupId }) => groupId),
    ownGateways: gateways.filter(
      ({ ownerUserId, tenantId }) => ownerUserId === row.userId && tenantId === row.tenantId,
    ),
  }))
}

/** What belongs to these people, in every tenant. */
export function gatewaysOf(
  db: SiteDb | SiteTrx,
  userIds: readonly string[],
): Promise<(Belonging & { id: string })[]> {
  return db
    .selectFrom('gateways')
    .select(['id', 'tenantId', 'groupId', 'ownerUserId'])
    .where('ownerUserId', 'in', userIds)
    .where('deletedAt', 'is', null)
    .execute()
}

/** In place of what the person was there before. */
export async function putMembership(
  trx: SiteTrx,
  membership: Insertable<MembershipTable>,
  groupIds: readonly string[],
): Promise<void> {
  const { userId, tenantId, roleId, reach, invitedAt = null, invitedName = null } = membership
  // What a person decides is no longer a sign-in provider's to change.
  const providerId = null
  await trx
    .insertInto('memberships')
    .values(membership)
    .onConflict((conflict) =>
      conflict
        .columns(['userId', 'tenantId'])
        .doUpdateSet({ roleId, reach, invitedAt, invitedName, providerId }),
    )
    .execute()
  await trx
    .deleteFrom('membershipGroups')
    .where('userId', '=', userId)
    .where('tenantId', '=', tenantId)
    .execute()
  if (reach !== 'groups') return
  const rows = groupIds.map((groupId) => ({ userId, tenantId, groupId }))
  await trx.insertInto('membershipGroups').values(rows).execute()
}

/** From now on it gives what it says. */
export function takeMembership(trx: SiteTrx, userId: string, tenantId: string) {
  return trx
    .updateTable('memberships')
    .set({ invitedAt: null, invitedName: null })
    .where('userId', '=', userId)
    .where('tenantId', '=', tenantId)
    .execute()
}

export function renameInvited(trx: SiteTrx, userId: string, tenantId: string, invitedName: string) {
  return trx
    .updateTable('memberships')
    .set({ invitedName })
    .where('userId', '=', userId)
    .where('tenantId', '=', tenantId)
    .where('invitedAt', 'is not', null)
    .execute()
}

export function deleteMembership(trx: SiteTrx, userId: string, tenantId: string) {
  return trx.deleteFrom('memberships').where('userId', '=', userId).where('tenantId', '=', tenantId).execute()
}
