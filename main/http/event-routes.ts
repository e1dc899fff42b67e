import type { FastifyInstance } from 'fastify'
import * as z from 'zod'
import { ExpectedError } from '#contract/errors.ts'
import type { ReadingValue } from '#contract/model/reading.ts'
import type { Actor } from '#features/access/index.ts'
import type { AuditDraft } from '#features/audit/index.ts'
import { type AuditedRoutes, runRoute } from './route-audit.ts'

/** As channels are called: 1 to 128 characters without controls. */
const MetricSchema = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'use text without control characters')
const ValueSchema = z.union([
  z.number(),
  z.boolean(),
  z
    .string()
    .refine((text) => Buffer.byteLength(text) <= 4_096 && text.isWellFormed() && !text.includes('\0'), {
      message: 'use text of at most 4096 bytes without the character NUL',
    }),
])
/** The last ms that a Date can hold (ECMA-262 21.4.1.1). */
const TIME_MAX = 8.64e15
const InstantSchema = z.union([
  z.number().min(0).max(TIME_MAX).transform(Math.trunc),
  z.iso.datetime({ offset: true }).transform((text) => Date.parse(text)),
])
const MOST_VALUES = 1_000

const EventSchema = z
  .strictObject({
    deviceId: z.string().trim().min(1).max(128),
    metric: MetricSchema.optional(),
    /** An older word for the metric. */
    type: MetricSchema.optional(),
    value: ValueSchema.optional(),
    values: z
      .record(MetricSchema, ValueSchema)
      .refine((values) => Object.keys(values).length >= 1 && Object.keys(values).length <= MOST_VALUES, {
        message: `give 1 to ${MOST_VALUES} values`,
      })
      .optional(),
    ts: InstantSchema.nullish(),
  })
  .superRefine(({ metric, type, value, values }, check) => {
    const name = metric ?? type
    const isOne = name !== undefined && value !== undefined && values === undefined
    const isSeveral = name === undefined && value === undefined && values !== undefined
    if (!isOne && !isSeveral)
      check.addIssue({ code: 'custom', message: 'give either metric and value, or values' })
  })

/** A query string has no numbers: digits alone are ms. */
const QueryInstantSchema = z
  .string()
  .max(40)
  .transform((text) => (/^\d+$/.test(text) ? Number(text) : text))
  .pipe(InstantSchema)
const HistorySchema = z.object({
  deviceId: z.string().trim().min(1).max(128).optional(),
  metric: MetricSchema.optional(),
  from: QueryInstantSchema.optional(),
  to: QueryInstantSchema.optional(),
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
})

export interface EventRoutes extends AuditedRoutes {
  record(
    actor: Actor,
    event: { deviceId: string; values: Record<string, ReadingValue>; ts: number | null },
    audit: AuditDraft,
  ): Promise<{ deviceId: string; ts: number; stored: number }>
  history(
    actor: Actor,
    asked: {
      deviceId: string | null
      metric: string | null
      from: number
      to: number | null
      limit: number
    },
    signal: AbortSignal,
  ): Promise<{ deviceId: string; metric: string; value: ReadingValue; ts: number }[]>
}

/**
 * `POST /api/event` and `GET /api/history`, where programs of reference 003 look for them: readings of a gateway by HTTP,
 * with an API key, an access token or a session. Like readings by MQTT they have no entries of their own in the audit.
 */
export function addEventRoutes(app: FastifyInstance, routes: EventRoutes): void {
  app.post('/api/event', (request, reply) => {
    const access = { action: 'telemetry.event', permission: 'signed_in' as const }
    return runRoute(routes, { request, reply }, access, async (actor, audit) => {
      const { deviceId, metric, type, value, values, ts } = read(EventSchema, request.body)
      const given = values ?? { [metric ?? type ?? '']: value as ReadingValue }
      const stored = await routes.record(actor, { deviceId, values: given, ts: ts ?? null }, audit)
      return reply.header('cache-control', 'no-store').send({ ok: true, ...stored })
    })
  })
  app.get('/api/history', (request, reply) => {
    const abort = new AbortController()
    reply.raw.once('close', () => abort.abort())
    const access = { action: 'telemetry.history', permission: 'telemetry:read' as const }
    return runRoute(routes, { request, reply }, access, async (actor) => {
      const {
        deviceId = null,
        metric = null,
        from = 0,
        to = null,
        limit,
      } = read(HistorySchema, request.query)
      const events = await routes.history(actor, { deviceId, metric, from, to, limit }, abort.signal)
      return reply.header('cache-control', 'private, no-store').send({ ok: true, events })
    })
  })
}

/** @throws ExpectedError `input_invalid` */
function read<Schema extends z.ZodType>(schema: Schema, given: unknown): z.infer<Schema> {
  const found = schema.safeParse(given ?? {})
  if (!found.success) throw new ExpectedError('input_invalid', { issues: z.prettifyError(found.error) })
  return found.data
}
