import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import * as z from 'zod'
import { ExpectedError } from '#contract/errors.ts'
import {
  type Actor,
  auditActor,
  requireAccess,
  type RequestContext,
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
    try {
      requireAccess('telemetry:export', actor, route.isSetUp())
    } catch (error) {
      if (error instanceof ExpectedError && error.code === 'forbidden')
        await route.audit.record(audit, 'refused', error.code)
      throw error
    }
    const query = QuerySchema.safeParse(request.query)
    if (!query.success) throw new ExpectedError('input_invalid', { issues: z.prettifyError(query.error) })
    const abort = new AbortController()
    reply.raw.once('close', () => abort.abort())
    const chunks = await route.open(scopeOf(actor), query.data, abort.signal)
    await route.audit.record(audit.about('telemetry', query.data.gateway, null, { ...query.data }), 'done')
    const name = `${query.data.gateway}-${query.data.channel ?? 'all'}.csv`.replace(/[^\w.-]/g, '_')
    return reply
      .type('text/csv; charset=utf-8')
      .header('content-disposition', `attachment; filename="${name}"`)
      .send(Readable.from(chunks))
  })
}
