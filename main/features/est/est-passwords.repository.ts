import type { Selectable } from 'kysely'
import { seesTenant, type TenantScope } from '#features/access/index.ts'
import type { EstPasswordTable } from '#platform/db/enrollment-schema.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'

export type EstPasswordRow = Selectable<EstPasswordTable>

const DAY = 24 * 60 * 60_000

export function passwordByName(db: SiteDb | SiteTrx, username: string): Promise<EstPasswordRow | undefined> {
  return db.selectFrom('estPasswords').selectAll().where('username', '=', username).executeTakeFirst()
}

export async function insertPassword(trx: SiteTrx, row: EstPasswordRow): Promise<void> {
  // Long after their end nobody asks what became of them; the audit knows.
  await trx
    .deleteFrom('estPasswords')
    .where('expiresAt', '<', row.createdAt - 30 * DAY)
    .execute()
  await trx.insertInto('estPasswords').values(row).execute()
}

/** @returns false where it was used, taken back or over: another call was first */
export async function usePassword(
  trx: SiteTrx,
  of: { username: string; gatewayId: string; now: number },
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('estPasswords')
    .set({ usedAt: of.now, gatewayId: of.gatewayId })
    .where('username', '=', of.username)
    .where('usedAt', 'is', null)
    .where('expiresAt', '>', of.now)
    .executeTakeFirstOrThrow()
  return numUpdatedRows > 0n
}

/** One that was not used. @returns its row; undefined where there is none in scope */
export async function deletePassword(
  trx: SiteTrx,
  scope: TenantScope,
  username: string,
): Promise<EstPasswordRow | undefined> {
  const row = await passwordByName(trx, username)
  if (!row || row.usedAt !== null || !seesPassword(scope, row)) return undefined
  await trx.deleteFrom('estPasswords').where('username', '=', username).execute()
  return row
}

/** Whose rights end at some groups sees those for boxes of these groups. */
export function seesPassword(scope: TenantScope, { tenantId, groupId }: EstPasswordRow): boolean {
  if (scope.all) return true
  if (!seesTenant(scope, tenantId)) return false
  return scope.within === null || (groupId !== null && scope.within.groupIds.has(groupId))
}

/** The newest first. */
export function listPasswords(db: SiteDb, tenantId: string | null) {
  let query = db
    .selectFrom('estPasswords')
    .innerJoin('tenants', 'tenants.id', 'estPasswords.tenantId')
    // One that has moved on to another tenant is theirs alone.
    .leftJoin('gateways', (join) =>
      join
        .onRef('gateways.id', '=', 'estPasswords.gatewayId')
        .onRef('gateways.tenantId', '=', 'estPasswords.tenantId'),
    )
    .selectAll('estPasswords')
    .select([
      'tenants.slug as tenantSlug',
      'tenants.name as tenantName',
      'gateways.code as gatewayCode',
      'gateways.groupId as gatewayGroupId',
      'gateways.ownerUserId as gatewayOwnerId',
    ])
    .orderBy('estPasswords.createdAt', 'desc')
    .limit(1_000)
  if (tenantId !== null) query = query.where('estPasswords.tenantId', '=', tenantId)
  return query.execute()
}
