import type { RefusalReason } from '#contract/model/refusal.ts'
import { gatewayInScope, type TenantScope } from '#features/access/index.ts'
import { readEvidence } from '#features/fleet/index.ts'
import type { SiteDb } from '#platform/db/site-db.ts'
import type { Knock, KnownCertificate, Seen } from './case.ts'

const MOST = 300

interface Row {
  reason: string
  evidence: string | null
  address: string
  count: number
  firstAt: number
  lastAt: number
  clientId: string | null
  fingerprint: string | null
  topic: string | null
  detail: string | null
}

/** Rows of one kind together; the newest one's words and evidence. Newest first. */
export function together(rows: readonly Row[], apart: (row: Seen) => string = () => ''): Seen[] {
  const seen = new Map<string, Seen>()
  for (const row of rows.toSorted((a, b) => b.lastAt - a.lastAt)) {
    const one = seenOf(row)
    const { reason, evidence, topic } = one
    const key = [reason, evidence?.failure, evidence?.firstBytes, topic, apart(one)].join(' ')
    const newer = seen.get(key)
    if (newer === undefined) seen.set(key, one)
    else {
      newer.count += one.count
      newer.firstAt = Math.min(newer.firstAt, one.firstAt)
    }
  }
  return [...seen.values()]
}

function seenOf({
  reason,
  evidence,
  address,
  count,
  firstAt,
  lastAt,
  clientId,
  fingerprint,
  topic,
  detail,
}: Row): Seen {
  const known = { address, count, firstAt, lastAt, clientId, fingerprint, topic, detail }
  return { ...known, reason: reason as RefusalReason, evidence: readEvidence(evidence) }
}

/** Refusals of gateways in scope: of one gateway, at one address, or under one of these names. */
export function refusalsInScope(
  db: SiteDb,
  scope: TenantScope,
  by: { since: number } & ({ gatewayId: string } | { address: string } | { clientIds: readonly string[] }),
) {
  let query = db
    .selectFrom('refusals')
    .innerJoin('gateways', 'gateways.id', 'refusals.gatewayId')
    .selectAll('refusals')
    .select('gateways.code as owner')
    .where('refusals.lastAt', '>=', by.since)
    .where(gatewayInScope(scope))
    // What was before a gateway moved on is the business of whom it belonged to then.
    .whereRef('refusals.tenantId', '=', 'gateways.tenantId')
    .orderBy('refusals.lastAt', 'desc')
    .limit(MOST)
  if ('gatewayId' in by) query = query.where('refusals.gatewayId', '=', by.gatewayId)
  else if ('address' in by) query = query.where('refusals.address', '=', by.address)
  else query = query.where('refusals.clientId', 'in', by.clientIds)
  return query.execute()
}

export async function certificatesOf(db: SiteDb, gatewayId: string): Promise<KnownCertificate[]> {
  return db
    .selectFrom('certificates')
    .leftJoin('certificates as issuers', 'issuers.id', 'certificates.issuerId')
    .where('certificates.gatewayId', '=', gatewayId)
    .select([
      'certificates.fingerprint',
      'certificates.subject',
      'certificates.keyAlgorithm',
      'certificates.notBefore',
      'certificates.notAfter',
      'certificates.state',
      'certificates.revokedAt',
      'issuers.subject as issuer',
    ])
    .orderBy('certificates.createdAt', 'desc')
    .execute()
}

/** Boxes that ask to be enrolled, under one of these names or from this address; the newest first. */
export function knocksOf(
  db: SiteDb,
  by: { mac: string | null; label: string | null; address: string | null; gatewayId: string | null },
): Promise<Knock[]> {
  return db
    .selectFrom('knocks')
    .select(['mac', 'label', 'address', 'count', 'lastAt', 'state'])
    .where((eb) =>
      eb.or([
        eb('mac', '=', by.mac),
        eb('label', '=', by.label),
        eb('deviceId', '=', by.label),
        eb('address', '=', by.address),
        eb('gatewayId', '=', by.gatewayId),
      ]),
    )
    .orderBy('lastAt', 'desc')
    .limit(20)
    .execute()
}

export async function tenantHour(db: SiteDb, tenantId: string, hour: number) {
  const row = await db
    .selectFrom('tenants')
    .leftJoin('tenantUsage', (join) =>
      join.onRef('tenantUsage.tenantId', '=', 'tenants.id').on('tenantUsage.hour', '=', hour),
    )
    .select(['tenants.messagesPerHour', 'tenantUsage.messages'])
    .where('tenants.id', '=', tenantId)
    .executeTakeFirst()
  return { messagesPerHour: row?.messagesPerHour ?? null, messages: row?.messages ?? 0 }
}

export async function tenantCount(db: SiteDb): Promise<number> {
  const { count } = await db
    .selectFrom('tenants')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return count
}

/** When the key or secret was made that still waits and that nobody has fetched, ms. */
export async function unfetchedSince(db: SiteDb, gatewayId: string): Promise<number | null> {
  const row = await db
    .selectFrom('handovers')
    .select('createdAt')
    .where('gatewayId', '=', gatewayId)
    .where('endedAt', 'is', null)
    .where('fetchCount', '=', 0)
    .executeTakeFirst()
  return row?.createdAt ?? null
}
