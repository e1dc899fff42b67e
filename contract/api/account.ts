import * as z from 'zod'
import { base, errors } from '../base.ts'
import { IdSchema } from '../model/ids.ts'
import { TenantRefSchema } from '../model/tenant-ref.ts'

const PasswordSchema = z.string().min(1).max(1024)
/** Six digits, or a recovery code; spaces and dashes do not matter. */
export const FactorCodeSchema = z.string().trim().min(1).max(40)

export const AccountSchema = z.object({
  id: IdSchema,
  name: z.string(),
  email: z.string(),
  username: z.string().nullable(),
  createdAt: z.date(),
  lastLoginAt: z.date().nullable(),
  siteAdmin: z.boolean(),
  /** Where in the site they belong, and as what. */
  memberships: z.array(
    z.object({
      tenant: TenantRefSchema,
      role: z.string(),
      roleName: z.string(),
      reach: z.enum(['tenant', 'groups', 'own']),
      groups: z.array(z.object({ id: IdSchema, name: z.string() })),
      isSuspended: z.boolean(),
    }),
  ),
  /** False for those who sign in elsewhere only: there is no password to change or ask for. */
  hasPassword: z.boolean(),
  passwordChangedAt: z.date().nullable(),
  secondFactor: z.object({
    /** Null: there is none. */
    since: z.date().nullable(),
    recoveryCodesLeft: z.int(),
    /** One of their roles asks for it. */
    isRequired: z.boolean(),
  }),
})
export type Account = z.infer<typeof AccountSchema>

export const AccountSessionSchema = z.object({
  id: IdSchema,
  kind: z.enum(['browser', 'api']),
  createdAt: z.date(),
  lastSeenAt: z.date(),
  expiresAt: z.date(),
  address: z.string(),
  userAgent: z.string(),
  /** The one that asks. */
  isThis: z.boolean(),
})
export type AccountSession = z.infer<typeof AccountSessionSchema>

const limited = ['wrong_credentials', 'account_locked', 'too_many_requests'] as const
const factorFaults = ['second_factor_required', 'second_factor_wrong'] as const
const passwordFaults = [
  'password_too_short',
  'password_too_common',
  'password_too_weak',
  'password_classes_missing',
  'password_same',
] as const

const RecoveryCodesSchema = z.object({
  recoveryCodes: z.array(z.string()).describe('Shown once; each counts once'),
})

/** What a person does about their own account. */
export const account = {
  show: base
    .meta({ access: 'person' })
    .route({ method: 'GET', path: '/account', tags: ['Account'], summary: 'Your own account' })
    .output(AccountSchema),
  update: base
    .meta({ access: 'person', audit: 'account.update' })
    .route({
      method: 'PATCH',
      path: '/account',
      tags: ['Account'],
      summary: 'Change your name, user name or e-mail address',
      description: 'A new e-mail address needs the password: it is what you sign in with.',
    })
    .errors(errors(...limited, 'email_invalid', 'email_taken', 'username_invalid', 'username_taken'))
    .input(
      z.object({
        name: z
          .string()
          .trim()
          .min(1)
          .max(100)
          .regex(/^[^\p{Cc}\p{Zl}\p{Zp}]*$/u, 'use one line')
          .optional(),
        username: z.string().max(60).nullable().optional(),
        email: z.string().max(254).optional(),
        password: PasswordSchema.optional(),
      }),
    )
    .output(AccountSchema),
  changePassword: base
    .meta({ access: 'person', audit: 'account.change_password' })
    .route({
      method: 'POST',
      path: '/account/password',
      tags: ['Account'],
      summary: 'Change your password; your other sessions end',
      successStatus: 204,
    })
    .errors(errors(...limited, ...passwordFaults))
    .input(z.object({ current: PasswordSchema, password: PasswordSchema }))
    .output(z.void()),
  sessions: base
    .meta({ access: 'person' })
    .route({
      method: 'GET',
      path: '/account/sessions',
      tags: ['Account'],
      summary: 'Where you are signed in',
    })
    .output(z.object({ sessions: z.array(AccountSessionSchema) })),
  endSession: base
    .meta({ access: 'person', audit: 'account.end_session' })
    .route({
      method: 'DELETE',
      path: '/account/sessions/{id}',
      tags: ['Account'],
      summary: 'End one of your sessions',
      successStatus: 204,
    })
    .errors(errors('not_found'))
    .input(z.object({ id: IdSchema }))
    .output(z.void()),
  signOutEverywhere: base
    .meta({ access: 'person', audit: 'account.sign_out_everywhere' })
    .route({
      method: 'POST',
      path: '/account/sign-out-everywhere',
      tags: ['Account'],
      summary: 'End all your sessions but this one, or this one too',
    })
    .input(z.object({ thisToo: z.boolean().default(false) }).default({ thisToo: false }))
    .output(z.object({ ended: z.int() })),
  beginSecondFactor: base
    .meta({ access: 'person', audit: 'account.begin_second_factor' })
    .route({
      method: 'POST',
      path: '/account/second-factor',
      tags: ['Account'],
      summary: 'Begin to set up a second factor: the secret for an authenticator app',
    })
    .errors(errors(...limited, 'second_factor_present', 'password_none'))
    .input(z.object({ password: PasswordSchema }))
    .output(
      z.object({
        secret: z.string().describe('Base32, to type in where no camera is'),
        uri: z.string().describe('otpauth://totp/…, as a QR code'),
      }),
    ),
  confirmSecondFactor: base
    .meta({ access: 'person', audit: 'account.confirm_second_factor' })
    .route({
      method: 'POST',
      path: '/account/second-factor/confirm',
      tags: ['Account'],
      summary: 'Turn the second factor on with a first code; answers the recovery codes',
    })
    .errors(
      errors('second_factor_wrong', 'second_factor_not_begun', 'second_factor_present', 'too_many_requests'),
    )
    .input(z.object({ code: FactorCodeSchema }))
    .output(RecoveryCodesSchema),
  newRecoveryCodes: base
    .meta({ access: 'person', audit: 'account.new_recovery_codes' })
    .route({
      method: 'POST',
      path: '/account/second-factor/recovery-codes',
      tags: ['Account'],
      summary: 'Make new recovery codes; the old ones end',
    })
    .errors(errors(...limited, ...factorFaults, 'second_factor_absent'))
    .input(z.object({ password: PasswordSchema, code: FactorCodeSchema }))
    .output(RecoveryCodesSchema),
  removeSecondFactor: base
    .meta({ access: 'person', audit: 'account.remove_second_factor' })
    .route({
      method: 'POST',
      path: '/account/second-factor/remove',
      tags: ['Account'],
      summary: 'Turn the second factor off, where no role of yours asks for it',
      successStatus: 204,
    })
    .errors(errors(...limited, ...factorFaults, 'second_factor_absent', 'second_factor_needed'))
    .input(z.object({ password: PasswordSchema, code: FactorCodeSchema }))
    .output(z.void()),
  active: base
    .meta({ access: 'person' })
    .route({
      method: 'POST',
      path: '/account/active',
      tags: ['Account'],
      summary: 'Say that a person is at this session: it is not locked for being idle',
      successStatus: 204,
    })
    .output(z.void()),
  lock: base
    .meta({ access: 'person', audit: 'account.lock' })
    .route({
      method: 'POST',
      path: '/account/lock',
      tags: ['Account'],
      summary: 'Lock this session until the password is given again',
      successStatus: 204,
    })
    .output(z.void()),
}
