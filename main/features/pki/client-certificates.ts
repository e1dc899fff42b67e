import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'
import type { Sealer } from '#platform/secrets/sealing.ts'
import { toPem } from './pem.ts'
import { certificateById } from './pki.repository.ts'
import type { CertificateRow } from './prepared-certificate.ts'
import { type PreparedCertificate, prepareCertificate } from './prepared-certificate.ts'
import { mqttClientSpec } from './profile.ts'
import type { RevocationReason } from './revocation-reason.ts'
import type { Signer } from './signer.ts'

/** A certificate of an MQTT client and its key, which is kept nowhere: it is made for one answer. */
export interface ClientCertificate {
  prepared: PreparedCertificate
  /** The certificate and its issuing CA. */
  certificatePem: string
  /** PKCS#8. Never log or store it. */
  privateKeyPem: string
}

/** Makes key and certificate; nothing is stored. */
export async function makeClientCertificate(
  db: SiteDb,
  tools: { signer: Signer; sealer: Sealer },
  issuer: CertificateRow,
  of: { mqttClientId: string; username: string; now: number; crlUrls: string[] },
): Promise<ClientCertificate> {
  const spec = mqttClientSpec(of, issuer, of.now, of.crlUrls)
  const prepared = await prepareCertificate(tools, spec, {
    issuerId: issuer.id,
    gatewayId: null,
    mqttClientId: of.mqttClientId,
    now: of.now,
  })
  const key = tools.sealer.open(prepared.purpose, prepared.row.id, prepared.box)
  const privateKeyPem = toPem('PRIVATE KEY', key)
  key.fill(0)
  const issuing = await certificateById(db, issuer.id)
  return { prepared, certificatePem: prepared.row.pem + (issuing?.pem ?? ''), privateKeyPem }
}

/** In the transaction that gives it to the client: the certificate alone, for the key leaves with the answer. */
export async function storeClientCertificate(trx: SiteTrx, { prepared }: ClientCertificate): Promise<void> {
  await trx.insertInto('certificates').values(prepared.row).execute()
}

/** Ends all certificates of an MQTT client. @returns how many counted until now */
export async function revokeClientCertificates(
  trx: SiteTrx,
  mqttClientId: string,
  reason: RevocationReason,
  now: number,
): Promise<number> {
  const revoked = await trx
    .updateTable('certificates')
    .set({ state: 'revoked', revokedAt: now, revocationReason: reason })
    .where('mqttClientId', '=', mqttClientId)
    .where('state', '!=', 'revoked')
    .returning('id')
    .execute()
  return revoked.length
}
