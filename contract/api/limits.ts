import * as z from 'zod'
import { base, errors } from '../base.ts'
import { IdSchema } from '../model/ids.ts'

const CountSchema = z.number().int()

/** What was limited: QoS 0 messages dropped, messages slowed, sessions closed because the quota was used up. */
const LimitedSchema = z.object({ dropped: CountSchema, delayed: CountSchema, closed: CountSchema })

export const HourUsageSchema = LimitedSchema.extend({
  /** Start of the hour. */
  at: z.date(),
  /** Of all gateways and MQTT clients of the tenant, as far as they were let through. */
  messages: CountSchema,
})
export type HourUsage = z.infer<typeof HourUsageSchema>

export const TenantUsageSchema = z.object({
  tenantId: IdSchema,
  /** The hour of now. */
  hour: HourUsageSchema.extend({ messagesPerHour: CountSchema, endsAt: z.date() }),
  /** The last 24, that of now at the end. */
  hours: z.array(HourUsageSchema),
  gateways: z.object({ count: CountSchema, quota: CountSchema }),
  /** Days that readings are kept at most; null: as their retention class says. */
  storageDays: CountSchema.nullable(),
})
export type TenantUsage = z.infer<typeof TenantUsageSchema>

export const LimitedHourSchema = LimitedSchema.extend({
  gatewayId: IdSchema,
  gatewayCode: z.string(),
  gatewayName: z.string(),
  tenantId: IdSchema,
  /** Start of the hour. */
  at: z.date(),
})
export type LimitedHour = z.infer<typeof LimitedHourSchema>

export const limits = {
  usage: base
    .meta({ access: 'tenants:read', reach: 'tenant' })
    .route({
      method: 'GET',
      path: '/limits/usage',
      tags: ['Tenants'],
      summary: 'What a tenant uses of its quotas, this hour and the last day',
    })
    .errors(errors('forbidden_reach', 'tenant_unknown'))
    .input(z.object({ tenant: z.string().max(64).optional().describe('Id or slug') }))
    .output(TenantUsageSchema),
  limited: base
    .meta({ access: 'gateways:read' })
    .route({
      method: 'GET',
      path: '/limits/limited',
      tags: ['Gateways'],
      summary: 'Gateways whose messages were dropped or slowed, by the hour, newest first',
    })
    .errors(errors('not_found', 'tenant_unknown'))
    .input(
      z.object({
        gateway: z.string().min(1).max(64).optional().describe('Code or id'),
        tenant: z.string().max(64).optional().describe('Id or slug'),
        from: z.coerce.date().optional(),
        limit: z.coerce.number().int().min(1).max(1_000).default(100),
      }),
    )
    .output(z.object({ limited: z.array(LimitedHourSchema) })),
}
