import { createHash } from 'node:crypto'
import { ExpectedError } from '#contract/errors.ts'
import type { AliasKind, CredentialKind, DialectName } from '#contract/model/gateway.ts'
import { normalizeMac, wireName } from '#contract/model/ids.ts'
import { defaultQuotas } from '#contract/model/quota.ts'
import { type Actor, isWhole, type TenantScope } from '#features/access/index.ts'
import type { AuditDraft, AuditService } from '#features/audit/index.ts'
import { type FleetService, gatewaysRepository, insertHistory } from '#features/fleet/index.ts'
import {
  type GatewayCertificate,
  type GatewayPublicKey,
  type Handover,
  hashPublicKey,
  type Pki,
  type PreparedSecret,
  requireFreeKey,
  storeDelivered,
} from '#features/pki/index.ts'
import { findGroup, requireGroup, type TenantsService } from '#features/tenants/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'
import { uuid7 } from '#platform/ids/uuid7.ts'
import type { BrokerDirectory } from './broker-directory.ts'
import type { CredentialsService } from './credentials.service.ts'
import { enrollAgain, insertGateway } from './gateway-writer.ts'
import { deleteIdempotencyKeys, findIdempotencyKey, insertIdempotencyKey } from './idempotency.repository.ts'
import { findKnown, hasOpenHandover, type KnownGateway } from './known-gateway.ts'
import type { EnrollmentNaming } from './naming.ts'
import type { EnrollmentOrder, Made } from './order.ts'
import { renewOpenBind } from './own-keys/bind.repository.ts'
import { giveCredential, type PreparedIdentity, prepareIdentity } from './prepared-identity.ts'
import { chooseByProfile, type ProfileChoice } from './profile-choice.ts'

export interface EnrollmentDependencies {
  db: SiteDb
  clock: Clock
  audit: AuditService
  tenants: TenantsService
  fleet: FleetService
  pki: Pki
  credentials: CredentialsService
  directory: BrokerDirectory
  naming: EnrollmentNaming
  /** Commands of a gateway are to be delivered anew. */
  commandsQueued(gatewayId: string): void
}

export interface ProvisionRequest {
  mac_address?: string | undefined
  code: string
  name: string
  tenant?: string | undefined
  /** Id, or path of names; none where left out. */
  group?: string | undefined
  profile?: string | undefined
  key_algorithm?: 'ec' | 'rsa' | undefined
  dialect?: DialectName | undefined
  credential?: CredentialKind | undefined
  label?: string | undefined
  aliases?: { [K in AliasKind]?: string | undefined } | undefined
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

interface PreparedCredential {
  certificate: GatewayCertificate | null
  secret: PreparedSecret | null
}

/** What ended with an enrollment: certificates that counted, a key or secret that nobody had fetched. */
interface Ended {
  isRevoked: boolean
  isErased: boolean
}

const nothingEnded: Ended = { isRevoked: false, isErased: false }

interface Idempotency {
  key: string
  actor: string
  operation: string
  requestHash: string
}

const IDEMPOTENCY_LIFE = 24 * 60 * 60_000

/** How a box becomes a trusted gateway: the gateway, its assignment and its credential, all or nothing. */
export class EnrollmentService {
  readonly #dependencies: EnrollmentDependencies

  constructor(dependencies: EnrollmentDependencies) {
    this.#dependencies = dependencies
  }

  /**
   * Makes a gateway with its credential; or enrolls a revoked one of the same tenant, MAC and code anew. The
   * private key or secret is in the answer, and stays sealed here until the hand-over ends. With an idempotency key the
   * same request gives the same gateway again.
   *
   * @throws ExpectedError `mac_invalid`, `mac_taken`, `code_taken`, `label_taken`, `tenant_unknown`, `not_found`, `forbidden_reach`,
   *   `quota_gateways`, `dialect_unknown`, `alias_invalid`, `idempotency_conflict`, `credential_gone`
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
    const { pki, clock } = this.#dependencies
    try {
      const { gateway, result } = await this.enroll(
        orderOf(request),
        caller.scope,
        audit,
        async (trx, { gatewayId }) => {
          if (idempotency) await this.#remember(trx, idempotency, gatewayId)
          audit.details = { ...audit.details, keyFetched: true }
          return pki.openHandover(trx, gatewayId, clock.now())
        },
      )
      return { gateway, handover: result }
    } catch (error) {
      // The same call, sent twice at once: the other one made it while this one found everything taken.
      const other = idempotency && (await this.#replay(idempotency, caller, audit))
      if (other) return other
      throw error
    }
  }

  /**
   * An identity that goes into its box before the gateway counts: nothing is stored until `enroll` is given it with the same
   * order. Where that never happens, nothing was.
   *
   * @param withKey false: the box makes its own key; `certify` when it is known
   * @throws ExpectedError as `enroll`
   */
  async prepare(order: EnrollmentOrder, scope: TenantScope, withKey: boolean): Promise<PreparedIdentity> {
    const tenant = await this.#dependencies.tenants.resolve(scope, order.tenant)
    await this.#groupOf(order, scope, tenant.id)
    const sought = { ...order, mac: readMac(order.mac), tenantId: tenant.id, scope }
    const known = await findKnown(this.#dependencies.db, sought)
    if ((known?.assignmentId ?? null) === null) await this.#requireRoom(this.#dependencies.db, tenant)
    const identity = await prepareIdentity(this.#dependencies, { order, sought, known, makesKey: !withKey })
    return withKey ? giveCredential(this.#dependencies, identity) : identity
  }

  /** The same identity with a certificate for the key that its box made. */
  certify(identity: PreparedIdentity, publicKey: GatewayPublicKey): Promise<PreparedIdentity> {
    return giveCredential(this.#dependencies, identity, publicKey)
  }

  /**
   * Carries out an order, by whatever way it came. `within` runs in the transaction that makes the gateway, before its audit
   * entry is written: what must hold with it or not at all.
   *
   * @throws ExpectedError as `provision`, without those of idempotency; `csr_refused` for a key that is not free
   */
  async enroll<T>(
    given: EnrollmentOrder,
    scope: TenantScope,
    audit: AuditDraft,
    within: (trx: SiteTrx, made: Made) => Promise<T>,
  ): Promise<{ gateway: GatewayRow; made: Made; result: T }> {
    const { db, clock, tenants, fleet, audit: log } = this.#dependencies
    const { prepared } = given
    const order = prepared ? { ...given, code: prepared.code, label: prepared.label } : given
    const tenant = await tenants.resolve(scope, order.tenant)
    audit.tenantId = tenant.id
    const mac = readMac(order.mac)
    const groupId = await this.#groupOf(order, scope, tenant.id)
    const sought = { ...order, mac, tenantId: tenant.id, scope }
    const known = await findKnown(db, sought)
    // Before the costly part: the transaction counts again.
    if ((known?.assignmentId ?? null) === null) await this.#requireRoom(db, tenant)
    const id = known?.id ?? prepared?.gatewayId ?? uuid7(clock.now())
    // Another enrollment came between: what is in the box names another gateway.
    if (prepared && (id !== prepared.gatewayId || tenant.id !== prepared.tenantId))
      throw new ExpectedError('code_taken', { code: prepared.code })
    const choice = prepared?.choice ?? (await chooseByProfile(db, tenant.id, order))
    this.#dependencies.naming.requireDialect(choice.dialect)
    const credential = prepared ? null : await this.#prepare(order, choice, { gatewayId: id, mac })
    const { made, result, ended } = await db.transaction().execute(async (trx) => {
      // While the key was made, another call may have taken the MAC or enrolled the gateway.
      const now = await findKnown(trx, sought)
      if (now?.id !== known?.id) throw new ExpectedError('code_taken', { code: order.code ?? mac ?? id })
      await requireGroup(trx, tenant.id, groupId)
      // It may have been removed meanwhile too.
      this.#dependencies.naming.requireDialect(choice.dialect)
      if ((now?.assignmentId ?? null) === null) await this.#requireRoom(trx, tenant)
      const at = clock.now()
      const toWrite = { id, mac, tenantId: tenant.id, groupId, order, choice, now: at }
      const ended = now ? await this.#endCredentials(trx, now, at) : nothingEnded
      const code = now ? await enrollAgain(trx, now, toWrite) : await insertGateway(trx, toWrite)
      if (now) await renewOpenBind(trx, id, at)
      await this.#dependencies.naming.requireNames(trx, [id])
      if (order.publicKey) await requireFreeKey(trx, hashPublicKey(order.publicKey.spki), id)
      if (prepared) await storeDelivered(trx, prepared.credential)
      if (credential) await this.#store(trx, credential)
      const actor = audit.subject.actor.name
      const { reason } = order
      await insertHistory(trx, [
        { gatewayId: id, tenantId: tenant.id, kind: 'state', value: 'claimed', at, reason, actor },
      ])
      const serial = (prepared?.credential ?? credential)?.certificate?.row.serial ?? null
      const again = now !== null
      const made: Made = {
        gatewayId: id,
        tenantId: tenant.id,
        code,
        mac,
        credential: choice.credential,
        serial,
        again,
      }
      audit.about('gateway', id, tenant.id, {
        ...audit.details,
        code,
        mac,
        ...(serial !== null && { serial }),
        ...(choice.credential !== 'certificate' && { credential: choice.credential }),
        group: order.group ?? null,
        again,
      })
      const result = await within(trx, made)
      await log.recordIn(trx, audit)
      return { made, result, ended }
    })
    try {
      const gateway = await fleet.refresh(id)
      await fleet.publishPolicy(id)
      if (made.again && gateway.bindState === 'pending') this.#dependencies.commandsQueued(id)
      return { gateway, made, result }
    } finally {
      // Last: the broker ends what was, whatever becomes of the list of revoked certificates.
      await this.#afterEnding(ended)
    }
  }

  async #prepare(
    order: EnrollmentOrder,
    choice: ProfileChoice,
    of: { gatewayId: string; mac: string | null },
  ): Promise<PreparedCredential> {
    const { pki, clock } = this.#dependencies
    const now = clock.now()
    if (choice.credential === 'secret')
      return { certificate: null, secret: pki.prepareGatewaySecret({ gatewayId: of.gatewayId, now }) }
    const { publicKey } = order
    const certificate = publicKey
      ? await pki.certifyGatewayKey({ ...of, now, publicKey })
      : await pki.prepareGatewayCertificate({ ...of, now, keyAlgorithm: choice.keyAlgorithm })
    return { certificate, secret: null }
  }

  async #store(trx: SiteTrx, { certificate, secret }: PreparedCredential): Promise<void> {
    const { pki } = this.#dependencies
    if (certificate) await pki.storeGatewayCertificate(trx, certificate)
    if (secret) await pki.storeGatewaySecret(trx, secret)
  }

  /** What the box had until now ends with the enrollment that replaces it. */
  async #endCredentials(trx: SiteTrx, { id }: KnownGateway, now: number): Promise<Ended> {
    const { pki } = this.#dependencies
    const isUndelivered = await hasOpenHandover(trx, id)
    const revoked = await pki.revokeCertificates(trx, id, 'superseded', now)
    await pki.revokeSecrets(trx, id, now)
    return { isRevoked: revoked.length > 0, isErased: isUndelivered }
  }

  /** To sign a list and to cut the log cost far more than the enrollment: only where there is something to it. */
  async #afterEnding({ isRevoked, isErased }: Ended): Promise<void> {
    const { pki, clock } = this.#dependencies
    if (isRevoked) await pki.refreshCrlIfDue(clock.now())
    if (isErased) await pki.eraseTrail()
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

  /** Whose rights end at some groups says which of these it goes to. @throws ExpectedError `not_found`, `forbidden_reach` */
  async #groupOf(
    { group }: EnrollmentOrder,
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
      certificate_pem: handover.kind === 'key' ? handover.certificatePem : null,
      private_key_pem: handover.kind === 'key' ? handover.privateKeyPem : null,
      ca_pem: caPem,
      expires_at: handover.kind === 'key' ? new Date(handover.notAfter) : null,
      serial_number: handover.kind === 'key' ? handover.serial : null,
      ...directory.signInOf(gateway, handover),
      mqtt_broker: directory.hosts()[0] ?? 'localhost',
      mqtt_port: directory.portFor(gateway.credential),
      mqtt_client_id: directory.clientIdOf(gateway),
      mqtt_topic: directory.topicsOf(gateway)['telemetry'] ?? `mw/${wireName(gateway)}/telemetry`,
    }
  }
}

/** @throws ExpectedError `mac_invalid` */
function readMac(text: string | null): string | null {
  if (text === null || text === '') return null
  const mac = normalizeMac(text)
  if (mac === null) throw new ExpectedError('mac_invalid', { mac: text })
  return mac
}

function orderOf(request: ProvisionRequest): EnrollmentOrder {
  const { mac_address, code, name, tenant, group, profile, label, dialect, credential, aliases } = request
  return {
    mac: mac_address ?? null,
    code,
    name,
    tenant,
    group,
    profile,
    label,
    dialect,
    credential,
    keyAlgorithm: request.key_algorithm,
    ...(aliases && { aliases }),
    replace: false,
    reason: 'provisioned',
  }
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
