import type { CredentialKind } from '#contract/model/gateway.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'
import { type GatewaySecretRow, makeSecret } from './gateway-secrets.ts'
import { chainPem } from './handovers.ts'
import { makeKeyPair } from './key-pair.ts'
import type { GatewayCertificate, GatewayPublicKey, Pki } from './pki.service.ts'

/**
 * A credential that is in its box before the gateway counts: written into a flash, verified there, and only then stored. There is
 * no hand-over of it, and its key is nowhere else.
 */
export interface DeliveredCredential {
  certificate: GatewayCertificate | null
  secret: GatewaySecretRow | null
  /** The certificate and its issuing CA; null for a secret. */
  chainPem: string | null
  /** PKCS#8; null where the box made its own key, or for a secret. */
  privateKeyPem: string | null
  /** 64 hex characters; null for a certificate. */
  secretText: string | null
}

export interface DeliveredFor {
  gatewayId: string
  mac: string | null
  credential: CredentialKind
  keyAlgorithm: 'ec' | 'rsa'
  /** The key that the box made; the site makes one where left out. */
  publicKey?: GatewayPublicKey
  now: number
}

/** Makes a credential; nothing is stored. @throws ExpectedError `setup_required` */
export async function makeDelivered(pki: Pki, db: SiteDb, of: DeliveredFor): Promise<DeliveredCredential> {
  if (of.credential === 'secret' && !of.publicKey) {
    const { row, secret } = makeSecret(of)
    const secretText = secret.toString('hex')
    secret.fill(0)
    return { certificate: null, secret: row, chainPem: null, privateKeyPem: null, secretText }
  }
  const algorithm = of.keyAlgorithm === 'rsa' ? 'RSA 2048' : 'EC P-256'
  const made = of.publicKey ? null : await makeKeyPair(algorithm)
  const publicKey = of.publicKey ?? { algorithm, spki: made?.publicKey ?? new Uint8Array() }
  const certificate = await pki.certifyGatewayKey({ ...of, publicKey })
  return {
    certificate,
    secret: null,
    chainPem: await chainPem(db, certificate.row),
    privateKeyPem: made ? made.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() : null,
    secretText: null,
  }
}

/** In the transaction that makes the gateway. */
export async function storeDelivered(
  trx: SiteTrx,
  { certificate, secret }: DeliveredCredential,
): Promise<void> {
  if (certificate) await trx.insertInto('certificates').values(certificate.row).execute()
  if (secret) await trx.insertInto('gatewaySecrets').values(secret).execute()
}
