import { ExpectedError } from '#contract/errors.ts'
import type { HandoverTable } from '#platform/db/enrollment-schema.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'
import type { Sealer } from '#platform/secrets/sealing.ts'
import { SECRET_PURPOSE } from './gateway-secrets.ts'
import { toPem } from './pem.ts'
import { certificateById, sealedKey } from './pki.repository.ts'
import { type CertificateRow, purposeOf } from './prepared-certificate.ts'
import { handoverLife } from './profile.ts'

/** What the site made for a gateway, as its receiver gets it, until the hand-over ends. */
export type Handover = KeyHandover | SecretHandover

interface HandoverFacts {
  credentialId: string
  /** ms: when it is erased if nobody confirms. */
  expiresAt: number
  /** With this one. */
  fetchCount: number
  createdAt: number
}

export interface KeyHandover extends HandoverFacts {
  kind: 'key'
  /** The gateway's certificate and its issuing CA. */
  certificatePem: string
  /** PKCS#8. Never log or store it. */
  privateKeyPem: string
  serial: string
  fingerprint: string
  /** ms: the certificate's last second. */
  notAfter: number
}

export interface SecretHandover extends HandoverFacts {
  kind: 'secret'
  /** 64 hex characters. Never log or store it. */
  secret: string
}

export type HandoverEnd = NonNullable<HandoverTable['endedBy']>

/** What waits is in `sealedSecrets` under the credential's own id. */
export async function insertHandover(
  trx: SiteTrx,
  of: { credentialId: string; kind: HandoverTable['kind']; gatewayId: string; createdAt: number },
): Promise<void> {
  const expiresAt = of.createdAt + handoverLife
  await trx
    .insertInto('handovers')
    .values({ ...of, sealedSecretId: of.credentialId, expiresAt })
    .execute()
}

/**
 * The newest undelivered credential of a gateway, counting the fetch. It can be fetched again until the hand-over ends:
 * a lost download must not cost a new enrollment.
 *
 * @throws ExpectedError `credential_gone` after the end, `not_found` where nothing was made for the gateway
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
    .orderBy('credentialId', 'desc')
    .limit(1)
    .executeTakeFirst()
  if (!row) throw new ExpectedError('not_found', { what: 'credential of gateway', id: gatewayId })
  const box = await sealedKey(trx, row.sealedSecretId)
  const certificate = row.kind === 'key' ? await certificateById(trx, row.credentialId) : null
  if (!box || certificate === undefined || row.endedAt !== null || row.expiresAt <= now)
    throw await gone(trx, gatewayId)

  const fetchCount = row.fetchCount + 1
  await trx
    .updateTable('handovers')
    .set({ fetchCount, lastFetchedAt: now })
    .where('credentialId', '=', row.credentialId)
    .execute()
  const { credentialId, expiresAt, createdAt } = row
  const facts = { credentialId, expiresAt, createdAt, fetchCount }
  const purpose = certificate === null ? SECRET_PURPOSE : purposeOf('gateway')
  const opened = sealer.open(purpose, row.sealedSecretId, box)
  const content = certificate === null ? opened.toString('hex') : toPem('PRIVATE KEY', opened)
  opened.fill(0)
  if (certificate === null) return { kind: 'secret', ...facts, secret: content }
  const { serial, fingerprint, notAfter } = certificate
  const certificatePem = await chainPem(trx, certificate)
  return { kind: 'key', ...facts, certificatePem, privateKeyPem: content, serial, fingerprint, notAfter }
}

/** Erases what waits in one hand-over. @returns false when it had ended before */
export async function finishHandover(
  trx: SiteTrx,
  credentialId: string,
  endedBy: HandoverEnd,
  now: number,
): Promise<boolean> {
  const ended = await trx
    .updateTable('handovers')
    .set({ endedAt: now, endedBy })
    .where('credentialId', '=', credentialId)
    .where('endedAt', 'is', null)
    .returning('sealedSecretId')
    .executeTakeFirst()
  if (ended) await trx.deleteFrom('sealedSecrets').where('id', '=', ended.sealedSecretId).execute()
  return ended !== undefined
}

/** What a session proved: the certificate that was shown, or the secret that was sent. */
export type ProvedCredential = { fingerprint: string } | { secretId: string }

/** The open hand-over of a credential that has just connected; undefined almost always, and then cheap. */
export function openHandoverOf(db: SiteDb | SiteTrx, proved: ProvedCredential) {
  const open = db
    .selectFrom('handovers')
    .select(['handovers.credentialId', 'handovers.gatewayId'])
    .where('handovers.endedAt', 'is', null)
  if ('secretId' in proved)
    return open.where('handovers.credentialId', '=', proved.secretId).executeTakeFirst()
  return open
    .innerJoin('certificates', 'certificates.id', 'handovers.credentialId')
    .where('certificates.fingerprint', '=', proved.fingerprint)
    .executeTakeFirst()
}

/** Hand-overs whose time is up. */
export function overdueHandovers(db: SiteDb | SiteTrx, now: number) {
  return db
    .selectFrom('handovers')
    .select(['credentialId', 'gatewayId'])
    .where('endedAt', 'is', null)
    .where('expiresAt', '<=', now)
    .execute()
}

/** The certificate and its issuing CA. */
export async function chainPem(trx: SiteDb | SiteTrx, certificate: CertificateRow): Promise<string> {
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
