import * as z from 'zod'
import { IdSchema } from './ids.ts'

/**
 * `interrupted`: the site ended while it ran, and its kind cannot go on. `queued` also after a restart, for kinds
 * that can.
 */
export const jobStates = ['queued', 'running', 'done', 'failed', 'cancelled', 'interrupted'] as const
export type JobState = (typeof jobStates)[number]

export const jobKinds = [
  'telemetry.export',
  'telemetry.import',
  'claims.accept',
  'gateways.import',
  'audit.export',
  'privacy.own_export',
  'privacy.user_export',
  'privacy.tenant_export',
  'privacy.tenant_deletion',
] as const
export type JobKindName = (typeof jobKinds)[number]

/** Plain JSON of a kind's own shape. */
export type JobData = Record<string, unknown>
const JobDataSchema = z.record(z.string(), z.unknown())

export const JobSchema = z.object({
  id: IdSchema,
  kind: z.enum(jobKinds),
  /** Null for jobs over several tenants, or none. */
  tenantId: IdSchema.nullable(),
  createdBy: z.string(),
  /** What it is about, in names: gateways, a file. */
  subject: z.string(),
  state: z.enum(jobStates),
  progress: z.object({
    done: z.number(),
    /** Null where it is not known beforehand. */
    total: z.number().nullable(),
  }),
  params: JobDataSchema,
  /** How often it was begun: more than once where the site ended meanwhile. */
  attempts: z.number().int(),
  /** Once it ended; of what a kind says. */
  result: JobDataSchema.nullable(),
  /** Why it failed: a code of the registry, or `internal`. */
  error: z.object({ code: z.string(), message: z.string(), data: JobDataSchema }).nullable(),
  /** ms. */
  createdAt: z.number(),
  startedAt: z.number().nullable(),
  endedAt: z.number().nullable(),
  /** When the job and its file are deleted. */
  expiresAt: z.number().nullable(),
  /** What it made; `GET /jobs/{id}/file`. */
  file: z.object({ name: z.string(), type: z.string(), bytes: z.number() }).nullable(),
})
export type Job = z.infer<typeof JobSchema>

/** What happened on the way, newest last; at most 200 lines are kept. */
export const JobLogLineSchema = z.object({ at: z.number(), event: z.string(), data: JobDataSchema })
export type JobLogLine = z.infer<typeof JobLogLineSchema>

/** Whether it will not change any more. */
export function hasEnded(state: JobState): boolean {
  return state !== 'queued' && state !== 'running'
}
