import { sql } from 'kysely'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'
import type { CertificateKind } from './certificate-spec.ts'
import type { CertificateRow, PreparedCertificate } from './prepared-certificate.ts'
import type { RevocationReason } from './revocation-reason.ts'

/** The certificate and its sealed key, in the caller's transaction: both or none. */
export async function insertCertificate(
  trx: SiteTrx,
  { row, purpose, box }: PreparedCertificate,
): Promise<void> {
  await trx.insertInto('certificates').values(row).execute()
  await trx
    .insertInto('sealedSecrets')
    .values({ id: row.id, purpose, box, createdAt: row.createdAt })
    .execute()
}

/** The newest active certificate of a kind of which the site uses one at a time. */
export function activeCertificate(
  db: SiteDb | SiteTrx,
  kind: CertificateKind,
): Promise<CertificateRow | undefined> {
  return db
    .selectFrom('certificates')
    .selectAll()
    .where('kind', '=', kind)
    .where('state', '=', 'active')
    .orderBy('createdAt', 'desc')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst()
}

/** All CAs of a kind that still vouch for certificates: the active one and those it succeeded. */
export function authoritiesOf(db: SiteDb | SiteTrx, kind: CertificateKind): Promise<CertificateRow[]> {
  return db
    .selectFrom('certificates')
    .selectAll()
    .where('kind', '=', kind)
    .where('state', '!=', 'revoked')
    .orderBy('createdAt', 'desc')
    .orderBy('id', 'desc')
    .execute()
}

export function certificateById(db: SiteDb | SiteTrx, id: string): Promise<CertificateRow | undefined> {
  return db.selectFrom('certificates').selectAll().where('id', '=', id).executeTakeFirst()
}

/** Whatever its state. */
export function newestCertificate(
  db: SiteDb | SiteTrx,
  gatewayId: string,
): Promise<CertificateRow | undefined> {
  return db
    .selectFrom('certificates')
    .selectAll()
    .where('gatewayId', '=', gatewayId)
    .orderBy('createdAt', 'desc')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst()
}

/** The box of a certificate's key; undefined once it is erased. */
export async function sealedKey(
  db: SiteDb | SiteTrx,
  certificateId: string,
): Promise<Uint8Array | undefined> {
  const row = await db
    .selectFrom('sealedSecrets')
    .select('box')
    .where('id', '=', certificateId)
    .executeTakeFirst()
  return row?.box
}

/** The predecessors of a new certificate of this kind. `erase` also deletes their keys: nothing is signed with them. */
export async function supersede(trx: SiteTrx, kind: CertificateKind, erase: boolean): Promise<void> {
  const old = await trx
    .updateTable('certificates')
    .set({ state: 'superseded' })
    .where('kind', '=', kind)
    .where('state', '=', 'active')
    .returning('id')
    .execute()
  if (erase) for (const { id } of old) await trx.deleteFrom('sealedSecrets').where('id', '=', id).execute()
}

/** @returns the certificates that counted until now */
export function revokeGatewayCertificates(
  trx: SiteTrx,
  gatewayId: string,
  reason: RevocationReason,
  now: number,
): Promise<{ id: string; fingerprint: string }[]> {
  return trx
    .updateTable('certificates')
    .set({ state: 'revoked', revokedAt: now, revocationReason: reason })
    .where('gatewayId', '=', gatewayId)
    .where('state', '!=', 'revoked')
    .returning(['id', 'fingerprint'])
    .execute()
}

/** What a CRL lists: the revoked certificates of an issuer that had not expired before `unexpiredAt`. */
export function revokedCertificates(db: SiteDb | SiteTrx, issuerId: string, unexpiredAt: number) {
  return db
    .selectFrom('certificates')
    .select(['serial', 'revokedAt', 'revocationReason'])
    .where('issuerId', '=', issuerId)
    .where('state', '=', 'revoked')
    .where('notAfter', '>=', unexpiredAt)
    .orderBy('revokedAt')
    .orderBy('id')
    .execute()
}

/** How many certificates of an issuer were ever revoked, and the time of the last. */
export async function revocationState(db: SiteDb | SiteTrx, issuerId: string) {
  const row = await db
    .selectFrom('certificates')
    .select(({ fn }) => [fn.countAll<number>().as('count'), fn.max('revokedAt').as('lastAt')])
    .where('issuerId', '=', issuerId)
    .where('state', '=', 'revoked')
    .executeTakeFirstOrThrow()
  return { count: row.count, lastAt: row.lastAt }
}

/**
 * Writes the log back into the store and empties it. Deleted keys are overwritten in the store (`secure_delete`),
 * but their bytes live on in the log until it is cut. Call it after the transaction that erased, never inside.
 *
 * @returns false when a reader kept the log from being cut: call it again later
 */
export async function eraseTrail(db: SiteDb): Promise<boolean> {
  const { rows } = await sql<{ busy: number }>`pragma wal_checkpoint(truncate)`.execute(db)
  return rows[0]?.busy === 0
}
