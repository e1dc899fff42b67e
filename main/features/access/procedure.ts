import { randomUUID } from 'node:crypto'
import { implement, type ORPCError } from '@orpc/server'
import type { ProcedureMeta } from '#contract/base.ts'
import { contract } from '#contract/contract.ts'
import { ExpectedError } from '#contract/errors.ts'
import type { Access } from '#contract/model/permission.ts'
import { AuditDraft, type AuditService } from '#features/audit/index.ts'
import type { Log } from '#platform/log/log.ts'
import { type Actor, auditActor, isOfSite, permissionsOf, scopeOf } from './actor.ts'
import { auditedPath } from './audited-path.ts'
import type { CallLimits } from './call-limits.ts'
import { toCodedError } from './coded-error.ts'
import { guardStream, isStream } from './live-stream.ts'
import type { RequestContext } from './request-context.ts'
import { isWhole } from './scope.ts'

export interface AccessDependencies {
  audit: AuditService
  calls: CallLimits
  isSetUp(): boolean
  log: Log
}

/**
 * The one door: every procedure of every transport passes here. It finds the actor, asks the permission that the
 * contract names, gives the tenant scope, and sees to it that a change, done or refused, is in the audit.
 */
export function createProcedures({ audit, calls, isSetUp, log }: AccessDependencies) {
  const implementation = implement(contract)
    // Handlers are type-checked against the contract; validating 10,000 rows a second time would cost 50 ms.
    .$config({ initialOutputValidationIndex: Number.NaN })
    .$context<RequestContext>()

  const recordFailure = async (
    draft: AuditDraft,
    { action, access }: { action: string | undefined; access: Access },
    failure: ORPCError<string, unknown>,
  ) => {
    const isRefusal = isRefusalCode(failure.code)
    if (!isSetUp() || (action === undefined && !isRefusal)) return
    // Whoever is not signed in learns so by asking who they are.
    const isAsking = access === 'signed_in' || access === 'person'
    if (action === undefined && isAsking && failure.code === 'not_signed_in') return
    const how = { isRead: action === undefined }
    await audit.recordFailure(draft, isRefusal ? 'refused' : 'failed', failure.code, how)
  }

  return implementation.use(async ({ context, next, procedure, path }) => {
    const { meta, route } = procedure['~orpc']
    const { access, reach, whileLocked, audit: action } = meta
    const request = { ...context.request, id: callId(context.request) }
    const actor = await context.session.resolve()
    const draft = new AuditDraft({
      actor: auditActor(actor),
      action: action ?? path.join('.'),
      address: request.address,
      requestId: request.id,
      path: auditedPath(request.path, route.path, path),
      ...(request.path?.startsWith('/api/') && { successStatus: route.successStatus ?? 200 }),
    })
    draft.tenantId = tenantOf(actor)
    const coded = (error: unknown) =>
      toCodedError(error, { requestId: request.id, procedure: path.join('.'), log })
    try {
      calls.take(actor)
      if (whileLocked !== true) requireUnlocked(access, actor)
      requireAccess(access, actor, isSetUp())
      requireReach(reach, actor)
      const result = await next({
        context: { ...context, request, actor, scope: scopeOf(actor), audit: draft },
      })
      if (action !== undefined && !draft.recorded) await audit.record(draft, 'done')
      if (!isStream(result.output)) return result
      const guard = { actor, resolve: () => context.session.resolve(), coded }
      return { ...result, output: guardStream(result.output, guard) as typeof result.output }
    } catch (error) {
      const failure = coded(error)
      await recordFailure(draft, { action, access }, failure)
      throw failure
    }
  })
}

/** Where an entry says of no object whose it is: the tenant of who asked. */
function tenantOf(actor: Actor): string | null {
  const scope = scopeOf(actor)
  return scope.all ? null : scope.tenantId || null
}

/** Codes that say: not you. */
const refusals = new Set([
  'forbidden',
  'forbidden_reach',
  'not_a_person',
  'account_pending',
  'not_signed_in',
  'topic_not_yours',
])

export function isRefusalCode(code: string): boolean {
  return refusals.has(code)
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
  if (access === 'person') {
    if (actor.kind !== 'user') throw new ExpectedError('not_a_person')
    return
  }
  if (actor.kind === 'user' && actor.pending !== null)
    throw new ExpectedError('account_pending', { need: actor.pending })
  if (access === 'nobody' || !permissionsOf(actor).includes(access))
    throw new ExpectedError('forbidden', { permission: access })
}

/** @throws ExpectedError `session_locked` */
function requireUnlocked(access: Access, actor: Actor): void {
  if (access !== 'public' && actor.kind === 'user' && actor.pending === 'unlock')
    throw new ExpectedError('session_locked')
}

/** @throws ExpectedError `forbidden_reach` */
export function requireReach(reach: ProcedureMeta['reach'], actor: Actor): void {
  if (reach === undefined) return
  const isEnough = reach === 'site' ? isOfSite(actor) : isWhole(scopeOf(actor))
  if (!isEnough) throw new ExpectedError('forbidden_reach', { reach })
}

export type Procedures = ReturnType<typeof createProcedures>
