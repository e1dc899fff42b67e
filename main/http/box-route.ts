import type { FastifyRequest } from 'fastify'
import { ExpectedError } from '#contract/errors.ts'
import { anonymous, auditActor } from '#features/access/index.ts'
import { AuditDraft, type AuditService } from '#features/audit/index.ts'

export interface BoxRoutes {
  isSetUp(): boolean
  audit: AuditService
  /** Any request of a box is counted against its network. @throws ExpectedError `knocks_too_many` */
  take(address: string): void
}

/**
 * For routes of boxes, which sign in nowhere: sees to it that what was refused is in the audit; `run` records what was done.
 * Its actor is nobody until `run` knows better.
 */
export async function runBoxRoute<Result>(
  routes: BoxRoutes,
  request: FastifyRequest,
  { action, isRead = false }: { action: string; isRead?: boolean },
  run: (audit: AuditDraft) => Promise<Result>,
): Promise<Result> {
  const audit = new AuditDraft({
    actor: auditActor(anonymous),
    action,
    address: request.ip,
    requestId: request.id,
    path: request.url.split('?')[0]?.slice(0, 200) ?? '',
  })
  if (!routes.isSetUp()) throw new ExpectedError('setup_required')
  routes.take(request.ip)
  try {
    return await run(audit)
  } catch (error) {
    // Who asks too often is counted, not written down.
    if (error instanceof ExpectedError && error.status !== 429) {
      audit.details = { ...audit.details, ...error.data }
      await routes.audit.recordFailure(audit, 'refused', error.code, { isRead })
    }
    throw error
  }
}
