import type { Insertable } from 'kysely'
import { gatewayInScope, isWhole, type TenantScope } from '#features/access/index.ts'
import type { GatewayHistoryTable } from '#platform/db/schema.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'

export type HistoryEntry = Omit<Insertable<GatewayHistoryTable>, 'id'>

/** In chunks, for SQLite bounds the values of one statement. */
export async function insertHistory(trx: SiteTrx, entries: HistoryEntry[]): Promise<void> {
  for (let start = 0; start < entries.length; start += 500) {
    await trx
      .insertInto('gatewayHistory')
      .values(entries.slice(start, start + 500))
      .execute()
  }
}

export function gatewayHistory(
  db: SiteDb,
  scope: TenantScope,
  { gatewayId, since, limit }: { gatewayId: string; since: number; limit: number },
) {
  let query = db
    .selectFrom('gatewayHistory')
    .selectAll()
    .where('gatewayId', '=', gatewayId)
    .where('at', '>=', since)
    .orderBy('at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
  if (!scope.all) query = query.where('tenantId', '=', scope.tenantId)
  return query.execute()
}

/** The newest changes of a scope. The left join keeps SQLite on the index by time, so that `limit` rows are read. */
export function recentHistory(db: SiteDb, scope: TenantScope, limit: number) {
  let query = db
    .selectFrom('gatewayHistory')
    .leftJoin('gateways', 'gateways.id', 'gatewayHistory.gatewayId')
    .select([
      'gatewayHistory.at',
      'gatewayHistory.value',
      'gatewayHistory.kind',
      'gatewayHistory.gatewayId',
      'gateways.code',
    ])
    .orderBy('gatewayHistory.at', 'desc')
    .orderBy('gatewayHistory.id', 'desc')
    .limit(limit)
  if (!scope.all) query = query.where('gatewayHistory.tenantId', '=', scope.tenantId)
  // History stays with the tenant; within it, it is seen by whoever sees the gateway.
  if (!isWhole(scope)) query = query.where(gatewayInScope(scope))
  return query.execute()
}

/** Everything is offline until it connects: closes what a crash left open. `at` is when the site started. */
export async function closeOpenPresence(trx: SiteTrx, at: number): Promise<void> {
  // Newest by gateway, each found on its index: the history of years is not read.
  const online = await trx
    .selectFrom('gateways')
    .select(['gateways.id', 'gateways.tenantId'])
    .where(
      (eb) =>
        eb
          .selectFrom('gatewayHistory')
          .select('value')
          .whereRef('gatewayHistory.gatewayId', '=', 'gateways.id')
          .where('kind', '=', 'presence')
          .orderBy('at', 'desc')
          .orderBy('id', 'desc')
          .limit(1),
      '=',
      'online',
    )
    .execute()
  const entries = online.map(({ id, tenantId }) => ({
    gatewayId: id,
    tenantId,
    kind: 'presence' as const,
    value: 'offline',
    at,
    reason: 'site_stopped',
    actor: null,
  }))
  await insertHistory(trx, entries)
}
