import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import * as z from 'zod'
import { ExpectedError } from '#contract/errors.ts'
import {
  type Actor,
  auditActor,
  type RequestContext,
  requireAccess,
  scopeOf,
  type TenantScope,
} from '#features/access/index.ts'
import { AuditDraft, type AuditService } from '#features/audit/index.ts'

const QuerySchema = z.object({
  gateway: z.string().max(64),
  tenant: z.string().max(64).optional(),
  channel: z.string().max(128).optional(),
  from: z.string().max(40).optional(),
  to: z.string().max(40).optional(),
  raw: z.enum(['true', 'false']).default('false'),
})
export type ExportQuery = z.infer<typeof QuerySchema>

export interface ExportRoute {
  contextOf(request: FastifyRequest, reply: FastifyReply): RequestContext
  isSetUp(): boolean
  audit: AuditService
  /** Finds the channels before the first byte, so that an unknown one is an error and not a broken file. */
  open(scope: TenantScope, query: ExportQuery, signal: AbortSignal): Promise<AsyncIterable<string>>
}

/** `GET /api/v1/telemetry/export`: a range as CSV, streamed as it is read. */
export function addExportRoute(app: FastifyInstance, route: ExportRoute): void {
  app.get('/api/v1/telemetry/export', async (request, reply) => {
    const { session, request: from } = route.contextOf(request, reply)
    const actor: Actor = await session.resolve()
    const audit = new AuditDraft({
      actor: auditActor(actor),
      action: 'telemetry.export',
      address: from.address,
      requestId: from.id,
    })
    // Strangers leave no entry in the audit: there is nothing here that they could change.
    requireAccess('signed_in', actor, route.isSetUp())
    const abort = new AbortController()
    reply.raw.once('close', () => abort.abort())
    try {
      requireAccess('telemetry:export', actor, true)
      const query = readQuery(request.query)
      audit.about('telemetry', query.gateway, actor.kind === 'user' ? actor.tenantId : null, { ...query })
      const chunks = await route.open(scopeOf(actor), query, abort.signal)
      await route.audit.record(audit, 'done')
      const name = `${query.gateway}-${query.channel ?? 'all'}.csv`.replace(/[^\w.-]/g, '_')
      return await reply
        .type('text/csv; charset=utf-8')
        .header('content-disposition', `attachment; filename="${name}"`)
        .send(Readable.from(chunks))
    } catch (error) {
      if (error instanceof ExpectedError && !audit.recorded)
        await route.audit.record(audit, error.code === 'forbidden' ? 'refused' : 'failed', error.code)
      throw error
    }
  })
}

function readQuery(given: unknown): ExportQuery {
  const query = QuerySchema.safeParse(given)
  if (!query.success) throw new ExpectedError('input_invalid', { issues: z.prettifyError(query.error) })
  return query.data
}
