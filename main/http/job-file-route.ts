import { createReadStream } from 'node:fs'
import type { FastifyInstance } from 'fastify'
import type { Actor } from '#features/access/index.ts'
import type { AuditDraft } from '#features/audit/index.ts'
import { type AuditedRoutes, attachment, runRoute } from './route-audit.ts'

export interface JobFileRoute extends AuditedRoutes {
  /**
   * `isNew`: whether a download from there on is to be recorded.
   * @throws ExpectedError `not_found`, `forbidden`
   */
  file(
    actor: Actor,
    id: string,
    audit: AuditDraft,
  ): Promise<{ path: string; name: string; type: string; bytes: number; isNew(offset: number): boolean }>
}

/** `GET /api/v1/jobs/{jobId}/file`: what a job made, whole or from where a download broke off (RFC 9110 14). */
export function addJobFileRoute(app: FastifyInstance, route: JobFileRoute): void {
  app.get<{ Params: { jobId: string } }>('/api/v1/jobs/:jobId/file', (request, reply) => {
    const access = { action: 'job.download', permission: 'signed_in' as const }
    return runRoute(route, { request, reply }, access, async (actor, audit) => {
      const { path, name, type, bytes, isNew } = await route.file(actor, request.params.jobId, audit)
      const range = readRange(request.headers.range, bytes)
      if (range === 'unsatisfiable')
        return reply.status(416).header('content-range', `bytes */${bytes}`).send()
      if (isNew(range?.start ?? 0)) await route.audit.record(audit, 'done')
      const { start, end } = range ?? { start: 0, end: bytes - 1 }
      if (range !== null) reply.status(206).header('content-range', `bytes ${start}-${end}/${bytes}`)
      return reply
        .type(type)
        .header('content-disposition', attachment(name))
        .header('content-length', end - start + 1)
        .header('accept-ranges', 'bytes')
        .header('cache-control', 'private, no-store')
        .send(bytes === 0 ? '' : createReadStream(path, { start, end }))
    })
  })
}

/** One range of bytes (RFC 9110 14.1.2); several, and what is none, are answered with the whole. */
export function readRange(
  header: string | undefined,
  bytes: number,
): { start: number; end: number } | 'unsatisfiable' | null {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '') ?? []
  if (first === '' && last === '') return null
  const start = first === '' ? Math.max(0, bytes - Number(last)) : Number(first)
  const end = first === '' || last === '' ? bytes - 1 : Math.min(Number(last), bytes - 1)
  if (start > end && first !== '' && last !== '' && Number(last) < start) return null
  return start >= bytes || start > end ? 'unsatisfiable' : { start, end }
}
