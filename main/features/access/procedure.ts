import { implement, ORPCError } from '@orpc/server'
import { contract } from '#contract/contract.ts'
import { type ErrorCode, ExpectedError, errorCodes, isErrorCode } from '#contract/errors.ts'
import type { Access } from '#contract/model/permission.ts'
import { AuditDraft, type AuditService } from '#features/audit/index.ts'
import type { Log } from '#platform/log/log.ts'
import { type Actor, auditActor, permissionsOf, scopeOf } from './actor.ts'
import type { RequestContext } from './request-context.ts'

export interface AccessDependencies {
  audit: AuditService
  isSetUp(): boolean
  log: Log
}

/**
 * The one door: every procedure of every transport passes here. It finds the actor, asks the permission that the
 * contract names, gives the tenant scope, and sees to it that a change, done or refused, is in the audit.
 */
export function createProcedures({ audit, isSetUp, log }: AccessDependencies) {
  const implementation = implement(contract)
    // Handlers are type-checked against the contract; validating 10,000 rows a second time would cost 50 ms.
    .$config({ initialOutputValidationIndex: Number.NaN })
    .$context<RequestContext>()
  return implementation.use(async ({ context, next, procedure, path }) => {
    const { access, audit: action } = procedure['~orpc'].meta
    const actor = await context.session.resolve()
    const draft = new AuditDraft({
      actor: auditActor(actor),
      action: action ?? path.join('.'),
      address: context.request.address,
      requestId: context.request.id,
    })
    try {
      requireAccess(access, actor, isSetUp())
      const result = await next({ context: { ...context, actor, scope: scopeOf(actor), audit: draft } })
      if (action !== undefined && !draft.recorded) await audit.record(draft, 'done')
      return result
    } catch (error) {
      const failure = toCodedError(error, context.request.id, log, path)
      const isRefusal = failure.code === 'forbidden' || failure.code === 'not_signed_in'
      if (isSetUp() && !draft.recorded && (action !== undefined || failure.code === 'forbidden')) {
        await audit.record(draft, isRefusal ? 'refused' : 'failed', failure.code)
      }
      throw failure
    }
  })
}

/** @throws ExpectedError `setup_required`, `not_signed_in`, `forbidden` */
export function requireAccess(access: Access, actor: Actor, isSetUp: boolean): void {
  if (access === 'public') return
  if (!isSetUp) throw new ExpectedError('setup_required')
  if (actor.kind === 'anonymous') throw new ExpectedError('not_signed_in')
  if (access !== 'signed_in' && !permissionsOf(actor).includes(access)) {
    throw new ExpectedError('forbidden', { permission: access })
  }
}

function toCodedError(
  error: unknown,
  requestId: string,
  log: Log,
  path: readonly string[],
): ORPCError<string, unknown> {
  if (error instanceof ExpectedError)
    return codedError(error.code, { ...error.data, requestId }, error.message)
  if (error instanceof ORPCError) {
    const issues = (error.data as { issues?: { path?: PropertyKey[]; message: string }[] } | undefined)
      ?.issues
    if (error.code === 'BAD_REQUEST' && issues) {
      const text = issues.map((issue) => `${issue.path?.join('.') || 'input'}: ${issue.message}`).join('; ')
      return codedError(
        'input_invalid',
        { issues: text, requestId },
        new ExpectedError('input_invalid', { issues: text }).message,
      )
    }
    if (isErrorCode(error.code)) return error
  }
  if (error instanceof Error && error.name === 'AbortError')
    return new ORPCError('CLIENT_CLOSED_REQUEST', { status: 499 })
  log.error({ err: error, requestId, procedure: path.join('.') }, 'a procedure failed unexpectedly')
  return new ORPCError('INTERNAL_SERVER_ERROR', {
    message: `The site failed to answer; its log has the details under request ${requestId}`,
    data: { requestId },
  })
}

function codedError(
  code: ErrorCode,
  data: Record<string, unknown>,
  message: string,
): ORPCError<string, unknown> {
  return new ORPCError(code, { status: errorCodes[code].status, message, data })
}

export type Procedures = ReturnType<typeof createProcedures>
