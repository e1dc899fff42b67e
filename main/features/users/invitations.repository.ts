import type { Insertable, Selectable } from 'kysely'
import type { InvitationTable } from '#platform/db/people-schema.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'

export type InvitationRow = Selectable<InvitationTable>

export function insertInvitation(trx: SiteTrx, invitation: Insertable<InvitationTable>) {
  return trx.insertInto('invitations').values(invitation).execute()
}

export function invitationByToken(
  db: SiteDb | SiteTrx,
  tokenHash: string,
): Promise<InvitationRow | undefined> {
  return db.selectFrom('invitations').selectAll().where('tokenHash', '=', tokenHash).executeTakeFirst()
}

/** Uses it up. @returns whether it was there, unused: of two at the same time one gets it */
export async function spendInvitation(trx: SiteTrx, id: string, usedAt: number): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('invitations')
    .set({ usedAt })
    .where('id', '=', id)
    .where('usedAt', 'is', null)
    .executeTakeFirstOrThrow()
  return numUpdatedRows > 0n
}

/** Unused ones of a person end: those of a tenant, or with null those that open the account anew. */
export function voidInvitations(trx: SiteTrx, userId: string, tenantId: string | null) {
  return trx
    .deleteFrom('invitations')
    .where('userId', '=', userId)
    .where('tenantId', 'is', tenantId)
    .where('usedAt', 'is', null)
    .execute()
}

/** What has ended long ago is forgotten. */
export function forgetInvitations(trx: SiteTrx, before: number) {
  return trx.deleteFrom('invitations').where('expiresAt', '<', before).execute()
}

/** Unused and not expired. */
export function openInvitations(db: SiteDb | SiteTrx, userIds: readonly string[], now: number) {
  return db
    .selectFrom('invitations')
    .select(['userId', 'tenantId', 'expiresAt'])
    .where('userId', 'in', userIds)
    .where('usedAt', 'is', null)
    .where('expiresAt', '>', now)
    .execute()
}
