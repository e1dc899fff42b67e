import type { FastifyReply, FastifyRequest } from 'fastify'
import { type ErrorCode, ExpectedError } from '#contract/errors.ts'
import type { Permission } from '#contract/model/permission.ts'
import {
  type Actor,
  anonymous,
  auditActor,
  type CallLimits,
  isRefusalCode,
  type RequestContext,
  requireAccess,
} from '#features/access/index.ts'
import { AuditDraft, type AuditService } from '#features/audit/index.ts'

export interface AuditedRoutes {
  calls: CallLimits
  contextOf(request: FastifyRequest, reply: FastifyReply): RequestContext
  isSetUp(): boolean
  audit: AuditService
}

/** Requests that have their entry, or need none. */
const audited = new WeakSet<object>()

/**
 * For routes beside the contract: finds who asks, asks the permission, and sees to it that what was done, refused or
 * failed is in the audit; `run` records what was done. Without an action nothing is recorded but refusals.
 */
export async function runRoute<Result>(
  routes: AuditedRoutes,
  exchange: { request: FastifyRequest; reply: FastifyReply },
  { action, permission }: { action: string; permission: Permission | 'signed_in' },
  run: (actor: Actor, audit: AuditDraft) => Promise<Result>,
): Promise<Result> {
  const { session, request: from } = routes.contextOf(exchange.request, exchange.reply)
  const actor = await session.resolve()
  const audit = new AuditDraft({
    actor: auditActor(actor),
    action,
    address: from.address,
    requestId: from.id,
    path: from.path ?? exchange.request.url.split('?')[0] ?? '',
  })
  try {
    routes.calls.take(actor)
    requireAccess(permission, actor, routes.isSetUp())
    return await run(actor, audit)
  } catch (error) {
    audited.add(exchange.request)
    if (error instanceof ExpectedError && routes.isSetUp()) {
      const outcome = isRefusalCode(error.code) ? 'refused' : 'failed'
      const isRead = exchange.request.method === 'GET'
      await routes.audit.recordFailure(audit, outcome, error.code, { isRead })
    }
    throw error
  }
}

/** A request that was sent away before anybody asked who it is: another site's page, a stranger. */
export interface RefusedRequest {
  request: object
  id: string
  address: string
  path: string
}

/** Records it once, whoever noticed it. */
export async function recordRefused(
  audit: AuditService,
  { request, id, address, path }: RefusedRequest,
  code: ErrorCode,
): Promise<void> {
  if (audited.has(request)) return
  audited.add(request)
  const actor = auditActor(anonymous)
  const draft = new AuditDraft({ actor, action: 'http.request', address, requestId: id, path })
  await audit.recordFailure(draft, 'refused', code, { isRead: code === 'not_signed_in' })
}

/** A file that a browser saves; the name keeps to what every file system takes. */
export function attachment(name: string): string {
  return `attachment; filename="${name.replace(/[^\w.+-]/g, '_')}"`
}
