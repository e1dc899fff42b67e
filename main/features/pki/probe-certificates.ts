import { generateKeyPair } from 'node:crypto'
import { promisify } from 'node:util'
import type { SiteDb } from '#platform/db/site-db.ts'
import { certificateById } from './pki.repository.ts'
import { type CertificateRow, certifyKey } from './prepared-certificate.ts'
import { type GatewayName, gatewaySpec } from './profile.ts'
import type { Signer } from './signer.ts'

/** A certificate with which the site plays a gateway, and its key, which is kept nowhere. */
export interface ProbeCertificate {
  /** The certificate and its issuing CA. */
  certificatePem: string
  /** PKCS#8. Never log or store it. */
  privateKeyPem: string
  serial: string
  /** SHA-256, lower-case hex. */
  fingerprint: string
  /** ms since 1970 */
  notAfter: number
}

/** ms */
const LIFE = 10 * 60_000

/**
 * Makes it and writes it down as revoked from the start: it stands in the revocation list, and only the broker's snapshot,
 * in memory, lets it in for as long as the site asks. Its row names no gateway, as those of gateways that are gone: it is
 * never taken for what the gateway authenticates with.
 */
export async function makeProbeCertificate(
  { db, signer }: { db: SiteDb; signer: Signer },
  issuer: CertificateRow,
  { gatewayId, mac, now }: GatewayName & { now: number },
): Promise<ProbeCertificate> {
  const { publicKey, privateKey } = await promisify(generateKeyPair)('ec', { namedCurve: 'P-256' })
  const spec = gatewaySpec({ gatewayId, mac }, 'EC P-256', issuer, now, [])
  const row = await certifyKey(
    signer,
    { ...spec, notAfter: Math.min(now + LIFE, issuer.notAfter) },
    {
      issuerId: issuer.id,
      gatewayId,
      publicKey: new Uint8Array(publicKey.export({ type: 'spki', format: 'der' })),
      now,
    },
  )
  await db
    .insertInto('certificates')
    .values({
      ...row,
      gatewayId: null,
      subject: '',
      pem: '',
      state: 'revoked',
      revokedAt: now,
      revocationReason: 'cessationOfOperation',
    })
    .execute()
  const issuing = await certificateById(db, issuer.id)
  return {
    certificatePem: row.pem + (issuing?.pem ?? ''),
    privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    serial: row.serial,
    fingerprint: row.fingerprint,
    notAfter: row.notAfter,
  }
}
