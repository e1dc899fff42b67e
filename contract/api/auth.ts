import * as z from 'zod'
import { base, errors } from '../base.ts'
import { IdSchema } from '../model/ids.ts'
import { permissions, RoleSchema } from '../model/permission.ts'

export const MeSchema = z.object({
  id: IdSchema.nullable(),
  name: z.string(),
  email: z.string().nullable(),
  role: RoleSchema,
  permissions: z.array(z.enum(permissions)),
  /** Null for people of the whole site. */
  tenantId: IdSchema.nullable(),
})
export type Me = z.infer<typeof MeSchema>

export const auth = {
  login: base
    .meta({ access: 'public', audit: 'auth.login' })
    .route({
      method: 'POST',
      path: '/auth/session',
      tags: ['Session'],
      summary: 'Sign in; sets the session cookie',
    })
    .errors(errors('wrong_credentials', 'account_locked', 'too_many_requests', 'setup_required'))
    .input(z.object({ email: z.string().max(254), password: z.string().max(1024) }))
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
    .meta({ access: 'signed_in' })
    .route({
      method: 'GET',
      path: '/auth/me',
      tags: ['Session'],
      summary: 'Who is signed in, and what they may do',
    })
    .errors(errors('not_signed_in'))
    .output(MeSchema),
}
