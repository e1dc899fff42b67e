import * as z from 'zod'
import { IdSchema, SlugSchema } from './ids.ts'

/** What of a tenant goes to the cloud: nothing, its fleet, or its fleet and telemetry. */
export const cloudModes = ['off', 'fleet', 'telemetry'] as const
export const CloudModeSchema = z.enum(cloudModes)
export type CloudMode = z.infer<typeof CloudModeSchema>

/**
 * How the link is. `connecting`: on its way for the first time or after a change. `live`: all is sent but the newest
 * seconds. `catching_up`: linked, with a backlog. `held_up`: linked, but a part (readings, the fleet, a tenant) does not go
 * (`problem`). `waiting`: it broke; tried again at `retryAt`. `paused`: by a person. `outside_window`: telemetry waits for
 * its hours, the fleet goes on. `leaving`: what was sent is being deleted there. `stopped`: a person must do something
 * (`problem`).
 */
export const cloudStates = [
  'connecting',
  'live',
  'catching_up',
  'held_up',
  'waiting',
  'paused',
  'outside_window',
  'leaving',
  'stopped',
] as const
export const CloudStateSchema = z.enum(cloudStates)
export type CloudState = z.infer<typeof CloudStateSchema>

/** A failure as code and data, to be worded in the person's language. */
export const CodedProblemSchema = z.object({
  code: z.string(),
  data: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
})
export type CodedProblem = z.infer<typeof CodedProblemSchema>

/** Where the cloud is and how the site signs in; the password is never given back. */
export const CloudAddressSchema = z.object({
  host: z.string(),
  port: z.number().int(),
  database: z.string(),
  username: z.string(),
  /** PEM; null: a public CA. */
  caCertificate: z.string().nullable(),
  insideNetwork: z.boolean(),
})
export type CloudAddress = z.infer<typeof CloudAddressSchema>

/** What a person gives to preview, join, or change the credentials. */
export const CloudLoginSchema = z.object({
  url: z
    .string()
    .trim()
    .min(1)
    .max(1_000)
    .describe('postgres://user@host:5432/database; the password goes into its own field'),
  password: z.string().min(1).max(1_000),
  caCertificate: z.string().max(100_000).nullable().default(null).describe('PEM of an own CA'),
  insideNetwork: z.boolean().default(false).describe('The server stands in a private network'),
})
export type CloudLogin = z.infer<typeof CloudLoginSchema>

/** What is chosen for a tenant. */
export const CloudTenantChoiceSchema = z.object({
  tenantId: IdSchema,
  mode: CloudModeSchema,
  fromAt: z
    .number()
    .int()
    .nullable()
    .default(null)
    .describe('Readings from this time on, ms; null: all that are stored'),
  cloudTenantId: IdSchema.nullable()
    .default(null)
    .describe('A tenant of the cloud that this one is the same as; null: the one with the same id'),
})
export type CloudTenantChoice = z.infer<typeof CloudTenantChoiceSchema>

/** A tenant that is in the cloud and shared with this site. */
export const SharedTenantSchema = z.object({ id: IdSchema, slug: SlugSchema, name: z.string() })

export const CloudLimitsSchema = z.object({
  bytesPerSecond: z.number().int().min(1_000).max(1_000_000_000).nullable().describe('null: no limit'),
  window: z
    .object({
      from: z.number().int().min(0).max(1_439),
      to: z.number().int().min(0).max(1_439),
    })
    .nullable()
    .describe('Minutes after midnight, site time, between which telemetry is sent; null: always'),
  sendsPasswordHashes: z.boolean(),
  takesTenants: z
    .boolean()
    .describe('Tenants that the cloud shares with this site come here, in mode fleet; those that came stay'),
})
export type CloudLimits = z.infer<typeof CloudLimitsSchema>

export const CloudBacklogSchema = z.object({
  /** Readings that wait; null: not counted yet. */
  readings: z.number().nullable(),
  /** Since when readings wait, ms; null: none does. */
  oldestAt: z.number().nullable(),
  /** Objects of the fleet that wait. */
  objects: z.number(),
})
export type CloudBacklog = z.infer<typeof CloudBacklogSchema>

export const CloudTenantStateSchema = z.object({
  tenantId: IdSchema,
  slug: SlugSchema,
  name: z.string(),
  mode: CloudModeSchema,
  fromAt: z.number().nullable(),
  /** The tenant of the cloud that it is linked with; null: the one with the same id. */
  linkedWith: IdSchema.nullable(),
  backlog: CloudBacklogSchema,
  readingsSent: z.number(),
  bytesSent: z.number(),
  /** Readings that retention took before they were sent. */
  readingsLost: z.number(),
  deadLetters: z.number(),
  conflicts: z.number(),
  lastSuccessAt: z.number().nullable(),
  /** Why nothing of it is sent, where only it is concerned. */
  problem: CodedProblemSchema.nullable(),
})
export type CloudTenantState = z.infer<typeof CloudTenantStateSchema>

/** What leaving deletes in the cloud of what this site sent. */
export const CloudDeletedSchema = z.object({ deletedReadings: z.number(), deletedObjects: z.number() })
export type CloudDeleted = z.infer<typeof CloudDeletedSchema>

/** A pass over stored readings. */
export const CloudSweepSchema = z.object({
  id: IdSchema,
  kind: z.enum(['history', 'gap', 'resync']),
  tenantId: IdSchema.nullable(),
  fromTs: z.number().nullable(),
  toTs: z.number().nullable(),
  /** Readings in all, about; null: unknown. */
  total: z.number().nullable(),
  sent: z.number(),
  /** Of a resync: channel days compared, and those that differed and were mended. */
  compared: z.number(),
  mended: z.number(),
  /** Readings that only the cloud has, and on how many channel days. What retention took here does not count. */
  onlyThere: z.number(),
  onlyThereDays: z.number(),
  /** Readings that differ and stay, for the cloud has a newer version of them than this site. */
  newerThere: z.number(),
  createdAt: z.number(),
  endedAt: z.number().nullable(),
})
export type CloudSweep = z.infer<typeof CloudSweepSchema>

export const CloudStatusSchema = z.object({
  address: CloudAddressSchema,
  /** What the cloud calls this site. */
  siteName: z.string(),
  state: CloudStateSchema,
  problem: CodedProblemSchema.nullable(),
  /** When it is tried again, ms. */
  retryAt: z.number().nullable(),
  joinedAt: z.number(),
  joinedByName: z.string(),
  /** So far, where the site is leaving, whatever the state; null: it stays. */
  leaving: CloudDeletedSchema.nullable(),
  lastContactAt: z.number().nullable(),
  lastSuccessAt: z.number().nullable(),
  /** Readings and bytes (both ways) a second, over the last ten seconds. */
  readingsPerSecond: z.number(),
  bytesPerSecond: z.number(),
  backlog: CloudBacklogSchema,
  limits: CloudLimitsSchema,
  tenants: z.array(CloudTenantStateSchema),
  sweeps: z.array(CloudSweepSchema),
  deadLetters: z.number(),
  conflicts: z.number(),
  /** This machine's clock less the cloud's, ms; null: not measured yet. */
  clockOffset: z.number().nullable(),
  server: z
    .object({ version: z.string(), storage: z.enum(['native', 'timescale']), schemaVersion: z.number() })
    .nullable(),
})
export type CloudStatus = z.infer<typeof CloudStatusSchema>

export const CloudPreviewSchema = z.object({
  address: CloudAddressSchema,
  siteName: z.string(),
  serverVersion: z.string(),
  storage: z.enum(['native', 'timescale']),
  schemaVersion: z.number(),
  certificate: z.object({
    subject: z.string(),
    issuer: z.string(),
    fingerprint: z.string(),
    notAfter: z.number(),
  }),
  lastUsed: z
    .object({ at: z.number(), version: z.string().nullable() })
    .nullable()
    .describe('When an installation used this login last, and its Millwright; null: none has'),
  roundTrip: z.number().describe('ms'),
  clockOffset: z.number(),
  /** Tenants of the cloud that are shared with this site already: to link with, or to come here (`takesTenants`). */
  sharedTenants: z.array(SharedTenantSchema),
  tenants: z.array(
    z.object({
      tenantId: IdSchema,
      slug: SlugSchema,
      name: z.string(),
      mode: CloudModeSchema,
      fromAt: z.number().nullable(),
      linkedWith: SharedTenantSchema.nullable().describe(
        'The tenant of the cloud that it would be the same as',
      ),
      objects: z.number(),
      readings: z.number(),
      bytes: z.number().describe('About, on the wire'),
    }),
  ),
  /** Seconds to send what is stored, about, at the speed that was measured or allowed. */
  seconds: z.number(),
})
export type CloudPreview = z.infer<typeof CloudPreviewSchema>

export const CloudDeadLetterSchema = z.object({
  id: IdSchema,
  kind: z.enum(['reading', 'object']),
  direction: z.enum(['up', 'down']),
  tenantId: IdSchema.nullable(),
  /** Of a reading. */
  channelId: IdSchema.nullable(),
  channel: z.string().nullable(),
  gateway: z.string().nullable(),
  ts: z.number().nullable(),
  value: z.union([z.number(), z.boolean(), z.string()]).nullable(),
  /** Of an object. */
  entity: z.string().nullable(),
  entityId: z.string().nullable(),
  fields: z.record(z.string(), z.unknown()).nullable(),
  reason: CodedProblemSchema,
  attempts: z.number(),
  firstAt: z.number(),
  lastAt: z.number(),
})
export type CloudDeadLetter = z.infer<typeof CloudDeadLetterSchema>

const ConflictSideSchema = z.object({
  value: z.unknown(),
  /** Who changed it: this site, somebody in the cloud itself, or another site. */
  by: z.enum(['here', 'cloud', 'site']),
  /** The other site's name; the first digits of its id where the cloud tells no name. */
  site: z.string().nullable(),
  /** ms. */
  at: z.number(),
})

export const CloudConflictSchema = z.object({
  id: IdSchema,
  tenantId: IdSchema.nullable(),
  entity: z.string(),
  entityId: z.string(),
  /** What people call the object. */
  name: z.string(),
  field: z.string(),
  /** The value that counts, and the other. */
  kept: ConflictSideSchema,
  other: ConflictSideSchema,
  at: z.number(),
  resolvedAt: z.number().nullable(),
  resolvedByName: z.string().nullable(),
})
export type CloudConflict = z.infer<typeof CloudConflictSchema>
