import { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import * as z from 'zod'
import { ExpectedError } from '#contract/errors.ts'
import { ExportLayoutSchema } from '#contract/model/telemetry-file.ts'
import { scopeOf, type TenantScope } from '#features/access/index.ts'
import { type AuditedRoutes, attachment, runRoute } from './route-audit.ts'

/** Several values: the parameter repeated, or with commas between them. */
const ListSchema = z
  .union([z.string(), z.array(z.string())])
  .transform((given) => [given].flat().flatMap((one) => one.split(',')))
  .pipe(z.array(z.string().trim().min(1).max(128)).max(1_000))

const QuerySchema = ExportLayoutSchema.extend({
  gateway: ListSchema.optional(),
  channel: ListSchema.optional(),
  tenant: z.string().max(64).optional(),
  from: z.string().max(40).transform(asInstant).optional(),
  to: z.string().max(40).transform(asInstant).optional(),
  interval: z.coerce.number().pipe(ExportLayoutSchema.shape.interval.unwrap()).optional(),
  functions: ListSchema.pipe(ExportLayoutSchema.shape.functions.unwrap()).default(['avg']),
  raw: z
    .enum(['true', 'false'])
    .default('false')
    .transform((raw) => raw === 'true'),
})
export type ExportQuery = z.infer<typeof QuerySchema>

export interface ExportRoute extends AuditedRoutes {
  /** Finds the channels before the first byte, so that an unknown one is an error and not a broken file. */
  open(
    scope: TenantScope,
    query: ExportQuery,
    signal: AbortSignal,
  ): Promise<{ name: string; type: string; tenantId: string | null; chunks: AsyncIterable<Uint8Array> }>
}

/** `GET /api/v1/telemetry/export`: a range as CSV or Parquet, streamed as it is read. */
export function addExportRoute(app: FastifyInstance, route: ExportRoute): void {
  app.get('/api/v1/telemetry/export', (request, reply) => {
    const abort = new AbortController()
    reply.raw.once('close', () => abort.abort())
    const access = { action: 'telemetry.export', permission: 'telemetry:export' as const }
    return runRoute(route, { request, reply }, access, async (actor, audit) => {
      const query = readQuery(request.query)
      const subject = query.gateway?.join(' ') ?? query.tenant ?? 'all'
      audit.about('telemetry', subject.slice(0, 500), actor.kind === 'user' ? actor.tenantId : null, {
        ...query,
      })
      const { name, type, tenantId, chunks } = await route.open(scopeOf(actor), query, abort.signal)
      audit.tenantId = tenantId
      await route.audit.record(audit, 'done')
      return reply
        .type(type)
        .header('content-disposition', attachment(name))
        .send(Readable.from(chunks, { objectMode: false }))
    })
  })
}

function readQuery(given: unknown): ExportQuery {
  const query = QuerySchema.safeParse(given)
  if (!query.success) throw new ExpectedError('input_invalid', { issues: z.prettifyError(query.error) })
  return query.data
}

/** A query string has no numbers: digits alone are ms. */
function asInstant(text: string): number | string {
  return /^\d+$/.test(text) ? Number(text) : text
}
