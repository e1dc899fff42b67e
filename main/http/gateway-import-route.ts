import type { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import * as z from 'zod'
import { ExpectedError } from '#contract/errors.ts'
import {
  GATEWAY_IMPORT_LIMIT,
  type GatewayImportCheck,
  GatewayImportOptionsSchema,
} from '#contract/model/gateway-import.ts'
import type { Job } from '#contract/model/job.ts'
import type { Actor } from '#features/access/index.ts'
import type { AuditDraft } from '#features/audit/index.ts'
import { type AuditedRoutes, runRoute } from './route-audit.ts'

const BooleanSchema = z
  .enum(['true', 'false'])
  .default('false')
  .transform((given) => given === 'true')

const QuerySchema = GatewayImportOptionsSchema.extend({
  name: z.string().max(200).default('gateways.csv'),
  createGroups: BooleanSchema,
  dryRun: BooleanSchema,
})
export type GatewayImportQuery = z.infer<typeof QuerySchema>

export interface GatewayImportRoute extends AuditedRoutes {
  /** Looks at the body, or takes it into a job; records which. */
  take(
    caller: { actor: Actor; audit: AuditDraft },
    query: GatewayImportQuery,
    body: AsyncIterable<Uint8Array>,
  ): Promise<{ check: GatewayImportCheck } | { job: Job }>
}

/** `POST /api/v1/gateways/import`: a CSV of gateways as the body. 200 with the report of a dry run, 202 with the job. */
export function addGatewayImportRoute(app: FastifyInstance, route: GatewayImportRoute): void {
  void app.register(async (scope) => {
    scope.addContentTypeParser(
      ['text/csv', 'text/plain', 'application/octet-stream'],
      (_request, body, done) => done(null, body),
    )
    // What is too large is refused with the count of its lines, so the framework lets it through to be counted.
    scope.post('/api/v1/gateways/import', { bodyLimit: Number.MAX_SAFE_INTEGER }, (request, reply) => {
      const access = { action: 'gateway.import.start', permission: 'gateways:write' as const }
      return runRoute(route, { request, reply }, access, async (actor, audit) => {
        const query = QuerySchema.safeParse(request.query)
        if (!query.success) throw new ExpectedError('input_invalid', { issues: z.prettifyError(query.error) })
        if (typeof (request.body as Readable | undefined)?.pipe !== 'function')
          throw new ExpectedError('media_type_unsupported')
        const taken = await route.take({ actor, audit }, query.data, bounded(request.body as Readable))
        return 'job' in taken ? reply.status(202).send(taken.job) : reply.send(taken.check)
      })
    })
  })
}

/** @throws ExpectedError `csv_too_large` as soon as it is */
async function* bounded(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let bytes = 0
  let rows = 0
  for await (const chunk of body) {
    bytes += chunk.byteLength
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) rows += 1
    if (bytes > GATEWAY_IMPORT_LIMIT)
      throw new ExpectedError('csv_too_large', { limit: GATEWAY_IMPORT_LIMIT, rows })
    yield chunk
  }
}
