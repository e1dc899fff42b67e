import type { RefusalEvidence, RefusalReason } from '#contract/model/refusal.ts'
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
  evidence?: RefusalEvidence | null
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
      .set({
        count: same.count + refusal.count,
        lastAt: refusal.at,
        detail: refusal.detail,
        ...(refusal.evidence && { evidence: JSON.stringify(refusal.evidence) }),
      })
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
function columnsOf({ at: _, evidence, ...refusal }: RefusalFact) {
  const { reason, address, gatewayId, fingerprint, clientId, topic, detail, count } = refusal
  const seen = evidence && JSON.stringify(evidence)
  return { reason, address, gatewayId, fingerprint, clientId, topic, detail, count, evidence: seen }
}

/** Written by this site, so it is what it was; null of rows from before it was kept. */
export function readEvidence(text: string | null): RefusalEvidence | null {
  return text === null ? null : (JSON.parse(text) as RefusalEvidence)
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

/** The newest refusal of each gateway, since it is its tenant's. */
export function newestRefusals(db: SiteDb) {
  return db
    .selectFrom('refusals')
    .innerJoin('gateways', (join) =>
      join
        .onRef('gateways.id', '=', 'refusals.gatewayId')
        .onRef('gateways.tenantId', '=', 'refusals.tenantId'),
    )
    .select(['refusals.gatewayId', 'reason', 'count'])
    .select((eb) => eb.fn.max('lastAt').as('at'))
    .groupBy('refusals.gatewayId')
    .execute()
}

/** What the site saw of boxes that it does not know: those of an address, or who said or showed one of these. */
export function strangersRefusals(
  db: SiteDb,
  by: { addresses: readonly string[]; clientIds: readonly string[]; since: number; limit: number },
) {
  return db
    .selectFrom('refusals')
    .selectAll()
    .where('gatewayId', 'is', null)
    .where('lastAt', '>=', by.since)
    .where((eb) => eb.or([eb('address', 'in', by.addresses), eb('clientId', 'in', by.clientIds)]))
    .orderBy('lastAt', 'desc')
    .limit(by.limit)
    .execute()
}

/** The same of everywhere, the newest first. */
export function recentStrangers(db: SiteDb, by: { since: number; limit: number }) {
  return db
    .selectFrom('refusals')
    .selectAll()
    .where('gatewayId', 'is', null)
    .where('lastAt', '>=', by.since)
    .orderBy('lastAt', 'desc')
    .limit(by.limit)
    .execute()
}
