import { sql } from 'kysely'
import { normalizeMac } from '#contract/model/ids.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'

/** More boxes under one name than this are nobody's box. */
const MOST = 20

/** Boxes that wait with a certificate request under this name: device id, MAC, label. */
export function waitingWithKey(db: SiteDb | SiteTrx, deviceId: string) {
  const mac = normalizeMac(deviceId)
  return db
    .selectFrom('knocks')
    .selectAll()
    .where('state', '=', 'waiting')
    .where('way', '=', 'csr')
    .where('publicKeyHash', 'is not', null)
    .where(
      sql<boolean>`(deviceId = ${deviceId} collate nocase or label = ${deviceId} collate nocase or mac = ${mac})`,
    )
    .orderBy('id')
    .limit(MOST)
    .execute()
}

/** A gateway that was signed ahead and waits to be bound, under this name; with the key of its certificate. */
export function signedAhead(db: SiteDb | SiteTrx, deviceId: string, tenantId: string | null) {
  let query = db
    .selectFrom('gateways')
    .innerJoin('certificates', 'certificates.gatewayId', 'gateways.id')
    .select([
      'gateways.id',
      'gateways.code',
      'gateways.label',
      'gateways.tenantId',
      'gateways.assignmentId',
      'gateways.ownerUserId',
      'gateways.bindState',
      'gateways.state',
      'certificates.publicKeyHash',
      'certificates.fingerprint',
    ])
    .where('gateways.deletedAt', 'is', null)
    .where('gateways.bindState', 'is not', null)
    .where('gateways.state', 'in', ['claimed', 'active', 'suspended'])
    .where('certificates.state', '=', 'active')
    .where(
      sql<boolean>`(gateways.label = ${deviceId} collate nocase or gateways.mac = ${normalizeMac(deviceId)}
        or exists (select 1 from gatewayAliases where gatewayAliases.gatewayId = gateways.id
          and gatewayAliases.value = ${deviceId} collate nocase))`,
    )
    .limit(MOST)
  if (tenantId !== null) query = query.where('gateways.tenantId', '=', tenantId)
  return query.execute()
}

/** The open assignment of a gateway. */
export function assignmentOf(trx: SiteTrx, gatewayId: string) {
  return trx
    .selectFrom('gateways')
    .select(['id as gatewayId', 'tenantId', 'assignmentId'])
    .where('id', '=', gatewayId)
    .where('assignmentId', 'is not', null)
    .$narrowType<{ assignmentId: string }>()
    .executeTakeFirstOrThrow()
}

/** The gateway was told to bind, whatever it answered. */
export async function wasTold(db: SiteDb | SiteTrx, gatewayId: string): Promise<boolean> {
  const told = await db
    .selectFrom('commands')
    .select('id')
    .where('gatewayId', '=', gatewayId)
    .where('purpose', '=', 'bind')
    .limit(1)
    .executeTakeFirst()
  return told !== undefined
}

/** A command `bind` of the gateway that is under way. */
export function openBind(db: SiteDb | SiteTrx, gatewayId: string) {
  return db
    .selectFrom('commands')
    .select('id')
    .where('gatewayId', '=', gatewayId)
    .where('purpose', '=', 'bind')
    .where('endedAt', 'is', null)
    .executeTakeFirst()
}

/**
 * Its credential was replaced. Where its binding is still awaited, the box is told anew, for what was told before went to the
 * sessions that ended; else nobody is told any more.
 */
export async function renewOpenBind(trx: SiteTrx, gatewayId: string, now: number): Promise<void> {
  const { bindState } = await trx
    .selectFrom('gateways')
    .select('bindState')
    .where('id', '=', gatewayId)
    .executeTakeFirstOrThrow()
  await trx
    .updateTable('commands')
    .set(bindState === 'pending' ? { state: 'queued', sentAt: null } : { state: 'cancelled', endedAt: now })
    .where('gatewayId', '=', gatewayId)
    .where('purpose', '=', 'bind')
    .where('endedAt', 'is', null)
    .execute()
}

/** It has acknowledged. @returns false where it was bound already, or enrolled anew since */
export async function becomeBound(trx: SiteTrx, gatewayId: string, assignmentId: string): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('gateways')
    .set({ bindState: 'bound' })
    .where('id', '=', gatewayId)
    .where('assignmentId', '=', assignmentId)
    .where('bindState', '=', 'pending')
    .executeTakeFirstOrThrow()
  return numUpdatedRows > 0n
}
