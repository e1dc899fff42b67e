import * as z from 'zod'
import { base, errors } from '../base.ts'
import { IdSchema, SlugSchema } from '../model/ids.ts'

/** What a tenant is called: one line of any script. */
export const TenantNameSchema = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .regex(/^[^\p{Cc}\p{Zl}\p{Zp}]*$/u, 'use one line without control characters')

export const TenantSchema = z.object({
  id: IdSchema,
  slug: SlugSchema,
  name: z.string(),
  /** All that belongs to a suspended tenant is cut off: gateways, MQTT clients, people, API keys. */
  state: z.enum(['active', 'suspended']),
  createdAt: z.date(),
})
export type Tenant = z.infer<typeof TenantSchema>

/** What a tenant may use. Null: the default of the site, or no bound where there is none. */
export const TenantQuotasSchema = z.object({
  gateways: z.number().int().min(0).max(1_000_000).nullable(),
  /** In an hour of the clock (UTC). */
  messagesPerHour: z.number().int().min(1).max(1_000_000_000).nullable(),
  /** Of all its gateways and MQTT clients together. */
  messagesPerSecond: z.number().int().min(1).max(1_000_000).nullable(),
  burst: z.number().int().min(1).max(10_000_000).nullable(),
  /** Of each of its gateways; null: those of the gateway's dialect. */
  gatewayMessagesPerSecond: z.number().int().min(1).max(100_000).nullable(),
  gatewayBurst: z.number().int().min(1).max(1_000_000).nullable(),
  /** Readings older than this are deleted, whatever their retention class. Null: the class decides. */
  storageDays: z.number().int().min(1).max(36_500).nullable(),
})
export type TenantQuotas = z.infer<typeof TenantQuotasSchema>

export const TenantDetailsSchema = TenantSchema.extend({
  suspendedAt: z.date().nullable(),
  suspendReason: z.string().nullable(),
  /** As set for this tenant. */
  quotas: TenantQuotasSchema,
  /** What counts: the own quota, or the site's default. */
  allowed: z.object({ gateways: z.number().int(), messagesPerHour: z.number().int() }),
  usage: z.object({
    gateways: z.number().int(),
    messagesThisHour: z.number().int(),
    groups: z.number().int(),
    people: z.number().int(),
  }),
  /** When a deletion that was asked for takes effect. */
  deletionAt: z.date().nullable(),
  /** Gateways that come with a secret and no certificate. */
  passwordGateways: z.object({
    /** Whether they are let in. */
    allowed: z.boolean(),
    /** How many there are. */
    count: z.number().int(),
    /** Whether the listener that takes secrets is open: it is the site's, not the tenant's. */
    listenerOpen: z.boolean(),
  }),
})
export type TenantDetails = z.infer<typeof TenantDetailsSchema>

/** Id or slug. */
const TenantRefInput = z.object({ tenant: z.string().min(1).max(64) })

export const tenants = {
  list: base
    .meta({ access: 'tenants:read' })
    .route({ method: 'GET', path: '/tenants', tags: ['Tenants'], summary: 'Tenants that the caller may see' })
    .output(z.object({ tenants: z.array(TenantSchema) })),
  details: base
    .meta({ access: 'tenants:read', reach: 'tenant' })
    .route({
      method: 'GET',
      path: '/tenants/details',
      tags: ['Tenants'],
      summary: 'Tenants with their quotas and what they use of them',
    })
    .errors(errors('forbidden_reach'))
    .output(z.object({ tenants: z.array(TenantDetailsSchema) })),
  show: base
    .meta({ access: 'tenants:read', reach: 'tenant' })
    .route({
      method: 'GET',
      path: '/tenants/{tenant}',
      tags: ['Tenants'],
      summary: 'One tenant, by id or slug',
    })
    .errors(errors('forbidden_reach', 'tenant_unknown'))
    .input(TenantRefInput)
    .output(TenantDetailsSchema),
  create: base
    .meta({ access: 'tenants:write', reach: 'site', audit: 'tenant.create' })
    .route({
      method: 'POST',
      path: '/tenants',
      tags: ['Tenants'],
      summary: 'Add a tenant; without a slug it is made from the name',
      successStatus: 201,
    })
    .errors(errors('forbidden_reach', 'slug_taken', 'slug_reserved'))
    .input(z.object({ name: TenantNameSchema, slug: SlugSchema.optional() }))
    .output(TenantDetailsSchema),
  update: base
    .meta({ access: 'tenants:write', reach: 'tenant', audit: 'tenant.update' })
    .route({
      method: 'PATCH',
      path: '/tenants/{tenant}',
      tags: ['Tenants'],
      summary: 'Rename a tenant, or say whether gateways without a certificate are let in',
      description: 'Its slug is changed by administrators of the site only.',
    })
    .errors(errors('forbidden_reach', 'tenant_unknown', 'slug_taken', 'slug_reserved'))
    .input(
      TenantRefInput.extend({
        name: TenantNameSchema.optional(),
        slug: SlugSchema.optional(),
        passwordGateways: z
          .boolean()
          .optional()
          .describe(
            'Whether gateways may come with a secret and no certificate; live ones end when it is turned off',
          ),
      }),
    )
    .output(TenantDetailsSchema),
  limit: base
    .meta({ access: 'tenants:write', reach: 'site', audit: 'tenant.limit' })
    .route({
      method: 'PATCH',
      path: '/tenants/{tenant}/quotas',
      tags: ['Tenants'],
      summary: 'Set quotas: gateways, messages, storage days; null for the default',
    })
    .errors(errors('forbidden_reach', 'tenant_unknown'))
    .input(TenantRefInput.extend({ quotas: TenantQuotasSchema.partial() }))
    .output(TenantDetailsSchema),
  suspend: base
    .meta({ access: 'tenants:write', reach: 'site', audit: 'tenant.suspend' })
    .route({
      method: 'POST',
      path: '/tenants/{tenant}/suspend',
      tags: ['Tenants'],
      summary: 'Cut off its gateways, MQTT clients, people and API keys at once, until resumed',
    })
    .errors(errors('forbidden_reach', 'tenant_unknown', 'tenant_state_conflict'))
    .input(TenantRefInput.extend({ reason: z.string().trim().max(200).optional() }))
    .output(TenantDetailsSchema),
  resume: base
    .meta({ access: 'tenants:write', reach: 'site', audit: 'tenant.resume' })
    .route({
      method: 'POST',
      path: '/tenants/{tenant}/resume',
      tags: ['Tenants'],
      summary: 'Let a suspended tenant go on',
    })
    .errors(errors('forbidden_reach', 'tenant_unknown', 'tenant_state_conflict', 'tenant_deletion_conflict'))
    .input(TenantRefInput)
    .output(TenantDetailsSchema),
}
