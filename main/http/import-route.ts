import type { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import * as z from 'zod'
import { ExpectedError } from '#contract/errors.ts'
import type { Job } from '#contract/model/job.ts'
import { IMPORT_LIMIT, ImportOptionsSchema } from '#contract/model/telemetry-file.ts'
import type { Actor } from '#features/access/index.ts'
import type { AuditDraft } from '#features/audit/index.ts'
import { type AuditedRoutes, runRoute } from './route-audit.ts'

const BooleanSchema = z
  .enum(['true', 'false'])
  .default('false')
  .transform((given) => given === 'true')

const QuerySchema = ImportOptionsSchema.extend({
  gateway: z.string().min(1).max(64),
  tenant: z.string().max(64).optional(),
  name: z.string().max(200).default(''),
  dryRun: BooleanSchema,
  raw: BooleanSchema,
})
export type ImportQuery = z.infer<typeof QuerySchema>

export interface ImportRoute extends AuditedRoutes {
  /** Takes the body into a job, and records that. */
  take(
    caller: { actor: Actor; audit: AuditDraft },
    query: ImportQuery,
    body: AsyncIterable<Uint8Array>,
  ): Promise<Job>
}

/** `POST /api/v1/telemetry/import`: a CSV of history as the body, which goes to the disk as it comes. */
export function addImportRoute(app: FastifyInstance, route: ImportRoute): void {
  void app.register(async (scope) => {
    scope.addContentTypeParser(
      ['text/csv', 'text/plain', 'application/octet-stream'],
      (_request, body, done) => done(null, body),
    )
    scope.post('/api/v1/telemetry/import', { bodyLimit: IMPORT_LIMIT }, (request, reply) => {
      const access = { action: 'telemetry.import.start', permission: 'gateways:write' as const }
      return runRoute(route, { request, reply }, access, async (actor, audit) => {
        const query = QuerySchema.safeParse(request.query)
        if (!query.success) throw new ExpectedError('input_invalid', { issues: z.prettifyError(query.error) })
        if (typeof (request.body as Readable | undefined)?.pipe !== 'function')
          throw new ExpectedError('media_type_unsupported')
        // The framework counts only bodies that it reads itself.
        if (Number(request.headers['content-length'] ?? 0) > IMPORT_LIMIT)
          throw new ExpectedError('import_too_large', { limit: IMPORT_LIMIT })
        const job = await route.take({ actor, audit }, query.data, request.body as Readable)
        return reply.status(202).send(job)
      })
    })
  })
}
