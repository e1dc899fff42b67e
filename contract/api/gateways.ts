import { eventIterator } from '@orpc/contract'
import * as z from 'zod'
import { base, errors } from '../base.ts'
import {
  AliasesSchema,
  CredentialKindSchema,
  DialectSchema,
  FleetRowSchema,
  GatewaySchema,
  GatewayStateSchema,
} from '../model/gateway.ts'
import { IdSchema } from '../model/ids.ts'
import { RefusalEvidenceSchema, RefusalReasonSchema } from '../model/refusal.ts'
import { GroupRefSchema } from './groups.ts'

/** A gateway's id, or its code; a code that several tenants use needs `tenant`. */
const GatewayRefSchema = z.object({
  gateway: z.string().min(1).max(64),
  tenant: z.string().max(64).optional(),
})

const ActionSchema = GatewayRefSchema.extend({ reason: z.string().trim().max(200).optional() })

export const GatewayEventSchema = z.object({
  at: z.date(),
  kind: z.enum(['state', 'presence']),
  value: z.string(),
  reason: z.string().nullable(),
  actor: z.string().nullable(),
})
export type GatewayEvent = z.infer<typeof GatewayEventSchema>

export const RefusalSchema = z.object({
  id: IdSchema,
  gatewayId: IdSchema.nullable(),
  gatewayCode: z.string().nullable(),
  reason: RefusalReasonSchema,
  address: z.string(),
  clientId: z.string().nullable(),
  fingerprint: z.string().nullable(),
  topic: z.string().nullable(),
  detail: z.string().nullable(),
  evidence: RefusalEvidenceSchema.nullable().describe('What was seen of the connection'),
  count: z.number().int(),
  firstAt: z.date(),
  lastAt: z.date(),
})
export type RefusalRecord = z.infer<typeof RefusalSchema>

/** The answer of `provision`, in the names of the earlier API that scripts already read. */
export const ProvisionedSchema = z.object({
  gateway_id: IdSchema,
  mac_address: z.string().nullable(),
  code: z.string(),
  label: z.string(),
  /** Null, like the three below, for a gateway with a secret. */
  certificate_pem: z.string().nullable(),
  private_key_pem: z.string().nullable(),
  ca_pem: z.string(),
  expires_at: z.date().nullable(),
  serial_number: z.string().nullable(),
  /** What the gateway sends at CONNECT beside or instead of its certificate. */
  mqtt_username: z.string().nullable(),
  mqtt_password: z.string().nullable(),
  mqtt_broker: z.string(),
  mqtt_port: z.number().int(),
  mqtt_client_id: z.string(),
  mqtt_topic: z.string(),
})

export const gateways = {
  list: base
    .meta({ access: 'gateways:read' })
    .route({ method: 'GET', path: '/gateways', tags: ['Gateways'], summary: 'Gateways, ordered by code' })
    .errors(errors('tenant_unknown', 'not_found'))
    .input(
      z.object({
        tenant: z.string().optional(),
        group: GroupRefSchema.optional().describe('In this group or below it: id, or path `Plant 1/Line 2`'),
        state: GatewayStateSchema.optional(),
        search: z.string().max(100).optional(),
        limit: z.coerce.number().int().min(1).max(1_000).default(100),
        after: z.string().max(100).optional().describe('`next` of the page before'),
      }),
    )
    .output(z.object({ gateways: z.array(GatewaySchema), next: z.string().nullable() })),
  /** The whole fleet that the caller may see, then what changes, a few times a second at most. */
  watch: base
    .meta({ access: 'gateways:read' })
    .output(
      eventIterator(
        z.discriminatedUnion('type', [
          z.object({ type: z.literal('all'), rows: z.array(FleetRowSchema) }),
          z.object({ type: z.literal('changed'), rows: z.array(FleetRowSchema), removed: z.array(IdSchema) }),
        ]),
      ),
    ),
  show: base
    .meta({ access: 'gateways:read' })
    .route({
      method: 'GET',
      path: '/gateways/{gateway}',
      tags: ['Gateways'],
      summary: 'One gateway, by id or code',
    })
    .errors(errors('not_found'))
    .input(GatewayRefSchema)
    .output(GatewaySchema),
  provision: base
    .meta({ access: 'gateways:write', audit: 'gateway.provision' })
    .route({
      method: 'POST',
      path: '/gateways/provision',
      tags: ['Gateways'],
      summary: 'Create a gateway with its certificate',
      description:
        'Send an Idempotency-Key: the same key and body give the same gateway again, with its private key for as long as it waits to be handed over. A revoked gateway of the same tenant, MAC and code is enrolled anew.',
      successStatus: 201,
    })
    .errors(
      errors(
        'mac_invalid',
        'mac_taken',
        'code_taken',
        'label_taken',
        'tenant_unknown',
        'idempotency_conflict',
        'credential_gone',
        'gateway_state_conflict',
        'quota_gateways',
        'not_found',
        'forbidden_reach',
        'dialect_unknown',
        'alias_taken',
        'alias_invalid',
      ),
    )
    .input(
      z.object({
        mac_address: z.string().max(64).optional(),
        code: z
          .string()
          .trim()
          .regex(
            /^[A-Za-z0-9][A-Za-z0-9._-]{0,29}$/,
            'use 1 to 30 letters, digits, dots, dashes or underscores',
          ),
        name: z.string().trim().min(1).max(100),
        tenant: z
          .string()
          .max(64)
          .optional()
          .describe('Id or slug; may be left out where there is one tenant'),
        group: GroupRefSchema.optional().describe('Id, or path `Plant 1/Line 2`'),
        profile: z.string().trim().min(1).max(100).optional().describe('Id or name of a gateway profile'),
        key_algorithm: z.enum(['ec', 'rsa']).optional().describe('Left out: as its profile says, else `ec`'),
        dialect: DialectSchema.optional().describe('Left out: as its profile says, else `canonical`'),
        credential: CredentialKindSchema.optional().describe(
          'Left out: as its profile says, else `certificate`',
        ),
        label: z
          .string()
          .trim()
          .regex(/^[A-Z0-9][A-Z0-9-]{2,31}$/, 'use 3 to 32 capital letters, digits and dashes')
          .optional(),
        aliases: AliasesSchema.optional().describe('Other names of it in its dialect'),
      }),
    )
    .output(ProvisionedSchema),
  update: base
    .meta({ access: 'gateways:write', audit: 'gateway.update' })
    .route({ method: 'PATCH', path: '/gateways/{gateway}', tags: ['Gateways'], summary: 'Rename a gateway' })
    .errors(errors('not_found'))
    .input(GatewayRefSchema.extend({ name: z.string().trim().min(1).max(100) }))
    .output(GatewaySchema),
  place: base
    .meta({ access: 'gateways:write', audit: 'gateway.place' })
    .route({
      method: 'POST',
      path: '/gateways/{gateway}/place',
      tags: ['Gateways'],
      summary: 'Put a gateway into a group, or give it an owner',
      description: 'What is left out stays; null takes it out. An owner is given by id or e-mail address.',
    })
    .errors(errors('not_found', 'forbidden_reach', 'owner_unknown'))
    .input(
      GatewayRefSchema.extend({
        group: GroupRefSchema.nullable().optional(),
        owner: z.string().min(1).max(254).nullable().optional(),
      }),
    )
    .output(GatewaySchema),
  suspend: base
    .meta({ access: 'gateways:write', audit: 'gateway.suspend' })
    .route({
      method: 'POST',
      path: '/gateways/{gateway}/suspend',
      tags: ['Gateways'],
      summary: 'Disconnect and refuse until resumed',
    })
    .errors(errors('not_found', 'gateway_state_conflict'))
    .input(ActionSchema)
    .output(GatewaySchema),
  resume: base
    .meta({ access: 'gateways:write', audit: 'gateway.resume' })
    .route({
      method: 'POST',
      path: '/gateways/{gateway}/resume',
      tags: ['Gateways'],
      summary: 'Let a suspended gateway connect again',
    })
    .errors(errors('not_found', 'gateway_state_conflict'))
    .input(ActionSchema)
    .output(GatewaySchema),
  revoke: base
    .meta({ access: 'certificates:write', audit: 'gateway.revoke' })
    .route({
      method: 'POST',
      path: '/gateways/{gateway}/revoke',
      tags: ['Gateways'],
      summary: 'End the credential for good',
    })
    .errors(errors('not_found', 'gateway_state_conflict'))
    .input(ActionSchema)
    .output(GatewaySchema),
  unclaim: base
    .meta({ access: 'certificates:write', audit: 'gateway.unclaim' })
    .route({
      method: 'POST',
      path: '/gateways/{gateway}/unclaim',
      tags: ['Gateways'],
      summary: 'Give the box away: it may be claimed anew, by any tenant',
      description:
        'Its credentials end, its assignment is closed, and messages that wait for it are deleted. What it sent so far stays with its tenant.',
    })
    .errors(errors('not_found', 'gateway_state_conflict', 'forbidden_reach'))
    .input(ActionSchema)
    .output(GatewaySchema),
  history: base
    .meta({ access: 'gateways:read' })
    .route({
      method: 'GET',
      path: '/gateways/{gateway}/history',
      tags: ['Gateways'],
      summary: 'Changes of state and connection, newest first',
    })
    .errors(errors('not_found'))
    .input(
      GatewayRefSchema.extend({
        since: z.coerce.date().optional(),
        limit: z.coerce.number().int().min(1).max(5_000).default(500),
      }),
    )
    .output(z.object({ events: z.array(GatewayEventSchema) })),
  refusals: base
    .meta({ access: 'gateways:read' })
    .route({
      method: 'GET',
      path: '/refusals',
      tags: ['Gateways'],
      summary: 'Refused connections and messages, newest first',
    })
    .errors(errors('not_found'))
    .input(
      z.object({
        gateway: z.string().max(64).optional(),
        tenant: z.string().max(64).optional(),
        since: z.coerce.date().optional(),
        limit: z.coerce.number().int().min(1).max(1_000).default(100),
      }),
    )
    .output(z.object({ refusals: z.array(RefusalSchema) })),
  /** A signal that a gateway's history, refusals, certificate or channels changed: ask again for what is shown. */
  watchOne: base
    .meta({ access: 'gateways:read' })
    .errors(errors('not_found'))
    .input(GatewayRefSchema)
    .output(
      eventIterator(
        z.object({ changed: z.array(z.enum(['gateway', 'history', 'refusals', 'channels', 'commands'])) }),
      ),
    ),
}
