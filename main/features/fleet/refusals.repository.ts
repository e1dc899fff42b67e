import type { RefusalReason } from '#contract/model/refusal.ts'
import { gatewayInScope, isWhole, type TenantScope } from '#features/access/index.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'
import { uuid7 } from '#platform/ids/uuid7.ts'

/** A refusal as the broker tells it. */
export interface RefusalFact {
  at: number
  reason: RefusalReason
  address: string
  gatewayId: string | null
  fingerprint: string | null
  clientId: string | null
  topic: string | null
  detail: string | null
  count: number
}

/** Repeats within this time of the last one count as the same trouble, in ms. */
const SAME_TROUBLE = 60 * 60_000
/** More rows than this are a flood: the oldest go. */
const MAX_ROWS = 20_000

/** Counts a refusal on to the row of the same trouble, or begins one. */
export async function recordRefusal(
  trx: SiteTrx,
  refusal: RefusalFact,
  tenantId: string | null,
): Promise<void> {
  const same = await trx
    .selectFrom('refusals')
    .select(['id', 'count'])
    .where('gatewayId', 'is', refusal.gatewayId)
    .where('reason', '=', refusal.reason)
    .where('address', '=', refusal.address)
    .where('clientId', 'is', refusal.clientId)
    .where('fingerprint', 'is', refusal.fingerprint)
    .where('topic', 'is', refusal.topic)
    .where('lastAt', '>=', refusal.at - SAME_TROUBLE)
    .orderBy('lastAt', 'desc')
    .executeTakeFirst()
  if (same) {
    await trx
      .updateTable('refusals')
      .set({ count: same.count + refusal.count, lastAt: refusal.at, detail: refusal.detail })
      .where('id', '=', same.id)
      .execute()
    return
  }
  await trx
    .insertInto('refusals')
    .values({
      ...columnsOf(refusal),
      id: uuid7(refusal.at),
      tenantId,
      firstAt: refusal.at,
      lastAt: refusal.at,
    })
    .execute()
}

/** Its columns alone: the broker tells more than is kept. */
function columnsOf({ reason, address, gatewayId, fingerprint, clientId, topic, detail, count }: RefusalFact) {
  return { reason, address, gatewayId, fingerprint, clientId, topic, detail, count }
}

export async function trimRefusals(trx: SiteTrx): Promise<void> {
  const { rows } = await trx
    .selectFrom('refusals')
    .select((eb) => eb.fn.countAll<number>().as('rows'))
    .executeTakeFirstOrThrow()
  if (rows <= MAX_ROWS) return
  await trx
    .deleteFrom('refusals')
    .where('id', 'in', (eb) =>
      eb
        .selectFrom('refusals')
        .select('id')
        .orderBy('lastAt')
        .limit(rows - MAX_ROWS),
    )
    .execute()
}

export function listRefusals(
  db: SiteDb,
  scope: TenantScope,
  filter: { gatewayId: string | null; tenantId: string | null; since: number; limit: number },
) {
  let query = db
    .selectFrom('refusals')
    .leftJoin('gateways', 'gateways.id', 'refusals.gatewayId')
    .selectAll('refusals')
    .select('gateways.code as gatewayCode')
    .where('refusals.lastAt', '>=', filter.since)
    .orderBy('refusals.lastAt', 'desc')
    .limit(filter.limit)
  // A refusal that names no gateway belongs to no tenant: only people of the site see it.
  if (!scope.all) query = query.where('refusals.tenantId', '=', scope.tenantId)
  // History stays with the tenant; within it, it is seen by whoever sees the gateway.
  if (!isWhole(scope)) query = query.where(gatewayInScope(scope))
  if (filter.tenantId !== null) query = query.where('refusals.tenantId', '=', filter.tenantId)
  if (filter.gatewayId !== null) query = query.where('refusals.gatewayId', '=', filter.gatewayId)
  return query.execute()
}

/** The newest refusal of each gateway. */
export function newestRefusals(db: SiteDb) {
  return db
    .selectFrom('refusals')
    .select(['gatewayId', 'reason', 'count'])
    .select((eb) => eb.fn.max('lastAt').as('at'))
    .where('gatewayId', 'is not', null)
    .groupBy('gatewayId')
    .execute()
}
