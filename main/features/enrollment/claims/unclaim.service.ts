import { ExpectedError } from '#contract/errors.ts'
import type { GatewayState } from '#contract/model/gateway.ts'
import { isWhole, type TenantScope } from '#features/access/index.ts'
import type { AuditDraft, AuditService } from '#features/audit/index.ts'
import {
  type CredentialRevoker,
  type FleetService,
  gatewaysRepository,
  insertHistory,
} from '#features/fleet/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteDb, SiteTrx } from '#platform/db/site-db.ts'
import type { KnockBook } from '../knocks/knock-book.ts'

export interface UnclaimDependencies {
  db: SiteDb
  clock: Clock
  audit: AuditService
  fleet: FleetService
  revoker: CredentialRevoker
  book: Pick<KnockBook, 'changed'>
  /** Ends commands that wait for a gateway. */
  cancelCommands(trx: SiteTrx, gatewayId: string): Promise<void>
}

type GatewayRow = gatewaysRepository.GatewayRow

/** A gateway that leaves its tenant: whoever enrolls the box next has it, and nothing of what was before. */
export class UnclaimService {
  readonly #dependencies: UnclaimDependencies

  constructor(dependencies: UnclaimDependencies) {
    this.#dependencies = dependencies
  }

  /**
   * Ends its credentials, its assignment and whatever waits for it; its readings stay with the tenant. When it resolves, that is
   * on disk and no session of it lives.
   *
   * @throws ExpectedError `not_found`, `gateway_state_conflict`
   */
  async unclaim(
    scope: TenantScope,
    reference: { gateway: string; tenant?: string | undefined; reason?: string | undefined },
    audit: AuditDraft,
  ): Promise<GatewayRow> {
    const { db, fleet, revoker, book } = this.#dependencies
    const gateway = await fleet.find(scope, reference)
    const { id, code, state, tenantId } = gateway
    audit.about('gateway', id, tenantId, { code, before: state })
    // Whose rights end at some groups cannot give away what is the tenant's.
    if (!isWhole(scope)) throw new ExpectedError('forbidden_reach', { reach: 'tenant' })
    if (!mayLeave(state))
      throw new ExpectedError('gateway_state_conflict', { code, state, action: 'unclaimed' })
    const reason = reference.reason || null
    const isDone = await db.transaction().execute((trx) => this.#leave(trx, gateway, reason, audit))
    // Another call or the first session came between: judge by the state that it left.
    if (!isDone) return this.unclaim(scope, reference, audit)
    const changed = await fleet.refresh(id)
    try {
      await fleet.publishPolicy(id)
    } finally {
      await revoker.afterRevocation()
    }
    book.changed.emit('knocks')
    return changed
  }

  async #leave(
    trx: SiteTrx,
    gateway: GatewayRow,
    reason: string | null,
    audit: AuditDraft,
  ): Promise<boolean> {
    const { clock, revoker, audit: log, cancelCommands } = this.#dependencies
    const { id, code, state, tenantId } = gateway
    const now = clock.now()
    if (!(await gatewaysRepository.changeState(trx, id, state, leftBehind))) return false
    await revoker.revokeIn(trx, id, reason, now)
    await gatewaysRepository.closeAssignment(trx, id, { toAt: now, code })
    await trx.deleteFrom('gatewayAliases').where('gatewayId', '=', id).execute()
    await cancelCommands(trx, id)
    // What was to be fetched is gone with its credential: a box that still polls is told so.
    await trx.deleteFrom('knocks').where('gatewayId', '=', id).execute()
    const actor = audit.subject.actor.name
    await insertHistory(trx, [
      { gatewayId: id, tenantId, kind: 'state', value: 'unclaimed', at: now, reason, actor },
    ])
    audit.details = { ...audit.details, after: 'unclaimed', reason, by: audit.subject.actor.kind }
    await log.recordIn(trx, audit)
    return true
  }
}

const leftBehind = {
  state: 'unclaimed',
  assignmentId: null,
  groupId: null,
  ownerUserId: null,
  claimedAt: null,
  activatedAt: null,
  profileId: null,
  ownDialect: 1,
  bindState: null,
} as const

function mayLeave(state: GatewayState): state is 'claimed' | 'active' {
  return state === 'claimed' || state === 'active'
}
