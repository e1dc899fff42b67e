import { ExpectedError } from '#contract/errors.ts'
import type { HandoverTable } from '#platform/db/schema.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'
import type { Sealer } from '#platform/secrets/sealing.ts'
import { toPem } from './pem.ts'
import { certificateById, insertCertificate, sealedKey } from './pki.repository.ts'
import { type CertificateRow, type PreparedCertificate, purposeOf } from './prepared-certificate.ts'
import { handoverLife } from './profile.ts'

/** A private key made by the site, as its receiver gets it, until the hand-over ends. */
export interface Handover {
  certificateId: string
  /** The gateway's certificate and its issuing CA. */
  certificatePem: string
  /** PKCS#8. Never log or store it. */
  privateKeyPem: string
  serial: string
  fingerprint: string
  /** ms: the certificate's last second. */
  notAfter: number
  /** ms: when the key is erased if nobody confirms. */
  expiresAt: number
  /** With this one. */
  fetchCount: number
  createdAt: number
}

export type HandoverEnd = NonNullable<HandoverTable['endedBy']>

/** Stores a gateway's certificate, its sealed key and the open hand-over. */
export async function insertHandover(trx: SiteTrx, prepared: PreparedCertificate): Promise<void> {
  const { id, gatewayId, createdAt } = prepared.row
  if (!gatewayId) throw new Error('A hand-over belongs to a gateway')
  await insertCertificate(trx, prepared)
  const expiresAt = createdAt + handoverLife
  await trx
    .insertInto('handovers')
    .values({ certificateId: id, gatewayId, sealedSecretId: id, createdAt, expiresAt })
    .execute()
}

/**
 * The newest undelivered key of a gateway, counting the fetch. It can be fetched again until the hand-over ends:
 * a lost download must not cost a new enrollment.
 *
 * @throws ExpectedError `credential_gone` after the end, `not_found` where the gateway has no certificate
 */
export async function fetchHandover(
  trx: SiteTrx,
  sealer: Sealer,
  gatewayId: string,
  now: number,
): Promise<Handover> {
  const row = await trx
    .selectFrom('handovers')
    .selectAll()
    .where('gatewayId', '=', gatewayId)
    .orderBy('createdAt', 'desc')
    .orderBy('certificateId', 'desc')
    .limit(1)
    .executeTakeFirst()
  if (!row) throw new ExpectedError('not_found', { what: 'certificate of gateway', id: gatewayId })
  const certificate = await certificateById(trx, row.certificateId)
  const box = await sealedKey(trx, row.sealedSecretId)
  if (!certificate || !box || row.endedAt !== null || row.expiresAt <= now) throw await gone(trx, gatewayId)

  const fetchCount = row.fetchCount + 1
  await trx
    .updateTable('handovers')
    .set({ fetchCount, lastFetchedAt: now })
    .where('certificateId', '=', row.certificateId)
    .execute()
  const key = sealer.open(purposeOf('gateway'), row.sealedSecretId, box)
  const privateKeyPem = toPem('PRIVATE KEY', key)
  key.fill(0)
  return {
    certificateId: certificate.id,
    certificatePem: await chainPem(trx, certificate),
    privateKeyPem,
    serial: certificate.serial,
    fingerprint: certificate.fingerprint,
    notAfter: certificate.notAfter,
    expiresAt: row.expiresAt,
    fetchCount,
    createdAt: row.createdAt,
  }
}

/** Erases the key of one hand-over. @returns false when it had ended before */
export async function finishHandover(
  trx: SiteTrx,
  certificateId: string,
  endedBy: HandoverEnd,
  now: number,
): Promise<boolean> {
  const ended = await trx
    .updateTable('handovers')
    .set({ endedAt: now, endedBy })
    .where('certificateId', '=', certificateId)
    .where('endedAt', 'is', null)
    .returning('sealedSecretId')
    .executeTakeFirst()
  if (ended) await trx.deleteFrom('sealedSecrets').where('id', '=', ended.sealedSecretId).execute()
  return ended !== undefined
}

/** The open hand-over of a certificate that has just connected; undefined almost always, and then cheap. */
export function openHandoverOf(db: SiteDb | SiteTrx, fingerprint: string) {
  return db
    .selectFrom('certificates')
    .innerJoin('handovers', 'handovers.certificateId', 'certificates.id')
    .select(['handovers.certificateId', 'handovers.gatewayId'])
    .where('certificates.fingerprint', '=', fingerprint)
    .where('handovers.endedAt', 'is', null)
    .executeTakeFirst()
}

/** Hand-overs whose time is up. */
export function overdueHandovers(db: SiteDb | SiteTrx, now: number) {
  return db
    .selectFrom('handovers')
    .select(['certificateId', 'gatewayId'])
    .where('endedAt', 'is', null)
    .where('expiresAt', '<=', now)
    .execute()
}

async function chainPem(trx: SiteTrx, certificate: CertificateRow): Promise<string> {
  const issuer = certificate.issuerId ? await certificateById(trx, certificate.issuerId) : undefined
  return certificate.pem + (issuer?.pem ?? '')
}

async function gone(trx: SiteTrx, gatewayId: string): Promise<ExpectedError> {
  const gateway = await trx
    .selectFrom('gateways')
    .select('code')
    .where('id', '=', gatewayId)
    .executeTakeFirst()
  return new ExpectedError('credential_gone', { code: gateway?.code ?? gatewayId })
}
