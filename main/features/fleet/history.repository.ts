import type { Insertable } from 'kysely'
import type { TenantScope } from '#features/access/index.ts'
import type { GatewayHistoryTable } from '#platform/db/schema.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'

export type HistoryEntry = Omit<Insertable<GatewayHistoryTable>, 'id'>

export function insertHistory(trx: SiteTrx, entries: HistoryEntry[]) {
  return trx.insertInto('gatewayHistory').values(entries).execute()
}

export function gatewayHistory(db: SiteDb, gatewayId: string, since: number, limit: number) {
  return db
    .selectFrom('gatewayHistory')
    .selectAll()
    .where('gatewayId', '=', gatewayId)
    .where('at', '>=', since)
    .orderBy('at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
}

export function recentHistory(db: SiteDb, scope: TenantScope, limit: number) {
  let query = db
    .selectFrom('gatewayHistory')
    .innerJoin('gateways', 'gateways.id', 'gatewayHistory.gatewayId')
    .select([
      'gatewayHistory.at',
      'gatewayHistory.value',
      'gatewayHistory.kind',
      'gateways.id as gatewayId',
      'gateways.code',
    ])
    .orderBy('gatewayHistory.at', 'desc')
    .orderBy('gatewayHistory.id', 'desc')
    .limit(limit)
  if (!scope.all) query = query.where('gateways.tenantId', '=', scope.tenantId)
  return query.execute()
}

/** Everything is offline until it connects: closes what a crash left open. `at` is when the site started. */
export async function closeOpenPresence(trx: SiteTrx, at: number): Promise<void> {
  const last = await trx
    .selectFrom('gatewayHistory')
    .innerJoin(
      (eb) =>
        eb
          .selectFrom('gatewayHistory')
          .select((e) => e.fn.max('id').as('id'))
          .where('kind', '=', 'presence')
          .groupBy('gatewayId')
          .as('newest'),
      (join) => join.onRef('newest.id', '=', 'gatewayHistory.id'),
    )
    .select('gatewayHistory.gatewayId')
    .where('value', '=', 'online')
    .execute()
  for (let start = 0; start < last.length; start += 500) {
    const entries = last.slice(start, start + 500).map(({ gatewayId }) => ({
      gatewayId,
      kind: 'presence' as const,
      value: 'offline',
      at,
      reason: 'site_stopped',
      actor: null,
    }))
    await insertHistory(trx, entries)
  }
}
