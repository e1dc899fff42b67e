import type { FastifyReply, FastifyRequest } from 'fastify'
import { ExpectedError } from '#contract/errors.ts'
import type { Permission } from '#contract/model/permission.ts'
import { type Actor, auditActor, type RequestContext, requireAccess } from '#features/access/index.ts'
import { AuditDraft, type AuditService } from '#features/audit/index.ts'

export interface AuditedRoutes {
  contextOf(request: FastifyRequest, reply: FastifyReply): RequestContext
  isSetUp(): boolean
  audit: AuditService
}

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
  })
  // Strangers leave no entry in the audit: there is nothing here that they could change.
  requireAccess('signed_in', actor, routes.isSetUp())
  try {
    requireAccess(permission, actor, true)
    return await run(actor, audit)
  } catch (error) {
    if (error instanceof ExpectedError && !audit.recorded)
      await routes.audit.record(audit, error.code === 'forbidden' ? 'refused' : 'failed', error.code)
    throw error
  }
}

/** A file that a browser saves; the name keeps to what every file system takes. */
export function attachment(name: string): string {
  return `attachment; filename="${name.replace(/[^\w.+-]/g, '_')}"`
}
