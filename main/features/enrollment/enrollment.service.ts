import { createHash } from 'node:crypto'
import { ExpectedError } from '#contract/errors.ts'
import type { DialectName } from '#contract/model/gateway.ts'
import { normalizeMac, wireName } from '#contract/model/ids.ts'
import { defaultQuotas } from '#contract/model/quota.ts'
import { type Actor, isWhole, seesGateway, type TenantScope } from '#features/access/index.ts'
import type { AuditDraft, AuditService } from '#features/audit/index.ts'
import { type FleetService, gatewaysRepository, insertHistory } from '#features/fleet/index.ts'
import type { Handover, Pki } from '#features/pki/index.ts'
import { findGroup, requireGroup, type TenantsService } from '#features/tenants/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'
import { uuid7 } from '#platform/ids/uuid7.ts'
import type { BrokerDirectory } from './broker-directory.ts'
import type { CredentialsService } from './credentials.service.ts'
import { deleteIdempotencyKeys, findIdempotencyKey, insertIdempotencyKey } from './idempotency.repository.ts'
import { labelCandidates } from './labels.ts'

export interface EnrollmentDependencies {
  db: SiteDb
  clock: Clock
  audit: AuditService
  tenants: TenantsService
  fleet: FleetService
  pki: Pki
  credentials: CredentialsService
  directory: BrokerDirectory
}

export interface ProvisionRequest {
  mac_address?: string | undefined
  code: string
  name: string
  tenant?: string | undefined
  /** Id, or path of names; none where left out. */
  group?: string | undefined
  key_algorithm: 'ec' | 'rsa'
  dialect: DialectName
  label?: string | undefined
}

/** Who asks, and the key under which the same request gives the same gateway again. */
export interface ProvisionCaller {
  actor: Actor
  scope: TenantScope
  idempotencyKey: string | null
}

export interface Provisioned {
  gateway: GatewayRow
  handover: Handover
}

type GatewayRow = gatewaysRepository.GatewayRow
type Tenant = Awaited<ReturnType<TenantsService['resolve']>>

interface Idempotency {
  key: string
  actor: string
  operation: string
  requestHash: string
}

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
   * @throws ExpectedError `mac_invalid`, `mac_taken`, `code_taken`, `label_taken`, `tenant_unknown`, `not_found`, `forbidden_reach`,
   *   `quota_gateways`, `idempotency_conflict`, `credential_gone`
   */
  async provision(
    request: ProvisionRequest,
    caller: ProvisionCaller,
    audit: AuditDraft,
  ): Promise<Provisioned> {
    audit.details = { code: request.code, mac: request.mac_address ?? null }
    const idempotency = idempotencyOf(request, caller, audit)
    const earlier = idempotency && (await this.#replay(idempotency, caller, audit))
    if (earlier) return earlier
    try {
      return await this.#make(request, { caller, idempotency, audit })
    } catch (error) {
      // The same call, sent twice at once: the other one made it while this one found everything taken.
      const other = idempotency && (await this.#replay(idempotency, caller, audit))
      if (other) return other
      throw error
    }
  }

  async #replay(
    idempotency: Idempotency,
    caller: ProvisionCaller,
    audit: AuditDraft,
  ): Promise<Provisioned | null> {
    const { db, clock, credentials } = this.#dependencies
    const earlier = await findIdempotencyKey(db, idempotency, clock.now() - IDEMPOTENCY_LIFE)
    if (!earlier) return null
    if (earlier.requestHash !== idempotency.requestHash)
      throw new ExpectedError('idempotency_conflict', { key: idempotency.key })
    return credentials.fetch(caller.scope, { gateway: earlier.resultId }, audit)
  }

  async #make(
    request: ProvisionRequest,
    {
      caller,
      idempotency,
      audit,
    }: { caller: ProvisionCaller; idempotency: Idempotency | null; audit: AuditDraft },
  ): Promise<Provisioned> {
    const { db, clock, tenants, fleet, pki, audit: log } = this.#dependencies
    const tenant = await tenants.resolve(caller.scope, request.tenant)
    audit.tenantId = tenant.id
    const mac = readMac(request.mac_address)
    const groupId = await this.#groupOf(request, caller.scope, tenant.id)
    const of = { mac, code: request.code, tenant, scope: caller.scope }
    const revoked = await this.#revokedTwin(db, of)
    // Before the costly part: the transaction counts again.
    if (!revoked) await this.#requireRoom(db, tenant)
    const id = revoked?.id ?? uuid7(clock.now())
    const keyAlgorithm = request.key_algorithm
    const prepared = await pki.prepareGatewayCertificate({
      gatewayId: id,
      mac,
      keyAlgorithm,
      now: clock.now(),
    })
    const handover = await db.transaction().execute(async (trx) => {
      // While the key was made, another call may have taken the MAC or enrolled the gateway.
      if ((await this.#revokedTwin(trx, of))?.id !== revoked?.id)
        throw new ExpectedError('code_taken', { code: request.code })
      await requireGroup(trx, tenant.id, groupId)
      if (revoked) await this.#enrollAgain(trx, revoked, { request, groupId })
      else {
        await this.#requireRoom(trx, tenant)
        await this.#insert(trx, { id, mac, tenantId: tenant.id, groupId, request })
      }
      const at = clock.now()
      await pki.storeGatewayCertificate(trx, prepared)
      const actor = audit.subject.actor.name
      const reason = 'provisioned'
      await insertHistory(trx, [
        { gatewayId: id, tenantId: tenant.id, kind: 'state', value: 'claimed', at, reason, actor },
      ])
      if (idempotency) await this.#remember(trx, idempotency, id)
      const { serial } = prepared.row
      const details = {
        code: request.code,
        mac,
        serial,
        group: request.group ?? null,
        again: revoked !== null,
        keyFetched: true,
      }
      await log.recordIn(trx, audit.about('gateway', id, tenant.id, details))
      return pki.openHandover(trx, id, at)
    })
    const gateway = await fleet.refresh(id)
    await fleet.publishPolicy(id)
    return { gateway, handover }
  }

  /** The revoked gateway that this request means, if any. @throws ExpectedError `mac_taken` */
  async #revokedTwin(
    db: SiteDb | SiteTrx,
    { mac, code, tenant, scope }: { mac: string | null; code: string; tenant: Tenant; scope: TenantScope },
  ) {
    const known =
      mac === null
        ? await gatewaysRepository.gatewayWithoutMac(db, tenant.id, code)
        : await gatewaysRepository.gatewayByMac(db, mac)
    if (!known) return null
    const isSeen = seesGateway(scope, known)
    if (isSeen && known.state === 'revoked' && known.tenantId === tenant.id && known.code === code)
      return known
    // One without a MAC is taken by its code, which inserting finds.
    if (mac === null) return null
    // A gateway that the caller does not see is not named: that it exists is all that a refusal may tell.
    const other = known.tenantId === tenant.id ? 'that you do not see' : 'of another tenant'
    const isNamed = isSeen && known.tenantId === tenant.id
    throw new ExpectedError('mac_taken', { mac, code: isNamed ? known.code : other })
  }

  /** Whose rights end at some groups says which of these it goes to. @throws ExpectedError `not_found`, `forbidden_reach` */
  async #groupOf(
    { group }: ProvisionRequest,
    scope: TenantScope,
    tenantId: string,
  ): Promise<string | undefined> {
    if (group !== undefined)
      return (await findGroup(this.#dependencies.tenants, scope, { group, tenant: tenantId })).id
    if (!isWhole(scope)) throw new ExpectedError('forbidden_reach', { reach: 'tenant' })
    return undefined
  }

  /** @throws ExpectedError `quota_gateways` */
  async #requireRoom(db: SiteDb | SiteTrx, { id, name, gatewayQuota }: Tenant): Promise<void> {
    const quota = gatewayQuota ?? defaultQuotas.gateways
    const count = await gatewaysRepository.countOfTenant(db, id)
    if (count >= quota) throw new ExpectedError('quota_gateways', { tenant: name, count, quota })
  }

  async #insert(
    trx: SiteTrx,
    of: {
      id: string
      mac: string | null
      tenantId: string
      groupId: string | undefined
      request: ProvisionRequest
    },
  ): Promise<void> {
    const { id, mac, tenantId, groupId = null, request } = of
    if (await gatewaysRepository.codeIsTaken(trx, tenantId, request.code))
      throw new ExpectedError('code_taken', { code: request.code })
    const now = this.#dependencies.clock.now()
    const assignmentId = uuid7(now)
    await gatewaysRepository.insertGateway(trx, {
      id,
      tenantId,
      groupId,
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
    await gatewaysRepository.openAssignment(trx, {
      id: assignmentId,
      gatewayId: id,
      tenantId,
      groupId,
      fromAt: now,
    })
  }

  async #freeLabel(trx: SiteTrx, given: string | undefined, mac: string | null, id: string): Promise<string> {
    for (const label of given === undefined ? labelCandidates(mac, id) : [given]) {
      if (!(await gatewaysRepository.labelIsTaken(trx, label))) return label
    }
    throw new ExpectedError('label_taken', { label: given ?? labelCandidates(mac, id)[0] ?? id })
  }

  async #enrollAgain(
    trx: SiteTrx,
    gateway: { id: string; mac: string | null; label: string },
    {
      request: { name, dialect, label },
      groupId,
    }: { request: ProvisionRequest; groupId: string | undefined },
  ): Promise<void> {
    if (groupId !== undefined) await gatewaysRepository.placeGateway(trx, gateway.id, { groupId })
    const isRelabelled = label !== undefined && label !== gateway.label
    await gatewaysRepository.updateGateway(trx, gateway.id, {
      name,
      dialect,
      ...(isRelabelled && { label: await this.#freeLabel(trx, label, gateway.mac, gateway.id) }),
      state: 'claimed',
      claimedAt: this.#dependencies.clock.now(),
      activatedAt: null,
    })
  }

  async #remember(trx: SiteTrx, idempotency: Idempotency, resultId: string): Promise<void> {
    const createdAt = this.#dependencies.clock.now()
    await deleteIdempotencyKeys(trx, createdAt - IDEMPOTENCY_LIFE)
    await insertIdempotencyKey(trx, { ...idempotency, resultId, createdAt })
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

/** @throws ExpectedError `mac_invalid` */
function readMac(text: string | undefined): string | null {
  if (text === undefined || text === '') return null
  const mac = normalizeMac(text)
  if (mac === null) throw new ExpectedError('mac_invalid', { mac: text })
  return mac
}

function idempotencyOf(
  request: ProvisionRequest,
  { idempotencyKey }: ProvisionCaller,
  { subject: { actor } }: AuditDraft,
): Idempotency | null {
  if (idempotencyKey === null) return null
  const requestHash = createHash('sha256').update(JSON.stringify(request)).digest('hex')
  return { key: idempotencyKey, actor: actor.id ?? actor.kind, operation: 'provision', requestHash }
}
