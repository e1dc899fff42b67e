import type { Insertable, Updateable } from 'kysely'
import type { GroupTable } from '#platform/db/people-schema.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'

export function insertGroup(trx: SiteTrx, group: Insertable<GroupTable>) {
  return trx.insertInto('groups').values(group).execute()
}

export function updateGroup(trx: SiteTrx, id: string, changes: Updateable<GroupTable>) {
  return trx.updateTable('groups').set(changes).where('id', '=', id).execute()
}

/** Its memberships go with it: rights end, and never widen. */
export function deleteGroup(trx: SiteTrx, id: string) {
  return trx.deleteFrom('groups').where('id', '=', id).execute()
}

/** Gateways directly in any of these groups. */
export async function gatewaysIn(db: SiteDb | SiteTrx, groupIds: Iterable<string>): Promise<string[]> {
  const rows = await db
    .selectFrom('gateways')
    .select('id')
    .where('groupId', 'in', [...groupIds])
    .where('deletedAt', 'is', null)
    .execute()
  return rows.map(({ id }) => id)
}

/**
 * What was in a group is in the one above from now on, what left the tenant long ago too: nobody sees more by it, for
 * the rights of the one above reached it before.
 */
export async function emptyInto(trx: SiteTrx, id: string, parentId: string | null): Promise<void> {
  await trx.updateTable('groups').set({ parentId }).where('parentId', '=', id).execute()
  await trx.updateTable('gateways').set({ groupId: parentId }).where('groupId', '=', id).execute()
  await trx.updateTable('assignments').set({ groupId: parentId }).where('groupId', '=', id).execute()
}

/** Keys and clients whose reach this group bounds: without it they would reach the whole tenant, or nothing. */
export async function boundBy(trx: SiteTrx, groupId: string) {
  const apiKeys = await trx
    .selectFrom('apiKeys')
    .select('id')
    .where('groupId', '=', groupId)
    .where('revokedAt', 'is', null)
    .execute()
  const mqttClients = await trx
    .selectFrom('mqttClients')
    .select('id')
    .where('groupId', '=', groupId)
    .execute()
  return { apiKeys: apiKeys.length, mqttClients: mqttClients.length }
}

/** Keys that were ended: what they did stays in the audit. */
export function deleteEndedKeys(trx: SiteTrx, groupId: string) {
  return trx.deleteFrom('apiKeys').where('groupId', '=', groupId).where('revokedAt', 'is not', null).execute()
}
