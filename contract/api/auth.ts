import * as z from 'zod'
import { base, errors } from '../base.ts'
import { IdSchema } from '../model/ids.ts'
import { PermissionSchema } from '../model/permission.ts'
import { TenantRefSchema } from '../model/tenant-ref.ts'

export const MeSchema = z.object({
  /** `local`: whoever owns the data folder of this machine. */
  kind: z.enum(['person', 'local', 'api_key']),
  id: IdSchema.nullable(),
  name: z.string(),
  email: z.string().nullable(),
  /** Rights over the whole site, even while looking at one tenant of it. */
  ofSite: z.boolean(),
  /** A built-in role's name or an own role's id; null for API keys. */
  role: z.string().nullable(),
  roleName: z.string(),
  permissions: z.array(PermissionSchema),
  /** How far these rights go within the tenant; `site`: no tenant is chosen. */
  reach: z.enum(['site', 'tenant', 'groups', 'own']),
  /** The tenant in which they act; null: the whole site. */
  tenantId: IdSchema.nullable(),
  /** Every tenant that they may choose to act in. */
  tenants: z.array(TenantRefSchema),
  /** What must be done before the rights count. */
  pending: z.enum(['unlock', 'password', 'second_factor']).nullable(),
})
export type Me = z.infer<typeof MeSchema>

/** By e-mail address or user name; `code` of the second factor, for those who have one. */
export const CredentialsSchema = z
  .object({
    email: z.string().max(254).optional(),
    username: z.string().max(254).optional(),
    password: z.string().max(1024),
    code: z.string().max(32).optional(),
  })
  .refine(({ email, username }) => email !== undefined || username !== undefined, {
    path: ['email'],
    message: 'say who signs in, by email or username',
  })

/** The answer of RFC 6749 5.1, with who it is for. */
export const TokensSchema = z.object({
  access_token: z.string(),
  token_type: z.literal('Bearer'),
  /** Seconds. */
  expires_in: z.number().int(),
  refresh_token: z.string(),
  /** Seconds. */
  refresh_expires_in: z.number().int(),
  user: MeSchema,
})
export type Tokens = z.infer<typeof TokensSchema>

export const auth = {
  login: base
    .meta({ access: 'public', audit: 'auth.login' })
    .route({
      method: 'POST',
      path: '/auth/session',
      tags: ['Session'],
      summary: 'Sign in; sets the session cookie',
    })
    .errors(
      errors(
        'wrong_credentials',
        'account_locked',
        'account_without_tenant',
        'too_many_requests',
        'second_factor_required',
        'second_factor_wrong',
        'setup_required',
      ),
    )
    .input(CredentialsSchema)
    .output(MeSchema),
  logout: base
    .meta({ access: 'public', audit: 'auth.logout' })
    .route({
      method: 'DELETE',
      path: '/auth/session',
      tags: ['Session'],
      summary: 'Sign out',
      successStatus: 204,
    })
    .output(z.void()),
  me: base
    .meta({ access: 'signed_in', whileLocked: true })
    .route({
      method: 'GET',
      path: '/auth/me',
      tags: ['Session'],
      summary: 'Who is signed in, and what they may do',
    })
    .errors(errors('not_signed_in'))
    .output(MeSchema),
  openTokens: base
    .meta({ access: 'public', audit: 'auth.token_login' })
    .route({
      method: 'POST',
      path: '/auth/login',
      tags: ['Session'],
      summary: 'Sign in for programs: an access token for an hour and a refresh token for 30 days',
      description:
        'Send the access token as "Authorization: Bearer ...". Each refresh token is good for one refresh; one that is shown again ends the session.',
    })
    .errors(
      errors(
        'wrong_credentials',
        'account_locked',
        'account_without_tenant',
        'tenant_unknown',
        'too_many_requests',
        'second_factor_required',
        'second_factor_wrong',
        'setup_required',
      ),
    )
    .input(
      CredentialsSchema.safeExtend({
        tenant: z.string().min(1).max(64).optional().describe('Id or slug of the tenant to act in'),
      }),
    )
    .output(TokensSchema),
  refresh: base
    .meta({ access: 'public', audit: 'auth.refresh' })
    .route({
      method: 'POST',
      path: '/auth/refresh',
      tags: ['Session'],
      summary: 'New tokens for a refresh token, which is used up',
    })
    .errors(errors('refresh_token_refused', 'setup_required'))
    .input(z.object({ refresh_token: z.string().min(1).max(200) }))
    .output(TokensSchema),
  closeTokens: base
    .meta({ access: 'public', audit: 'auth.token_logout' })
    .route({
      method: 'POST',
      path: '/auth/logout',
      tags: ['Session'],
      summary: 'End the session of the access token, or of this refresh token, at once',
      successStatus: 204,
    })
    .input(z.object({ refresh_token: z.string().min(1).max(200).optional() }).optional())
    .output(z.void()),
  verify: base
    .meta({ access: 'signed_in' })
    .route({
      method: 'GET',
      path: '/auth/verify',
      tags: ['Session'],
      summary:
        'Whether the caller is signed in and has a permission, for proxies and scripts: 200, 401 or 403',
    })
    .errors(errors('not_signed_in', 'forbidden', 'account_pending'))
    .input(z.object({ permission: PermissionSchema.optional() }))
    .output(
      z.object({
        active: z.literal(true),
        kind: MeSchema.shape.kind,
        id: IdSchema.nullable(),
        name: z.string(),
        tenantId: IdSchema.nullable(),
      }),
    ),
  switchTenant: base
    .meta({ access: 'person', audit: 'auth.switch_tenant' })
    .route({
      method: 'POST',
      path: '/auth/tenant',
      tags: ['Session'],
      summary: 'Choose the tenant that this session acts in',
    })
    .errors(errors('tenant_unknown'))
    .input(
      z.object({
        tenant: z
          .string()
          .min(1)
          .max(64)
          .nullable()
          .describe('Id or slug; null: the whole site, where the rights go so far'),
      }),
    )
    .output(MeSchema),
}
