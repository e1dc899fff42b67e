import * as z from 'zod'
import { base, errors } from '../base.ts'
import { IdSchema } from '../model/ids.ts'
import { RoleIdSchema } from './roles.ts'

/** `invited`: has not signed in yet. */
export const userStates = ['invited', 'active', 'suspended'] as const
export const UserStateSchema = z.enum(userStates)

/** How far the rights of a role go within the tenant: all, some groups with all below them, or own gateways only. */
export const membershipReaches = ['tenant', 'groups', 'own'] as const
export const MembershipReachSchema = z.enum(membershipReaches)

export const MembershipSchema = z.object({
  tenantId: IdSchema,
  tenantSlug: z.string(),
  tenantName: z.string(),
  roleId: RoleIdSchema,
  roleName: z.string(),
  reach: MembershipReachSchema,
  /** With reach `groups`: which ones. */
  groups: z.array(z.object({ id: IdSchema, name: z.string() })),
  /** It gives no rights before the person takes the invitation. */
  invited: z.boolean(),
})
export type Membership = z.infer<typeof MembershipSchema>

export const UserSchema = z.object({
  id: IdSchema,
  email: z.string(),
  name: z.string(),
  username: z.string().nullable(),
  siteAdmin: z.boolean(),
  state: UserStateSchema,
  /** In the tenants that the caller may see. */
  memberships: z.array(MembershipSchema),
  secondFactor: z.boolean(),
  sessions: z.number().int(),
  lastLoginAt: z.date().nullable(),
  /** Too many failed sign-ins: locked until then. */
  lockedUntil: z.date().nullable(),
  /** Of a link or a one-time password that nobody used yet. */
  linkExpiresAt: z.date().nullable(),
  createdAt: z.date(),
  /** Whether the caller may suspend, reset and delete the account: their rights cover all of its rights. */
  manageable: z.boolean(),
})
export type User = z.infer<typeof UserSchema>

/** What lets a person in, shown once. */
export const EntrySchema = z.object({
  how: z.enum(['link', 'one_time_password']),
  /** The address to open: its token is in the fragment, which no log sees. */
  link: z.string().nullable(),
  oneTimePassword: z.string().nullable(),
  expiresAt: z.date(),
})
export type Entry = z.infer<typeof EntrySchema>

const NameSchema = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .regex(/^[^\p{Cc}\p{Zl}\p{Zp}]*$/u, 'use one line')
const EmailSchema = z.string().max(254)
const PasswordSchema = z.string().max(1024)
const TokenSchema = z.string().min(1).max(100)
const HowSchema = z
  .enum(['link', 'one_time_password'])
  .default('link')
  .describe(
    'A link to choose a password by, for 72 hours; or a password that is changed at the first sign-in',
  )
const userId = IdSchema
const tenant = z.string().max(64).optional().describe('Id or slug; may be left out where there is one')

const MembershipInputSchema = z.object({
  role: RoleIdSchema,
  reach: MembershipReachSchema.default('tenant'),
  groups: z.array(IdSchema).max(200).default([]).describe('With reach `groups`: their ids'),
})

const UserRefSchema = z.object({ userId })
/** What a change of rights answers with. */
const rightsErrors = ['not_found', 'tenant_unknown', 'rights_beyond', 'groups_required'] as const
/** What a change of an account answers with. */
const accountErrors = [
  'not_found',
  'account_beyond',
  'not_yourself',
  'user_state_conflict',
  'last_site_admin',
] as const

/** People: who they are on this site, and what they are in each tenant. */
export const users = {
  list: base
    .meta({ access: 'users:read' })
    .route({ method: 'GET', path: '/users', tags: ['Users'], summary: 'People, ordered by e-mail address' })
    .errors(errors('tenant_unknown', 'cursor_invalid'))
    .input(
      z
        .object({
          tenant: z.string().max(64).optional(),
          search: z.string().max(100).optional().describe('Part of name, e-mail address or user name'),
          role: RoleIdSchema.optional(),
          state: UserStateSchema.optional(),
          limit: z.coerce.number().int().min(1).max(1_000).default(100),
          after: z.string().max(400).optional().describe('`next` of the page before'),
        })
        .prefault({}),
    )
    .output(z.object({ users: z.array(UserSchema), next: z.string().nullable() })),
  show: base
    .meta({ access: 'users:read' })
    .route({ method: 'GET', path: '/users/{userId}', tags: ['Users'], summary: 'One person' })
    .errors(errors('not_found'))
    .input(UserRefSchema)
    .output(UserSchema),
  invite: base
    .meta({ access: 'users:write', audit: 'user.invite' })
    .route({
      method: 'POST',
      path: '/users',
      tags: ['Users'],
      summary: 'Invite a person by a link or a one-time password, shown once',
      description:
        'Who already has an account on this site takes the invitation with it; the answer does not tell which it was.',
      successStatus: 201,
    })
    .errors(errors(...rightsErrors, 'email_invalid', 'user_exists', 'user_in_tenant', 'forbidden_reach'))
    .input(
      MembershipInputSchema.partial().extend({
        email: EmailSchema,
        name: NameSchema.optional(),
        tenant,
        siteAdmin: z.boolean().default(false).describe('Of the whole site, in no tenant'),
        how: HowSchema,
      }),
    )
    .output(z.object({ user: UserSchema, entry: EntrySchema })),
  update: base
    .meta({ access: 'users:write', audit: 'user.update' })
    .route({
      method: 'PATCH',
      path: '/users/{userId}',
      tags: ['Users'],
      summary: "A person's name; whether they administer the whole site",
    })
    .errors(errors(...accountErrors, 'rights_beyond'))
    .input(UserRefSchema.extend({ name: NameSchema.optional(), siteAdmin: z.boolean().optional() }))
    .output(UserSchema),
  setMembership: base
    .meta({ access: 'users:write', audit: 'user.membership.set' })
    .route({
      method: 'PUT',
      path: '/users/{userId}/memberships/{tenant}',
      tags: ['Users'],
      summary: 'What a person is in a tenant: role and reach',
    })
    .errors(errors(...rightsErrors, 'user_state_conflict'))
    .input(MembershipInputSchema.extend({ userId, tenant: z.string().max(64) }))
    .output(UserSchema),
  removeMembership: base
    .meta({ access: 'users:write', audit: 'user.membership.remove' })
    .route({
      method: 'DELETE',
      path: '/users/{userId}/memberships/{tenant}',
      tags: ['Users'],
      summary: 'Take a person out of a tenant; an account that is nowhere then is deleted',
      successStatus: 204,
    })
    .errors(errors('not_found', 'tenant_unknown', 'rights_beyond', 'not_yourself'))
    .input(z.object({ userId, tenant: z.string().max(64) }))
    .output(z.void()),
  suspend: base
    .meta({ access: 'users:write', audit: 'user.suspend' })
    .route({
      method: 'POST',
      path: '/users/{userId}/suspend',
      tags: ['Users'],
      summary: 'Cut a person off at once',
    })
    .errors(errors(...accountErrors))
    .input(UserRefSchema.extend({ reason: z.string().trim().max(200).optional() }))
    .output(UserSchema),
  resume: base
    .meta({ access: 'users:write', audit: 'user.resume' })
    .route({
      method: 'POST',
      path: '/users/{userId}/resume',
      tags: ['Users'],
      summary: 'Let a suspended person in again',
    })
    .errors(errors(...accountErrors))
    .input(UserRefSchema)
    .output(UserSchema),
  unlock: base
    .meta({ access: 'users:write', audit: 'user.unlock' })
    .route({
      method: 'POST',
      path: '/users/{userId}/unlock',
      tags: ['Users'],
      summary: 'End the lock after too many failed sign-ins',
    })
    .errors(errors(...accountErrors))
    .input(UserRefSchema)
    .output(UserSchema),
  reset: base
    .meta({ access: 'users:write', audit: 'user.reset' })
    .route({
      method: 'POST',
      path: '/users/{userId}/reset',
      tags: ['Users'],
      summary: 'A new link or one-time password; the old password and all sessions end',
    })
    .errors(errors(...accountErrors))
    .input(UserRefSchema.extend({ how: HowSchema }))
    .output(z.object({ user: UserSchema, entry: EntrySchema })),
  removeSecondFactor: base
    .meta({ access: 'users:write', audit: 'user.second_factor.remove' })
    .route({
      method: 'DELETE',
      path: '/users/{userId}/second-factor',
      tags: ['Users'],
      summary: 'Remove the second factor of a person who lost it; all sessions end',
    })
    .errors(errors(...accountErrors))
    .input(UserRefSchema)
    .output(UserSchema),
  delete: base
    .meta({ access: 'users:write', audit: 'user.delete' })
    .route({
      method: 'DELETE',
      path: '/users/{userId}',
      tags: ['Users'],
      summary: 'Delete an account, or, where it has rights elsewhere too, those that the caller may take',
      successStatus: 204,
    })
    .errors(errors(...accountErrors, 'rights_beyond'))
    .input(UserRefSchema)
    .output(z.void()),
  /** Before the person chooses a password: enough to know whether the link is theirs. */
  invitation: base
    .meta({ access: 'public' })
    .route({
      method: 'POST',
      path: '/invitations/show',
      tags: ['Users'],
      summary: 'What a link is about',
    })
    .errors(errors('invitation_unknown', 'invitation_used', 'invitation_expired', 'too_many_requests'))
    .input(z.object({ token: TokenSchema }))
    .output(
      z.object({
        kind: z.enum(['invite', 'reset']),
        siteName: z.string(),
        /** `m…@plant.example`. */
        maskedEmail: z.string(),
        expiresAt: z.date(),
      }),
    ),
  accept: base
    .meta({ access: 'public', audit: 'user.accept' })
    .route({
      method: 'POST',
      path: '/invitations/accept',
      tags: ['Users'],
      summary: 'Choose a password by a link; sign in with it then',
    })
    .errors(
      errors(
        'invitation_unknown',
        'invitation_used',
        'invitation_expired',
        'invitation_needs_sign_in',
        'too_many_requests',
        'password_too_short',
        'password_too_common',
        'password_too_weak',
        'password_classes_missing',
      ),
    )
    .input(z.object({ token: TokenSchema, name: NameSchema.optional(), password: PasswordSchema }))
    .output(z.object({ email: z.string() })),
  join: base
    .meta({ access: 'person', audit: 'user.join' })
    .route({
      method: 'POST',
      path: '/invitations/join',
      tags: ['Users'],
      summary: 'Take an invitation with the account that one is signed in with',
    })
    .errors(
      errors(
        'invitation_unknown',
        'invitation_used',
        'invitation_expired',
        'invitation_of_another',
        'too_many_requests',
      ),
    )
    .input(z.object({ token: TokenSchema }))
    .output(z.object({ tenantId: IdSchema, tenantName: z.string() })),
}
