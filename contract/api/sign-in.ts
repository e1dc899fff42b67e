import * as z from 'zod'
import { base, errors } from '../base.ts'
import { FactorCodeSchema } from './account.ts'
import { MeSchema } from './auth.ts'

/** How people sign in to this site. */
export const SignInSettingsSchema = z.object({
  registration: z.object({
    isOpen: z.boolean().describe('Whether people make accounts for themselves with the label of a gateway'),
    role: z.enum(['viewer', 'operator']).describe('What they get, over their own gateways only'),
  }),
  passwordClasses: z
    .boolean()
    .describe('Whether passwords need letters of both cases, a digit and another sign'),
  idleLockMinutes: z.int().min(1).max(1440).nullable().describe('Null: sessions are not locked'),
})
export type SignInSettings = z.infer<typeof SignInSettingsSchema>

export const SignInOptionsSchema = z.object({
  siteName: z.string(),
  registration: z.boolean(),
  passwordClasses: z.boolean(),
  idleLockMinutes: z.int().nullable(),
})
export type SignInOptions = z.infer<typeof SignInOptionsSchema>

/** Of `auth`: what comes with a password, before or beside a session. */
export const signInProcedures = {
  options: base
    .meta({ access: 'public' })
    .route({
      method: 'GET',
      path: '/auth/options',
      tags: ['Session'],
      summary: 'How one signs in to this site, and what it asks of passwords',
    })
    .output(SignInOptionsSchema),
  unlock: base
    .meta({ access: 'public', audit: 'auth.unlock' })
    .route({
      method: 'POST',
      path: '/auth/unlock',
      tags: ['Session'],
      summary: 'Open a locked session again, with the password of the same person',
    })
    .errors(
      errors(
        'not_signed_in',
        'wrong_credentials',
        'account_locked',
        'too_many_requests',
        'second_factor_required',
        'second_factor_wrong',
        'password_none',
      ),
    )
    .input(z.object({ password: z.string().max(1024), code: FactorCodeSchema.optional() }))
    .output(MeSchema),
  register: base
    .meta({ access: 'public', audit: 'auth.register' })
    .route({
      method: 'POST',
      path: '/auth/register',
      tags: ['Session'],
      summary: 'Make an account with the label of a gateway, where the site lets people do so',
      successStatus: 201,
    })
    .errors(
      errors(
        'registration_closed',
        'registration_refused',
        'email_invalid',
        'username_invalid',
        'username_taken',
        'password_too_short',
        'password_too_common',
        'password_too_weak',
        'password_classes_missing',
        'too_many_requests',
      ),
    )
    .input(
      z.object({
        username: z.string().max(60),
        email: z.string().max(254),
        password: z.string().max(1024),
        deviceId: z.string().max(64).describe('The label that is printed on the gateway'),
      }),
    )
    .output(
      z.object({
        ok: z.literal(true),
        message: z.string(),
        userId: z.string(),
        deviceId: z.string(),
        username: z.string(),
      }),
    ),
  settings: base
    .meta({ access: 'site:write', reach: 'site' })
    .route({
      method: 'GET',
      path: '/auth/settings',
      tags: ['Session'],
      summary: 'How people sign in to this site',
    })
    .output(SignInSettingsSchema),
  updateSettings: base
    .meta({ access: 'site:write', reach: 'site', audit: 'auth.update_settings' })
    .route({
      method: 'PUT',
      path: '/auth/settings',
      tags: ['Session'],
      summary: 'Change how people sign in to this site',
    })
    .errors(errors('input_invalid'))
    .input(SignInSettingsSchema)
    .output(SignInSettingsSchema),
}
