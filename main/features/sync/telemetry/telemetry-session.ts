import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'
import type { CloudSession } from '../cloud-session.ts'

/** Tenants whose readings the cloud is to have, with the time from which on. */
export type OwedTenants = ReadonlyMap<string, { fromAt: number | null }>

export async function owedTenants(db: SiteDb | SiteTrx): Promise<OwedTenants> {
  const rows = await db
    .selectFrom('cloudTenants')
    .select(['tenantId', 'fromAt'])
    .where('mode', '=', 'telemetry')
    .execute()
  return new Map(rows.map(({ tenantId, fromAt }) => [tenantId, { fromAt }]))
}

export function sameTenants(a: OwedTenants, b: OwedTenants): boolean {
  return a.size === b.size && [...a].every(([id, { fromAt }]) => b.has(id) && b.get(id)?.fromAt === fromAt)
}

/** Those owed of which the session knows that the cloud takes them now. */
export function takenTenants(owed: OwedTenants, session: CloudSession): OwedTenants {
  return new Map([...owed].filter(([id]) => session.tenants.get(id)?.mode === 'telemetry'))
}
