import { ExpectedError } from '#contract/errors.ts'
import type { Gateway, GatewayState } from '#contract/model/gateway.ts'
import { wireName } from '#contract/model/ids.ts'
import { type Actor, seesGateway, type TenantScope } from '#features/access/index.ts'
import type { AuditDraft, AuditService } from '#features/audit/index.ts'
import { findGroup, seesGroup, type TenantsService } from '#features/tenants/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'
import { oneAtATime } from '#platform/events/one-at-a-time.ts'
import { credentialsOf } from './credentials.repository.ts'
import type { FleetState } from './fleet-state.ts'
import { type GatewayCredentials, type PolicySink, policyOf } from './gateway-policy.ts'
import * as repository from './gateways.repository.ts'
import { insertHistory } from './history.repository.ts'

/** What ends a gateway's credential. The certificate authority implements it. */
export interface CredentialRevoker {
  /** Marks every certificate of the gateway revoked and erases a key that still waits. */
  revokeIn(trx: SiteTrx, gatewayId: string, reason: string | null, now: number): Promise<void>
  /** Signs the list that names them, once the transaction is on disk. */
  afterRevocation(): Promise<void>
}

export interface FleetDependencies {
  db: SiteDb
  clock: Clock
  audit: AuditService
  tenants: TenantsService
  state: FleetState
  policy: PolicySink
  revoker: CredentialRevoker
}

/** Which states an action may start from, and where it leads. */
const transitions = {
  suspend: { from: ['claimed', 'active'], to: 'suspended', done: 'suspended' },
  resume: { from: ['suspended'], to: 'active', done: 'resumed' },
  revoke: { from: ['unclaimed', 'claimed', 'active', 'suspended'], to: 'revoked', done: 'revoked' },
} as const satisfies Record<string, { from: GatewayState[]; to: GatewayState; done: string }>

/** Policies that are read and told in one go. */
const PUBLISHED_AT_ONCE = 500

/** Gateways as people know them: finding, renaming, suspending, revoking. */
export class FleetService {
  readonly #dependencies: FleetDependencies
  /** What is read last must be told last, or a suspended gateway could be let in again. */
  readonly #publishInTurn = oneAtATime()
  /** Gateways whose turn to be told has not come. */
  #waiting: { ids: Set<string>; told: Promise<void> } | null = null
  /** Fingerprints of certificates with which the site plays gateways, by the gateway. */
  readonly #probes = new Map<string, string>()

  constructor(dependencies: FleetDependencies) {
    this.#dependencies = dependencies
  }

  /** By id or code. @throws ExpectedError `not_found`, also when out of scope or ambiguous */
  async find(
    scope: TenantScope,
    reference: { gateway: string; tenant?: string | undefined },
  ): Promise<repository.GatewayRow> {
    const { db } = this.#dependencies
    const byId = await repository.gatewayById(db, scope, reference.gateway)
    if (byId) return byId
    const tenantId = reference.tenant === undefined ? null : await this.tenantId(scope, reference.tenant)
    const found = await repository.gatewaysByCode(db, scope, reference.gateway, tenantId)
    const held = found.filter(({ state }) => state !== 'unclaimed')
    const byCode = held.length > 0 ? held : found
    if (byCode.length > 1)
      throw new ExpectedError('not_found', {
        what: 'single gateway',
        id: `${reference.gateway}: several tenants use this code, say which tenant`,
      })
    if (!byCode[0]) throw new ExpectedError('not_found', { what: 'gateway', id: reference.gateway })
    return byCode[0]
  }

  /**
   * By id or code, else by the label that is printed on it; whatever others have is as if it were not.
   * @throws ExpectedError `not_found`
   */
  async findNamed(scope: TenantScope, name: string): Promise<repository.GatewayRow> {
    try {
      return await this.find(scope, { gateway: name })
    } catch (error) {
      if (!(error instanceof ExpectedError) || error.code !== 'not_found') throw error
      const labelled = await repository.gatewayByLabel(this.#dependencies.db, name)
      if (!labelled || !seesGateway(scope, labelled)) throw error
      return this.find(scope, { gateway: labelled.id })
    }
  }

  async list(
    scope: TenantScope,
    query: {
      tenant?: string | undefined
      group?: string | undefined
      state?: GatewayState | undefined
      search?: string | undefined
      limit: number
      after?: string | undefined
    },
  ): Promise<{ gateways: repository.GatewayRow[]; next: string | null }> {
    const { db, tenants } = this.#dependencies
    const { tenant, group } = query
    const tenantId = tenant === undefined ? null : await this.tenantId(scope, tenant)
    const groupId = group === undefined ? null : (await findGroup(tenants, scope, { group, tenant })).id
    const rows = await repository.listGateways(db, scope, {
      tenantId,
      groupIds: groupId === null ? null : tenants.groups.below([groupId]),
      state: query.state ?? null,
      search: query.search || null,
      limit: query.limit + 1,
      after: query.after === undefined ? null : readCursor(query.after),
    })
    const gateways = rows.slice(0, query.limit)
    const last = gateways.at(-1)
    return { gateways, next: rows.length > query.limit && last ? `${last.id} ${last.code}` : null }
  }

  /** @throws ExpectedError `tenant_unknown` */
  async tenantId(scope: TenantScope, reference: string): Promise<string> {
    return (await this.#dependencies.tenants.resolve(scope, reference)).id
  }

  async rename(
    scope: TenantScope,
    reference: { gateway: string; tenant?: string | undefined },
    name: string,
    audit: AuditDraft,
  ) {
    const { db, audit: log } = this.#dependencies
    const gateway = await this.find(scope, reference)
    await db.transaction().execute(async (trx) => {
      await repository.updateGateway(trx, gateway.id, { name })
      await log.recordIn(
        trx,
        audit.about('gateway', gateway.id, gateway.tenantId, {
          before: { name: gateway.name },
          after: { name },
        }),
      )
    })
    return this.refresh(gateway.id)
  }

  /**
   * Suspends, resumes or revokes. When it resolves, the change is on disk and no session lives that no longer may.
   * @throws ExpectedError `not_found`, `gateway_state_conflict`
   */
  async transition(
    action: keyof typeof transitions,
    scope: TenantScope,
    reference: { gateway: string; tenant?: string | undefined; reason?: string | undefined },
    actor: Actor,
    audit: AuditDraft,
  ): Promise<repository.GatewayRow> {
    const { db, clock, audit: log, revoker } = this.#dependencies
    const gateway = await this.find(scope, reference)
    const { from, to, done } = transitions[action]
    audit.about('gateway', gateway.id, gateway.tenantId, { code: gateway.code, before: gateway.state })
    if (!(from as readonly GatewayState[]).includes(gateway.state)) {
      throw new ExpectedError('gateway_state_conflict', {
        code: gateway.code,
        state: gateway.state,
        action: done,
      })
    }
    // A gateway that was suspended before its first session has still to prove itself.
    const state = action === 'resume' && gateway.activatedAt === null ? 'claimed' : to
    const now = clock.now()
    const reason = reference.reason || null
    const isDone = await db.transaction().execute(async (trx) => {
      if (!(await repository.changeState(trx, gateway.id, gateway.state, { state }))) return false
      if (action === 'revoke') await revoker.revokeIn(trx, gateway.id, reason, now)
      await insertHistory(trx, [
        {
          gatewayId: gateway.id,
          tenantId: gateway.tenantId,
          kind: 'state',
          value: state,
          at: now,
          reason,
          actor: audit.subject.actor.name,
        },
      ])
      audit.details = { ...audit.details, after: state, reason, by: actor.kind }
      await log.recordIn(trx, audit)
      return true
    })
    // Another call or the first session came between: judge by the state that it left.
    if (!isDone) return this.transition(action, scope, reference, actor, audit)
    const changed = await this.refresh(gateway.id)
    try {
      await this.publishPolicy(gateway.id)
    } finally {
      if (action === 'revoke') await revoker.afterRevocation()
    }
    return changed
  }

  /** Reads a gateway again into the live picture, after its row changed. */
  async refresh(gatewayId: string): Promise<repository.GatewayRow> {
    const { db, state, clock } = this.#dependencies
    const gateway = await repository.gatewayById(db, { all: true }, gatewayId)
    if (!gateway) throw new ExpectedError('not_found', { what: 'gateway', id: gatewayId })
    state.put(gateway, clock.now())
    return gateway
  }

  /** Tells the broker what now holds for a gateway; resolves when its live session agrees. */
  publishPolicy(gatewayId: string): Promise<void> {
    return this.publishPolicies([gatewayId])
  }

  /** The same for many, with as few questions to the store as may be. */
  async publishPolicies(gatewayIds: readonly string[]): Promise<void> {
    for (let at = 0; at < gatewayIds.length; at += PUBLISHED_AT_ONCE) {
      const ids = gatewayIds.slice(at, at + PUBLISHED_AT_ONCE)
      await this.#publishTogether(ids)
    }
  }

  /** With those that wait for their turn already: of all of them is told what holds when it comes. */
  #publishTogether(gatewayIds: readonly string[]): Promise<void> {
    const waiting = this.#waiting
    if (waiting !== null && waiting.ids.size + gatewayIds.length <= PUBLISHED_AT_ONCE) {
      for (const id of gatewayIds) waiting.ids.add(id)
      return waiting.told
    }
    const ids = new Set(gatewayIds)
    const told = this.#publishInTurn(() => {
      if (this.#waiting?.ids === ids) this.#waiting = null
      return this.#publish([...ids])
    })
    this.#waiting = { ids, told }
    return told
  }

  async #publish(gatewayIds: readonly string[]): Promise<void> {
    const { db, policy, tenants } = this.#dependencies
    const rows = new Map((await repository.gatewaysByIds(db, gatewayIds)).map((row) => [row.id, row]))
    const credentials = await credentialsOf(db, gatewayIds)
    await policy.applyPolicy(
      gatewayIds.map((gatewayId) => {
        const gateway = rows.get(gatewayId)
        if (!gateway) return { op: 'remove', gatewayId }
        return policyOf(
          gateway,
          this.#probed(gatewayId, credentials(gatewayId)),
          tenants.groups.pathOf(gateway.groupId),
        )
      }),
    )
  }

  /**
   * Lets the site play a gateway with this certificate until `endProbe`; of the gateway's own nothing changes.
   * @returns false where somebody does so already
   * @throws where the broker could not be told: nothing is left to end then
   */
  async beginProbe(gatewayId: string, fingerprint: string): Promise<boolean> {
    if (this.#probes.has(gatewayId)) return false
    this.#probes.set(gatewayId, fingerprint)
    try {
      await this.publishPolicy(gatewayId)
    } catch (error) {
      // It may have been taken in all the same: best told again at once. The first cause is what counts.
      await this.endProbe(gatewayId).catch(() => undefined)
      throw error
    }
    return true
  }

  isProbed(gatewayId: string): boolean {
    return this.#probes.has(gatewayId)
  }

  /** Whether it is one with which the site plays a gateway now. */
  isProbe(fingerprint: string): boolean {
    return [...this.#probes.values()].includes(fingerprint)
  }

  async endProbe(gatewayId: string): Promise<void> {
    this.#probes.delete(gatewayId)
    await this.publishPolicy(gatewayId)
  }

  #probed(gatewayId: string, credentials: GatewayCredentials): GatewayCredentials {
    const fingerprint = this.#probes.get(gatewayId)
    if (fingerprint === undefined) return credentials
    const probe = { fingerprint, state: 'active', probe: true } as const
    return { ...credentials, certificates: [...credentials.certificates, probe] }
  }

  /** As the contract gives it to somebody of this scope. */
  view(gateway: repository.GatewayRow, scope: TenantScope): Gateway {
    const { state, tenants } = this.#dependencies
    const live = state.row(gateway.id)
    const group = tenants.groups.get(gateway.groupId ?? '')
    return {
      id: gateway.id,
      code: gateway.code,
      name: gateway.name,
      label: gateway.label,
      mac: gateway.mac,
      tenant: { id: gateway.tenantId, slug: gateway.tenantSlug, name: gateway.tenantName },
      // Their own gateway may stand in a group that is not theirs to see.
      group:
        group === undefined || !seesGroup(scope, group)
          ? null
          : { id: group.id, name: group.name, path: tenants.groups.namesTo(group.id, scope) },
      owner: gateway.ownerUserId === null ? null : { id: gateway.ownerUserId, name: gateway.ownerName ?? '' },
      state: gateway.state,
      online: live?.online ?? false,
      dialect: gateway.dialect,
      wireName: wireName(gateway),
      platform: gateway.platform,
      hardwareRevision: gateway.hardwareRevision,
      firmwareVersion: gateway.firmwareVersion,
      maxDevices: gateway.maxDevices,
      createdAt: new Date(gateway.createdAt),
      claimedAt: dateOrNull(gateway.claimedAt),
      activatedAt: dateOrNull(gateway.activatedAt),
      lastSeenAt: dateOrNull(live?.lastSeenAt ?? gateway.lastSeenAt),
      certificate:
        gateway.serial === null || gateway.fingerprint === null || gateway.notAfter === null
          ? null
          : {
              serial: gateway.serial,
              fingerprint: gateway.fingerprint,
              notAfter: new Date(gateway.notAfter),
              keyAlgorithm: gateway.keyAlgorithm ?? '',
              issuer: gateway.issuer ?? '',
            },
      credentialWaiting: gateway.waitingCredentialId !== null,
      credential: gateway.credential,
      profile: gateway.profileId === null ? null : { id: gateway.profileId, name: gateway.profileName ?? '' },
      bindState: gateway.bindState,
    }
  }
}

function dateOrNull(ms: number | null): Date | null {
  return ms === null ? null : new Date(ms)
}

function readCursor(text: string): { code: string; id: string } {
  const [id, code] = text.split(' ')
  if (!id || !code) throw new ExpectedError('cursor_invalid')
  return { id, code }
}
