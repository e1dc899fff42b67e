import { createHash, randomUUIDv7, X509Certificate } from 'node:crypto'
import type { Selectable } from 'kysely'
import type { CertificateTable } from '#platform/db/schema.ts'
import type { Sealer } from '#platform/secrets/sealing.ts'
import type { CertificateKind, CertificateSpec } from './certificate-spec.ts'
import { hashPublicKey } from './gateway-keys.ts'
import { toPem } from './pem.ts'
import type { Signer } from './signer.ts'

export type CertificateRow = Selectable<CertificateTable>

/** A certificate and its sealed key, made but not yet in the store: the caller's transaction takes them in. */
export interface PreparedCertificate {
  row: CertificateRow
  purpose: KeyPurpose
  box: Uint8Array<ArrayBuffer>
}

/** Keys of different worth are sealed under different keys. */
export type KeyPurpose = 'ca-key' | 'server-key' | 'gateway-key'

const purposes: Record<CertificateKind, KeyPurpose> = {
  device_root: 'ca-key',
  device_issuing: 'ca-key',
  server_issuing: 'ca-key',
  web_ca: 'ca-key',
  broker: 'server-key',
  web: 'server-key',
  gateway: 'gateway-key',
  mqtt_client: 'gateway-key',
}

export const purposeOf = (kind: CertificateKind): KeyPurpose => purposes[kind]

/**
 * Has a key and its certificate made in the signing thread and seals the key at once: from here on it exists only
 * under the site key. A new CA stays in the thread, so that it can sign before it is stored.
 */
export async function prepareCertificate(
  { signer, sealer }: { signer: Signer; sealer: Sealer },
  spec: CertificateSpec,
  of: { issuerId: string | null; gatewayId: string | null; mqttClientId?: string; now: number },
): Promise<PreparedCertificate> {
  const id = randomUUIDv7()
  const purpose = purposeOf(spec.kind)
  const issued = await signer.issue(spec, of.issuerId, spec.pathLength === null ? null : id)
  const box = sealer.seal(purpose, id, issued.privateKey)
  issued.privateKey.fill(0)
  return { purpose, box, row: rowOf(spec, { ...of, id, certificate: issued.certificate }) }
}

/** A certificate for a key that its owner made and keeps: there is nothing to seal. @param publicKey DER SubjectPublicKeyInfo */
export async function certifyKey(
  signer: Signer,
  spec: CertificateSpec,
  of: { issuerId: string; gatewayId: string; publicKey: Uint8Array<ArrayBuffer>; now: number },
): Promise<CertificateRow> {
  const certificate = await signer.issueFor(spec, of.issuerId, of.publicKey)
  return rowOf(spec, { ...of, id: randomUUIDv7(), certificate })
}

function rowOf(
  spec: CertificateSpec,
  of: {
    id: string
    certificate: Uint8Array
    issuerId: string | null
    gatewayId: string | null
    mqttClientId?: string
    now: number
  },
): CertificateRow {
  const { organization, commonName } = spec.subject
  return {
    id: of.id,
    kind: spec.kind,
    gatewayId: of.gatewayId,
    mqttClientId: of.mqttClientId ?? null,
    issuerId: of.issuerId,
    serial: spec.serial,
    subject: organization ? `O=${organization}, CN=${commonName}` : `CN=${commonName}`,
    keyAlgorithm: spec.keyAlgorithm,
    fingerprint: createHash('sha256').update(of.certificate).digest('hex'),
    publicKeyHash: publicKeyHash(of.certificate),
    pem: toPem('CERTIFICATE', of.certificate),
    notBefore: wholeSeconds(spec.notBefore),
    notAfter: wholeSeconds(spec.notAfter),
    state: 'active',
    revokedAt: null,
    revocationReason: null,
    createdAt: of.now,
  }
}

/** SHA-256 of a certificate's SubjectPublicKeyInfo, lower-case hex. */
function publicKeyHash(certificate: Uint8Array): string {
  return hashPublicKey(new X509Certificate(certificate).publicKey.export({ type: 'spki', format: 'der' }))
}

/** What X.509 keeps of a time. */
function wholeSeconds(ms: number): number {
  return Math.floor(ms / 1000) * 1000
}
