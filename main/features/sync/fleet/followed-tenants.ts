import { sql } from 'kysely'
import type { FleetRun } from './fleet-run.ts'

/**
 * The feed says nothing of a tenant while it is not shared with this site: where it comes back, all of it is looked at once.
 * @returns ids in the cloud of those that are to be looked at
 */
export async function unfollowedTenants({ db, session }: FleetRun): Promise<string[]> {
  const rows = await db
    .selectFrom('cloudTenants')
    .select(['tenantId', 'cloudTenantId', 'feedFollowed'])
    .execute()
  const isShared = (tenantId: string) => session.tenants.has(tenantId)
  const left = rows.filter(({ tenantId, feedFollowed }) => feedFollowed === 1 && !isShared(tenantId))
  await setFollowed({ db }, { cloudTenantIds: left.map((row) => row.cloudTenantId), isFollowed: false })
  return rows
    .filter(({ tenantId, feedFollowed }) => feedFollowed === 0 && isShared(tenantId))
    .map(({ cloudTenantId }) => cloudTenantId)
}

export async function setFollowed(
  { db }: Pick<FleetRun, 'db'>,
  { cloudTenantIds, isFollowed }: { cloudTenantIds: readonly string[]; isFollowed: boolean },
): Promise<void> {
  if (cloudTenantIds.length === 0) return
  await db
    .updateTable('cloudTenants')
    .set({ feedFollowed: isFollowed ? 1 : 0 })
    .where(
      'cloudTenantId',
      'in',
      sql<string>`(select value from json_each(${JSON.stringify(cloudTenantIds)}))`,
    )
    .execute()
}
