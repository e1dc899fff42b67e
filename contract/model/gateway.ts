import * as z from 'zod'
import { IdSchema } from './ids.ts'
import { ReadingValueSchema } from './reading.ts'
import { RefusalReasonSchema } from './refusal.ts'

export const gatewayStates = ['unclaimed', 'claimed', 'active', 'suspended', 'revoked'] as const
export type GatewayState = (typeof gatewayStates)[number]
export const GatewayStateSchema = z.enum(gatewayStates)

/** Those that the site brings; people may define more. */
export const dialects = ['canonical', 'slots', 'tds', 'direction', 'user'] as const
export const DialectSchema = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,31}$/, 'use lower-case letters, digits and dashes, a letter first')

export type DialectName = z.infer<typeof DialectSchema>

/** Other names that a gateway may have in its dialect. */
export const aliasKinds = ['topic', 'tenant', 'user', 'client_id', 'username'] as const
export type AliasKind = (typeof aliasKinds)[number]

/** One level of a topic, a client id or a user name; its dialect says whether it can be used. */
export const AliasSchema = z
  .string()
  .trim()
  .min(1)
  .max(128)
  // [MQTT-4.7.1-1], [MQTT-4.7.2-1], [MQTT-4.7.3-2]
  .regex(
    /^(?!\$)[^/+#\p{Cc}\p{Cs}]+$/u,
    'use one level of a topic: no /, +, # or control character, no $ in front',
  )
export const AliasesSchema = z.strictObject({
  topic: AliasSchema.optional(),
  tenant: AliasSchema.optional(),
  user: AliasSchema.optional(),
  client_id: AliasSchema.optional(),
  username: AliasSchema.optional(),
})

/** What a gateway authenticates with. `both`: a certificate, and with it user name and password (002). */
export const credentialKinds = ['certificate', 'secret', 'both'] as const
export type CredentialKind = (typeof credentialKinds)[number]
export const CredentialKindSchema = z.enum(credentialKinds)

/** A gateway as REST and the detail page give it. */
export const GatewaySchema = z.object({
  id: IdSchema,
  code: z.string(),
  name: z.string(),
  label: z.string(),
  mac: z.string().nullable(),
  tenant: z.object({ id: IdSchema, slug: z.string(), name: z.string() }),
  /** `path`: names from the top that the caller may see down to its own. */
  group: z.object({ id: IdSchema, name: z.string(), path: z.array(z.string()) }).nullable(),
  owner: z.object({ id: IdSchema, name: z.string() }).nullable(),
  state: GatewayStateSchema,
  online: z.boolean(),
  dialect: DialectSchema,
  /** MQTT client id and topic name. */
  wireName: z.string(),
  platform: z.string().nullable(),
  hardwareRevision: z.string().nullable(),
  firmwareVersion: z.string().nullable(),
  maxDevices: z.number().int(),
  createdAt: z.date(),
  claimedAt: z.date().nullable(),
  activatedAt: z.date().nullable(),
  lastSeenAt: z.date().nullable(),
  certificate: z
    .object({
      serial: z.string(),
      fingerprint: z.string(),
      notAfter: z.date(),
      keyAlgorithm: z.string(),
      issuer: z.string(),
    })
    .nullable(),
  credential: CredentialKindSchema,
  /** Whether the private key or secret still waits, sealed, to be handed over. */
  credentialWaiting: z.boolean(),
  profile: z.object({ id: IdSchema, name: z.string() }).nullable(),
  /** Of a gateway that must acknowledge its binding: `pending` until it has. */
  bindState: z.enum(['pending', 'bound']).nullable(),
})
export type Gateway = z.infer<typeof GatewaySchema>

/** The row of a gateway in live lists: compact, times in ms since 1970. */
export const FleetRowSchema = z.object({
  id: IdSchema,
  tenantId: IdSchema,
  groupId: IdSchema.nullable(),
  ownerUserId: IdSchema.nullable(),
  code: z.string(),
  name: z.string(),
  label: z.string(),
  mac: z.string().nullable(),
  dialect: DialectSchema,
  firmwareVersion: z.string().nullable(),
  state: GatewayStateSchema,
  online: z.boolean(),
  /** When `online` or `state` last changed. */
  since: z.number(),
  lastSeenAt: z.number().nullable(),
  certificateEnds: z.number().nullable(),
  latest: z
    .object({
      channelId: IdSchema,
      name: z.string(),
      unit: z.string().nullable(),
      value: ReadingValueSchema,
      ts: z.number(),
    })
    .nullable(),
  /** Readings per second, over the last ten seconds. */
  rate: z.number(),
  refusal: z.object({ reason: RefusalReasonSchema, at: z.number(), count: z.number() }).nullable(),
})
export type FleetRow = z.infer<typeof FleetRowSchema>

/** The one word a list shows for a gateway. */
export const fleetStatuses = [
  'online',
  'stale',
  'refused',
  'offline',
  'waiting',
  'suspended',
  'revoked',
] as const
export type FleetStatus = (typeof fleetStatuses)[number]

/** An online gateway without a reading for this long is stale, in ms. */
export const STALE_AFTER = 2 * 60_000

/** What to show for a row at `now` (ms): state first, then refusal, then connection, then the age of its readings. */
export function fleetStatus(row: FleetRow, now: number): FleetStatus {
  if (row.state === 'suspended') return 'suspended'
  if (row.state === 'revoked') return 'revoked'
  if (!row.online && row.refusal !== null && row.refusal.at > row.since) return 'refused'
  if (row.state === 'claimed' || row.state === 'unclaimed') return row.online ? 'online' : 'waiting'
  if (!row.online) return 'offline'
  const heard = row.latest === null ? row.since : Math.max(row.since, row.lastSeenAt ?? 0)
  return now - heard > STALE_AFTER ? 'stale' : 'online'
}
