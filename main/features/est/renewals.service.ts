import { ExpectedError } from '#contract/errors.ts'
import { normalizeMac } from '#contract/model/ids.ts'
import { AuditDraft, type AuditService } from '#features/audit/index.ts'
import { type FleetService, gatewaysRepository } from '#features/fleet/index.ts'
import {
  type Csr,
  certificateByFingerprint,
  certsOnly,
  csrRefused,
  openRenewals,
  type Pki,
  readCsr,
  requireFreeKey,
  requireOwnNames,
  supersedeOthers,
} from '#features/pki/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'
import { inTurnByKey } from '#platform/events/in-turn-by-key.ts'
import { AttemptLimit } from '#platform/limits/attempt-limit.ts'

export interface RenewalsDependencies {
  db: SiteDb
  clock: Clock
  audit: AuditService
  pki: Pki
  fleet: FleetService
}

/** The certificate that a box shows in the handshake, and that its chain is right. */
export interface ShownCertificate {
  /** SHA-256 of the DER, lower-case hex. */
  fingerprint: string
}

interface Renewal extends ShownCertificate {
  csr: Csr
  gateway: gatewaysRepository.GatewayRow
  audit: AuditDraft
}

const HOUR = 60 * 60_000
/** Renewals of one gateway: each leaves a certificate behind, for ten years. */
const MOST = [5, 24 * HOUR] as const

/**
 * New certificates for gateways that have one. The old one counts until the new one proves itself in a session (security.md,
 * PKI profile): a box that loses its new key on the way is not lost.
 */
export class RenewalsService {
  readonly #dependencies: RenewalsDependencies
  readonly #renewed = new AttemptLimit(...MOST)
  /** By gateway: requests that come together are counted one after the other. */
  readonly #inTurn = inTurnByKey()
  /** Gateways by the fingerprint of a certificate that has not proved itself. */
  #waiting: Promise<Map<string, string>> | null = null

  constructor(dependencies: RenewalsDependencies) {
    this.#dependencies = dependencies
  }

  /**
   * RFC 7030 4.2.2: a certificate for the same gateway, for the same key or another.
   *
   * @returns PKCS#7, DER
   * @throws ExpectedError `est_certificate_refused`, `csr_refused`, `too_many_requests`
   */
  async renew({ fingerprint }: ShownCertificate, csrText: string, audit: AuditDraft): Promise<Buffer> {
    const gateway = await this.#gatewayOf(fingerprint, audit)
    const csr = readCsr(csrText)
    requireSameSubject(csr, gateway)
    return this.#inTurn(gateway.id, () => this.#renew({ fingerprint, csr, gateway, audit }))
  }

  async #renew({ fingerprint, csr, gateway, audit }: Renewal): Promise<Buffer> {
    const { db, clock, pki, fleet } = this.#dependencies
    await requireFreeKey(db, csr.publicKeyHash, gateway.id)
    const now = clock.now()
    const wait = this.#renewed.wait(gateway.id, now)
    if (wait > 0) throw new ExpectedError('too_many_requests', { seconds: Math.ceil(wait / 1_000) })
    const { id: gatewayId, mac } = gateway
    const renewed = await pki.certifyGatewayKey({ gatewayId, mac, now, publicKey: csr.publicKey })
    const ended = await db
      .transaction()
      .execute((trx) => this.#store(trx, { fingerprint, csr, renewed, gatewayId, audit, now }))
    this.#renewed.fail(gatewayId, now)
    ;(await this.#renewals()).set(renewed.row.fingerprint, gatewayId)
    await fleet.refresh(gatewayId)
    await fleet.publishPolicy(gatewayId)
    if (ended > 0) await pki.refreshCrlIfDue(clock.now())
    return certsOnly([renewed.row.pem])
  }

  /** Certificates were shown in sessions: those that were new have proved themselves, and end what was before them. */
  async proved(fingerprints: string[]): Promise<void> {
    const { db, clock, pki, fleet, audit: log } = this.#dependencies
    const waiting = await this.#renewals()
    for (const fingerprint of fingerprints) {
      const gatewayId = waiting.get(fingerprint)
      if (gatewayId === undefined) continue
      waiting.delete(fingerprint)
      const gateway = await gatewaysRepository.gatewayById(db, { all: true }, gatewayId)
      if (!gateway) continue
      const isEnded = await db.transaction().execute(async (trx) => {
        const row = await certificateByFingerprint(trx, fingerprint)
        if (row?.state !== 'active') return false
        const ended = await supersedeOthers(trx, { gatewayId, fingerprint }, clock.now())
        if (ended.length === 0) return false
        await log.recordIn(trx, supersededBy(gateway, ended))
        return true
      })
      if (!isEnded) continue
      await fleet.refresh(gatewayId)
      await fleet.publishPolicy(gatewayId)
      await pki.refreshCrlIfDue(clock.now())
    }
  }

  /** @throws ExpectedError `est_certificate_refused` */
  async #gatewayOf(fingerprint: string, audit: AuditDraft): Promise<gatewaysRepository.GatewayRow> {
    const { db } = this.#dependencies
    const row = await certificateByFingerprint(db, fingerprint)
    const gateway =
      row && row.gatewayId !== null
        ? await gatewaysRepository.gatewayById(db, { all: true }, row.gatewayId)
        : undefined
    if (!row || !gateway) throw refused('this site does not know it')
    audit.subject = { ...audit.subject, actor: { kind: 'gateway', id: gateway.id, name: gateway.code } }
    audit.about('gateway', gateway.id, gateway.tenantId, { code: gateway.code })
    if (row.state !== 'active') throw refused('it is revoked')
    if (gateway.state !== 'active' && gateway.state !== 'claimed')
      throw refused(`its gateway is ${gateway.state}`)
    return gateway
  }

  /** @returns how many certificates ended */
  async #store(
    trx: SiteTrx,
    of: {
      fingerprint: string
      csr: Csr
      renewed: Awaited<ReturnType<Pki['certifyGatewayKey']>>
      gatewayId: string
      audit: AuditDraft
      now: number
    },
  ): Promise<number> {
    const { fingerprint, csr, renewed, gatewayId, audit, now } = of
    // While the certificate was made, somebody may have revoked the gateway, or another box got the key.
    const shown = await certificateByFingerprint(trx, fingerprint)
    if (shown?.state !== 'active') throw refused('it is revoked')
    await requireFreeKey(trx, csr.publicKeyHash, gatewayId)
    // One that was made before and never used: the box asks again with what it has.
    const ended = await supersedeOthers(trx, { gatewayId, fingerprint }, now)
    const { serial, publicKeyHash } = await this.#dependencies.pki.storeGatewayCertificate(trx, renewed)
    audit.details = { ...audit.details, serial, publicKeyHash, superseded: ended.length }
    await this.#dependencies.audit.recordIn(trx, audit)
    return ended.length
  }

  #renewals(): Promise<Map<string, string>> {
    this.#waiting ??= openRenewals(this.#dependencies.db).then(
      (open) => new Map(open.map(({ fingerprint, gatewayId }) => [fingerprint, gatewayId])),
    )
    return this.#waiting
  }
}

/** RFC 7030 4.2.2: subject and alternative names are those of the certificate that is renewed. @throws ExpectedError `csr_refused` */
function requireSameSubject(csr: Csr, { id, mac }: { id: string; mac: string | null }): void {
  requireOwnNames(csr, { mac, label: null, deviceId: null, gatewayId: id })
  const [name] = csr.commonNames
  const isSame = mac === null ? name?.toLowerCase() === id : name !== undefined && normalizeMac(name) === mac
  if (!isSame)
    throw csrRefused('name_foreign', `its subject must be that of the certificate: CN=${mac ?? id}`)
}

function refused(cause: string): ExpectedError {
  return new ExpectedError('est_certificate_refused', { cause })
}

function supersededBy(gateway: gatewaysRepository.GatewayRow, ended: string[]): AuditDraft {
  const actor = { kind: 'gateway' as const, id: gateway.id, name: gateway.code }
  const draft = new AuditDraft({ actor, action: 'certificate.superseded', address: '', requestId: null })
  return draft.about('gateway', gateway.id, gateway.tenantId, { code: gateway.code, certificates: ended })
}
