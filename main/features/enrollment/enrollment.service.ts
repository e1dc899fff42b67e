import { createHash } from 'node:crypto'
import type { DialectName } from '#contract/model/gateway.ts'
import { ExpectedError } from '#contract/errors.ts'
import { credentialsFileName, normalizeMac, wireName } from '#contract/model/ids.ts'
import type { Actor, TenantScope } from '#features/access/index.ts'
import type { AuditDraft, AuditService } from '#features/audit/index.ts'
import { AuditDraft as Draft } from '#features/audit/index.ts'
import { type FleetService, gatewaysRepository, insertHistory } from '#features/fleet/index.ts'
import { type Handover, makeCredentialZip, type Pki, type PreparedCertificate } from '#features/pki/index.ts'
import type { TenantsService } from '#features/tenants/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'
import { uuid7 } from '#platform/ids/uuid7.ts'
import { deleteIdempotencyKeys, findIdempotencyKey, insertIdempotencyKey } from './idempotency.repository.ts'
import { labelCandidates } from './labels.ts'

/** How gateways reach the broker, and the topics of a dialect: known to the engine, not to this feature. */
export interface BrokerDirectory {
  hosts(): string[]
  port(): number
  siteName(): string
  clientIdOf(gateway: { id: string; mac: string | null; dialect: string }): string
  topicsOf(gateway: { id: string; mac: string | null; dialect: string }): Record<string, string>
}

export interface EnrollmentDependencies {
  db: SiteDb
  clock: Clock
  audit: AuditService
  tenants: TenantsService
  fleet: FleetService
  pki: Pki
  directory: BrokerDirectory
}

export interface ProvisionRequest {
  mac_address?: string | undefined
  code: string
  name: string
  tenant?: string | undefined
  key_algorithm: 'ec' | 'rsa'
  dialect: DialectName
  label?: string | undefined
}

type GatewayRow = gatewaysRepository.GatewayRow
type GatewayRef = { gateway: string; tenant?: string | undefined }

const DEFAULT_MAX_DEVICES = 8
const IDEMPOTENCY_LIFE = 24 * 60 * 60_000

/** How a box becomes a trusted gateway: the gateway, its assignment and its certificate, all or nothing. */
export class EnrollmentService {
  readonly #dependencies: EnrollmentDependencies

  constructor(dependencies: EnrollmentDependencies) {
    this.#dependencies = dependencies
  }

  /**
   * Makes a gateway with its certificate; or enrolls a revoked one of the same tenant, MAC and code anew. The
   * private key is in the answer, and stays sealed here until the hand-over ends. With an idempotency key the
   * same request gives the same gateway again.
   *
   * @throws ExpectedError `mac_invalid`, `mac_taken`, `code_taken`, `tenant_unknown`, `idempotency_conflict`, `credential_gone`
   */
  async provision(
    request: ProvisionRequest,
    caller: { actor: Actor; scope: TenantScope; idempotencyKey: string | null },
    audit: AuditDraft,
  ): Promise<{ gateway: GatewayRow; handover: Handover }> {
    const { db, tenants } = this.#dependencies
    const requestHash = createHash('sha256').update(JSON.stringify(request)).digest('hex')
    const idempotency =
      caller.idempotencyKey === null
        ? null
        : {
            key: caller.idempotencyKey,
            actor: audit.subject.actor.id ?? audit.subject.actor.kind,
            operation: 'provision',
          }
    const earlier = idempotency && (await findIdempotencyKey(db, idempotency))
    if (earlier) {
      if (earlier.requestHash !== requestHash)
        throw new ExpectedError('idempotency_conflict', { key: idempotency?.key ?? '' })
      return this.fetchCredential(caller.scope, { gateway: earlier.resultId }, audit)
    }
    const tenant = await tenants.resolve(caller.scope, request.tenant)
    const mac =
      request.mac_address === undefined || request.mac_address === ''
        ? null
        : normalizeMac(request.mac_address)
    if (mac === null && request.mac_address)
      throw new ExpectedError('mac_invalid', { mac: request.mac_address })
    const revoked = await this.#revokedTwin(db, mac, request.code, tenant.id)
    const id = revoked?.id ?? uuid7()
    const prepared = await this.#prepare(id, mac, request.key_algorithm)
    const { handover } = await db.transaction().execute(async (trx) => {
      // While the key was made, another call may have taken the MAC.
      if ((await this.#revokedTwin(trx, mac, request.code, tenant.id))?.id !== revoked?.id)
        throw new ExpectedError('mac_taken', { mac, code: request.code })
      if (revoked) await this.#enrollAgain(trx, revoked, request.name)
      else await this.#insert(trx, { id, mac, tenantId: tenant.id, request })
      const stored = await this.#store(trx, id, prepared, audit.subject.actor.name)
      if (idempotency) await this.#remember(trx, { ...idempotency, requestHash, resultId: id })
      const { recordIn } = this.#audit
      const details = {
        code: request.code,
        mac,
        serial: prepared.row.serial,
        again: revoked !== null,
        keyFetched: true,
      }
      await recordIn(trx, audit.about('gateway', id, tenant.id, details))
      return stored
    })
    const gateway = await this.#dependencies.fleet.refresh(id)
    await this.#dependencies.fleet.publishPolicy(id)
    return { gateway, handover }
  }

  get #audit() {
    const { audit } = this.#dependencies
    return { recordIn: audit.recordIn.bind(audit) }
  }

  async #revokedTwin(db: SiteDb | SiteTrx, mac: string | null, code: string, tenantId: string) {
    if (mac === null) return null
    const known = await gatewaysRepository.gatewayByMac(db, mac)
    if (!known) return null
    if (known.state === 'revoked' && known.tenantId === tenantId && known.code === code) return known
    // Another tenant's gateway is not named: that it exists is all that a refusal may tell.
    throw new ExpectedError('mac_taken', {
      mac,
      code: known.tenantId === tenantId ? known.code : 'of another tenant',
    })
  }

  #prepare(gatewayId: string, mac: string | null, keyAlgorithm: 'ec' | 'rsa'): Promise<PreparedCertificate> {
    const { pki, clock } = this.#dependencies
    return pki.prepareGatewayCertificate({ gatewayId, mac, keyAlgorithm, now: clock.now() })
  }

  async #insert(
    trx: SiteTrx,
    {
      id,
      mac,
      tenantId,
      request,
    }: { id: string; mac: string | null; tenantId: string; request: ProvisionRequest },
  ) {
    if (await gatewaysRepository.codeIsTaken(trx, tenantId, request.code))
      throw new ExpectedError('code_taken', { code: request.code })
    const now = this.#dependencies.clock.now()
    const assignmentId = uuid7(now)
    await gatewaysRepository.insertGateway(trx, {
      id,
      tenantId,
      assignmentId,
      mac,
      code: request.code,
      label: await this.#freeLabel(trx, request.label, mac, id),
      name: request.name,
      platform: null,
      hardwareRevision: null,
      firmwareVersion: null,
      maxDevices: DEFAULT_MAX_DEVICES,
      dialect: request.dialect,
      state: 'claimed',
      metadata: '{}',
      createdAt: now,
      claimedAt: now,
      activatedAt: null,
      lastSeenAt: null,
      deletedAt: null,
    })
    await gatewaysRepository.openAssignment(trx, { id: assignmentId, gatewayId: id, tenantId, fromAt: now })
  }

  async #freeLabel(trx: SiteTrx, given: string | undefined, mac: string | null, id: string): Promise<string> {
    for (const label of given === undefined ? labelCandidates(mac, id) : [given]) {
      if (!(await gatewaysRepository.labelIsTaken(trx, label))) return label
    }
    throw new ExpectedError('label_taken', { label: given ?? labelCandidates(mac, id)[0] ?? id })
  }

  async #enrollAgain(trx: SiteTrx, gateway: { id: string }, name: string): Promise<void> {
    const now = this.#dependencies.clock.now()
    await gatewaysRepository.updateGateway(trx, gateway.id, {
      name,
      state: 'claimed',
      claimedAt: now,
      activatedAt: null,
    })
  }

  async #store(
    trx: SiteTrx,
    gatewayId: string,
    prepared: PreparedCertificate,
    actorName: string,
  ): Promise<{ handover: Handover }> {
    const { pki, clock } = this.#dependencies
    const at = clock.now()
    await pki.storeGatewayCertificate(trx, prepared)
    await insertHistory(trx, [
      { gatewayId, kind: 'state', value: 'claimed', at, reason: 'provisioned', actor: actorName },
    ])
    return { handover: await pki.openHandover(trx, gatewayId, at) }
  }

  async #remember(
    trx: SiteTrx,
    row: { key: string; actor: string; operation: string; requestHash: string; resultId: string },
  ) {
    const createdAt = this.#dependencies.clock.now()
    await deleteIdempotencyKeys(trx, createdAt - IDEMPOTENCY_LIFE)
    await insertIdempotencyKey(trx, { ...row, createdAt })
  }

  /** The credential again, while its key waits; each fetch is in the audit. @throws ExpectedError `not_found`, `credential_gone` */
  async fetchCredential(
    scope: TenantScope,
    reference: GatewayRef,
    audit: AuditDraft,
  ): Promise<{ gateway: GatewayRow; handover: Handover }> {
    const { db, fleet, pki, clock, audit: log } = this.#dependencies
    const gateway = await fleet.find(scope, reference)
    audit.about('gateway', gateway.id, gateway.tenantId, { code: gateway.code })
    const handover = await db.transaction().execute(async (trx) => {
      const opened = await pki.openHandover(trx, gateway.id, clock.now())
      audit.details = { ...audit.details, serial: opened.serial, fetch: opened.fetchCount, keyFetched: true }
      await log.recordIn(trx, audit)
      return opened
    })
    return { gateway, handover }
  }

  /** The ZIP of domain.md, with its file name. @throws ExpectedError `not_found`, `credential_gone` */
  async credentialZip(
    scope: TenantScope,
    reference: GatewayRef,
    audit: AuditDraft,
  ): Promise<{ name: string; bytes: Buffer }> {
    const { directory, pki } = this.#dependencies
    const { gateway, handover } = await this.fetchCredential(scope, reference, audit)
    const { id, mac, code, name, dialect } = gateway
    const bytes = await makeCredentialZip({
      gateway: { id, mac, code, name },
      siteName: directory.siteName(),
      certificatePem: handover.certificatePem,
      privateKeyPem: handover.privateKeyPem,
      caPem: await pki.caPem(),
      certificateNotAfter: handover.notAfter,
      issuedAt: handover.createdAt,
      mqtt: {
        hosts: directory.hosts(),
        port: directory.port(),
        clientId: directory.clientIdOf(gateway),
        dialect,
        topics: directory.topicsOf(gateway),
      },
    })
    return { name: credentialsFileName(gateway), bytes }
  }

  /** The receiver has it: the key is erased for good. @throws ExpectedError `not_found`, `credential_gone` */
  async confirmReceived(scope: TenantScope, reference: GatewayRef, audit: AuditDraft): Promise<void> {
    const { db, fleet, pki, clock, audit: log } = this.#dependencies
    const gateway = await fleet.find(scope, reference)
    audit.about('gateway', gateway.id, gateway.tenantId, { code: gateway.code })
    await db.transaction().execute(async (trx) => {
      const waiting = gateway.waitingCertificateId
      const ended = waiting !== null && (await pki.endHandover(trx, waiting, 'received', clock.now()))
      if (!ended) throw new ExpectedError('credential_gone', { code: gateway.code })
      await log.recordIn(trx, audit)
    })
    await pki.eraseTrail()
    await fleet.refresh(gateway.id)
  }

  /** A credential was used in a session: whoever has it, has it; the copy here goes. */
  async credentialProved(fingerprint: string): Promise<void> {
    const { pki } = this.#dependencies
    const open = await pki.openHandoverOf(fingerprint)
    if (open) await this.#endHandovers([open], 'session')
  }

  /** Erases keys that waited 24 hours; call it every few minutes. */
  async expireHandovers(): Promise<void> {
    const { db, pki, clock } = this.#dependencies
    const expired = await db.transaction().execute((trx) => pki.expireHandovers(trx, clock.now()))
    await this.#endHandovers(expired, 'expired')
  }

  async #endHandovers(
    ended: { certificateId: string; gatewayId: string }[],
    by: 'session' | 'expired',
  ): Promise<void> {
    const { db, pki, clock, audit, fleet } = this.#dependencies
    if (ended.length === 0) return
    await db.transaction().execute(async (trx) => {
      for (const { certificateId, gatewayId } of ended) {
        await pki.endHandover(trx, certificateId, by, clock.now())
        const actor = {
          kind: by === 'session' ? ('gateway' as const) : ('system' as const),
          id: gatewayId,
          name: by === 'session' ? 'gateway' : 'millwright',
        }
        const draft = new Draft({ actor, action: `certificate.handover_${by}`, address: '', requestId: null })
        await audit.recordIn(trx, draft.about('gateway', gatewayId, null, { certificateId }))
      }
    })
    await pki.eraseTrail()
    for (const { gatewayId } of ended) await fleet.refresh(gatewayId)
  }

  /** What `provision` answers. */
  answer(gateway: GatewayRow, handover: Handover, caPem: string) {
    const { directory } = this.#dependencies
    return {
      gateway_id: gateway.id,
      mac_address: gateway.mac,
      code: gateway.code,
      label: gateway.label,
      certificate_pem: handover.certificatePem,
      private_key_pem: handover.privateKeyPem,
      ca_pem: caPem,
      expires_at: new Date(handover.notAfter),
      serial_number: handover.serial,
      mqtt_broker: directory.hosts()[0] ?? 'localhost',
      mqtt_port: directory.port(),
      mqtt_client_id: directory.clientIdOf(gateway),
      mqtt_topic: directory.topicsOf(gateway)['telemetry'] ?? `mw/${wireName(gateway)}/telemetry`,
    }
  }
}
