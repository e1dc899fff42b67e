import { randomUUID } from 'node:crypto'
import { implement, type ORPCError } from '@orpc/server'
import { contract } from '#contract/contract.ts'
import { ExpectedError } from '#contract/errors.ts'
import type { Access } from '#contract/model/permission.ts'
import { AuditDraft, type AuditService } from '#features/audit/index.ts'
import type { Clock } from '#platform/clock/clock.ts'
import { AttemptLimit } from '#platform/limits/attempt-limit.ts'
import type { Log } from '#platform/log/log.ts'
import { type Actor, auditActor, permissionsOf, scopeOf } from './actor.ts'
import { toCodedError } from './coded-error.ts'
import { guardStream, isStream } from './live-stream.ts'
import type { RequestContext } from './request-context.ts'

const MINUTE = 60_000

export interface AccessDependencies {
  audit: AuditService
  clock: Clock
  isSetUp(): boolean
  log: Log
}

/**
 * The one door: every procedure of every transport passes here. It finds the actor, asks the permission that the
 * contract names, gives the tenant scope, and sees to it that a change, done or refused, is in the audit.
 */
export function createProcedures({ audit, clock, isSetUp, log }: AccessDependencies) {
  const implementation = implement(contract)
    // Handlers are type-checked against the contract; validating 10,000 rows a second time would cost 50 ms.
    .$config({ initialOutputValidationIndex: Number.NaN })
    .$context<RequestContext>()
  // What nobody may do, nobody does often: a stranger must not fill the disk with entries.
  const strangers = new AttemptLimit(30, 10 * MINUTE)

  const recordFailure = async (
    draft: AuditDraft,
    action: string | undefined,
    failure: ORPCError<string, unknown>,
  ) => {
    const isRefusal = failure.code === 'forbidden' || failure.code === 'not_signed_in'
    if (!isSetUp() || draft.recorded || (action === undefined && failure.code !== 'forbidden')) return
    const { actor, address } = draft.subject
    if (actor.kind === 'anonymous') {
      if (strangers.wait(address, clock.now()) > 0) return
      strangers.fail(address, clock.now())
    }
    try {
      await audit.record(draft, isRefusal ? 'refused' : 'failed', failure.code)
    } catch (err) {
      // Nothing was changed: the caller is told why rather than that the audit has no room.
      log.error({ err, action: draft.subject.action, outcome: failure.code }, 'a failure is not in the audit')
    }
  }

  return implementation.use(async ({ context, next, procedure, path }) => {
    const { access, audit: action } = procedure['~orpc'].meta
    const request = { ...context.request, id: callId(context.request) }
    const actor = await context.session.resolve()
    const draft = new AuditDraft({
      actor: auditActor(actor),
      action: action ?? path.join('.'),
      address: request.address,
      requestId: request.id,
    })
    const coded = (error: unknown) =>
      toCodedError(error, { requestId: request.id, procedure: path.join('.'), log })
    try {
      requireAccess(access, actor, isSetUp())
      const result = await next({
        context: { ...context, request, actor, scope: scopeOf(actor), audit: draft },
      })
      if (action !== undefined && !draft.recorded) await audit.record(draft, 'done')
      if (!isStream(result.output)) return result
      const guard = { actor, resolve: () => context.session.resolve(), coded }
      return { ...result, output: guardStream(result.output, guard) as typeof result.output }
    } catch (error) {
      const failure = coded(error)
      await recordFailure(draft, action, failure)
      throw failure
    }
  })
}

/** A socket or a window carries many calls under one context: each gets an id of its own. */
function callId({ id, transport }: RequestContext['request']): string {
  return transport === 'websocket' || transport === 'port' ? randomUUID() : id
}

/** @throws ExpectedError `setup_required`, `not_signed_in`, `forbidden` */
export function requireAccess(access: Access, actor: Actor, isSetUp: boolean): void {
  if (access === 'public') return
  if (!isSetUp) throw new ExpectedError('setup_required')
  if (actor.kind === 'anonymous') throw new ExpectedError('not_signed_in')
  if (access === 'signed_in') return
  if (access === 'nobody' || !permissionsOf(actor).includes(access))
    throw new ExpectedError('forbidden', { permission: access })
}

export type Procedures = ReturnType<typeof createProcedures>
