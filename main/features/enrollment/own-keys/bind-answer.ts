import { AuditDraft, type AuditService } from '#features/audit/index.ts'
import type { AnswerFollower, CommandRow } from '#features/commands/index.ts'
import {
  type FleetService,
  type GatewayChange,
  gatewaysRepository,
  insertHistory,
} from '#features/fleet/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import type { SiteTrx } from '#platform/db/site-db.ts'
import { becomeBound } from './bind.repository.ts'
import type { Notices } from './notices.ts'

export interface BindAnswerDependencies {
  clock: Clock
  audit: AuditService
  fleet: FleetService
  notices: Notices
  /** Whoever follows a gateway is told. */
  gatewayChanged(change: GatewayChange): void
}

/** What follows when a box answers the command `bind`: it is bound and active, or it said no and waits on. */
export function bindAnswer(dependencies: BindAnswerDependencies): AnswerFollower {
  return {
    within: (trx, command, isOk) => write(dependencies, trx, command, isOk),
    async after({ gatewayId, error, createdById }, isOk) {
      const { clock, fleet, notices, gatewayChanged } = dependencies
      const { code, name, ownerUserId } = await fleet.refresh(gatewayId)
      // The same session has the rest of its topics from here on.
      if (isOk) await fleet.publishPolicy(gatewayId)
      gatewayChanged({ gatewayId, what: 'gateway' })
      gatewayChanged({ gatewayId, what: 'history' })
      const kind = isOk ? 'gateway_bound' : 'bind_failed'
      const notice = { kind, at: clock.now(), gateway: { id: gatewayId, code, name }, detail: error } as const
      // Who bound it, or had it told again, and whose it is: who acts for the site owns nothing.
      for (const userId of new Set([createdById, ownerUserId])) notices.post(userId, notice)
    },
  }
}

async function write(
  { clock, audit: log }: BindAnswerDependencies,
  trx: SiteTrx,
  { gatewayId, assignmentId, tenantId, error }: CommandRow,
  isOk: boolean,
): Promise<void> {
  const at = clock.now()
  const gateway = await gatewaysRepository.gatewayById(trx, { all: true }, gatewayId)
  if (!gateway) return
  const isBound = isOk && (await becomeBound(trx, gatewayId, assignmentId))
  if (isOk && !isBound) return
  const isActive = isBound && (await gatewaysRepository.activate(trx, gatewayId, at))
  const value = isActive ? 'active' : gateway.state
  const reason = isBound ? 'acknowledged its binding' : `refused its binding: ${error ?? ''}`.slice(0, 200)
  await insertHistory(trx, [{ gatewayId, tenantId, kind: 'state', value, at, reason, actor: null }])
  const actor = { kind: 'gateway' as const, id: gatewayId, name: gateway.code }
  const draft = new AuditDraft({ actor, action: 'gateway.bind_answer', address: '', requestId: null })
  draft.about('gateway', gatewayId, tenantId, { code: gateway.code, bound: isBound, error })
  await log.recordIn(trx, draft)
}
