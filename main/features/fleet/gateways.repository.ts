import { type Insertable, sql, type Updateable } from 'kysely'
import type { GatewayState } from '#contract/model/gateway.ts'
import type { TenantScope } from '#features/access/index.ts'
import type { GatewayTable } from '#platform/db/schema.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'

/** A gateway with its tenant, the newest of its certificates, and whether its key waits to be handed over. */
export type GatewayRow = Awaited<ReturnType<typeof gatewayById>> & {}

function gatewayRows(db: SiteDb | SiteTrx) {
  return db
    .selectFrom('gateways')
    .innerJoin('tenants', 'tenants.id', 'gateways.tenantId')
    .leftJoin('certificates', (join) =>
      join.on('certificates.id', '=', (eb) =>
        eb
          .selectFrom('certificates as newest')
          .select('newest.id')
          .whereRef('newest.gatewayId', '=', 'gateways.id')
          .orderBy('newest.createdAt', 'desc')
          .orderBy('newest.id', 'desc')
          .limit(1),
      ),
    )
    .leftJoin('certificates as issuers', 'issuers.id', 'certificates.issuerId')
    .leftJoin('handovers', (join) =>
      join.onRef('handovers.certificateId', '=', 'certificates.id').on('handovers.endedAt', 'is', null),
    )
    .selectAll('gateways')
    .select([
      'tenants.slug as tenantSlug',
      'tenants.name as tenantName',
      'certificates.serial',
      'certificates.fingerprint',
      'certificates.notAfter',
      'certificates.keyAlgorithm',
      'issuers.subject as issuer',
      'handovers.certificateId as waitingCertificateId',
    ])
    .where('gateways.deletedAt', 'is', null)
}

export function gatewayById(db: SiteDb | SiteTrx, scope: TenantScope, id: string) {
  let query = gatewayRows(db).where('gateways.id', '=', id)
  if (!scope.all) query = query.where('gateways.tenantId', '=', scope.tenantId)
  return query.executeTakeFirst()
}

/** At most two: enough to tell "one" from "several". */
export function gatewaysByCode(db: SiteDb, scope: TenantScope, code: string, tenantId: string | null) {
  let query = gatewayRows(db).where('gateways.code', '=', code).limit(2)
  if (!scope.all) query = query.where('gateways.tenantId', '=', scope.tenantId)
  if (tenantId !== null) query = query.where('gateways.tenantId', '=', tenantId)
  return query.execute()
}

export interface GatewayListQuery {
  tenantId: string | null
  state: GatewayState | null
  search: string | null
  limit: number
  after: { code: string; id: string } | null
}

/** A page in order of code. What is joined to a gateway is looked up for the page alone, not for all that match. */
export function listGateways(db: SiteDb, scope: TenantScope, query: GatewayListQuery) {
  return gatewayRows(db)
    .where('gateways.id', 'in', matchingIds(db, scope, query))
    .orderBy('gateways.code')
    .orderBy('gateways.id')
    .execute()
}

function matchingIds(
  db: SiteDb,
  scope: TenantScope,
  { tenantId, state, search, limit, after }: GatewayListQuery,
) {
  let query = db
    .selectFrom('gateways')
    .select('gateways.id')
    .where('gateways.deletedAt', 'is', null)
    .orderBy('gateways.code')
    .orderBy('gateways.id')
    .limit(limit)
  if (!scope.all) query = query.where('gateways.tenantId', '=', scope.tenantId)
  if (tenantId !== null) query = query.where('gateways.tenantId', '=', tenantId)
  if (state !== null) query = query.where('gateways.state', '=', state)
  if (search !== null) {
    const pattern = `%${search.replace(/[\\%_]/g, '\\$&')}%`
    query = query.where((eb) =>
      eb.or(
        (['gateways.code', 'gateways.name', 'gateways.label', 'gateways.mac'] as const).map(
          (column) =>
            // SQLite has no escape character unless it is named.
            sql<boolean>`${eb.ref(column)} like ${pattern} escape '\\'`,
        ),
      ),
    )
  }
  if (after !== null) {
    query = query.where((eb) =>
      eb.or([
        eb('gateways.code', '>', after.code),
        eb.and([eb('gateways.code', '=', after.code), eb('gateways.id', '>', after.id)]),
      ]),
    )
  }
  return query
}

/** All of the site, for the live state at start; ordered by nothing. */
export function allGateways(db: SiteDb) {
  return gatewayRows(db).execute()
}

export function gatewayByMac(db: SiteDb | SiteTrx, mac: string) {
  return db
    .selectFrom('gateways')
    .selectAll()
    .where('mac', '=', mac)
    .where('deletedAt', 'is', null)
    .executeTakeFirst()
}

/** The gateway of a tenant that has no MAC to be known by. */
export function gatewayWithoutMac(db: SiteDb | SiteTrx, tenantId: string, code: string) {
  return db
    .selectFrom('gateways')
    .selectAll()
    .where('tenantId', '=', tenantId)
    .where('code', '=', code)
    .where('mac', 'is', null)
    .where('deletedAt', 'is', null)
    .executeTakeFirst()
}

export function codeIsTaken(db: SiteDb | SiteTrx, tenantId: string, code: string) {
  return db
    .selectFrom('gateways')
    .select('id')
    .where('tenantId', '=', tenantId)
    .where('code', '=', code)
    .where('deletedAt', 'is', null)
    .executeTakeFirst()
}

export function labelIsTaken(db: SiteDb | SiteTrx, label: string) {
  return db.selectFrom('gateways').select('id').where('label', '=', label).executeTakeFirst()
}

export function insertGateway(trx: SiteTrx, gateway: Insertable<GatewayTable>) {
  return trx.insertInto('gateways').values(gateway).execute()
}

export function updateGateway(trx: SiteTrx, id: string, changes: Updateable<GatewayTable>) {
  return trx.updateTable('gateways').set(changes).where('id', '=', id).execute()
}

/** Changes the state only from the one that was seen. @returns false where another call changed it meanwhile */
export async function changeState(
  trx: SiteTrx,
  gatewayId: string,
  from: GatewayState,
  changes: Updateable<GatewayTable>,
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('gateways')
    .set(changes)
    .where('id', '=', gatewayId)
    .where('state', '=', from)
    .executeTakeFirstOrThrow()
  return numUpdatedRows > 0n
}

export function openAssignment(
  trx: SiteTrx,
  assignment: { id: string; gatewayId: string; tenantId: string; fromAt: number },
) {
  return trx
    .insertInto('assignments')
    .values({ ...assignment, toAt: null })
    .execute()
}

/** Fingerprints with their states, of one gateway or of all. */
export function certificateStates(db: SiteDb | SiteTrx, gatewayId: string | null) {
  let query = db
    .selectFrom('certificates')
    .select(['gatewayId', 'fingerprint', 'state'])
    .where('gatewayId', 'is not', null)
  if (gatewayId !== null) query = query.where('gatewayId', '=', gatewayId)
  return query.execute()
}
