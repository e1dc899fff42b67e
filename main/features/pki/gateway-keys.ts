import { createHash } from 'node:crypto'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'
import { csrRefused } from './csr-refusal.ts'

/** SHA-256 of a SubjectPublicKeyInfo, lower-case hex. */
export function hashPublicKey(spki: Uint8Array): string {
  return createHash('sha256').update(spki).digest('hex')
}

/**
 * A key belongs to one gateway for ever, whatever became of its certificates: another box with it has a copy. Its own gateway
 * may come back with it, as secure elements do, unless it was revoked because the key got out.
 *
 * @param gatewayId null: of none yet
 * @throws ExpectedError `csr_refused`
 */
export async function requireFreeKey(
  db: SiteDb | SiteTrx,
  publicKeyHash: string,
  gatewayId: string | null,
): Promise<void> {
  const holders = await db
    .selectFrom('certificates')
    .select(['kind', 'gatewayId', 'revocationReason'])
    .where('publicKeyHash', '=', publicKeyHash)
    .execute()
  // A gateway that was erased with its tenant is nobody any more.
  const others = holders.filter(
    ({ kind, gatewayId: id }) => kind !== 'gateway' || (id !== null && id !== gatewayId),
  )
  if (others.length > 0)
    throw csrRefused('key_taken', 'its key already belongs to somebody else on this site: make a new one')
  if (holders.some(({ revocationReason }) => revocationReason === 'keyCompromise'))
    throw csrRefused('key_compromised', 'its key was revoked because it got into other hands: make a new one')
}

/** A gateway's certificate, as it proves itself with it over TLS. */
export function certificateByFingerprint(db: SiteDb | SiteTrx, fingerprint: string) {
  return db
    .selectFrom('certificates')
    .select(['id', 'gatewayId', 'state', 'notBefore', 'notAfter', 'createdAt'])
    .where('fingerprint', '=', fingerprint)
    .where('kind', '=', 'gateway')
    .executeTakeFirst()
}

/**
 * A certificate proved itself: the gateway's others have done their service. After the transaction sign the list and tell
 * the broker. @returns the ids of those that counted until now
 */
export async function supersedeOthers(
  trx: SiteTrx,
  of: { gatewayId: string; fingerprint: string },
  now: number,
): Promise<string[]> {
  const ended = await trx
    .updateTable('certificates')
    .set({ state: 'revoked', revokedAt: now, revocationReason: 'superseded' })
    .where('gatewayId', '=', of.gatewayId)
    .where('fingerprint', '!=', of.fingerprint)
    .where('state', '=', 'active')
    .returning('id')
    .execute()
  return ended.map(({ id }) => id)
}

/** Renewed certificates that did not prove themselves yet: the newest of gateways of which several count. */
export async function openRenewals(db: SiteDb): Promise<{ gatewayId: string; fingerprint: string }[]> {
  const rows = await db
    .selectFrom('certificates')
    .select(['gatewayId', 'fingerprint'])
    .where('kind', '=', 'gateway')
    .where('state', '=', 'active')
    .where('gatewayId', 'in', (eb) =>
      eb
        .selectFrom('certificates')
        .select('gatewayId')
        .where('kind', '=', 'gateway')
        .where('state', '=', 'active')
        .where('gatewayId', 'is not', null)
        .groupBy('gatewayId')
        .having((of) => of.fn.countAll(), '>', 1),
    )
    .orderBy('createdAt')
    .orderBy('id')
    .execute()
  const newest = new Map(rows.map(({ gatewayId, fingerprint }) => [gatewayId, fingerprint]))
  return [...newest].flatMap(([gatewayId, fingerprint]) =>
    gatewayId === null ? [] : [{ gatewayId, fingerprint }],
  )
}
