import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply } from 'fastify'
import * as z from 'zod'
import { ExpectedError } from '#contract/errors.ts'
import { labelFormats } from '#contract/model/label.ts'
import type { Actor } from '#features/access/index.ts'
import type { AuditDraft } from '#features/audit/index.ts'
import { type AuditedRoutes, attachment, runRoute } from './route-audit.ts'

const flash = 'gateways:flash' as const

const RawSchema = z
  .enum(['true', 'false'])
  .default('false')
  .transform((given) => given === 'true')
const UploadQuerySchema = z.object({ name: z.string().max(200).default('') })
const ResultsQuerySchema = z.object({ raw: RawSchema })
const LabelsQuerySchema = z.object({ format: z.enum(labelFormats).optional() })

/** A file as it is sent. */
export interface SentFile {
  name: string
  type: string
  bytes: Uint8Array | string
}

export interface BenchRoutes extends AuditedRoutes {
  /** The most that a file for a board may have, bytes. */
  readonly uploadMost: number
  /** Takes a file that a board is to hold. @throws ExpectedError `import_too_large`, `job_disk_full` */
  take(
    actor: Actor,
    name: string,
    body: AsyncIterable<Uint8Array>,
  ): Promise<{ uploadId: string; bytes: number; sha256: string }>
  /** A backup. Names its job in the audit. @throws ExpectedError `not_found`, `file_missing` */
  backup(
    actor: Actor,
    jobId: string,
    audit: AuditDraft,
  ): Promise<{ name: string; bytes: number; content: AsyncIterable<Uint8Array> }>
  /** @throws ExpectedError `not_found` */
  log(actor: Actor, jobId: string): Promise<SentFile>
  /** @throws ExpectedError `not_found` */
  results(actor: Actor, runId: string, how: { as: 'csv' | 'pdf'; raw: boolean }): Promise<SentFile>
  /** Of the gateways that a run made. @throws ExpectedError `not_found` */
  labels(actor: Actor, runId: string, format: 'pdf' | 'zpl' | undefined, audit: AuditDraft): Promise<SentFile>
}

/** Files of the bench, which the contract's JSON is not made for: to be written, backups, logs, results, labels. */
export function addBenchRoutes(app: FastifyInstance, routes: BenchRoutes): void {
  addUpload(app, routes)
  app.get<{ Params: { jobId: string } }>('/api/v1/bench/jobs/:jobId/file', (request, reply) => {
    const access = { action: 'flash_job.download', permission: flash }
    return runRoute(routes, { request, reply }, access, async (actor, audit) => {
      const { name, bytes, content } = await routes.backup(actor, request.params.jobId, audit)
      await routes.audit.record(audit, 'done')
      return reply
        .type('application/octet-stream')
        .header('content-disposition', attachment(name))
        .header('content-length', bytes)
        .header('cache-control', 'private, no-store')
        .send(Readable.from(content, { objectMode: false }))
    })
  })
  app.get<{ Params: { jobId: string } }>('/api/v1/bench/jobs/:jobId/log', (request, reply) => {
    const access = { action: 'flash_job.log', permission: flash }
    return runRoute(routes, { request, reply }, access, async (actor) =>
      send(reply, await routes.log(actor, request.params.jobId)),
    )
  })
  for (const as of ['csv', 'pdf'] as const)
    app.get<{ Params: { runId: string } }>(`/api/v1/bench/runs/:runId/results.${as}`, (request, reply) => {
      const access = { action: 'bench_run.results', permission: flash }
      return runRoute(routes, { request, reply }, access, async (actor) => {
        const { raw } = read(ResultsQuerySchema, request.query)
        return send(reply, await routes.results(actor, request.params.runId, { as, raw }))
      })
    })
  app.get<{ Params: { runId: string } }>('/api/v1/bench/runs/:runId/labels', (request, reply) => {
    const access = { action: 'bench_run.labels', permission: flash }
    return runRoute(routes, { request, reply }, access, async (actor, audit) => {
      const { format } = read(LabelsQuerySchema, request.query)
      return send(reply, await routes.labels(actor, request.params.runId, format, audit))
    })
  })
}

function addUpload(app: FastifyInstance, routes: BenchRoutes): void {
  void app.register(async (scope) => {
    scope.addContentTypeParser('application/octet-stream', (_request, body, done) => done(null, body))
    scope.post('/api/v1/bench/files', { bodyLimit: routes.uploadMost }, (request, reply) => {
      const access = { action: 'bench.upload', permission: flash }
      return runRoute(routes, { request, reply }, access, async (actor, audit) => {
        const { name } = read(UploadQuerySchema, request.query)
        if (typeof (request.body as Readable | undefined)?.pipe !== 'function')
          throw new ExpectedError('media_type_unsupported')
        // The framework counts only bodies that it reads itself.
        if (Number(request.headers['content-length'] ?? 0) > routes.uploadMost)
          throw new ExpectedError('import_too_large', { limit: routes.uploadMost })
        const taken = await routes.take(actor, name, request.body as Readable)
        audit.about('bench_file', taken.uploadId, audit.tenantId, {
          name,
          bytes: taken.bytes,
          sha256: taken.sha256,
        })
        await routes.audit.record(audit, 'done')
        return reply.status(201).send(taken)
      })
    })
  })
}

function send(reply: FastifyReply, { name, type, bytes }: SentFile) {
  return reply
    .type(type)
    .header('content-disposition', attachment(name))
    .header('cache-control', 'private, no-store')
    .send(typeof bytes === 'string' ? bytes : Buffer.from(bytes))
}

/** @throws ExpectedError `input_invalid` */
function read<Schema extends z.ZodType>(schema: Schema, given: unknown): z.infer<Schema> {
  const found = schema.safeParse(given ?? {})
  if (!found.success) throw new ExpectedError('input_invalid', { issues: z.prettifyError(found.error) })
  return found.data
}
