import * as z from 'zod'
import { base, errors } from '../base.ts'
import { AuditReportSchema } from '../model/audit.ts'
import { JobSchema } from '../model/job.ts'

export const auditOutcomes = ['done', 'refused', 'failed'] as const
export type AuditOutcome = (typeof auditOutcomes)[number]

export const auditActorKinds = ['user', 'api_key', 'local', 'system', 'gateway', 'anonymous'] as const
export type AuditActorKind = (typeof auditActorKinds)[number]

/** Days that entries are kept at least, where they are not kept for ever. */
export const LEAST_AUDIT_DAYS = 90

export const AuditEntrySchema = z.object({
  /** Its number in the chain. */
  seq: z.number().int(),
  /** ms. */
  at: z.number(),
  actor: z.object({
    kind: z.enum(auditActorKinds),
    /** Of a user or an API key. */
    id: z.string().nullable(),
    /** Null once it was erased. */
    name: z.string().nullable(),
  }),
  action: z.string(),
  object: z.object({ kind: z.string(), id: z.string() }).nullable(),
  tenant: z.object({ id: z.string(), slug: z.string().nullable(), name: z.string().nullable() }).nullable(),
  outcome: z.enum(auditOutcomes),
  errorCode: z.string().nullable(),
  /** What was called, and the HTTP status of the answer; null where the site did it by itself. */
  path: z.string().nullable(),
  status: z.number().int().nullable(),
  durationMs: z.number().nullable(),
  requestId: z.string().nullable(),
  /** Null once it was erased. */
  address: z.string().nullable(),
  /** What changed, mostly as `before` and `after`; what it says of a person is in here too, until it is erased. */
  details: z.record(z.string(), z.unknown()),
  /** Whether something of a person was erased from it on request. */
  erased: z.boolean(),
})
export type AuditEntry = z.infer<typeof AuditEntrySchema>

const InstantSchema = z.coerce.number().int().min(0).max(253_402_300_800_000)

export const AuditFilterSchema = z.object({
  from: InstantSchema.optional().describe('ms since 1970'),
  to: InstantSchema.optional().describe('ms since 1970, exclusive'),
  actor: z
    .string()
    .max(200)
    .optional()
    .describe('Id of a user or an API key, a name, or local, system, gateway, anonymous'),
  action: z.string().max(100).optional().describe('What it begins with: `gateway.`'),
  objectKind: z.string().max(100).optional(),
  objectId: z.string().max(500).optional(),
  tenant: z.string().max(64).optional().describe('Id or slug'),
  outcome: z.enum(auditOutcomes).optional(),
  text: z.string().max(200).optional().describe('Anywhere in the entry'),
})
export type AuditFilter = z.infer<typeof AuditFilterSchema>

export const AuditSettingsSchema = z.object({
  retentionDays: z
    .number()
    .int()
    .min(LEAST_AUDIT_DAYS)
    .max(36_500)
    .nullable()
    .describe('Days that entries are kept; null: for ever'),
})
export type AuditSettings = z.infer<typeof AuditSettingsSchema>

const tags = ['Audit']

/** The record of every change and every refused attempt. People of a tenant see the entries of their tenant. */
export const audit = {
  list: base
    .meta({ access: 'audit:read', reach: 'tenant' })
    .route({ method: 'GET', path: '/audit', tags, summary: 'Entries of the audit, newest first' })
    .errors(errors('tenant_unknown'))
    .input(
      AuditFilterSchema.extend({
        cursor: z.coerce.number().int().min(1).optional().describe('`next` of the page before'),
        limit: z.coerce.number().int().min(1).max(500).default(100),
      }),
    )
    .output(
      z.object({
        entries: z.array(AuditEntrySchema),
        /** Null: there are no older ones. */
        next: z.number().int().nullable(),
      }),
    ),
  actions: base
    .meta({ access: 'audit:read', reach: 'tenant' })
    .route({ method: 'GET', path: '/audit/actions', tags, summary: 'What can stand in `action`' })
    .output(z.object({ actions: z.array(z.string()), objectKinds: z.array(z.string()) })),
  status: base
    .meta({ access: 'audit:read', reach: 'tenant' })
    .route({
      method: 'GET',
      path: '/audit/status',
      tags,
      summary: 'How far the chain is proved, and how long it is kept',
    })
    .output(
      AuditSettingsSchema.extend({
        /** Numbers of the oldest and the newest entry; 0 where there are none. */
        firstSeq: z.number().int(),
        lastSeq: z.number().int(),
        /** When somebody had all of it proved: up to which entry, and how much was found. */
        verified: z.object({ at: z.number(), upTo: z.number().int(), found: z.number().int() }).nullable(),
      }),
    ),
  verify: base
    .meta({ access: 'audit:read', reach: 'tenant', audit: 'audit.verify' })
    .route({
      method: 'POST',
      path: '/audit/verify',
      tags,
      summary: 'Prove that no entry was changed, added or taken away',
    })
    .output(AuditReportSchema),
  startExport: base
    .meta({ access: 'audit:read', reach: 'tenant', audit: 'audit.export' })
    .route({
      method: 'POST',
      path: '/audit/exports',
      successStatus: 202,
      tags,
      summary: 'Write entries to a file, as a job',
    })
    .errors(errors('tenant_unknown', 'too_many_jobs'))
    .input(
      AuditFilterSchema.extend({
        format: z.enum(['csv', 'jsonl']).default('csv'),
        raw: z.boolean().default(false).describe('CSV: no apostrophe before what a spreadsheet would run'),
      }),
    )
    .output(JobSchema),
  updateSettings: base
    .meta({ access: 'site:write', reach: 'site', audit: 'audit.settings' })
    .route({ method: 'PATCH', path: '/audit/settings', tags, summary: 'How long entries are kept' })
    .input(AuditSettingsSchema)
    .output(AuditSettingsSchema),
}
