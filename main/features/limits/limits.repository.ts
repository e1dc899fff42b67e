import { sql } from 'kysely'
import { gatewayInScope, type TenantScope } from '#features/access/index.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'

export interface LimitedCounts {
  dropped: number
  delayed: number
  closed: number
}

/**
 * What a tenant has sent in an hour, and what more of it was limited. A tenant that is gone by now has no row, and needs
 * none.
 *
 * @param messages all of the hour so far: of two numbers the higher one counts, for events may repeat themselves
 */
export async function countTenant(
  trx: SiteTrx,
  { tenantId, hour, messages, dropped, delayed, closed }: TenantHour,
): Promise<void> {
  await sql`
    insert into tenantUsage (tenantId, hour, messages, dropped, delayed, closed)
    select id, ${hour}, ${messages}, ${dropped}, ${delayed}, ${closed} from tenants where id = ${tenantId}
    on conflict (tenantId, hour) do update set messages = max(messages, excluded.messages),
      dropped = dropped + excluded.dropped, delayed = delayed + excluded.delayed, closed = closed + excluded.closed
  `.execute(trx)
}

export interface TenantHour extends LimitedCounts {
  tenantId: string
  /** Start of it, ms. */
  hour: number
  messages: number
}

export async function countGateway(
  trx: SiteTrx,
  { gatewayId, hour, dropped, delayed, closed }: LimitedCounts & { gatewayId: string; hour: number },
): Promise<void> {
  await sql`
    insert into gatewayLimits (gatewayId, hour, dropped, delayed, closed)
    select id, ${hour}, ${dropped}, ${delayed}, ${closed} from gateways where id = ${gatewayId}
    on conflict (gatewayId, hour) do update set
      dropped = dropped + excluded.dropped, delayed = delayed + excluded.delayed, closed = closed + excluded.closed
  `.execute(trx)
}

export async function trimUsage(trx: SiteTrx, before: number): Promise<void> {
  await trx.deleteFrom('tenantUsage').where('hour', '<', before).execute()
  await trx.deleteFrom('gatewayLimits').where('hour', '<', before).execute()
}

/** Messages of each tenant in one hour. */
export async function messagesOf(db: SiteDb | SiteTrx, hour: number): Promise<Map<string, number>> {
  const rows = await db
    .selectFrom('tenantUsage')
    .select(['tenantId', 'messages'])
    .where('hour', '=', hour)
    .execute()
  return new Map(rows.map(({ tenantId, messages }) => [tenantId, messages]))
}

export function usageOf(db: SiteDb, tenantId: string, from: number): Promise<TenantHour[]> {
  return db
    .selectFrom('tenantUsage')
    .selectAll()
    .where('tenantId', '=', tenantId)
    .where('hour', '>=', from)
    .orderBy('hour')
    .execute()
}

/** Gateways that a tenant has now. */
export async function countGateways(db: SiteDb | SiteTrx, tenantId: string): Promise<number> {
  const { count } = await db
    .selectFrom('gateways')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('tenantId', '=', tenantId)
    .where('assignmentId', 'is not', null)
    .where('deletedAt', 'is', null)
    .executeTakeFirstOrThrow()
  return count
}

/** Of gateways in scope, since they are their tenant's: what was before stays with whoever had it then. */
export function listLimited(
  db: SiteDb,
  scope: TenantScope,
  filter: { gatewayId: string | null; tenantId: string | null; from: number; limit: number },
) {
  let query = db
    .selectFrom('gatewayLimits')
    .innerJoin('gateways', 'gateways.id', 'gatewayLimits.gatewayId')
    .innerJoin('assignments', 'assignments.id', 'gateways.assignmentId')
    .selectAll('gatewayLimits')
    .select(['gateways.code', 'gateways.name', 'gateways.tenantId'])
    .where('gatewayLimits.hour', '>=', filter.from)
    .where((eb) =>
      eb.or([
        eb('gatewayLimits.hour', '>=', eb.ref('assignments.fromAt')),
        // The hour in which it was made.
        eb.not(
          eb.exists(
            eb
              .selectFrom('assignments as earlier')
              .select('earlier.id')
              .whereRef('earlier.gatewayId', '=', 'gateways.id')
              .whereRef('earlier.id', '!=', 'assignments.id'),
          ),
        ),
      ]),
    )
    .where(gatewayInScope(scope))
    .orderBy('gatewayLimits.hour', 'desc')
    .orderBy('gateways.code')
    .limit(filter.limit)
  if (filter.tenantId !== null) query = query.where('gateways.tenantId', '=', filter.tenantId)
  if (filter.gatewayId !== null) query = query.where('gatewayLimits.gatewayId', '=', filter.gatewayId)
  return query.execute()
}

export function tenantQuotas(db: SiteDb | SiteTrx) {
  return db
    .selectFrom('tenants')
    .select([
      'id',
      'state',
      'passwordGateways',
      'messagesPerHour',
      'messagesPerSecond',
      'burst',
      'gatewayMessagesPerSecond',
      'gatewayBurst',
    ])
    .execute()
}
