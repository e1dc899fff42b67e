import { X509Certificate } from 'node:crypto'
import { ExpectedError } from '#contract/errors.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'
import type { Sealer } from '#platform/secrets/sealing.ts'
import {
  type PreparedAuthorities,
  prepareAuthorities,
  storeAuthorities,
  succeedIssuingAuthorities,
} from './authorities.ts'
import type { KeyAlgorithm } from './certificate-spec.ts'
import {
  type ClientCertificate,
  makeClientCertificate,
  revokeClientCertificates,
  storeClientCertificate,
} from './client-certificates.ts'
import { CrlPublisher } from './crl-publisher.ts'
import { insertSecret, type PreparedSecret, prepareSecret, revokeSecrets } from './gateway-secrets.ts'
import {
  chainPem,
  fetchHandover,
  finishHandover,
  type Handover,
  type HandoverEnd,
  insertHandover,
  openHandoverOf,
  overdueHandovers,
  type ProvedCredential,
} from './handovers.ts'
import { toPem } from './pem.ts'
import {
  activeCertificate,
  certificateById,
  eraseTrail,
  insertCertificate,
  newestCertificate,
  revokeGatewayCertificates,
  sealedKey,
} from './pki.repository.ts'
import {
  type CertificateRow,
  certifyKey,
  type PreparedCertificate,
  prepareCertificate,
  purposeOf,
} from './prepared-certificate.ts'
import { makeProbeCertificate, type ProbeCertificate } from './probe-certificates.ts'
import { gatewaySpec } from './profile.ts'
import type { RevocationReason } from './revocation-reason.ts'
import {
  type RenewedServers,
  ServerCertificates,
  type ServerCredentials,
  type WebCredentials,
} from './server-certificates.ts'
import { namesInCertificate } from './server-names.ts'
import { type OpenedIssuer, Signer } from './signer.ts'

export interface PkiOptions {
  db: SiteDb
  sealer: Sealer
  /** Where the site serves its list over plain HTTP, if it does: written into gateway certificates. */
  crlUrls?: string[]
  onSignerRestarted?: (cause: string) => void
}

export interface GatewayCertificateRequest {
  gatewayId: string
  /** `aa:bb:cc:dd:ee:ff`, where there is one. */
  mac: string | null
  keyAlgorithm: 'ec' | 'rsa'
  now: number
}

/** A certificate of a gateway, to be stored: with the key that the site made, or without one. */
export type GatewayCertificate = PreparedCertificate | { row: CertificateRow; box: null }

/** A gateway whose undelivered key or secret was erased. */
export interface EndedHandover {
  credentialId: string
  gatewayId: string
}

/** A key that a gateway made: its kind, and DER SubjectPublicKeyInfo. */
export interface GatewayPublicKey {
  algorithm: KeyAlgorithm
  spki: Uint8Array<ArrayBuffer>
}

export interface IssuedToGateway {
  /** The certificate and its issuing CA. */
  certificatePem: string
  serial: string
  fingerprint: string
  /** ms */
  notAfter: number
  state: CertificateRow['state']
}

/**
 * The site's certificate authority. What must be atomic with other writes takes the caller's transaction; what
 * signs runs before it, in the signing thread: methods without a `trx` use the store's own handle and would wait
 * for ever inside one. After a transaction in which keys were erased call `eraseTrail()`, after one in which
 * certificates were revoked `refreshCrlIfDue()`.
 */
export class Pki {
  readonly #options: PkiOptions
  readonly #signer: Signer
  readonly #crl: CrlPublisher
  readonly #servers: ServerCertificates

  constructor(options: PkiOptions) {
    this.#options = options
    const { onSignerRestarted } = options
    this.#signer = new Signer({
      openIssuer: (id) => this.#openIssuer(id),
      ...(onSignerRestarted && { onRestarted: onSignerRestarted }),
    })
    this.#crl = new CrlPublisher(options.db, this.#signer)
    this.#servers = new ServerCertificates(options.db, { signer: this.#signer, sealer: options.sealer })
  }

  /**
   * Tests the cryptography, and on a site that is set up succeeds CAs near their end and signs a due list.
   *
   * @throws ExpectedError `crypto_self_test_failed`
   */
  async start(now: number): Promise<void> {
    this.#signer.start()
    await this.#signer.selfTest(now)
    await this.succeedAuthorities(now)
    await this.#crl.refreshIfDue(now)
    // A crash between an erasure and its trail.
    await this.eraseTrail()
  }

  stop(): Promise<void> {
    return this.#signer.stop()
  }

  // Set-up

  /** Makes all CAs and the server certificates. @throws ExpectedError `address_invalid` */
  async prepareAuthorities(site: {
    siteName: string
    names: string[]
    now: number
  }): Promise<PreparedAuthorities> {
    const prepared = await prepareAuthorities(this.#tools(), site)
    // From now on the root's key is in memory only while it signs an issuing CA.
    await this.#signer.forgetIssuer(prepared.deviceRootId)
    return prepared
  }

  /** In the transaction that sets the site up; `refreshCrlIfDue` after it makes the first list. */
  storeAuthorities(trx: SiteTrx, prepared: PreparedAuthorities): Promise<void> {
    return storeAuthorities(trx, prepared)
  }

  /** Daily: @returns the issuing CAs that have a successor; then give the broker `serverCredentials()` again */
  succeedAuthorities(now: number): Promise<('device_issuing' | 'server_issuing')[]> {
    return succeedIssuingAuthorities(this.#options.db, this.#tools(), now)
  }

  // Gateways

  /** Makes key and certificate; nothing is stored. @throws ExpectedError `setup_required` */
  async prepareGatewayCertificate(request: GatewayCertificateRequest): Promise<PreparedCertificate> {
    const { gatewayId, mac, now } = request
    const issuer = await this.#active('device_issuing')
    const algorithm = request.keyAlgorithm === 'rsa' ? 'RSA 2048' : 'EC P-256'
    const spec = gatewaySpec({ gatewayId, mac }, algorithm, issuer, now, this.#options.crlUrls ?? [])
    return prepareCertificate(this.#tools(), spec, { issuerId: issuer.id, gatewayId, now })
  }

  /**
   * A certificate for a gateway that made its own key; nothing is stored. Check the request before: what is signed
   * here is a statement that whoever has the key is this gateway.
   *
   * @throws ExpectedError `setup_required`
   */
  async certifyGatewayKey(
    request: Omit<GatewayCertificateRequest, 'keyAlgorithm'> & { publicKey: GatewayPublicKey },
  ): Promise<GatewayCertificate> {
    const { gatewayId, mac, now, publicKey } = request
    const issuer = await this.#active('device_issuing')
    const name = { gatewayId, mac }
    const spec = gatewaySpec(name, publicKey.algorithm, issuer, now, this.#options.crlUrls ?? [])
    const of = { issuerId: issuer.id, gatewayId, publicKey: publicKey.spki, now }
    return { row: await certifyKey(this.#signer, spec, of), box: null }
  }

  /** With which the site plays the gateway for some minutes. After it call `refreshCrlIfDue`. @throws ExpectedError `setup_required` */
  async makeProbeCertificate(of: {
    gatewayId: string
    mac: string | null
    now: number
  }): Promise<ProbeCertificate> {
    const tools = { db: this.#options.db, signer: this.#signer }
    return makeProbeCertificate(tools, await this.#active('device_issuing'), of)
  }

  /** A secret for a gateway; nothing is stored. */
  prepareGatewaySecret(of: { gatewayId: string; now: number }): PreparedSecret {
    return prepareSecret(this.#options.sealer, of)
  }

  /** A certificate for an MQTT client, with its key, which is kept nowhere. @throws ExpectedError `setup_required` */
  async makeClientCertificate(of: {
    mqttClientId: string
    username: string
    now: number
  }): Promise<ClientCertificate> {
    const issuer = await this.#active('device_issuing')
    const { db, crlUrls = [] } = this.#options
    return makeClientCertificate(db, this.#tools(), issuer, { ...of, crlUrls })
  }

  storeClientCertificate(trx: SiteTrx, certificate: ClientCertificate): Promise<void> {
    return storeClientCertificate(trx, certificate)
  }

  /** After the transaction call `refreshCrlIfDue`. @returns how many counted until now */
  revokeClientCertificates(
    trx: SiteTrx,
    mqttClientId: string,
    reason: RevocationReason,
    now: number,
  ): Promise<number> {
    return revokeClientCertificates(trx, mqttClientId, reason, now)
  }

  /** Certificate and, where the site made the key, the sealed key and its open hand-over. */
  async storeGatewayCertificate(trx: SiteTrx, certificate: GatewayCertificate): Promise<CertificateRow> {
    const { row } = certificate
    if (certificate.box === null) await trx.insertInto('certificates').values(row).execute()
    else {
      await insertCertificate(trx, certificate)
      await insertHandover(trx, handoverOf('key', row))
    }
    return row
  }

  /** Secret and open hand-over, in the transaction that makes the gateway. */
  async storeGatewaySecret(trx: SiteTrx, prepared: PreparedSecret): Promise<void> {
    await insertSecret(trx, prepared)
    await insertHandover(trx, handoverOf('secret', prepared.row))
  }

  /** The newest certificate of a gateway with its issuing CA, PEM; null where it has none. */
  async gatewayCertificate(db: SiteDb | SiteTrx, gatewayId: string): Promise<IssuedToGateway | null> {
    const row = await newestCertificate(db, gatewayId)
    if (!row) return null
    const { serial, fingerprint, notAfter } = row
    return { certificatePem: await chainPem(db, row), serial, fingerprint, notAfter, state: row.state }
  }

  /** Ends all secrets of a gateway and erases one not yet delivered. */
  async revokeSecrets(trx: SiteTrx, gatewayId: string, now: number): Promise<void> {
    for (const { id } of await revokeSecrets(trx, gatewayId, now))
      await finishHandover(trx, id, 'revoked', now)
  }

  /** Ends all certificates of a gateway and erases a key not yet delivered. @returns what counted until now */
  async revokeCertificates(
    trx: SiteTrx,
    gatewayId: string,
    reason: RevocationReason,
    now: number,
  ): Promise<{ id: string; fingerprint: string }[]> {
    const revoked = await revokeGatewayCertificates(trx, gatewayId, reason, now)
    for (const { id } of revoked) await finishHandover(trx, id, 'revoked', now)
    return revoked
  }

  // Hand-over

  /** Opens the newest undelivered key or secret and counts the fetch. @throws ExpectedError `credential_gone`, `not_found` */
  openHandover(trx: SiteTrx, gatewayId: string, now: number): Promise<Handover> {
    return fetchHandover(trx, this.#options.sealer, gatewayId, now)
  }

  /** Erases what waits in a hand-over. @returns false when it had ended before */
  endHandover(trx: SiteTrx, credentialId: string, by: HandoverEnd, now: number): Promise<boolean> {
    return finishHandover(trx, credentialId, by, now)
  }

  /** A credential proved itself in a session: whose hand-over ends with `endHandover(…, 'session')`. */
  openHandoverOf(proved: ProvedCredential): Promise<EndedHandover | undefined> {
    return openHandoverOf(this.#options.db, proved)
  }

  /** Ends hand-overs whose 24 hours are over. @returns them, for the audit */
  async expireHandovers(trx: SiteTrx, now: number): Promise<EndedHandover[]> {
    const overdue = await overdueHandovers(trx, now)
    for (const { credentialId } of overdue) await finishHandover(trx, credentialId, 'expired', now)
    return overdue
  }

  /** Cuts erased keys out of the write-ahead log. @returns false when a reader was in the way: try again */
  eraseTrail(): Promise<boolean> {
    return eraseTrail(this.#options.db)
  }

  // The site's own servers

  serverCredentials(): Promise<ServerCredentials> {
    return this.#servers.serverCredentials()
  }

  /** What the broker shows to gateways. @throws ExpectedError `setup_required` */
  async brokerCertificate(): Promise<{
    names: string[]
    notBefore: number
    notAfter: number
    fingerprint: string
  }> {
    const { pem, notBefore, notAfter, fingerprint } = await this.#active('broker')
    return {
      names: namesInCertificate(new X509Certificate(pem).subjectAltName),
      notBefore,
      notAfter,
      fingerprint,
    }
  }

  webCredentials(): Promise<WebCredentials> {
    return this.#servers.webCredentials()
  }

  temporaryWebCredentials(names: string[], now: number): Promise<WebCredentials> {
    return this.#servers.temporaryWebCredentials(names, now)
  }

  /** Runs its own transaction: never call it inside one. See `ServerCertificates.renew`. */
  renewServerCertificates(names: string[], now: number): Promise<RenewedServers> {
    return this.#servers.renew(names, now)
  }

  replaceWebAuthority(names: string[], now: number): Promise<void> {
    return this.#servers.replaceWebAuthority(names, now)
  }

  // What everyone may have

  /** `ca.crt`: the device root. @throws ExpectedError `setup_required` */
  async caPem(): Promise<string> {
    return (await this.#active('device_root')).pem
  }

  /** What browsers are asked to trust; pinned by desktop and command line. @throws ExpectedError `setup_required` */
  async webCaPem(): Promise<string> {
    return (await this.#active('web_ca')).pem
  }

  /** The revocation list, DER. @throws ExpectedError `setup_required` */
  crlDer(): Promise<Uint8Array> {
    return this.#crl.der()
  }

  async crlPem(): Promise<string> {
    return toPem('X509 CRL', await this.#crl.der())
  }

  /** After a revocation, and hourly. @returns the CAs whose list is new */
  refreshCrlIfDue(now: number): Promise<string[]> {
    return this.#crl.refreshIfDue(now)
  }

  #tools() {
    return { signer: this.#signer, sealer: this.#options.sealer }
  }

  async #active(kind: CertificateRow['kind']): Promise<CertificateRow> {
    const row = await activeCertificate(this.#options.db, kind)
    if (!row) throw new ExpectedError('setup_required')
    return row
  }

  async #openIssuer(id: string): Promise<OpenedIssuer> {
    const certificate = await certificateById(this.#options.db, id)
    const box = await sealedKey(this.#options.db, id)
    if (!certificate || !box) {
      throw new ExpectedError('data_damaged', { file: 'site store', cause: `the key of CA ${id} is missing` })
    }
    const opened = this.#options.sealer.open(purposeOf(certificate.kind), id, box)
    const privateKey = new Uint8Array(opened)
    opened.fill(0)
    return { certificate: new Uint8Array(new X509Certificate(certificate.pem).raw), privateKey }
  }
}

function handoverOf(
  kind: 'key' | 'secret',
  { id, gatewayId, createdAt }: { id: string; gatewayId: string | null; createdAt: number },
) {
  if (gatewayId === null) throw new Error('A hand-over belongs to a gateway')
  return { credentialId: id, kind, gatewayId, createdAt }
}
