import * as z from 'zod'
import { base, errors } from '../base.ts'
import { IdSchema } from '../model/ids.ts'
import { PermissionSchema } from '../model/permission.ts'
import { TenantRefSchema } from '../model/tenant-ref.ts'

/** How far a key goes; `own`: the gateways of the person who made it. */
export const apiKeyReaches = ['site', 'tenant', 'group', 'own'] as const
export const ApiKeyReachSchema = z.enum(apiKeyReaches)
export type ApiKeyReach = z.infer<typeof ApiKeyReachSchema>

const KeyNameSchema = z
  .string()
  .trim()
  .min(1)
  .max(80)
  .regex(/^[^\p{Cc}\p{Zl}\p{Zp}]*$/u, 'use one line')

export const ApiKeySchema = z.object({
  id: IdSchema,
  name: z.string(),
  /** The beginning of the key, by which it is told apart: `mwk_a1b2c3d4`. */
  prefix: z.string(),
  scopes: z.array(PermissionSchema),
  reach: ApiKeyReachSchema,
  /** Null: of the whole site. */
  tenant: TenantRefSchema.nullable(),
  group: z.object({ id: IdSchema, name: z.string() }).nullable(),
  /** Null: by this machine's command line, or by somebody who is gone. */
  createdBy: z.object({ id: IdSchema, name: z.string() }).nullable(),
  createdAt: z.date(),
  /** Null: it does not expire. */
  expiresAt: z.date().nullable(),
  /** To the minute. */
  lastUsedAt: z.date().nullable(),
  lastUsedAddress: z.string().nullable(),
  revokedAt: z.date().nullable(),
  /** `cut_off`: its tenant is suspended, or whose gateways it sees is. */
  state: z.enum(['active', 'expired', 'revoked', 'cut_off']),
})
export type ApiKey = z.infer<typeof ApiKeySchema>

/** Days that a key lives where nothing else is asked. */
export const API_KEY_DAYS = 365

const KeyRefSchema = z.object({ key: z.string().min(1).max(64).describe('Id or prefix') })

export const apiKeys = {
  list: base
    .meta({ access: 'api-keys:write' })
    .route({
      method: 'GET',
      path: '/api-keys',
      tags: ['API keys'],
      summary: 'API keys that the caller may see, without their secrets',
    })
    .errors(errors('tenant_unknown'))
    .input(z.object({ tenant: z.string().max(64).optional() }).optional())
    .output(z.object({ keys: z.array(ApiKeySchema) })),
  create: base
    .meta({ access: 'api-keys:write', audit: 'api_key.create' })
    .route({
      method: 'POST',
      path: '/api-keys',
      tags: ['API keys'],
      summary: 'Make an API key; its secret is in this answer and nowhere else',
      description:
        'A key has at most the permissions and the reach of whoever makes it. Send it as "Authorization: Bearer mwk_..." or "X-API-Key".',
      successStatus: 201,
    })
    .errors(errors('tenant_unknown', 'not_found', 'forbidden_reach', 'rights_beyond', 'input_invalid'))
    .input(
      z.object({
        name: KeyNameSchema,
        scopes: z.array(PermissionSchema).min(1).max(64),
        reach: ApiKeyReachSchema.optional().describe('As far as the caller reaches where left out'),
        tenant: z.string().max(64).optional().describe('Id or slug; may be left out where there is one'),
        group: z.string().max(600).optional().describe('Id of the group, for the reach `group`'),
        expiresInDays: z
          .number()
          .int()
          .min(1)
          .max(3_650)
          .nullable()
          .default(API_KEY_DAYS)
          .describe('Null: it does not expire'),
      }),
    )
    .output(z.object({ key: ApiKeySchema, secret: z.string() })),
  rename: base
    .meta({ access: 'api-keys:write', audit: 'api_key.rename' })
    .route({ method: 'PATCH', path: '/api-keys/{key}', tags: ['API keys'], summary: 'Rename an API key' })
    .errors(errors('not_found'))
    .input(KeyRefSchema.extend({ name: KeyNameSchema }))
    .output(ApiKeySchema),
  revoke: base
    .meta({ access: 'api-keys:write', audit: 'api_key.revoke' })
    .route({
      method: 'DELETE',
      path: '/api-keys/{key}',
      tags: ['API keys'],
      summary: 'Revoke an API key: it opens nothing from now on',
    })
    .errors(errors('not_found'))
    .input(KeyRefSchema)
    .output(ApiKeySchema),
}
