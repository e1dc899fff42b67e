import { ExpectedError } from '#contract/errors.ts'
import type { BindCode } from '#contract/model/box-names.ts'
import type { AliasKind } from '#contract/model/gateway.ts'
import { normalizeMac } from '#contract/model/ids.ts'
import { type Actor, type TenantScope, wholeTenant } from '#features/access/index.ts'
import type { AuditDraft, AuditService } from '#features/audit/index.ts'
import type { CommandDelivery, CommandsService } from '#features/commands/index.ts'
import { type FleetService, gatewaysRepository, insertHistory } from '#features/fleet/index.ts'
import { readCsrDer } from '#features/pki/index.ts'
import type { TenantsService } from '#features/tenants/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'
import { orderFor } from '../claims/claim-order.ts'
import type { EnrollmentService } from '../enrollment.service.ts'
import type { KnockBook, KnockRow } from '../knocks/knock-book.ts'
import { isClaimedAs, knockById } from '../knocks/knocks.repository.ts'
import type { EnrollmentOrder } from '../order.ts'
import {
  assignmentOf,
  becomeBound,
  openBind,
  signedAhead,
  waitingWithKey,
  wasTold,
} from './bind.repository.ts'
import { type BindProof, isOfBox, proofOf } from './bind-proof.ts'

export interface BindDependencies {
  db: SiteDb
  clock: Clock
  audit: AuditService
  tenants: TenantsService
  fleet: FleetService
  book: KnockBook
  enrollment: Pick<EnrollmentService, 'enroll'>
  commands: Pick<CommandsService, 'queueIn'>
  delivery: Pick<CommandDelivery, 'queued' | 'wayOf'>
  /** @throws ExpectedError `dialect_unknown` */
  requireDialect(name: string): void
}

export interface BindRequest extends BindCode {
  tenant?: string | undefined
  group?: string | undefined
  profile?: string | undefined
  dialect?: string | undefined
  credential?: EnrollmentOrder['credential']
  code?: string | undefined
  name?: string | undefined
}

/** Who binds, and how far their rights go. */
export interface Binder {
  actor: Actor
  scope: TenantScope
}

type GatewayRow = gatewaysRepository.GatewayRow
type Ahead = Awaited<ReturnType<typeof signedAhead>>[number]

/** A box is told for so long that it is bound; then somebody sends it again. */
const COMMAND_LIFE = 24 * 60 * 60_000

/**
 * Binding (002): a person shows what the QR code of a box says of its key, the site compares it with the key that the box
 * showed itself, and the box becomes theirs. It is told so by a command, and is active once it has acknowledged that.
 */
export class BindService {
  readonly #dependencies: BindDependencies

  constructor(dependencies: BindDependencies) {
    this.#dependencies = dependencies
  }

  /**
   * @throws ExpectedError `bind_refused`, also where the box is not known at all; `bind_conflict`, and what enrolling throws
   */
  async bind(binder: Binder, request: BindRequest, audit: AuditDraft): Promise<GatewayRow> {
    const { db, book, tenants, requireDialect } = this.#dependencies
    const { deviceId } = request
    audit.details = { deviceId, fingerprint: request.fingerprint }
    if (request.dialect !== undefined) requireDialect(request.dialect)
    const tenant = await tenants.resolve(binder.scope, request.tenant)
    audit.tenantId = tenant.id
    await book.flush()
    const proof = proofOf(request)
    // Both are read and compared to the end, whichever has it.
    const knocks = await waitingWithKey(db, deviceId)
    const ahead = await signedAhead(db, deviceId, tenant.id)
    const knock = knocks.filter((row) => isKnock(proof, row))[0]
    const signed = ahead.filter((row) => isSigned(proof, row))[0]
    if (signed) return this.#bindSigned(binder, signed, deviceId, audit)
    if (knock) return this.#bindKnock(binder, knock, { ...request, tenant: tenant.id }, audit)
    throw new ExpectedError('bind_refused')
  }

  /** Where the box did not answer. @throws ExpectedError `not_found`, `bind_conflict`, `commands_unsupported`, `too_many_commands` */
  async resend(
    scope: TenantScope,
    reference: { gateway: string; tenant?: string | undefined },
    audit: AuditDraft,
  ): Promise<GatewayRow> {
    const { db, fleet, delivery, audit: log } = this.#dependencies
    const gateway = await fleet.find(scope, reference)
    const { id, code, tenantId } = gateway
    audit.about('gateway', id, tenantId, { code })
    await db.transaction().execute(async (trx) => {
      const now = await gatewaysRepository.gatewayById(trx, { all: true }, id)
      if (now?.bindState !== 'pending')
        throw conflict(code, now?.bindState === 'bound' ? 'bound already' : 'not to be bound')
      if (await openBind(trx, id)) throw conflict(code, 'told already, and has time to answer')
      // It was signed ahead, and nobody has shown its code.
      if (now.ownerUserId === null && !(await wasTold(trx, id)))
        throw conflict(code, 'not bound by anybody yet')
      await this.#tell(trx, now, gateway.label, audit)
      await log.recordIn(trx, audit)
    })
    delivery.queued(id)
    return gateway
  }

  async #bindKnock(
    { actor, scope }: Binder,
    knock: KnockRow,
    request: BindRequest & { tenant: string },
    audit: AuditDraft,
  ): Promise<GatewayRow> {
    const { db, book, enrollment, delivery } = this.#dependencies
    const by = audit.subject.actor.name
    audit.details = { ...audit.details, knock: knock.id, from: knock.address, flagged: knock.flagged === 1 }
    const ownerUserId = ownerOf(actor, request.tenant)
    const order = { ...bindOrder(knock, request), ...(ownerUserId !== null && { ownerUserId }) }
    // Whose rights end at their own gateways binds one of their own: the code says that it is theirs.
    const reach = request.group === undefined && !scope.all ? wholeTenant(scope.tenantId) : scope
    let made: string | null = null
    try {
      const { gateway } = await enrollment.enroll(order, reach, audit, async (trx, { gatewayId }) => {
        await book.claim(trx, knock, { gatewayId, by })
        await this.#tell(trx, { id: gatewayId }, request.deviceId, audit)
        made = gatewayId
      })
      book.gone(knock.id)
      delivery.queued(gateway.id)
      return gateway
    } catch (error) {
      // Whoever was first has its names by now: what is wrong is that the box is taken.
      const now = await knockById(db, knock.id)
      if (isClaimedAs(now, made)) {
        // By this call: what failed came after.
        book.gone(knock.id)
        delivery.queued(now.gatewayId)
      } else if (now?.state !== 'waiting') throw conflict(request.deviceId, now?.state ?? 'gone')
      throw error
    }
  }

  async #bindSigned(
    { actor }: Binder,
    found: Ahead,
    deviceId: string,
    audit: AuditDraft,
  ): Promise<GatewayRow> {
    const { db, clock, fleet, delivery, audit: log } = this.#dependencies
    const { id, code, tenantId } = found
    audit.about('gateway', id, tenantId, { ...audit.details, code })
    const ownerUserId = ownerOf(actor, tenantId)
    await db.transaction().execute(async (trx) => {
      const now = await gatewaysRepository.gatewayById(trx, { all: true }, id)
      const isFree = now?.bindState === 'pending' && now.ownerUserId === null && now.state !== 'suspended'
      if (!now || !isFree || (await openBind(trx, id)))
        throw conflict(deviceId, now?.state === 'suspended' ? 'suspended' : 'bound already')
      if (ownerUserId !== null) await gatewaysRepository.placeGateway(trx, id, { ownerUserId })
      await this.#tell(trx, now, deviceId, audit)
      const at = clock.now()
      const actorName = audit.subject.actor.name
      await insertHistory(trx, [
        {
          gatewayId: id,
          tenantId,
          kind: 'state',
          value: now.state,
          at,
          reason: 'bound by its code',
          actor: actorName,
        },
      ])
      await log.recordIn(trx, audit)
    })
    const gateway = await fleet.refresh(id)
    await fleet.publishPolicy(id)
    delivery.queued(id)
    return gateway
  }

  /** The box is told; one whose dialect has no way to answer counts as bound at once. */
  async #tell(trx: SiteTrx, { id }: { id: string }, deviceId: string, audit: AuditDraft): Promise<void> {
    const { commands, delivery } = this.#dependencies
    const { assignmentId, tenantId } = await assignmentOf(trx, id)
    const gateway = await gatewaysRepository.gatewayById(trx, { all: true }, id)
    const way = gateway && (await delivery.wayOf(gateway))
    if (!gateway || !way || way.topic === null || !way.acknowledges) {
      await becomeBound(trx, id, assignmentId)
      return
    }
    const { actor } = audit.subject
    await commands.queueIn(trx, {
      gatewayId: id,
      tenantId,
      assignmentId,
      name: 'bind',
      args: { deviceId, gateway: gateway.code },
      purpose: 'bind',
      life: COMMAND_LIFE,
      by: { id: actor.id, name: actor.name },
    })
  }
}

function isKnock(proof: BindProof, { publicKeyHash }: KnockRow): boolean {
  return isOfBox(proof, { publicKeyHash: publicKeyHash ?? '', certificateHash: null })
}

function isSigned(proof: BindProof, { publicKeyHash, fingerprint }: Ahead): boolean {
  return isOfBox(proof, { publicKeyHash: publicKeyHash ?? '', certificateHash: fingerprint })
}

/** A box of 002, where nothing else is said: its topics and user name are its device id, its password the fingerprint. */
function bindOrder(knock: KnockRow, as: BindRequest): EnrollmentOrder {
  const order = orderFor(knock, { ...as, replace: false }, (csr) => readCsrDer(csr).publicKey)
  return {
    ...order,
    ...(as.profile === undefined && {
      dialect: as.dialect ?? 'direction',
      credential: as.credential ?? ('both' as const),
    }),
    ...(as.profile !== undefined && { credential: as.credential }),
    aliases: aliasesOf(knock.deviceId),
    awaitsBind: true,
    // The code on the box proves the key that it came with.
    isUnproven: false,
    reason: 'bound by its code',
  }
}

/** A device id that is no MAC is what the box calls itself everywhere. */
export function aliasesOf(deviceId: string | null): { [K in AliasKind]?: string } {
  if (deviceId === null || normalizeMac(deviceId) !== null) return {}
  return { topic: deviceId, client_id: deviceId, username: deviceId }
}

/** A person of the tenant; who acts for the whole site owns nothing in it. */
function ownerOf(actor: Actor, tenantId: string): string | null {
  return actor.kind === 'user' && actor.tenantId === tenantId ? actor.id : null
}

function conflict(box: string, state: string): ExpectedError {
  return new ExpectedError('bind_conflict', { box, state })
}
