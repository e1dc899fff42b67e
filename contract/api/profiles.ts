import * as z from 'zod'
import { base, errors } from '../base.ts'
import { CredentialKindSchema, DialectSchema } from '../model/gateway.ts'
import { IdSchema } from '../model/ids.ts'

export const PROFILES_PER_TENANT = 200

/** What gateways of a profile are made with, and what they may send. */
export const ProfileFieldsSchema = z.object({
  name: z
    .string()
    .trim()
    .min(1)
    .max(100)
    .regex(/^[^\p{Cc}\p{Zl}\p{Zp}]*$/u, 'use one line without control characters'),
  /** Gateways that have no dialect of their own follow it. */
  dialect: DialectSchema,
  /** Of gateways that are made with the profile from now on. */
  credential: CredentialKindSchema,
  keyAlgorithm: z.enum(['ec', 'rsa']),
  maxDevices: z.number().int().min(1).max(32),
  /** Of each of its gateways, sustained; null: as the tenant or the dialect says. Never more than the tenant's own bound. */
  messagesPerSecond: z.number().min(0.01).max(100_000).nullable(),
  /** At once; null: five seconds' worth. */
  burst: z.number().int().min(1).max(1_000_000).nullable(),
})
export type ProfileFields = z.infer<typeof ProfileFieldsSchema>

export const GatewayProfileSchema = ProfileFieldsSchema.extend({
  id: IdSchema,
  tenant: z.object({ id: IdSchema, slug: z.string(), name: z.string() }),
  /** For `update`: what was read is what is changed. */
  version: z.number().int(),
  /** How many have it. */
  gateways: z.number().int(),
  createdAt: z.date(),
  updatedAt: z.date(),
})
export type GatewayProfile = z.infer<typeof GatewayProfileSchema>

/** Id or name; a name that several tenants use needs `tenant`. */
const ProfileRefSchema = z.object({
  profile: z.string().trim().min(1).max(100),
  tenant: z.string().max(64).optional().describe('Id or slug'),
})

const defaults = {
  dialect: 'canonical',
  credential: 'certificate' as const,
  keyAlgorithm: 'ec' as const,
  maxDevices: 8,
}

export const profiles = {
  list: base
    .meta({ access: 'gateways:read' })
    .route({ method: 'GET', path: '/profiles', tags: ['Gateways'], summary: 'Gateway profiles, by name' })
    .errors(errors('tenant_unknown'))
    .input(z.object({ tenant: z.string().max(64).optional().describe('Id or slug') }))
    .output(z.object({ profiles: z.array(GatewayProfileSchema) })),
  show: base
    .meta({ access: 'gateways:read' })
    .route({
      method: 'GET',
      path: '/profiles/{profile}',
      tags: ['Gateways'],
      summary: 'One gateway profile, by id or name',
    })
    .errors(errors('not_found', 'tenant_unknown'))
    .input(ProfileRefSchema)
    .output(GatewayProfileSchema),
  create: base
    .meta({ access: 'gateways:write', reach: 'tenant', audit: 'profile.create' })
    .route({
      method: 'POST',
      path: '/profiles',
      tags: ['Gateways'],
      summary: 'Make a gateway profile',
      successStatus: 201,
    })
    .errors(
      errors(
        'forbidden_reach',
        'tenant_unknown',
        'profile_name_taken',
        'too_many_profiles',
        'dialect_unknown',
      ),
    )
    .input(
      ProfileFieldsSchema.extend({
        tenant: z
          .string()
          .max(64)
          .optional()
          .describe('Id or slug; may be left out where there is one tenant'),
        dialect: DialectSchema.default(defaults.dialect),
        credential: CredentialKindSchema.default(defaults.credential),
        keyAlgorithm: z.enum(['ec', 'rsa']).default(defaults.keyAlgorithm),
        maxDevices: ProfileFieldsSchema.shape.maxDevices.default(defaults.maxDevices),
        messagesPerSecond: ProfileFieldsSchema.shape.messagesPerSecond.default(null),
        burst: ProfileFieldsSchema.shape.burst.default(null),
      }),
    )
    .output(GatewayProfileSchema),
  update: base
    .meta({ access: 'gateways:write', reach: 'tenant', audit: 'profile.update' })
    .route({
      method: 'PATCH',
      path: '/profiles/{profile}',
      tags: ['Gateways'],
      summary: 'Change a gateway profile',
      description:
        'What is left out stays. `version` is that of the profile as it was read. Another dialect is at once that of its gateways that have none of their own; another credential or key only that of gateways made from now on.',
    })
    .errors(
      errors(
        'forbidden_reach',
        'not_found',
        'tenant_unknown',
        'profile_name_taken',
        'profile_changed',
        'dialect_unknown',
        'alias_invalid',
      ),
    )
    .input(
      ProfileRefSchema.extend({ version: z.number().int().min(1), ...ProfileFieldsSchema.partial().shape }),
    )
    .output(GatewayProfileSchema),
  remove: base
    .meta({ access: 'gateways:write', reach: 'tenant', audit: 'profile.remove' })
    .route({
      method: 'DELETE',
      path: '/profiles/{profile}',
      tags: ['Gateways'],
      summary: 'Delete a gateway profile that no gateway has',
    })
    .errors(errors('forbidden_reach', 'not_found', 'tenant_unknown', 'profile_in_use'))
    .input(ProfileRefSchema)
    .output(z.object({ removed: z.literal(true) })),
}
