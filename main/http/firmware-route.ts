import type { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import * as z from 'zod'
import type { FirmwareBundleDetails } from '#contract/api/firmware.ts'
import { ExpectedError } from '#contract/errors.ts'
import { BUNDLE_MOST } from '#contract/model/bundle.ts'
import { IdSchema } from '#contract/model/ids.ts'
import type { Actor } from '#features/access/index.ts'
import { requireReach } from '#features/access/index.ts'
import type { AuditDraft } from '#features/audit/index.ts'
import type { BundleZip } from '#features/firmware/index.ts'
import { type AuditedRoutes, attachment, runRoute } from './route-audit.ts'

const QuerySchema = z.object({
  tenant: z.string().min(1).max(64).optional(),
  name: z.string().max(200).default('bundle.zip'),
})
export type FirmwareImportQuery = z.infer<typeof QuerySchema>

export interface FirmwareRoute extends AuditedRoutes {
  /** Takes the body into the catalogue, and records that. */
  take(
    caller: { actor: Actor; audit: AuditDraft },
    query: FirmwareImportQuery,
    body: AsyncIterable<Uint8Array>,
  ): Promise<FirmwareBundleDetails>
  /** @throws ExpectedError `not_found` */
  zip(actor: Actor, bundleId: string, audit: AuditDraft): Promise<BundleZip>
}

/** `POST /api/v1/firmware/bundles`: the ZIP of a bundle as the body. `GET …/{bundleId}/zip`: the same, back. */
export function addFirmwareRoute(app: FastifyInstance, route: FirmwareRoute): void {
  void app.register(async (scope) => {
    scope.addContentTypeParser(['application/zip', 'application/octet-stream'], (_request, body, done) =>
      done(null, body),
    )
    scope.post('/api/v1/firmware/bundles', { bodyLimit: BUNDLE_MOST }, (request, reply) => {
      const access = { action: 'firmware.import', permission: 'firmware:write' as const }
      return runRoute(route, { request, reply }, access, async (actor, audit) => {
        requireReach('tenant', actor)
        const query = QuerySchema.safeParse(request.query)
        if (!query.success) throw new ExpectedError('input_invalid', { issues: z.prettifyError(query.error) })
        if (typeof (request.body as Readable | undefined)?.pipe !== 'function')
          throw new ExpectedError('media_type_unsupported')
        // The framework counts only bodies that it reads itself.
        if (Number(request.headers['content-length'] ?? 0) > BUNDLE_MOST)
          throw new ExpectedError('bundle_too_large', { what: 'The ZIP', limit: BUNDLE_MOST })
        return reply
          .status(201)
          .send(await route.take({ actor, audit }, query.data, request.body as Readable))
      })
    })
  })
  app.get<{ Params: { bundleId: string } }>('/api/v1/firmware/bundles/:bundleId/zip', (request, reply) => {
    const access = { action: 'firmware.download', permission: 'firmware:read' as const }
    return runRoute(route, { request, reply }, access, async (actor, audit) => {
      const id = IdSchema.safeParse(request.params.bundleId)
      if (!id.success)
        throw new ExpectedError('not_found', { what: 'firmware bundle', id: request.params.bundleId })
      const { name, content } = await route.zip(actor, id.data, audit)
      await route.audit.record(audit, 'done')
      return reply
        .type('application/zip')
        .header('content-disposition', attachment(name))
        .header('cache-control', 'private, no-store')
        .send(content)
    })
  })
}
